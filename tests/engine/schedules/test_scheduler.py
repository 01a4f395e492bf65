"""The scheduler: one job per schedule and instant, whatever crashes, restarts or is restored (golden test 10)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec
import pytest

from engine.acts import schedules as acts
from engine.acts.desk import LiveDesk
from engine.messaging.templates import template_key
from engine.schedules.book import ScheduleBook
from engine.schedules.firing import NOBODY, OUTSIDE, Firing
from engine.schedules.scheduler import Scheduler
from engine.service import Engine
from store.documents import Fire, Template
from store.errors import CallchainError, InvalidInputError, NotFoundError, RefusedError
from store.records import Audience, Job, Message, Reason
from tests.fakes import CLEAN, MINUTE, SNOW, Family, SteppedTown, at, one_contact, two_families

DAY = 24 * 60 * MINUTE


class Crash(BaseException):
    """The engine's process is gone."""


class ScheduledTown(SteppedTown):
    """A town with a template `snow` and a scheduler that is pumped by hand."""

    def save_template(self, name: str = "snow", reason: Reason = Reason.GENERAL, window: str = "", **audience) -> None:
        template = Template(name, Message(reason, "Snow day", SNOW), Audience(**audience), window)
        self.engine.station.write(lambda txn: self.database.templates.put(txn, template_key(name), template))

    def add(self, name: str = "Morning", template: str = "snow", every: str = "daily", time: str = "10:30", **more):
        request = acts.AddSchedule(name=name, template=template, every=every, minute=minutes(time), **more)
        return acts.add(LiveDesk(self.engine), request, "office")

    def scheduler(self) -> Scheduler:
        return Scheduler(self.engine)

    def fires(self) -> list[Fire]:
        with self.database.read() as txn:
            return [fire for _, fire in self.database.fires.scan(txn)]

    def scheduled_jobs(self) -> list[Job]:
        with self.database.read() as txn:
            return [job for job in self.engine.station.vault.jobs(txn) if job.origin.schedule_id]

    def sent_jobs(self) -> list[int]:
        return [job.job_id for job in self.engine.jobs()]


def minutes(text: str) -> int:
    hours, _, rest = text.partition(":")
    return int(hours) * 60 + int(rest)


def a_family() -> Family:
    family = one_contact()
    family.mom.cell.answers().presses("0").always()
    return family


@pytest.fixture
def town(tmp_path: Path) -> Iterator[ScheduledTown]:
    with ScheduledTown(tmp_path, a_family()) as town:
        town.save_template()
        yield town


@pytest.mark.row("C045")
def test_a_message_is_sent_when_its_schedule_says_and_not_before(town: ScheduledTown):
    """C045: All non-emergency messages are scheduled through Message Builder, which relies on Task Scheduler."""
    town.add(notify="office@example.org")
    scheduler = town.scheduler()
    assert scheduler.run_due(at("2026-03-02 10:29")) == []
    town.run(until=at("2026-03-02 10:30"))
    (fire,) = scheduler.run_due()
    (job,) = town.scheduled_jobs()
    assert fire.job_id == job.job_id
    assert (job.author, job.origin.notify) == ("office", "office@example.org")
    assert (job.origin.schedule_id, job.origin.fire_at) == (1, at("2026-03-02 10:30"))
    assert town.wait(job.job_id).confirmed == 1
    assert scheduler.run_due() == []


def test_a_daily_schedule_sends_every_day(town: ScheduledTown):
    town.add()
    scheduler = town.scheduler()
    for day in range(3):
        town.run(until=at("2026-03-02 10:30") + day * DAY)
        scheduler.run_due()
    assert len(town.sent_jobs()) == 3


@pytest.mark.row("C132")
def test_a_disabled_schedule_sends_nothing_and_what_was_due_meanwhile_is_not_made_up_for(town: ScheduledTown):
    """C132: Disabled checkbox stops the schedule."""
    town.add()
    desk = LiveDesk(town.engine)
    acts.disable(desk, acts.NameSchedule(name="morning"), "office")
    town.run(until=at("2026-03-02 10:31"))
    assert town.scheduler().run_due() == []
    acts.enable(desk, acts.NameSchedule(name="Morning"), "office")
    assert town.scheduler().run_due() == []
    town.run(until=at("2026-03-03 10:30"))
    assert len(town.scheduler().run_due()) == 1


@pytest.mark.row("C179", "C180", "C181")
def test_two_schedulers_on_one_store_send_one_job(town: ScheduledTown):
    """C179: With several app servers it must run on exactly one.

    C180: Enabled on several servers → dials sent multiple times and multiple confirmation e-mails.
    C181: Never on more than one server (leader election / exactly-once triggering).
    """
    town.add()
    one, other = town.scheduler(), town.scheduler()
    town.run(until=at("2026-03-02 10:30"))
    assert len(one.run_due()) == 1
    assert other.run_due() == []
    assert len(town.scheduled_jobs()) == 1


@pytest.mark.parametrize("where", ["claimed", "prepared", "sent"])
def test_a_crash_in_the_middle_of_a_firing_leaves_one_job(tmp_path: Path, where: str):
    family = a_family()
    with ScheduledTown(tmp_path, family) as town:
        town.save_template()
        town.add()
        town.run(until=at("2026-03-02 10:30"))
        with crashing(where), pytest.raises(Crash):
            town.scheduler().run_due()
        town.restart()
        scheduler = town.scheduler()
        scheduler.run_due()
        scheduler.run_due()
        (job_id,) = town.sent_jobs()
        assert [(fire.job_id, bool(fire.done_at)) for fire in town.fires()] == [(job_id, True)]
        assert town.wait(job_id).confirmed == 1
        assert len(town.rings(family.mom.cell)) == 1
        assert town.audit() == CLEAN


@contextmanager
def crashing(where: str) -> Iterator[None]:
    """The process ends right after a firing has come this far."""
    send = Engine.send

    def crash(*_args: object, **_more: object) -> None:
        raise Crash

    def send_and_crash(*args, **more) -> None:
        send(*args, **more)
        raise Crash

    target, instead = {
        "claimed": (patch.object(Engine, "prepare", crash), None),
        "prepared": (patch.object(Engine, "send", crash), None),
        "sent": (patch.object(Engine, "send", send_and_crash), None),
    }[where]
    assert instead is None
    with target:
        yield


def test_what_was_missed_is_noted_and_only_the_newest_is_sent_while_its_window_is_open(town: ScheduledTown):
    town.add(every="hourly", time="10:30")
    town.run(until=at("2026-03-02 13:45"))
    done = town.scheduler().run_due()
    assert [bool(fire.job_id) for fire in done] == [False, False, False, True]
    assert all("Missed" in fire.note for fire in done[:-1])
    assert done[-1].fire_at == at("2026-03-02 13:30")


@pytest.mark.row("C177")
def test_a_firing_found_only_on_the_next_day_sends_nothing_and_says_so(town: ScheduledTown):
    """C177: Not going out as scheduled → scheduler may be off."""
    town.add(time="19:30")
    town.run(until=at("2026-03-03 09:00"))
    (fire,) = town.scheduler().run_due()
    assert fire.failed
    assert not fire.job_id
    assert "Missed" in fire.note
    listed = acts.list_all(LiveDesk(town.engine), acts.ListSchedules(), "")
    assert not listed.scheduler.active
    assert "callchain serve" in listed.scheduler.note


@pytest.mark.parametrize(
    ("time", "window", "opens"), [("10:30", "11:00-12:00", "11:00"), ("10:30", "10:00-12:00", "10:30")]
)
def test_the_later_of_firing_and_window_is_when_it_starts(town: ScheduledTown, time: str, window: str, opens: str):
    town.add(time=time, window=window)
    town.run(until=at(f"2026-03-02 {time}"))
    town.scheduler().run_due()
    (job,) = town.scheduled_jobs()
    assert (job.opens_at, job.closes_at) == (at(f"2026-03-02 {opens}"), at("2026-03-02 12:00"))


def test_an_hourly_schedule_is_silent_outside_its_window(town: ScheduledTown):
    town.add(every="hourly", time="10:30", window="10:00-11:00")
    scheduler = town.scheduler()
    town.run(until=at("2026-03-02 10:30"))
    (first,) = scheduler.run_due()
    town.run(until=at("2026-03-02 11:30"))
    (second,) = scheduler.run_due()
    assert first.job_id
    assert (second.note, second.failed) == (OUTSIDE, False)


def test_nobody_to_tell_is_no_error(town: ScheduledTown):
    town.save_template("none", grades=("12",))
    town.add(template="none")
    town.run(until=at("2026-03-02 10:30"))
    (fire,) = town.scheduler().run_due()
    assert (fire.note, fire.failed, fire.job_id) == (NOBODY, False, 0)


def test_an_error_of_any_kind_is_noted_and_the_next_firing_is_tried(town: ScheduledTown):
    town.add()
    scheduler = town.scheduler()
    town.run(until=at("2026-03-02 10:30"))
    with patch.object(Firing, "_prepared", side_effect=ValueError("+16125550101")):
        (fire,) = scheduler.run_due()
    assert fire.failed
    assert "6125550101" not in fire.note
    town.run(until=at("2026-03-03 10:30"))
    assert scheduler.run_due()[0].job_id


def test_a_template_that_became_an_emergency_is_not_sent(town: ScheduledTown):
    town.add()
    town.save_template(reason=Reason.EMERGENCY)
    town.run(until=at("2026-03-02 10:30"))
    (fire,) = town.scheduler().run_due()
    assert fire.failed
    assert town.scheduled_jobs() == []


def test_a_restored_backup_fires_nothing_again(tmp_path: Path):
    family = a_family()
    with ScheduledTown(tmp_path / "home", family) as town:
        town.save_template()
        town.add()
        town.engine.backup(tmp_path / "backup" / "store")
        town.run(until=at("2026-03-02 10:30"))
        town.scheduler().run_due()
        town.wait(town.sent_jobs()[0])
        town.restore(tmp_path / "backup")
        scheduler = town.scheduler()
        scheduler.run_due()
        assert town.scheduled_jobs() == []
        assert "restored" in town.fires()[0].note
        town.run(until=at("2026-03-03 10:30"))
        assert scheduler.run_due()[0].job_id
        town.wait(town.sent_jobs()[0])
        assert len(town.rings(family.mom.cell)) == 2


def test_the_ids_of_removed_schedules_are_not_given_again(town: ScheduledTown):
    town.add()
    town.run(until=at("2026-03-02 10:30"))
    town.scheduler().run_due()
    acts.remove(LiveDesk(town.engine), acts.NameSchedule(name="Morning"), "office")
    assert town.add().schedule.schedule_id == 2


def test_a_clock_that_ran_ahead_for_a_while_costs_no_later_day_its_message(town: ScheduledTown):
    town.add()
    scheduler = town.scheduler()
    scheduler.run_due(at("2027-05-05 10:30"))
    assert town.fires()[-1].fire_at == at("2027-05-05 10:30")
    for later in (scheduler, town.scheduler()):
        town.run(until=town.now + DAY)
        assert len(later.run_due()) == 1


# ---------------------------------------------------------------- what is refused


@pytest.mark.row("C038")
def test_an_emergency_cannot_be_scheduled(town: ScheduledTown):
    """C038: No user scheduling; sent immediately."""
    town.save_template("fire", Reason.EMERGENCY)
    with pytest.raises(RefusedError, match="never scheduled"):
        town.add(template="fire")


@pytest.mark.parametrize(
    ("more", "error", "says"),
    [
        ({"template": "hail"}, NotFoundError, 'no template "hail"'),
        ({"every": "yearly"}, InvalidInputError, "known are once, hourly, daily, weekly, monthly"),
        ({"starts_on": 739999, "ends_on": 739998}, InvalidInputError, "ends before it starts"),
        ({"every": "once", "time": "09:00"}, InvalidInputError, "never fires"),
        ({"time": "20:00"}, RefusedError, "ends at 2026-03-02 20:00"),
        ({"window": "09:00-10:00"}, RefusedError, "ends at 2026-03-0"),
        ({"starts_on": -1}, InvalidInputError, "needs a first day"),
        ({"ends_on": 10**9}, InvalidInputError, "needs a first day"),
        ({"window": "9 to 10"}, InvalidInputError, "write it like 09:00-17:00"),
        ({"name": " "}, InvalidInputError, "needs a name"),
        ({"name": "A\nBcc: x"}, InvalidInputError, "needs a name"),
        ({"notify": "a@b.org\nBcc: x@y.org"}, InvalidInputError, "no e-mail address"),
        ({"events": "weather", "events_file": "x.csv"}, InvalidInputError, "known are attendance"),
        ({"events": "attendance", "events_file": "x.csv"}, InvalidInputError, "told in attendance messages only"),
        ({"events": "attendance"}, InvalidInputError, "--events and --file"),
        ({"filters": (("status", "absent"),)}, InvalidInputError, "--filter chooses among events"),
    ],
)
def test_what_could_never_work_is_refused(
    town: ScheduledTown, more: dict[str, Any], error: type[CallchainError], says: str
):
    with pytest.raises(error, match=says):
        town.add(**more)
    with town.database.read() as txn:
        assert ScheduleBook(town.database).all(txn) == []


def test_attendance_needs_thirty_minutes(town: ScheduledTown):
    town.save_template("absent", Reason.ATTENDANCE)
    with pytest.raises(RefusedError, match="at least 30 minutes"):
        town.add(template="absent", window="10:30-10:59")
    town.add(template="absent", window="10:30-11:00")


def test_an_unknown_zone_is_refused(town: ScheduledTown):
    district = msgspec.structs.replace(town.settings.district, time_zone="America/Nowhere")
    town.engine.settings = msgspec.structs.replace(town.settings, district=district)
    with pytest.raises(InvalidInputError, match="America/Nowhere"):
        town.add()


@pytest.mark.row("C133")
def test_a_schedule_is_known_by_its_name_and_a_name_is_given_once(town: ScheduledTown):
    """C133: Has a name."""
    town.add("Morning")
    with pytest.raises(RefusedError, match="already is a schedule"):
        town.add("morning")
    with pytest.raises(NotFoundError, match='no schedule "Evening"'):
        acts.disable(LiveDesk(town.engine), acts.NameSchedule(name="Evening"), "office")


@pytest.mark.row("C103")
def test_schedules_that_fire_together_are_warned_of(town: ScheduledTown):
    """C103: Admin checks scheduled times for conflict with other tasks."""
    assert town.add("Morning").warnings == ()
    (warning,) = town.add("Also morning", time="10:33").warnings
    assert '"Also morning" and "Morning" both fire about 2026-03-02 10:3' in warning
    assert town.add("Noon", time="12:00").warnings == ()
    due = acts.preview(LiveDesk(town.engine), acts.PreviewSchedules(count=4), "")
    assert [(one.name, one.shares) for one in due[:3]] == [("Morning", True), ("Also morning", True), ("Noon", False)]


@pytest.mark.row("C136")
def test_a_schedule_may_be_for_one_calendar(town: ScheduledTown):
    """C136: Calendar; defaults to the toolbar calendar."""
    town.add(calendar_ids=("nobody-has-it",))
    town.run(until=at("2026-03-02 10:30"))
    (fire,) = town.scheduler().run_due()
    assert fire.note == NOBODY


@pytest.mark.row("C172")
def test_the_start_day_says_when_the_first_message_goes_out(town: ScheduledTown):
    """C172: Start Delivery On date."""
    town.add(every="once", starts_on=at_day("2026-03-04"))
    scheduler = town.scheduler()
    town.run(until=at("2026-03-03 10:30"))
    assert scheduler.run_due() == []
    town.run(until=at("2026-03-04 10:30"))
    assert len(scheduler.run_due()) == 1
    assert acts.list_all(LiveDesk(town.engine), acts.ListSchedules(), "").schedules[0].next_at == ()


def at_day(text: str) -> int:
    from datetime import date

    return date.fromisoformat(text).toordinal()


def test_a_changed_time_counts_from_the_change_on(town: ScheduledTown):
    town.add()
    town.run(until=at("2026-03-02 11:00"))
    town.scheduler().run_due()
    changed = acts.change(LiveDesk(town.engine), acts.ChangeSchedule(name="Morning", minute=minutes("10:45")), "office")
    assert changed.schedule.next_at == (at("2026-03-03 10:45"),)
    assert town.scheduler().run_due() == []


# ---------------------------------------------------------------- events


ABSENCES = "studentSourcedId,date,status\n"


@pytest.mark.row("C131")
def test_a_schedule_of_events_tells_of_each_once_between_its_start_and_its_end(tmp_path: Path):
    """C131: Start/due-date parameters prevent duplicate notifications."""
    adams, baker = two_families()
    for family in (adams, baker):
        family.mom.cell.answers().presses("0").always()
    with ScheduledTown(tmp_path, adams, baker) as town:
        town.save_template("absent", Reason.ATTENDANCE)
        (tmp_path / "absent.csv").write_text(f"{ABSENCES}Adams-Son,2026-03-02,absent\nBaker-Son,2026-03-02,tardy\n")
        town.add(
            template="absent", every="hourly", events="attendance", events_file="absent.csv",
            filters=(("status", "absent"),), ends_on=at_day("2026-03-02"),
        )  # fmt: skip
        scheduler = town.scheduler()
        town.run(until=at("2026-03-02 10:30"))
        (fire,) = scheduler.run_due()
        town.wait(fire.job_id)
        town.run(until=at("2026-03-02 11:30"))
        (again,) = scheduler.run_due()
        assert (again.note, again.failed) == (NOBODY, False)
        with (tmp_path / "absent.csv").open("a") as file:
            file.write("Baker-Son,2026-03-02,absent\n")
        town.run(until=at("2026-03-02 12:30"))
        (later,) = scheduler.run_due()
        town.wait(later.job_id)
        town.run(until=at("2026-03-03 12:30"))
        scheduler.run_due()
        assert town.ring_order() == ["Mom's cell", "Mom's cell"]
        assert [len(town.rings(family.mom.cell)) for family in (adams, baker)] == [1, 1]


def test_a_missing_file_of_events_is_an_error(town: ScheduledTown):
    town.save_template("absent", Reason.ATTENDANCE)
    town.add(template="absent", events="attendance", events_file="absent.csv")
    town.run(until=at("2026-03-02 10:30"))
    (fire,) = town.scheduler().run_due()
    assert fire.failed
    assert "There is no file" in fire.note


@pytest.mark.parametrize("where", ["claimed", "prepared", "sent"])
def test_a_crash_never_tells_of_an_event_twice(tmp_path: Path, where: str):
    family = a_family()
    with ScheduledTown(tmp_path, family) as town:
        town.save_template("absent", Reason.ATTENDANCE)
        (tmp_path / "absent.csv").write_text(f"{ABSENCES}Lopez-Son,2026-03-02,absent\n")
        town.add(template="absent", every="hourly", events="attendance", events_file="absent.csv")
        town.run(until=at("2026-03-02 10:30"))
        with crashing(where), pytest.raises(Crash):
            town.scheduler().run_due()
        town.restart()
        town.scheduler().run_due()
        (job_id,) = town.sent_jobs()
        town.wait(job_id)
        town.run(until=at("2026-03-02 11:30"))
        assert town.scheduler().run_due()[0].note == NOBODY
        assert len(town.rings(family.mom.cell)) == 1


# ---------------------------------------------------------------- a district that moves


def move(town: ScheduledTown, zone: str) -> None:
    district = msgspec.structs.replace(town.engine.settings.district, time_zone=zone)
    town.engine.settings = msgspec.structs.replace(town.engine.settings, district=district)


def test_a_zone_that_is_put_right_after_a_firing_sends_no_second_message_on_that_day(town: ScheduledTown):
    town.add()
    scheduler = town.scheduler()
    town.run(until=at("2026-03-02 10:30"))
    assert len(scheduler.run_due()) == 1
    move(town, "America/Los_Angeles")
    for looks in (scheduler, town.scheduler()):
        town.run(until=at("2026-03-02 12:30"))
        assert looks.run_due() == []
    town.run(until=at("2026-03-03 12:29"))
    assert scheduler.run_due() == []
    town.run(until=at("2026-03-03 12:30"))
    assert scheduler.run_due()[0].fire_at == at("2026-03-03 12:30")


def test_a_zone_that_is_put_right_before_a_firing_sends_by_the_new_clock(town: ScheduledTown):
    town.add(time="10:30")
    scheduler = town.scheduler()
    scheduler.run_due()
    move(town, "America/Los_Angeles")
    town.run(until=at("2026-03-02 10:30"))
    assert scheduler.run_due() == []
    town.run(until=at("2026-03-02 12:30"))
    assert len(scheduler.run_due()) == 1


def test_a_time_that_is_changed_after_a_firing_is_fired_at_as_well(town: ScheduledTown):
    town.add()
    scheduler = town.scheduler()
    town.run(until=at("2026-03-02 10:30"))
    scheduler.run_due()
    acts.change(LiveDesk(town.engine), acts.ChangeSchedule(name="Morning", minute=minutes("11:00")), "office")
    town.run(until=at("2026-03-02 11:00"))
    assert len(scheduler.run_due()) == 1


def test_a_firing_whose_claim_came_late_is_settled_though_another_schedule_fired_in_the_same_look(
    town: ScheduledTown,
):
    """The disk was full: a write that was given up was carried out after all."""
    town.add("Morning")
    town.add("Also")
    scheduler = town.scheduler()
    scheduler.run_due()
    town.run(until=at("2026-03-02 10:30"))
    settle = scheduler._settle

    def settle_and_then_the_write_arrives(firing: Firing, now: int) -> list[Fire]:
        done = settle(firing, now)
        town.engine.station.write(lambda txn: ScheduleBook(town.database).claim(txn, Fire(1, now)))
        return done

    with patch.object(scheduler, "_settle", settle_and_then_the_write_arrives):
        assert [fire.schedule_id for fire in scheduler.run_due()] == [2]
    assert [fire.schedule_id for fire in scheduler.run_due()] == [1]
    assert sorted(job.origin.schedule_id for job in town.scheduled_jobs()) == [1, 2]


def events_town(tmp_path: Path, rows: str) -> ScheduledTown:
    town = ScheduledTown(tmp_path, a_family())
    town.save_template("absent", Reason.ATTENDANCE)
    (tmp_path / "absent.csv").write_text(f"{ABSENCES}{rows}")
    town.add(template="absent", events="attendance", events_file="absent.csv")
    town.run(until=at("2026-03-02 10:30"))
    return town


def test_rows_that_cannot_be_read_are_noted_and_the_others_are_told(tmp_path: Path):
    with events_town(tmp_path, "Lopez-Son,2026-03-02,absent\nLopez-Son,yesterday,absent\n,2026-03-02,tardy\n") as town:
        (fire,) = town.scheduler().run_due()
        assert (fire.job_id, fire.failed) == (1, False)
        assert "2 rows of" in fire.note
        assert "absent.csv cannot be read" in fire.note


def test_a_file_of_which_no_row_can_be_read_is_an_error_and_not_nobody_to_tell(tmp_path: Path):
    with events_town(tmp_path, "Lopez-Son,02.03.2026,absent\n") as town:
        (fire,) = town.scheduler().run_due()
        assert fire.failed
        assert "1 row of" in fire.note
        assert "Lopez" not in fire.note


def test_a_file_without_events_has_nobody_to_tell_and_one_that_is_gone_is_an_error(tmp_path: Path):
    with events_town(tmp_path, "") as town:
        scheduler = town.scheduler()
        (fire,) = scheduler.run_due()
        assert (fire.note, fire.failed) == (NOBODY, False)
        (tmp_path / "absent.csv").unlink()
        town.run(until=at("2026-03-03 10:30"))
        (fire,) = scheduler.run_due()
        assert fire.failed
        assert "absent.csv" in fire.note


@pytest.mark.parametrize("where", ["claimed", "prepared", "sent"])
def test_a_crash_in_the_middle_of_a_firing_of_events_tells_of_each_once(tmp_path: Path, where: str):
    family = a_family()
    with ScheduledTown(tmp_path, family) as town:
        town.save_template("absent", Reason.ATTENDANCE)
        (tmp_path / "absent.csv").write_text(f"{ABSENCES}Lopez-Son,2026-03-02,absent\n")
        town.add(template="absent", every="hourly", events="attendance", events_file="absent.csv")
        town.run(until=at("2026-03-02 10:30"))
        with crashing(where), pytest.raises(Crash):
            town.scheduler().run_due()
        town.restart()
        scheduler = town.scheduler()
        scheduler.run_due()
        (job_id,) = town.sent_jobs()
        assert town.wait(job_id).confirmed == 1
        town.run(until=at("2026-03-02 11:30"))
        (again,) = scheduler.run_due()
        assert (again.note, again.failed) == (NOBODY, False)
        assert [fire.job_id for fire in town.fires()] == [job_id, 0]
        assert len(town.rings(family.mom.cell)) == 1


def test_a_firing_that_took_longer_than_its_interval_notes_what_it_missed_and_sends_the_newest(town: ScheduledTown):
    town.add(every="hourly", time="10:30")
    scheduler = town.scheduler()
    town.run(until=at("2026-03-02 10:30"))
    prepare = Engine.prepare

    def slow(engine: Engine, *args, **more):
        prepared = prepare(engine, *args, **more)
        town.run(until=at("2026-03-02 12:45"))
        return prepared

    with patch.object(Engine, "prepare", slow):
        assert len(scheduler.run_due()) == 1
    done = scheduler.run_due()
    assert [fire.fire_at for fire in done] == [at("2026-03-02 11:30"), at("2026-03-02 12:30")]
    assert [bool(fire.job_id) for fire in done] == [False, True]
