"""Messages schedules will send: listed among a day's activity, and canceled there before they become jobs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.acts import firings
from engine.acts import schedules as acts
from engine.acts.desk import LiveDesk
from engine.acts.firings import CancelFirings, FiringId
from engine.reports.dialer import day_activity, dialer_report, scheduled_on
from store.errors import NotFoundError
from tests.engine.reports.conftest import records_of
from tests.engine.reports.reading import rows
from tests.engine.reports.two_days import day
from tests.engine.schedules.test_scheduler import ScheduledTown, a_family, minutes
from tests.fakes import at

MONDAY = day("2026-03-02")
FIRES_AT = at("2026-03-02 10:30")


@pytest.fixture
def town(tmp_path: Path) -> Iterator[ScheduledTown]:
    with ScheduledTown(tmp_path, a_family()) as town:
        town.save_template()
        town.add()
        yield town


def cancel(town: ScheduledTown, *instants: int, schedule_id: int = 1) -> firings.FiringsCanceled:
    ids = tuple(FiringId(schedule_id=schedule_id, at=instant) for instant in instants)
    return firings.cancel(LiveDesk(town.engine), CancelFirings(firings=ids), "kim")


def listed(town: ScheduledTown, on: int = MONDAY, **more) -> list[int]:
    with records_of(town) as records:
        return [due.at for due in scheduled_on(records, on, **more)]


@pytest.mark.row("C153", "C154")
def test_what_a_schedule_will_send_is_listed_until_it_is_a_job(town: ScheduledTown):
    """C153: All Messages = sent and to be sent. C154: Active Messages Only = to be sent."""
    with records_of(town) as records:
        (row,) = rows(dialer_report(records, day_activity(records, MONDAY), "Monday", scheduled_on(records, MONDAY)))
    assert (row["job_id"], row["state"], row["opens_at"], row["active"]) == (None, "Scheduled", FIRES_AT, "yes")
    assert (row["subject"], row["author"], row["schedule"]) == ("Snow day", "office", "Morning")
    assert listed(town, MONDAY - 1) == []
    assert listed(town, MONDAY + 1) == [at("2026-03-03 10:30")]
    town.run(until=FIRES_AT)
    town.scheduler().run_due()
    assert listed(town) == []
    with records_of(town) as records:
        (row,) = rows(dialer_report(records, day_activity(records, MONDAY), "Monday", scheduled_on(records, MONDAY)))
    assert row["job_id"] == 1


@pytest.mark.row("C157", "C159")
def test_what_is_canceled_before_it_is_due_is_never_sent_and_its_schedule_goes_on(town: ScheduledTown):
    """C157: Unsent scheduled messages can be canceled here. C159: Cancel All Active Jobs."""
    scheduler = town.scheduler()
    assert len(cancel(town, FIRES_AT).canceled) == 1
    assert listed(town) == []
    again = cancel(town, FIRES_AT)
    assert (again.canceled, len(again.over)) == ((), 1)
    for looks in (scheduler, town.scheduler()):
        town.run(until=FIRES_AT)
        assert looks.run_due() == []
    assert town.sent_jobs() == []
    assert [(fire.note, bool(fire.done_at), fire.failed) for fire in town.fires()] == [
        ("Canceled by kim.", True, False)
    ]
    town.run(until=at("2026-03-03 10:30"))
    assert scheduler.run_due()[0].job_id == town.sent_jobs()[0]


def test_a_canceled_firing_is_not_shown_as_one_to_come_nor_as_the_last(town: ScheduledTown):
    cancel(town, FIRES_AT)
    desk = LiveDesk(town.engine)
    (one,) = acts.list_all(desk, acts.ListSchedules(), "").schedules
    assert (one.last, one.next_at) == (None, (at("2026-03-03 10:30"),))
    assert acts.preview(desk, acts.PreviewSchedules(count=1), "")[0].at == at("2026-03-03 10:30")


def test_a_changed_time_is_sent_though_the_old_one_was_canceled(town: ScheduledTown):
    cancel(town, FIRES_AT)
    acts.change(LiveDesk(town.engine), acts.ChangeSchedule(name="Morning", minute=minutes("11:00")), "office")
    assert listed(town) == [at("2026-03-02 11:00")]
    with pytest.raises(NotFoundError, match="changed meanwhile; nothing was canceled"):
        cancel(town, at("2026-03-02 11:00"), FIRES_AT)
    assert listed(town) == [at("2026-03-02 11:00")]


def test_a_restart_and_a_restored_backup_know_what_was_canceled(tmp_path: Path):
    with ScheduledTown(tmp_path / "home", a_family()) as town:
        town.save_template()
        town.add()
        cancel(town, FIRES_AT)
        town.engine.backup(tmp_path / "backup" / "store")
        town.restore(tmp_path / "backup")
        scheduler = town.scheduler()
        scheduler.run_due()
        town.run(until=FIRES_AT)
        assert scheduler.run_due() == []
        assert town.sent_jobs() == []


def test_only_what_is_asked_for_is_listed(town: ScheduledTown):
    town.save_template("elm", school_ids=("elm",))
    town.add("Elm", "elm", time="12:00", calendar_ids=("elm/2026",))
    noon = at("2026-03-02 12:00")
    assert listed(town) == [FIRES_AT, noon]
    assert listed(town, users=["office"]) == [FIRES_AT, noon]
    assert listed(town, users=["kim"]) == []
    assert listed(town, school_id="oak") == [FIRES_AT]
    acts.disable(LiveDesk(town.engine), acts.NameSchedule(name="Morning"), "office")
    assert listed(town) == [noon]


def test_it_says_from_when_it_will_dial_and_leaves_out_what_falls_outside_its_window(town: ScheduledTown):
    town.add("Hourly", every="hourly", time="10:15", window="11:00-13:00")
    with records_of(town) as records:
        shown = rows(dialer_report(records, (), "", scheduled_on(records, MONDAY)))
    hours = [(row["opens_at"], row["closes_at"]) for row in shown if row["schedule"] == "Hourly"]
    ends_at = at("2026-03-02 13:00")
    assert hours == [
        (at("2026-03-02 11:00"), ends_at), (at("2026-03-02 11:15"), ends_at), (at("2026-03-02 12:15"), ends_at),
    ]  # fmt: skip
