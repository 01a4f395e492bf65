"""What was settled where the source documents are open, each by the example that settled it."""

from collections.abc import Callable

import msgspec
import pytest

from actors.gateway import CallEnd
from engine.config import Lines, Settings, lines_for
from engine.messaging.windows import Window
from store.dispositions import Disposition
from store.errors import RefusedError
from store.records import RANKS, Reason
from tests.fakes import MINUTE, SECOND, Family, SteppedTown, at, one_contact

FIVE_IN_THE_AFTERNOON = at("2026-03-02 17:00")


def between(opens: str, closes: str) -> Window:
    """A window of times of day."""
    minutes = [int(text[:2]) * 60 + int(text[3:]) for text in (opens, closes)]
    return Window(opens_minute=minutes[0], closes_minute=minutes[1])


def crowd(count: int, name: str = "F") -> list[Family]:
    """Families of one chain who talk for 50 seconds before they confirm."""
    families = [one_contact(f"{name}{n}") for n in range(count)]
    for family in families:
        family.mom.cell.answers(talks_s=50).presses("0")
    return families


# ---------------------------------------------------------------- windows


def test_recipients_hours_are_off_until_somebody_sets_them():
    """Decision 22."""
    assert Settings().district.recipient_hours == ""


@pytest.mark.row("C048", "C049")
@pytest.mark.parametrize("reason", [Reason.ATTENDANCE, Reason.BEHAVIOR])
def test_29_minutes_are_refused_and_30_accepted(tmp_path, reason: Reason):
    """Golden 5, decision 24. C048: Attendance and behavior messages: minimum window 30 minutes.

    C049: Anything undelivered at window end, or cut by District End Time, is not sent (expires; no carry-over).
    """
    family = one_contact()
    family.mom.cell.rings_out().always()
    with SteppedTown(tmp_path, family, redial={"max_attempts": 10}) as town:
        with pytest.raises(RefusedError, match="at least 30 minutes"):
            town.prepare(reason, window=between("17:00", "17:29"))
        with pytest.raises(RefusedError, match="Less than 30 minutes"):
            town.prepare(reason, window=between("19:31", "20:30"))
        job = town.send(reason, window=between("17:00", "17:30"))
        town.run(until=at("2026-03-04 12:00"))
        assert town.only_chain(job).expiry == "message_window"
        assert town.ring_times()[0] >= FIVE_IN_THE_AFTERNOON
        assert town.ring_times()[-1] < FIVE_IN_THE_AFTERNOON + 30 * MINUTE, "nothing rolls to the next day"


@pytest.mark.row("C046", "C049")
def test_a_window_that_reaches_past_the_district_end_is_cut_there_and_nothing_is_carried_over(tmp_path):
    """Golden 5. C046: Per-message window, must fall inside the district window.

    C049: Anything undelivered at window end, or cut by District End Time, is not sent (expires; no carry-over).
    """
    families = crowd(60)
    with SteppedTown(tmp_path, *families, lines=1, hours=("08:00", "17:30")) as town:
        job = town.send(window=between("17:00", "18:00"))
        town.wait(job)
        town.run(until=at("2026-03-04 12:00"))
        view = town.job(job)
        assert 25 < view.confirmed < 40
        assert view.expired == 60 - view.confirmed
        assert {chain.expiry for chain in town.chains_of(job) if chain.outcome == "expired"} == {"district_end"}
        assert min(town.ring_times()) >= FIVE_IN_THE_AFTERNOON
        assert max(town.ring_times()) < at("2026-03-02 17:30")


def test_at_the_end_an_answered_call_plays_out_and_a_ringing_one_is_hung_up(tmp_path):
    """Decision 23."""
    talking, ringing = one_contact("Talking"), one_contact("Ringing")
    talking.mom.cell.answers(after_s=1, talks_s=90).presses("0")
    ringing.mom.cell.answers(after_s=25).presses("0")
    begins = at("2026-03-02 19:59") + 50 * SECOND
    with SteppedTown(tmp_path, talking, ringing, now=begins) as town:
        job = town.send()
        town.wait(job)
        assert (town.job(job).confirmed, town.job(job).expired) == (1, 1)
        calls = {entry.number: entry for entry in town.ledger()}
        assert calls[talking.mom.cell.number].end is CallEnd.ANSWERED
        hung_up = calls[ringing.mom.cell.number]
        assert hung_up.answered_at is None
        assert hung_up.ended_at == at("2026-03-02 20:00")


@pytest.mark.parametrize(("start", "opens", "effective"), [("09:00", "11:00", "11:00"), ("09:00", "08:00", "09:00")])
def test_the_later_of_start_time_and_window_is_when_the_first_phone_rings(tmp_path, start, opens, effective):
    """Decision 25: 9:00 and 11:00 make 11:00; 9:00 and 8:00 make 9:00."""
    family = one_contact()
    family.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, family, now=at("2026-03-02 06:00")) as town:
        window = msgspec.structs.replace(between(opens, "15:00"), starts_at=at(f"2026-03-02 {start}"))
        town.wait(town.send(window=window))
        assert town.ring_times()[0] // MINUTE == at(f"2026-03-02 {effective}") // MINUTE


# ---------------------------------------------------------------- priorities and lines


def test_ranks_are_emergency_priority_attendance_behavior_and_then_all_others_alike():
    """Decision 27."""
    order = sorted(Reason, key=lambda reason: RANKS[reason])
    assert order[:4] == [Reason.EMERGENCY, Reason.PRIORITY, Reason.ATTENDANCE, Reason.BEHAVIOR]
    others = {RANKS[reason] for reason in (Reason.GENERAL, Reason.STAFF, Reason.FOOD_SERVICE, Reason.TEACHER)}
    assert others == {4}


@pytest.mark.row("C041")
def test_on_one_line_jobs_go_by_rank_whatever_the_order_they_were_sent_in(tmp_path):
    """Decision 27. C041: Priority over scheduled jobs."""
    sent = (Reason.FOOD_SERVICE, Reason.BEHAVIOR, Reason.ATTENDANCE, Reason.PRIORITY, Reason.EMERGENCY)
    families = {reason: crowd(2, reason.word) for reason in sent}
    everybody = [family for group in families.values() for family in group]
    busy = crowd(1, "Busy")
    with SteppedTown(tmp_path, *busy, *everybody, lines=1, emergency_lines=0) as town:
        first = town.send(Reason.GENERAL, *busy)
        town.run(seconds=5)
        jobs = [town.send(reason, *families[reason]) for reason in sent]
        for job in (first, *jobs):
            town.wait(job)
        whose = {family.mom.cell.number: reason for reason, group in families.items() for family in group}
        rang = [whose[entry.number] for entry in town.ring_entries() if entry.number in whose]
        assert rang == [reason for reason in reversed(sent) for _ in range(2)]


def test_within_a_job_whoever_was_planned_first_rings_first(tmp_path):
    """Decision 27: FIFO inside."""
    families = crowd(6)
    with SteppedTown(tmp_path, *families, lines=1) as town:
        town.wait(town.send())
        rang = [entry.number for entry in town.ring_entries()]
        assert rang == [family.mom.cell.number for family in families]


@pytest.mark.row("C015")
def test_an_emergency_hangs_up_on_nobody_and_takes_every_line_that_frees(tmp_path):
    """Decision 28. C015: A number of lines is dedicated to emergencies, per district."""
    talking, struck = crowd(6, "Talking"), crowd(6, "Struck")
    with SteppedTown(tmp_path, *talking, *struck, lines=2, emergency_lines=1) as town:
        general = town.send(Reason.GENERAL, *talking)
        town.run(seconds=20)
        emergency = town.send(Reason.EMERGENCY, *struck)
        town.wait(emergency)
        assert town.job(general).confirmed == 2, "the two who were talking; nobody else before all of the emergency"
        town.wait(general)
        assert {entry.end for entry in town.ring_entries()} == {CallEnd.ANSWERED}
        assert town.job(general).confirmed == town.job(emergency).confirmed == 6


@pytest.mark.row("C014", "C015")
@pytest.mark.parametrize(
    ("students", "lines"),
    [
        (1, (24, 8)),
        (2_500, (24, 8)),
        (2_501, (96, 24)),
        (10_000, (96, 24)),
        (10_001, (240, 48)),
        (50_000, (240, 48)),
        (50_001, (480, 96)),
    ],
)
def test_lines_grow_with_enrollment_and_can_be_set(students: int, lines: tuple[int, int]):
    """Decision 29. C014: Phone-line capacity varies by district size (per-tenant concurrency limit). C015: A number of
    lines is dedicated to emergencies, per district.
    """
    assert lines_for(Settings(), students) == lines
    assert lines_for(Settings(lines=Lines(ordinary=7, emergency=3)), students) == (7, 3)


# ---------------------------------------------------------------- running jobs


def test_a_job_keeps_its_snapshot_but_a_block_holds_at_once(tmp_path):
    """Decision 31."""
    families = crowd(3)
    with SteppedTown(tmp_path, *families, lines=1) as town:
        job = town.send()
        town.run(seconds=5)
        town.block_number(families[2].mom.cell)
        town.wait(job)
        assert not town.rings(families[2].mom.cell)
        assert [chain.walked[-1] for chain in town.chains_of(job)][2] == f"cell {Disposition.BLOCKED.word}"


@pytest.mark.parametrize(
    ("let_pass", "state", "rang"),
    [
        (lambda town: None, "canceled", 0),
        (lambda town: town.run(seconds=10), "canceled_in_progress", 1),
    ],
)
def test_a_cancel_before_the_first_dial_and_after_it_are_two_states_and_neither_counts_as_failed(
    tmp_path, let_pass: Callable[[SteppedTown], None], state: str, rang: int
):
    """Decision 38."""
    with SteppedTown(tmp_path, *crowd(4), lines=1) as town:
        job = town.send(window=None if rang else between("15:00", "16:00"))
        let_pass(town)
        town.engine.cancel(job)
        view = town.wait(job)
        assert view.state == state
        assert view.confirmed == rang
        assert view.canceled == 4 - rang
        assert not view.exhausted + view.expired + view.errors
