"""Dialer Activity: a day's messages, all or only the active ones, and what a cancel stops."""

import pytest

from engine.messaging.windows import Window
from engine.reports.dialer import active_jobs, choose, day_activity, dialer_report
from store.dispositions import JobState
from store.errors import NotFoundError
from store.facts import AttemptOpened
from store.records import DeviceKind, Reason
from store.rows import JobRow
from tests.engine.reports.conftest import records_of
from tests.engine.reports.reading import rows
from tests.engine.reports.two_days import day
from tests.fakes import CLEAN, SteppedTown, at, one_contact

MONDAY, TUESDAY = day("2026-03-02"), day("2026-03-03")


def listed(records, on: int = TUESDAY, **more) -> list[int]:
    """The jobs of a day."""
    return [row.job_id for row, _ in day_activity(records, on, **more)]


@pytest.mark.row("C150", "C155")
def test_it_lists_the_messages_of_a_calendar_a_day_and_some_users(life, records):
    """C150: Lists messages by calendar, date and user. C155: Filter by user(s)."""
    assert listed(records, MONDAY) == [life.snow]
    assert listed(records) == [life.alarm, life.absent, life.menu, life.trip]
    assert listed(records, calendar_id="elm/2026") == [life.menu]
    assert listed(records, users=["lee", "kim"]) == [life.alarm, life.absent]
    assert listed(records, calendar_id="oak/2026", users=["pat"]) == [life.trip]
    assert listed(records, TUESDAY + 1) == []


@pytest.mark.row("C156")
def test_each_message_has_a_brief_summary(life, records):
    """C156: Output: messages with a brief summary."""
    report = dialer_report(records, day_activity(records, TUESDAY), "Tuesday")
    alarm, absent, menu, trip = rows(report)
    assert (alarm["type"], alarm["author"], alarm["state"], alarm["confirmed"]) == ("emergency", "lee", "Sent", 1)
    assert (absent["subject"], absent["chains"], absent["not_reached"]) == ("Absent today", 1, 1)
    assert (menu["state"], menu["calls"], menu["canceled"]) == ("Canceled", 0, 1)
    assert (trip["state"], trip["active"]) == ("Canceled IP", "no")


def test_a_day_without_messages_is_an_empty_list_and_says_so(records):
    report = dialer_report(records, day_activity(records, MONDAY - 7), "That day")
    assert (rows(report), report.notes) == ([], ("There are no such messages.",))


class Busy:
    """A town with a message of every state: sent, waiting, paused, in progress, and a running emergency."""

    def __init__(self, home) -> None:
        names = ("Done", "Later", "Paused", "Now", "Alarm")
        self.families = {name: one_contact(name, kinds=(DeviceKind.CELL, DeviceKind.WORK)) for name in names}
        for family in self.families.values():
            family.mom.cell.rings_out().always()
            family.mom.work.rings_out().always()
        done = self.families["Done"].mom
        done.cell._always = None
        done.cell._script.clear()
        done.cell.answers().presses("0")
        self.town = town = SteppedTown(home, *self.families.values(), lines=5, redial={"call_delay_minutes": 5})
        self.done = town.send(Reason.GENERAL, self.families["Done"])
        town.wait(self.done)
        window = Window(opens_minute=16 * 60, closes_minute=17 * 60)
        self.later = town.send(Reason.GENERAL, self.families["Later"], window=window)
        self.paused = town.send(Reason.GENERAL, self.families["Paused"])
        town.run(seconds=10)
        town.engine.pause(self.paused)
        self.now = town.send(Reason.ATTENDANCE, self.families["Now"])
        self.alarm = town.send(Reason.EMERGENCY, self.families["Alarm"])
        town.run(seconds=10)

    def cancel(self, *named: int, every: bool = False):
        """What the two buttons do."""
        with records_of(self.town) as records:
            chosen = choose(
                (row for row, _ in records.jobs()), named, [row for row, _ in active_jobs(records)] if every else ()
            )
        for job in chosen.cancel:
            self.town.engine.cancel(job)
        return chosen

    def states(self) -> dict[int, str]:
        return {view.job_id: view.state for view in self.town.engine.jobs()}

    def calls_after(self, job: int, moment: int) -> list[int]:
        """When phones of a job's family rang after an instant."""
        name = {self.later: "Later", self.paused: "Paused", self.now: "Now", self.alarm: "Alarm"}[job]
        mom = self.families[name].mom
        return [ring for phone in (mom.cell, mom.work) for ring in self.town.rings(phone) if ring > moment]


@pytest.fixture
def busy(tmp_path):
    busy = Busy(tmp_path)
    with busy.town:
        yield busy


@pytest.mark.row("C151", "C153", "C154")
def test_all_messages_are_those_sent_and_to_be_sent_and_active_ones_only_those_to_be_sent(busy):
    """C151: Choose all messages or only active ones. C153: All Messages = sent and to be sent.
    C154: Active Messages Only = to be sent."""
    with records_of(busy.town) as records:
        assert listed(records, MONDAY) == [busy.done, busy.later, busy.paused, busy.now, busy.alarm]
        assert listed(records, MONDAY, active_only=True) == [busy.later, busy.paused, busy.now, busy.alarm]
        report = dialer_report(records, day_activity(records, MONDAY, active_only=True), "Active")
        assert [row["state"] for row in rows(report)] == ["Waiting", "Paused", "In-Progress", "In-Progress"]


def test_a_message_for_tomorrow_is_listed_today_and_tomorrow(tmp_path):
    family = one_contact()
    with SteppedTown(tmp_path, family, now=at("2026-03-02 21:00")) as town:
        window = Window(opens_at=at("2026-03-03 09:00"), closes_at=at("2026-03-03 10:00"))
        job = town.send(window=window)
        with records_of(town) as records:
            assert listed(records, MONDAY) == listed(records, TUESDAY, active_only=True) == [job]
            assert listed(records, MONDAY - 1) == listed(records, TUESDAY + 1) == []


@pytest.mark.row("C157", "C158")
def test_cancel_selected_stops_what_is_named_and_nothing_else(busy):
    """C157: Unsent scheduled messages can be canceled here. C158: Cancel Selected Jobs. Golden 14."""
    chosen = busy.cancel(busy.later, busy.done, busy.now)
    assert (chosen.cancel, chosen.over) == ((busy.later, busy.now), (busy.done,))
    moment = busy.town.now
    busy.town.run(minutes=2)
    assert busy.states() == {
        busy.done: "sent",
        busy.later: "canceled",
        busy.paused: "paused",
        busy.now: "canceled_in_progress",
        busy.alarm: "in_progress",
    }
    busy.town.run(until=at("2026-03-02 17:00"))
    assert not busy.calls_after(busy.later, 0)
    assert not busy.calls_after(busy.now, moment)
    assert busy.calls_after(busy.alarm, moment)
    assert busy.town.audit() == CLEAN


@pytest.mark.row("C159")
def test_cancel_all_stops_every_active_job_but_a_running_emergency_and_touches_nothing_finished(busy):
    """C159: Cancel All Active Jobs. Golden 14."""
    before = busy.town.job(busy.done)
    chosen = busy.cancel(every=True)
    assert (chosen.cancel, chosen.emergencies) == ((busy.later, busy.paused, busy.now), (busy.alarm,))
    moment = busy.town.now
    busy.town.run(minutes=30)
    assert busy.states() == {
        busy.done: "sent",
        busy.later: "canceled",
        busy.paused: "canceled_in_progress",
        busy.now: "canceled_in_progress",
        busy.alarm: "sent",
    }
    assert busy.town.job(busy.done) == before
    assert not [ring for job in chosen.cancel for ring in busy.calls_after(job, moment)]
    assert busy.calls_after(busy.alarm, moment)


def test_an_emergency_that_is_named_is_canceled_with_all_others(busy):
    chosen = busy.cancel(busy.alarm, every=True)
    assert chosen.cancel == (busy.alarm, busy.later, busy.paused, busy.now)
    assert chosen.emergencies == ()
    busy.town.run(minutes=30)
    assert "in_progress" not in busy.states().values()


def test_a_call_that_was_answered_plays_out_and_counts_though_its_job_is_canceled(tmp_path):
    family = one_contact()
    family.mom.cell.answers(after_s=3, talks_s=40).presses("0")
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        town.run(seconds=10)
        with records_of(town) as records:
            chosen = choose((row for row, _ in records.jobs()), [job])
        town.engine.cancel(*chosen.cancel)
        town.wait(job)
        assert town.only_chain(job).outcome == "confirmed"
        assert len(town.facts(AttemptOpened)) == 1


def test_an_unknown_name_cancels_nothing_at_all(busy):
    with pytest.raises(NotFoundError, match="There is no job 99; nothing was canceled"):
        busy.cancel(busy.now, 99)
    assert busy.states()[busy.now] == "in_progress"


def job_row(job_id: int, state: JobState, reason: Reason = Reason.GENERAL, canceled: bool = False) -> JobRow:
    return JobRow(job_id, 1, state, reason, 0, 0, 1, 1, 0, 0, 1, canceled=canceled)


def test_a_job_that_is_being_canceled_is_left_alone_and_a_name_given_twice_counts_once():
    going = [job_row(1, JobState.IN_PROGRESS, canceled=True), job_row(2, JobState.WAITING)]
    chosen = choose(going, [2, 2, 1], going)
    assert (chosen.cancel, chosen.over) == ((2,), (1,))
    assert choose([], [], []).cancel == ()
