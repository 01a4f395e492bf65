"""How chains walk, end to end on a virtual clock: redials, windows, commands, lines, overdue results, failures."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from actors.chain import ChainActor
from actors.messages import CallEnded, CallFailed, CallsEnded, CloseChain, LineGranted, LinesDue, WatchDue
from engine.messaging.windows import Window
from store import facts
from store.alarms import Alarm
from store.dispositions import JobState
from store.errors import RefusedError
from store.records import DeviceKind, Reason
from tests.fakes import (
    CLEAN,
    HOUR,
    MINUTE,
    MONDAY_TEN,
    SECOND,
    WALK,
    Family,
    SteppedTown,
    at,
    one_contact,
    two_families,
)
from tests.invariants import START_DELAY_MS, check_all, tables_equal_a_fresh_fold

CELL, WORK = DeviceKind.CELL, DeviceKind.WORK


def gaps(rings: list[int]) -> list[float]:
    """Minutes from each ring to the next."""
    return [round((later - earlier) / MINUTE, 1) for earlier, later in pairwise(rings)]


# ---------------------------------------------------------------- rounds


@pytest.mark.row("C064")
def test_a_chain_goes_on_to_the_next_number_as_soon_as_a_call_has_ended(tmp_path):
    """Each contact has one chain per student over personal numbers in order cell, work, other."""
    family = one_contact(kinds=WALK)
    family.mom.cell.busy()
    family.mom.work.rings_out()
    family.mom.other.answers().presses("0")
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        assert town.wait(job).confirmed == 1
        assert town.only_chain(job).walked == ["cell busy", "work no_answer", "other confirmed"]
        assert town.ring_order() == ["Mom's cell", "Mom's work", "Mom's other"]
        assert town.rings(family.mom.work)[0] - town.rings(family.mom.cell)[0] <= 16 * SECOND


def test_a_round_is_every_number_once_and_the_next_one_comes_after_the_delay(tmp_path):
    family = one_contact(kinds=(CELL, WORK))
    family.mom.cell.rings_out(3)
    family.mom.work.busy(3)
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        assert town.wait(job).exhausted == 1
        assert town.ring_order() == ["Mom's cell", "Mom's work"] * 3
        assert all(10 <= gap < 12 for gap in gaps(town.rings(family.mom.cell)))


def test_the_wait_is_shorter_when_every_number_left_was_busy(tmp_path):
    family = one_contact()
    family.mom.cell.busy(2).answers().presses("0")
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        town.wait(job)
        assert all(5 <= gap < 6 for gap in gaps(town.rings(family.mom.cell)))


def test_a_number_that_declines_twice_is_dropped(tmp_path):
    family = one_contact(kinds=(CELL, WORK))
    family.mom.cell.declines(2)
    family.mom.work.rings_out(3)
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        assert town.wait(job).exhausted == 1
        assert [len(town.rings(phone)) for phone in family.mom.phones] == [2, 3]


def test_dead_numbers_and_faxes_are_dialed_once(tmp_path):
    family = one_contact(kinds=WALK)
    family.mom.cell.is_dead()
    family.mom.work.is_invalid()
    family.mom.other.is_a_fax()
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        assert town.wait(job).exhausted == 1
        assert town.only_chain(job).walked == ["cell disconnected", "work invalid_number", "other fax"]


def test_a_network_failure_spends_no_attempt_until_the_fifth_in_a_row(tmp_path):
    family = one_contact()
    family.mom.cell.network_fails(4).answers().presses("0")
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        assert town.wait(job).confirmed == 1
        assert town.only_chain(job).walked == ["cell network_failure"] * 4 + ["cell confirmed"]
    other = one_contact()
    other.mom.cell.network_fails().always()
    with SteppedTown(tmp_path / "other", other, redial={"max_attempts": 2}) as town:
        job = town.send()
        assert town.wait(job).exhausted == 1
        assert len(town.only_chain(job).tries) == 2 * 5


# ---------------------------------------------------------------- voicemail and unconfirmed answers


def test_a_message_left_on_a_machine_counts_as_delivered_and_the_chain_goes_on(tmp_path):
    family = one_contact(kinds=(CELL, WORK))
    family.mom.cell.machine()
    family.mom.work.rings_out(3)
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        assert town.wait(job).delivered_unconfirmed == 1
        assert len(town.rings(family.mom.cell)) == 1
        assert town.engine.students(job).told == 1


def test_without_messages_on_machines_the_number_is_tried_again(tmp_path):
    family = one_contact()
    family.mom.cell.machine().machine().answers().presses("0")
    with SteppedTown(tmp_path, family, voice={"leave_message": False}) as town:
        job = town.send()
        assert town.wait(job).confirmed == 1
        assert town.only_chain(job).walked == ["cell machine_no_message"] * 2 + ["cell confirmed"]


def test_a_message_left_ends_the_chain_when_the_district_wants_it_so(tmp_path):
    family = one_contact(kinds=(CELL, WORK))
    family.mom.cell.machine()
    with SteppedTown(tmp_path, family, voice={"voicemail_ends_chain": True}) as town:
        job = town.send()
        assert town.wait(job).delivered_unconfirmed == 1
        assert not town.rings(family.mom.work)


def test_a_live_answer_without_the_key_goes_on_but_is_not_redialed(tmp_path):
    family = one_contact(kinds=(CELL, WORK))
    family.mom.cell.answers().presses("5#")
    family.mom.work.hangs_up_early().rings_out().answers().presses("*0")
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        assert town.wait(job).confirmed == 1
        assert town.only_chain(job).walked == [
            "cell live_no_confirm",
            "work hangup_early",
            "work no_answer",
            "work confirmed",
        ]


def test_a_live_answer_without_the_key_ends_the_chain_when_set_to_stop(tmp_path):
    family = one_contact(kinds=(CELL, WORK))
    family.mom.cell.answers()
    with SteppedTown(tmp_path, family, voice={"unconfirmed_live": "stop"}) as town:
        job = town.send()
        assert town.wait(job).delivered_unconfirmed == 1


@pytest.mark.row("C050")
def test_every_result_is_on_disk_within_fifteen_seconds_of_its_calls_end(tmp_path):
    """Client polls the call log every 15 seconds."""
    families = [one_contact(f"Family{n}") for n in range(20)]
    for n, family in enumerate(families):
        family.mom.cell.answers(talks_s=5 + 3.7 * n).presses("0")
    with SteppedTown(tmp_path, *families) as town:
        town.wait(town.send())
        committed = {
            fact.attempt_id: block.at
            for block in town.blocks()
            for fact in block.facts
            if isinstance(fact, facts.AttemptClosed)
        }
        history = town.history()
        for entry in town.ledger():
            intent = history.attempt_of(entry)
            assert intent is not None
            assert entry.ended_at is not None
            assert 0 <= committed[intent.attempt_id] - entry.ended_at <= 15 * SECOND


# ---------------------------------------------------------------- windows


@pytest.mark.row("C046", "C049")
def test_what_is_undelivered_when_the_window_ends_expires_with_its_reason(tmp_path):
    """C046: Per-message window, must fall inside the district window. C049: Anything undelivered at window end, or cut
    by District End Time, is not sent (expires; no carry-over).
    """
    told, missed = two_families(CELL, WORK)
    told.mom.cell.machine()
    for phone in (told.mom.work, *missed.mom.phones):
        phone.rings_out().always()
    with SteppedTown(tmp_path, told, missed) as town:
        job = town.send(window=Window(opens_minute=11 * 60, closes_minute=11 * 60 + 15))
        town.run(minutes=59)
        assert not town.ring_order()
        assert town.wait(job).state == "sent"
        outcomes = sorted(chain.outcome for chain in town.chains_of(job))
        assert outcomes == ["delivered_unconfirmed", "expired"]
        assert {chain.expiry for chain in town.chains_of(job)} == {"message_window"}
        assert min(town.ring_times()) >= MONDAY_TEN + HOUR
        assert max(town.ring_times()) < MONDAY_TEN + 75 * MINUTE
        town.run(minutes=24 * 60)
        assert max(town.ring_times()) < MONDAY_TEN + 75 * MINUTE


@pytest.mark.row("C047", "C049")
def test_nothing_rings_at_or_after_district_end_time(tmp_path):
    """C047: District window = District Start Time and District End Time. C049: Anything undelivered at window end, or
    cut by District End Time, is not sent (expires; no carry-over).
    """
    families = [one_contact(f"Family{n}") for n in range(4)]
    for family in families:
        family.mom.cell.rings_out().always()
    with SteppedTown(tmp_path, *families, now=at("2026-03-02 19:50"), lines=1) as town:
        job = town.send()
        assert town.wait(job).expired == 4
        assert {chain.expiry for chain in town.chains_of(job)} == {"district_end"}
        assert max(town.ring_times()) < at("2026-03-02 20:00")


def test_a_call_answered_before_the_window_ends_plays_out_and_counts(tmp_path):
    family = one_contact()
    family.mom.cell.answers(talks_s=120).presses("0")
    with SteppedTown(tmp_path, family, now=at("2026-03-02 19:59")) as town:
        job = town.send()
        assert town.wait(job).confirmed == 1


def test_the_reason_is_district_end_even_when_the_engine_finds_out_the_next_morning(tmp_path):
    family = one_contact()
    family.mom.cell.rings_out().always()
    with SteppedTown(tmp_path, family, now=at("2026-03-02 19:50")) as town:
        job = town.send()
        town.run(seconds=5)
        town.crash()
        town.clock.move_to(at("2026-03-03 07:00"))
        town.start()
        assert town.wait(job).expired == 1
        assert town.only_chain(job).expiry == "district_end"


def test_an_emergency_ends_by_its_cap(tmp_path):
    family = one_contact()
    family.mom.cell.rings_out().always()
    redial = {"emergency_max_attempts": 10, "emergency_cap_hours": 0.1}
    with SteppedTown(tmp_path, family, now=at("2026-03-02 23:58"), redial=redial) as town:
        job = town.send(Reason.EMERGENCY)
        assert town.wait(job).expired == 1
        assert town.only_chain(job).expiry == "job_cap"
        assert all(2 <= gap < 3.2 for gap in gaps(town.rings(family.mom.cell)))
        assert town.now <= at("2026-03-03 00:05")


# ---------------------------------------------------------------- pause, resume, cancel


def test_a_pause_withdraws_what_nobody_answered_and_resume_goes_on(tmp_path):
    ringing, talking, later = (one_contact(name) for name in ("Adams", "Baker", "Clark"))
    ringing.mom.cell.answers(after_s=25).presses("0").answers().presses("0")
    talking.mom.cell.answers(after_s=2, talks_s=60).presses("0")
    later.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, ringing, talking, later, lines=2) as town:
        job = town.send()
        town.run(seconds=10)
        assert town.engine.pause(job).state == "paused"
        town.run(minutes=30)
        view = town.job(job)
        assert (view.state, view.confirmed, view.live) == ("paused", 1, 2)
        assert len(town.rings(ringing.mom.cell)) == 1
        assert not town.rings(later.mom.cell)
        town.engine.resume(job)
        assert town.wait(job).confirmed == 3
        assert town.audit() == CLEAN


def test_a_call_that_was_not_ringing_yet_when_paused_loses_no_turn(tmp_path):
    first, second = two_families()
    first.mom.cell.answers(talks_s=100).presses("0")
    second.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, first, second, lines=1, ahead_max=1, redial={"max_attempts": 1}) as town:
        job = town.send()
        town.run(seconds=10)
        town.engine.pause(job)
        town.run(minutes=5)
        town.engine.resume(job)
        assert town.wait(job).confirmed == 2
        assert town.audit() == CLEAN


def test_a_call_withdrawn_in_the_millisecond_it_begins_to_ring_has_had_its_turn(tmp_path):
    family = one_contact()
    family.mom.cell.answers(after_s=25).presses("0").answers().presses("0")
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        town.run(until=MONDAY_TEN + START_DELAY_MS)
        assert town.rings(family.mom.cell) == [town.now]
        town.engine.pause(job)
        town.run(minutes=1)
        town.engine.resume(job)
        assert town.wait(job).confirmed == 1
        assert town.only_chain(job).walked == ["cell ring_withdrawn", "cell confirmed"]
        assert town.audit() == CLEAN


def test_a_job_paused_before_its_window_waits_even_when_it_opens(tmp_path):
    family = one_contact()
    family.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, family, now=at("2026-03-02 07:00")) as town:
        job = town.send()
        town.engine.pause(job)
        town.run(minutes=90)
        assert not town.ring_order()
        assert town.engine.resume(job).state in ("waiting", "in_progress")
        assert town.wait(job).confirmed == 1


@pytest.mark.row("C157")
def test_a_job_canceled_before_its_first_dial_is_canceled_and_nobody_is_called(tmp_path):
    """Unsent scheduled messages can be canceled here."""
    family = one_contact()
    with SteppedTown(tmp_path, family, now=at("2026-03-02 07:00")) as town:
        job = town.send()
        town.engine.cancel(job)
        view = town.wait(job)
        assert (view.state, view.canceled) == ("canceled", 1)
        town.run(minutes=24 * 60)
        assert not town.ring_order()


def test_a_job_canceled_in_progress_lets_answered_calls_finish_and_drops_the_others(tmp_path):
    ringing, talking, later = (one_contact(name) for name in ("Adams", "Baker", "Clark"))
    ringing.mom.cell.answers(after_s=25).presses("0")
    talking.mom.cell.answers(after_s=2, talks_s=60).presses("0")
    with SteppedTown(tmp_path, ringing, talking, later, lines=2) as town:
        job = town.send()
        town.run(seconds=10)
        town.engine.cancel(job)
        view = town.wait(job)
        assert (view.state, view.confirmed, view.canceled) == ("canceled_in_progress", 1, 2)
        town.run(minutes=24 * 60)
        assert len(town.ring_order()) == 2
        assert town.audit() == CLEAN


@pytest.mark.parametrize("command", ["pause", "resume", "cancel"])
def test_a_job_that_has_ended_but_is_owed_results_takes_no_command_but_refresh(tmp_path, command):
    family = one_contact()
    family.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, family, redial={"max_attempts": 1}) as town:
        town.faults.hide_rows_of(family.mom.cell)
        job = town.send()
        town.run(minutes=30)
        assert town.job(job).state == "error"
        with pytest.raises(RefusedError):
            getattr(town.engine, command)(job)
        assert town.job(job).state == "error"
        town.engine.refresh(job)


# ---------------------------------------------------------------- numbers


def test_a_blocked_number_is_passed_over_even_in_a_running_job(tmp_path):
    family = one_contact(kinds=(CELL, WORK))
    family.mom.cell.rings_out()
    family.mom.work.rings_out().answers().presses("0")
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        town.run(minutes=2)
        town.block_number(family.mom.cell)
        assert town.wait(job).confirmed == 1
        assert len(town.rings(family.mom.cell)) == 1
        assert town.only_chain(job).walked[2:] == ["cell blocked", "work confirmed"]


def test_a_number_blocked_but_for_emergencies_takes_an_emergency(tmp_path):
    family = one_contact()
    family.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, family) as town:
        town.block_number(family.mom.cell, except_emergency=True)
        general = town.send()
        assert town.wait(general).exhausted == 1
        assert not town.ring_order()
        assert town.wait(town.send(Reason.EMERGENCY)).confirmed == 1


def test_one_call_to_a_number_at_a_time_and_thirty_seconds_between_two(tmp_path):
    family = Family(parents=("Mom",), kinds=(CELL,), household=False)
    family.mom.cell.answers().presses("0").always()
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        assert town.wait(job).confirmed == 2
        assert town.rest_between_calls(family.mom.cell) >= 30 * SECOND


def test_an_emergency_skips_the_gap_but_waits_for_the_live_call(tmp_path):
    family = one_contact()
    family.mom.cell.answers(talks_s=60).presses("5").answers().presses("0")
    with SteppedTown(tmp_path, family) as town:
        town.send()
        town.run(seconds=20)
        emergency = town.send(Reason.EMERGENCY)
        assert town.wait(emergency).confirmed == 1
        assert 0 < town.rest_between_calls(family.mom.cell) < 17 * SECOND


def test_a_number_still_cools_down_after_a_restart(tmp_path):
    family = Family(parents=("Mom",), kinds=(CELL,), household=False)
    family.mom.cell.answers().presses("0").always()
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        while not town.job(job).confirmed:
            town.step()
        town.restart()
        assert town.wait(job).confirmed == 2
        assert town.rest_between_calls(family.mom.cell) >= 30 * SECOND


# ---------------------------------------------------------------- lines


@pytest.mark.row("C015", "C041")
def test_an_emergency_takes_dedicated_lines_at_once_and_every_line_that_frees(tmp_path):
    """C015: A number of lines is dedicated to emergencies, per district. C041: Priority over scheduled jobs."""
    crowd = [one_contact(f"Crowd{n}") for n in range(6)]
    struck = [one_contact(f"Struck{n}") for n in range(4)]
    for family in (*crowd, *struck):
        family.mom.cell.answers(talks_s=50).presses("0")
    with SteppedTown(tmp_path, *crowd, *struck, lines=2, emergency_lines=1) as town:
        general = town.send(Reason.GENERAL, *crowd)
        town.run(seconds=5)
        emergency = town.send(Reason.EMERGENCY, *struck)
        town.wait(emergency)
        town.wait(general)
        numbers = [entry.emergency for entry in town.ring_entries()]
        assert numbers == [False, False, True, True, True, True, False, False, False, False]
        assert town.carrier.lines_peak == 3


def test_ordinary_calls_never_use_an_emergency_line(tmp_path):
    crowd = [one_contact(f"Crowd{n}") for n in range(8)]
    for family in crowd:
        family.mom.cell.answers(talks_s=50).presses("0")
    with SteppedTown(tmp_path, *crowd, lines=2, emergency_lines=4) as town:
        town.wait(town.send())
        assert town.carrier.lines_peak == 2


def test_two_jobs_of_one_rank_share_the_lines(tmp_path):
    many = [one_contact(f"Many{n}") for n in range(30)]
    few = [one_contact(f"Few{n}") for n in range(6)]
    for family in (*many, *few):
        family.mom.cell.answers(talks_s=50).presses("0")
    with SteppedTown(tmp_path, *many, *few, lines=4) as town:
        big = town.send(Reason.GENERAL, *many)
        town.run(seconds=5)
        small = town.send(Reason.GENERAL, *few)
        town.wait(small)
        assert town.job(big).live >= 18
        town.wait(big)


def test_a_priority_job_goes_before_a_general_one(tmp_path):
    general = [one_contact(f"General{n}") for n in range(6)]
    urgent = [one_contact(f"Urgent{n}") for n in range(3)]
    for family in (*general, *urgent):
        family.mom.cell.answers(talks_s=50).presses("0")
    with SteppedTown(tmp_path, *general, *urgent, lines=1) as town:
        first = town.send(Reason.GENERAL, *general)
        town.run(seconds=5)
        second = town.send(Reason.PRIORITY, *urgent)
        town.wait(second)
        assert town.job(first).live == 5
        town.wait(first)


# ---------------------------------------------------------------- overdue and late results


def test_a_routine_result_that_never_comes_spends_the_step_and_leaves_the_job_in_error(tmp_path):
    family = one_contact(kinds=(CELL, WORK))
    family.mom.cell.answers().presses("0")
    family.mom.work.rings_out(3)
    with SteppedTown(tmp_path, family) as town:
        town.faults.hide_rows_of(family.mom.cell)
        job = town.send()
        town.run(minutes=60)
        view = town.job(job)
        assert (view.state, view.exhausted, view.overdue) == ("error", 1, 1)
        assert len(town.rings(family.mom.cell)) == 1
        assert Alarm.RESULTS_OVERDUE in town.alarms()


def test_a_late_result_corrects_chain_and_report_and_error_becomes_sent(tmp_path):
    family = one_contact(kinds=(CELL, WORK))
    family.mom.cell.answers().presses("0")
    family.mom.work.rings_out(3)
    with SteppedTown(tmp_path, family) as town:
        town.faults.hide_rows_of(family.mom.cell)
        job = town.send()
        town.run(minutes=60)
        town.faults.show_rows()
        town.engine.refresh(job)
        town.run(minutes=1)
        view = town.job(job)
        assert (view.state, view.confirmed, view.exhausted, view.overdue) == ("sent", 1, 0, 0)
        assert town.only_chain(job).walked[0] == "cell confirmed"
        assert town.engine.students(job).covered == 1
        assert Alarm.RESULTS_OVERDUE not in town.alarms()


def test_a_late_result_finds_its_chain_after_a_restart(tmp_path):
    family = one_contact(kinds=(CELL, WORK))
    family.mom.cell.machine()
    family.mom.work.rings_out(3)
    with SteppedTown(tmp_path, family) as town:
        town.faults.hide_rows_of(family.mom.cell)
        job = town.send()
        town.run(minutes=60)
        town.restart()
        town.run(minutes=5)
        assert town.job(job).state == "error"
        town.faults.show_rows()
        town.run(minutes=5)
        view = town.job(job)
        assert (view.state, view.delivered_unconfirmed) == ("sent", 1)


@pytest.mark.parametrize("restarted", [False, True])
def test_a_late_confirmation_stops_a_chain_that_still_walks(tmp_path, restarted):
    family = one_contact(kinds=(CELL, WORK))
    family.mom.cell.answers().presses("0")
    family.mom.work.rings_out(1)
    with SteppedTown(tmp_path, family) as town:
        town.faults.hide_rows_of(family.mom.cell)
        job = town.send()
        town.run(minutes=12)
        assert town.only_chain(job).walked == ["cell result_overdue", "work no_answer"]
        town.faults.show_rows()
        if restarted:
            town.restart()
        town.run(minutes=2)
        assert town.wait(job).state == "sent"
        assert town.only_chain(job).outcome == "confirmed"
        assert len(town.ring_order()) == 2
        assert town.audit() == CLEAN


def test_a_late_confirmation_stops_the_call_that_waits_at_the_carrier(tmp_path):
    owed, talker = two_families(CELL, WORK)
    owed.mom.cell.answers().presses("0")
    talker.mom.cell.answers(talks_s=300).presses("0")
    with SteppedTown(tmp_path, owed, talker, lines=2, ahead_max=4) as town:
        town.carrier._exchange.lines = town.carrier._exchange.lines_free = 1
        town.faults.hide_rows_of(owed.mom.cell)
        job = town.send(Reason.GENERAL, owed)
        town.run(minutes=6)
        town.send(Reason.GENERAL, talker)
        town.run(minutes=2)
        assert len(town.facts(facts.AttemptOpened)) == 3
        town.faults.show_rows()
        assert town.wait(job).confirmed == 1
        assert not town.rings(owed.mom.work)
        assert town.audit() == CLEAN


def instant_of(town: SteppedTown, happened: Callable[[facts.AnyFact], bool]) -> int:
    """When the first such fact was committed."""
    return next(block.at for block in town.blocks() if any(map(happened, block.facts)))


def owed_family() -> Family:
    """Mom confirms on her cell, of which the log says nothing; at work she is busy, then it rings out."""
    family = one_contact(kinds=(CELL, WORK))
    family.mom.cell.answers().presses("0")
    family.mom.work.busy().rings_out(2)
    return family


@pytest.mark.parametrize("result_first", [True, False])
def test_a_result_that_comes_in_the_very_instant_it_is_given_up_still_counts(tmp_path, result_first):
    rehearsal, family = owed_family(), owed_family()
    with SteppedTown(tmp_path / "rehearsal", rehearsal) as town:
        town.faults.hide_rows_of(rehearsal.mom.cell)
        town.send()
        town.run(minutes=10)
        given_up_at = instant_of(town, lambda fact: isinstance(fact, facts.AttemptClosed))
    with SteppedTown(tmp_path / "town", family) as town:
        town.faults.hide_rows_of(family.mom.cell)
        job = town.send()
        town.run(until=given_up_at - 1)
        town.clock.move_to(given_up_at)
        letters = [CallsEnded(town.faults.withheld()), WatchDue()]
        town.tell_line_pool(*(letters if result_first else reversed(letters)))
        town.run(minutes=30)
        view = town.job(job)
        assert (view.state, view.confirmed, view.overdue) == ("sent", 1, 0)
        check_all(town.history())
        tables_equal_a_fresh_fold(town.database)


@pytest.mark.parametrize("result_first", [True, False])
def test_a_late_confirmation_that_comes_in_the_instant_of_a_redial_gives_the_line_back(tmp_path, result_first):
    rehearsal, family = owed_family(), owed_family()
    with SteppedTown(tmp_path / "rehearsal", rehearsal) as town:
        town.faults.hide_rows_of(rehearsal.mom.cell)
        town.send()
        town.run(minutes=20)
        redialed_at = instant_of(town, lambda fact: isinstance(fact, facts.AttemptOpened) and fact.round == 1)
    with SteppedTown(tmp_path / "town", family) as town:
        town.faults.hide_rows_of(family.mom.cell)
        job = town.send()
        town.run(until=redialed_at - 1)
        town.clock.move_to(redialed_at)
        letters = [CallsEnded(town.faults.withheld()), LinesDue()]
        town.tell_line_pool(*(letters if result_first else reversed(letters)))
        town.run(minutes=30)
        assert (town.job(job).state, town.job(job).confirmed) == ("sent", 1)
        floor = town.engine.station.team.floor
        assert not floor.ledger.held
        assert not floor.gate.in_use
        check_all(town.history())


def test_a_cancel_does_not_undo_a_late_confirmation_whose_last_call_is_still_out(tmp_path):
    family = one_contact(kinds=(CELL, WORK))
    family.mom.cell.answers().presses("0")
    family.mom.work.rings_out()
    with SteppedTown(tmp_path, family) as town:
        town.faults.hide_rows_of(family.mom.cell)
        job = town.send()
        while len(town.facts(facts.AttemptOpened)) < 2:
            town.step()
        town.run(seconds=5)
        town.faults.show_rows()
        while not town.facts(facts.AttemptCorrected):
            town.step()
        town.faults.unreachable = True
        town.engine.cancel(job)
        town.faults.unreachable = False
        assert town.wait(job).confirmed == 1


def test_a_ringing_call_that_was_withdrawn_has_had_its_turn_even_if_its_row_is_missing(tmp_path):
    family = one_contact()
    family.mom.cell.answers(after_s=25).presses("0").answers().presses("0")
    with SteppedTown(tmp_path, family) as town:
        town.faults.hide_rows_of(family.mom.cell)
        job = town.send()
        town.run(seconds=10)
        town.engine.pause(job)
        town.run(minutes=10)
        town.engine.resume(job)
        town.faults.show_rows()
        assert town.wait(job).confirmed == 1
        assert town.only_chain(job).walked == ["cell ring_withdrawn", "cell confirmed"]
        assert town.audit() == CLEAN


def test_an_emergency_whose_result_is_overdue_rings_again(tmp_path):
    family = one_contact()
    family.mom.cell.rings_out(1).answers().presses("0")
    with SteppedTown(tmp_path, family) as town:
        town.faults.hide_rows_of(family.mom.cell)
        job = town.send(Reason.EMERGENCY)
        town.run(minutes=10)
        assert len(town.rings(family.mom.cell)) == 2
        town.faults.show_rows()
        town.run(minutes=10)
        assert town.job(job).confirmed == 1
        assert town.job(job).state == "sent"


# ---------------------------------------------------------------- a chain that dies


class BrokenChainError(Exception):
    """What a bug in a chain raises."""


def break_chain_at(monkeypatch: pytest.MonkeyPatch, letter_type: type, victim: int) -> None:
    """One chain fails when it gets such a letter."""
    obey = ChainActor.handlers[letter_type]

    def broken(self, letter):
        if self._chain_id == victim:
            raise BrokenChainError
        obey(self, letter)

    monkeypatch.setitem(ChainActor.handlers, letter_type, broken)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("letter", [LineGranted, CallEnded])
def test_a_chain_actor_that_dies_ends_as_error_and_nothing_else_is_disturbed(tmp_path, monkeypatch, letter):
    families = [one_contact(f"Family{n}", parent=f"Mom{n}") for n in range(5)]
    for family in families:
        next(iter(family.contacts.values())).cell.answers().presses("0").always()
    with SteppedTown(tmp_path, *families, lines=1, emergency_lines=1) as town:
        job = town.prepare()
        victim = town.chain_id_of_plan(job, "Mom0 > Son")
        break_chain_at(monkeypatch, letter, victim)
        town.engine.send(job)
        view = town.wait(job)
        assert (view.state, view.errors, view.confirmed) == ("sent", 1, 4)
        assert Alarm.CHAIN_FAILED in town.alarms()
        town.run(minutes=30)
        second = town.send()
        monkeypatch.undo()
        assert town.wait(second).confirmed == 5
        town.run(minutes=60)
        assert not town.engine.station.failed
        assert not town.engine.station.team.floor.ledger.held
        assert town.audit() == CLEAN


def test_a_chain_that_dies_while_the_carrier_is_silent_does_not_keep_its_line_for_ever(tmp_path, monkeypatch):
    families = [one_contact(f"Family{n}", parent=f"Mom{n}") for n in range(3)]
    phones = [next(iter(family.contacts.values())).cell for family in families]
    for phone in phones:
        phone.answers().presses("0")
    with SteppedTown(tmp_path, *families, lines=1) as town:
        job = town.prepare()
        victim = town.chain_id_of_plan(job, "Mom0 > Son")
        town.faults.hide_rows_of(phones[0])
        break_chain_at(monkeypatch, CallFailed, victim)
        town.engine.send(job)
        town.run(minutes=60)
        view = town.job(job)
        assert (view.errors, view.confirmed) == (1, 2)
        assert not town.engine.station.team.floor.ledger.held
        assert town.audit() == CLEAN


def test_the_last_chain_of_a_job_may_die_while_its_call_is_out_and_the_log_silent(tmp_path, monkeypatch):
    family = one_contact()
    family.mom.cell.answers(talks_s=30).presses("0")
    with SteppedTown(tmp_path, family, lines=1) as town:
        town.faults.hide_rows_of(family.mom.cell)
        job = town.send()
        break_chain_at(monkeypatch, CloseChain, town.chain_id_of_plan(job, "Mom > Son"))
        town.run(seconds=10)
        town.engine.cancel(job)
        town.run(minutes=30)
        assert town.job(job).errors == 1
        assert not town.engine.station.failed
        assert not town.engine.station.team.floor.ledger.held
        town.faults.show_rows()
        town.run(minutes=5)
        assert (town.job(job).state, town.job(job).overdue) == ("canceled_in_progress", 0)
        tables_equal_a_fresh_fold(town.database)


# ---------------------------------------------------------------- a carrier in trouble


def test_calls_wait_while_the_carrier_is_unreachable_and_go_out_when_it_is_back(tmp_path):
    family = one_contact()
    family.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, family) as town:
        town.faults.unreachable = True
        job = town.send()
        town.run(minutes=60)
        assert Alarm.CARRIER_UNREACHABLE in town.alarms()
        assert town.job(job).live == 1
        town.faults.unreachable = False
        assert town.wait(job).confirmed == 1
        assert len(town.facts(facts.AttemptOpened)) == 1
        assert Alarm.CARRIER_UNREACHABLE not in town.alarms()
        assert town.audit() == CLEAN


def test_a_call_that_cannot_be_handed_over_is_not_given_up_as_overdue(tmp_path):
    family = one_contact(kinds=(CELL, WORK))
    family.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, family) as town:
        town.faults.submit_unreachable = True
        job = town.send()
        town.run(minutes=60)
        town.faults.submit_unreachable = False
        assert town.wait(job).confirmed == 1
        assert town.only_chain(job).walked == ["cell confirmed"]
        assert town.audit() == CLEAN


def test_lost_answers_ring_nobody_twice(tmp_path):
    families = [one_contact(f"Family{n}", kinds=(CELL, WORK)) for n in range(5)]
    for family in families:
        family.mom.cell.rings_out(3)
        family.mom.work.busy().answers().presses("0")
    with SteppedTown(tmp_path, *families) as town:
        town.faults.loses_answers = True
        job = town.send()
        town.run(minutes=3)
        town.faults.loses_answers = False
        assert town.wait(job).confirmed == 5
        assert town.audit() == CLEAN


def test_a_window_that_ends_while_the_carrier_is_unreachable_expires_every_chain(tmp_path):
    families = [one_contact(f"Family{n}") for n in range(3)]
    with SteppedTown(tmp_path, *families, now=at("2026-03-02 19:00"), lines=2) as town:
        town.faults.unreachable = True
        job = town.send()
        town.run(minutes=90)
        town.faults.unreachable = False
        view = town.wait(job)
        assert (view.state, view.expired) == ("sent", 3)
        assert not town.ring_order()


@pytest.mark.row("C019", "C022")
def test_with_a_wrong_password_nothing_is_dialed_until_it_is_mended(tmp_path):
    """C019: Required for every kind of voice messaging. C022: Failed verification returns an error and leaves messaging
    disabled.
    """
    family = one_contact()
    family.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, family) as town:
        town.faults.refuses_login = True
        job = town.send()
        town.run(minutes=30)
        assert Alarm.CARRIER_REFUSES_LOGIN in town.alarms()
        assert not town.ring_order()
        town.faults.refuses_login = False
        assert town.wait(job).confirmed == 1
        assert not town.alarms()


def test_an_alarm_about_the_carrier_is_cleared_by_the_next_engine_that_reaches_it(tmp_path):
    family = one_contact()
    family.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, family) as town:
        town.faults.refuses_login = True
        job = town.send()
        town.run(minutes=5)
        town.engine.cancel(job)
        town.wait(job)
        town.restart()
        town.faults.refuses_login = False
        assert Alarm.CARRIER_REFUSES_LOGIN in town.alarms()
        assert town.wait(town.send()).confirmed == 1
        assert not town.alarms()


def test_a_job_that_ended_is_over_for_the_fold_too(tmp_path):
    family = one_contact()
    family.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        town.wait(job)
        (ended,) = town.facts(facts.JobEnded)
        assert ended == facts.JobEnded(job, JobState.SENT)
