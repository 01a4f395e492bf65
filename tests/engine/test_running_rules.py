"""What may change while jobs run: district hours, blocks, stops, pace, retry budget (decisions 21b, 21d, 22, 26)."""

from itertools import pairwise
from typing import Any
from unittest.mock import patch

import msgspec
import pytest

from actors.messages import CallsEnded, DistrictDue, StopChains, UnblockNumber
from engine import sending
from engine.acts.contact_stops import STOP, Stopping
from engine.acts.desk import LiveDesk
from engine.messaging.steps import number_id
from engine.messaging.windows import Window
from engine.plan_settings import PlanSettings, plan_settings
from engine.preferences import stopped_chains
from store import facts
from store.records import DeviceKind, Reason, Step
from store.vault import Vault
from tests.fakes import HOUR, MINUTE, MONDAY_TEN, SECOND, SteppedTown, at, one_contact, two_families
from tests.invariants import tables_equal_a_fresh_fold

CELL, WORK = DeviceKind.CELL, DeviceKind.WORK


def district_from_to(town: SteppedTown, start: str, end: str) -> None:
    """An administrator moves the district's hours while the engine runs."""
    district = msgspec.structs.replace(town.engine.settings.district, start_time=start, end_time=end)
    town.engine.apply_settings(msgspec.structs.replace(town.engine.settings, district=district))


def with_lines(town: SteppedTown, **lines: Any) -> None:
    """An administrator changes how lines are used while the engine runs."""
    changed = msgspec.structs.replace(town.engine.settings.lines, **lines)
    town.engine.apply_settings(msgspec.structs.replace(town.engine.settings, lines=changed))


def id_of(town: SteppedTown, number: str) -> int:
    with town.database.read() as txn:
        return number_id(number, Vault(town.database).number_key(txn))


# ---------------------------------------------------------------- the district's hours


@pytest.mark.row("C047", "C049")
def test_when_the_district_end_moves_earlier_nothing_rings_at_or_after_the_new_one(tmp_path):
    """C047: District window = District Start Time and District End Time. C049: Anything undelivered at window end, or
    cut by District End Time, is not sent (expires; no carry-over).
    """
    families = [one_contact(f"Family{n}") for n in range(6)]
    for family in families:
        family.mom.cell.rings_out().always()
    redial, now = {"max_attempts": 10}, at("2026-03-02 18:00")
    with SteppedTown(tmp_path, *families, now=now, lines=2, ahead_max=2, redial=redial) as town:
        job = town.send()
        town.run(minutes=5)
        district_from_to(town, "08:00", "18:30")
        assert town.wait(job).expired == 6
        assert {chain.expiry for chain in town.chains_of(job)} == {"district_end"}
        assert max(town.ring_times()) < at("2026-03-02 18:30")
        assert town.job(job).closes_at == at("2026-03-02 18:30")


def test_calls_that_carry_a_later_end_are_withdrawn_and_wait_again(tmp_path):
    families = [one_contact(f"Family{n}") for n in range(3)]
    for family in families:
        family.mom.cell.answers(talks_s=60).presses("0").always()
    with SteppedTown(tmp_path, *families, lines=1, ahead_max=2) as town:
        job = town.send()
        town.run(seconds=20)
        district_from_to(town, "08:00", "19:00")
        assert town.wait(job).confirmed == 3
        ends = {entry.window_end_at for entry in town.ring_entries()}
        assert ends == {at("2026-03-02 20:00"), at("2026-03-02 19:00")}
        assert town.audit() == type(town.audit())(0, 0, 0)


def test_when_the_district_end_moves_later_the_job_goes_on_until_then(tmp_path):
    family = one_contact()
    family.mom.cell.rings_out().always()
    with SteppedTown(tmp_path, family, now=at("2026-03-02 19:45"), redial={"max_attempts": 10}) as town:
        job = town.send()
        town.run(minutes=5)
        district_from_to(town, "08:00", "21:00")
        assert town.job(job).closes_at == at("2026-03-02 21:00")
        assert town.wait(job).expired == 1
        assert at("2026-03-02 20:30") < max(town.ring_times()) < at("2026-03-02 21:00")


def test_a_messages_own_window_ends_it_however_late_the_district_does(tmp_path):
    family = one_contact()
    family.mom.cell.rings_out().always()
    with SteppedTown(tmp_path, family, now=at("2026-03-02 17:00"), redial={"max_attempts": 10}) as town:
        job = town.send(window=Window(opens_minute=17 * 60, closes_minute=18 * 60))
        town.run(minutes=5)
        district_from_to(town, "08:00", "22:00")
        assert town.wait(job).expired == 1
        assert town.only_chain(job).expiry == "message_window"
        assert max(town.ring_times()) < at("2026-03-02 18:00")


def test_an_end_that_is_over_already_ends_the_job_at_once(tmp_path):
    family = one_contact()
    family.mom.cell.rings_out().always()
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        town.run(minutes=1)
        district_from_to(town, "08:00", "10:00")
        assert town.wait(job).expired == 1
        assert town.now < MONDAY_TEN + 2 * MINUTE


def test_hours_that_were_moved_while_no_engine_ran_are_those_a_job_is_shown_with(tmp_path):
    family = one_contact()
    family.mom.cell.rings_out().always()
    with SteppedTown(tmp_path, family, now=at("2026-03-02 19:45"), redial={"max_attempts": 10}) as town:
        job = town.send()
        town.run(minutes=1)
        town.crash()
        district = msgspec.structs.replace(town.settings.district, end_time="21:00")
        town.settings = msgspec.structs.replace(town.settings, district=district)
        town.start()
        assert town.job(job).closes_at == at("2026-03-02 21:00")
        town.restart()
        assert len(town.facts(facts.DistrictMoved)) == 1
        assert town.wait(job).expired == 1


def test_when_the_district_opens_later_than_now_nothing_rings_before_it_does(tmp_path):
    families = [one_contact(f"Family{n}") for n in range(4)]
    for family in families:
        family.mom.cell.answers(talks_s=60).presses("0").always()
    with SteppedTown(tmp_path, *families, lines=1, ahead_max=2) as town:
        job = town.send()
        town.run(seconds=20)
        rung = len(town.ring_times())
        district_from_to(town, "11:00", "20:00")
        town.run(until=at("2026-03-02 10:59"))
        assert len(town.ring_times()) == rung, "calls that waited at the carrier were taken back"
        assert town.wait(job).confirmed == 4


def test_however_often_the_hours_are_moved_one_timer_waits_for_the_next_change(tmp_path):
    with SteppedTown(tmp_path, one_contact()) as town:
        for minute in range(20):
            district_from_to(town, "08:00", f"19:{minute:02}")
        town.run(until=at("2026-03-04 12:00"))
        timers = [due.letter for _, _, due in town.engine.station.dispatcher.timer._instants]
        assert sum(isinstance(letter, DistrictDue) for letter in timers) == 1


def test_a_wall_clock_that_was_years_ahead_for_a_while_closes_no_day_and_keeps_no_budget(tmp_path):
    family = one_contact()
    family.mom.cell.rings_out().always()
    redial = {"max_attempts": 3, "call_delay_minutes": 1, "number_redials_per_day": 2}
    with SteppedTown(tmp_path, family, redial=redial) as town:
        assert town.wait(town.send()).attempts == 3
        town.restart()
        ahead = at("2031-03-02 10:00") - town.now
        with patch.object(town.clock, "now", lambda: town.clock.monotonic() + ahead):
            town.tell_line_pool(DistrictDue())
            town.engine.station.dispatcher.run_until_idle()
        town.run(seconds=16)
        opens_at, closes_at = town.engine.station.team.floor.gate.district
        assert opens_at <= town.now < closes_at
        town.engine.station.flush_tables()
        tables_equal_a_fresh_fold(town.database)
        town.run(until=at("2026-03-03 10:00"))
        assert town.wait(town.send()).attempts == 3
        town.engine.station.flush_tables()
        town.restart()
        assert town.wait(town.send()).attempts == 1
        tables_equal_a_fresh_fold(town.database)


@pytest.mark.row("C039")
def test_an_emergency_does_not_notice_that_the_district_closes(tmp_path):
    """C039: No delivery window and not bound by the district dialing window."""
    family = one_contact()
    family.mom.cell.busy()
    family.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, family) as town:
        job = town.send(Reason.EMERGENCY)
        town.run(seconds=10)
        district_from_to(town, "08:00", "09:00")
        assert town.wait(job).confirmed == 1


# ---------------------------------------------------------------- the two incidents


def always_open(settings: Any, number_key: bytes) -> PlanSettings:
    """Planning that is wrong about the district's hours."""
    return msgspec.structs.replace(plan_settings(settings, number_key), district_start=0, district_end=24 * 60)


@pytest.mark.row("C046", "C047")
def test_a_routine_job_whose_plan_wrongly_says_midnight_to_midnight_rings_nobody_at_midnight(tmp_path):
    """C046: Per-message window, must fall inside the district window. C047: District window = District Start Time and
    District End Time.
    """
    families = [one_contact(f"Family{n}") for n in range(3)]
    for family in families:
        family.mom.cell.answers().presses("0").always()
    with SteppedTown(tmp_path, *families, now=at("2026-03-03 00:00")) as town:
        with patch.object(sending, "plan_settings", always_open):
            job = town.send()
        town.run(until=at("2026-03-03 07:59"))
        assert not town.ring_order()
        town.restart()
        town.run(until=at("2026-03-03 07:59"))
        assert not town.ring_order()
        assert town.wait(job).confirmed == 3
        assert min(town.ring_times()) >= at("2026-03-03 08:00")


@pytest.mark.row("C049")
def test_canceled_then_restarted_then_restored_from_last_weeks_backup_it_rings_nobody_the_next_night(tmp_path):
    """C049: Anything undelivered at window end, or cut by District End Time, is not sent (expires; no carry-over)."""
    families = [one_contact(f"Family{n}") for n in range(4)]
    for family in families:
        family.mom.cell.rings_out().always()
    with SteppedTown(tmp_path / "town", *families, now=at("2026-03-02 19:30"), lines=1) as town:
        with patch.object(sending, "plan_settings", always_open):
            job = town.send()
        town.run(minutes=1)
        town.engine.backup(tmp_path / "backup" / "store")
        town.engine.cancel(job)
        town.wait(job)
        rung = len(town.ring_times())
        town.restart()
        town.run(until=at("2026-03-03 12:00"))
        assert len(town.ring_times()) == rung
        town.clock.move_to(at("2026-03-09 19:30"))
        town.restore(tmp_path / "backup")
        town.run(until=at("2026-03-10 12:00"))
        assert len(town.ring_times()) == rung
        assert town.job(job).ended


def test_a_job_of_yesterday_that_is_found_again_after_the_districts_end_rings_nobody(tmp_path):
    family = one_contact()
    family.mom.cell.rings_out().always()
    with SteppedTown(tmp_path, family, now=at("2026-03-02 19:50")) as town:
        job = town.send()
        town.run(minutes=1)
        town.crash()
        town.clock.move_to(at("2026-03-02 20:30"))
        town.start()
        assert town.wait(job).expired == 1
        assert town.now < at("2026-03-02 20:40")
        assert town.only_chain(job).expiry == "district_end"


# ---------------------------------------------------------------- blocks and stops


def test_a_number_may_be_called_again_once_its_block_is_lifted(tmp_path):
    family = one_contact()
    family.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, family) as town:
        town.block_number(family.mom.cell)
        assert town.wait(town.send()).exhausted == 1
        town.tell_line_pool(UnblockNumber(id_of(town, family.mom.cell.number)))
        assert town.wait(town.send()).confirmed == 1


def test_chains_that_are_stopped_end_as_canceled_wherever_they_stand_and_the_others_go_on(tmp_path):
    families = [one_contact(f"Family{n}") for n in range(4)]
    first, second, third, last = families
    first.mom.cell.rings_out().always()
    second.mom.cell.rings_out().always()
    third.mom.cell.rings_out().always()
    last.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, *families, lines=1) as town:
        job = town.send()
        town.run(seconds=10)
        with_its_call_out, *waiting = (job << 24 | index for index in range(4))
        town.tell_line_pool(StopChains((with_its_call_out, *waiting[:2])))
        view = town.wait(job)
        assert (view.canceled, view.confirmed) == (3, 1)
        assert view.state == "sent"


def test_a_chain_that_was_stopped_before_its_job_opened_never_rings(tmp_path):
    families = [one_contact(f"Family{n}") for n in range(2)]
    families[1].mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, *families, now=at("2026-03-02 07:00")) as town:
        job = town.send()
        town.tell_line_pool(StopChains((job << 24,)))
        town.run(minutes=1)
        town.restart()
        view = town.wait(job)
        assert (view.canceled, view.confirmed) == (1, 1)


def test_who_is_stopped_at_the_moment_a_job_goes_out_is_told_nothing(tmp_path):
    families = [one_contact(f"Family{n}") for n in range(2)]
    families[1].mom.cell.answers().presses("0")
    looked: list[int] = []

    def overlooked(database: Any, jobs: list[Any], today: int) -> Any:
        """The first look comes too early."""
        looked.append(len(jobs))
        return stopped_chains.overlooked(database, jobs if len(looked) > 1 else [], today)

    with SteppedTown(tmp_path, *families, now=at("2026-03-02 07:00")) as town:
        job = town.prepare()
        stopping = Stopping(person_id="Family0-Mom", student_id="Family0-Son", reason="court order")
        STOP.carry_out(LiveDesk(town.engine), stopping, "principal")
        with patch.object(sending, "overlooked", overlooked):
            town.engine.send(job)
        view = town.wait(job)
        assert (view.canceled, view.confirmed) == (1, 1)


def all_lines_are_back(town: SteppedTown) -> bool:
    """Whether no call is held for anybody and no number is locked."""
    floor = town.engine.station.team.floor
    return not floor.ledger.held and not floor.gate.in_use


def test_a_chain_that_is_told_to_end_gets_no_line_in_the_same_turn(tmp_path):
    families = [one_contact(f"Family{n}") for n in range(3)]
    for family in families:
        family.mom.cell.answers(talks_s=20).presses("0").always()
    with SteppedTown(tmp_path, *families, lines=1) as town:
        job = town.send()
        town.faults.hide_rows_of(families[0].mom.cell)
        town.run(seconds=60)
        row_that_frees_the_line = town.faults.withheld()
        assert len(row_that_frees_the_line) == 1
        town.tell_line_pool(StopChains((job << 24 | 1,)), CallsEnded(row_that_frees_the_line))
        town.faults.show_rows()
        view = town.wait(job)
        assert (view.canceled, view.confirmed) == (1, 2)
        assert all_lines_are_back(town)


def test_a_line_is_not_lost_to_a_chain_that_is_told_to_end_before_it_hears_of_it(tmp_path):
    slow, other = one_contact("Adams", kinds=(CELL, WORK)), one_contact("Baker")
    slow.mom.cell.rings_out()
    slow.mom.work.rings_out().always()
    other.mom.cell.answers(talks_s=10).presses("0")
    with SteppedTown(tmp_path, slow, other, lines=1) as town:
        town.engine.station.dispatcher._shuffle = None  # letters of one turn go in rounds, as they do live
        town.faults.hide_rows_of(slow.mom.cell, other.mom.cell)
        job = town.send()
        while len(town.faults.withheld()) < 2:
            town.run(seconds=10)
        late, frees_the_line = sorted(town.faults.withheld(), key=lambda row: row.dialed_at)
        town.tell_line_pool(CallsEnded([late, frees_the_line]))
        town.step()
        town.tell_line_pool(StopChains((job << 24,)))
        town.faults.show_rows()
        town.run(minutes=5)
        assert all_lines_are_back(town)


def test_a_chain_that_is_stopped_twice_and_in_a_pause_ends_once(tmp_path):
    families = [one_contact(f"Family{n}") for n in range(3)]
    for family in families:
        family.mom.cell.answers(talks_s=20).presses("0").always()
    with SteppedTown(tmp_path, *families, lines=1) as town:
        job = town.send()
        town.run(seconds=5)
        town.engine.pause(job)
        stopped = StopChains((job << 24, job << 24 | 2))
        town.tell_line_pool(stopped, stopped)
        town.run(minutes=5)
        town.tell_line_pool(stopped)
        town.engine.resume(job)
        view = town.wait(job)
        assert (view.canceled, view.confirmed) == (2, 1)
        assert all_lines_are_back(town)


# ---------------------------------------------------------------- the retry budget


def test_a_number_is_redialed_no_more_than_its_budget_in_all_routine_jobs_of_a_day(tmp_path):
    family = one_contact()
    family.mom.cell.rings_out().always()
    redial = {"max_attempts": 4, "call_delay_minutes": 1, "number_redials_per_day": 4}
    with SteppedTown(tmp_path, family, redial=redial) as town:
        assert town.wait(town.send()).attempts == 4
        assert town.wait(town.send()).attempts == 2
        spent = town.send()
        assert town.wait(spent).attempts == 1
        assert town.only_chain(spent).outcome == "exhausted"
        assert town.only_chain(spent).walked[-1].endswith("retry_budget")
        assert town.wait(town.send(Reason.EMERGENCY)).attempts == 3


def test_the_budget_survives_a_crash_and_is_new_the_next_day(tmp_path):
    family = one_contact()
    family.mom.cell.rings_out().always()
    redial = {"max_attempts": 3, "call_delay_minutes": 1, "number_redials_per_day": 2}
    with SteppedTown(tmp_path, family, redial=redial) as town:
        assert town.wait(town.send()).attempts == 3
        town.restart()
        assert town.wait(town.send()).attempts == 1
        town.engine.station.flush_tables()
        town.restart()
        assert town.wait(town.send()).attempts == 1
        town.run(until=at("2026-03-03 09:00"))
        assert town.wait(town.send()).attempts == 3
        assert [fact.day for fact in town.facts(facts.DayBegan)] == sorted(
            {fact.day for fact in town.facts(facts.DayBegan)}
        )


# ---------------------------------------------------------------- pacing


def test_calls_leave_evenly_however_many_lines_are_free(tmp_path):
    families = [one_contact(f"Family{n}") for n in range(8)]
    for family in families:
        family.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, *families, lines=8) as town:
        with_lines(town, calls_per_second=0.25)
        job = town.send()
        assert town.wait(job).confirmed == 8
        gaps = [later - earlier for earlier, later in pairwise(town.ring_times())]
        assert min(gaps) >= 4 * SECOND
        assert max(gaps) < 5 * SECOND


def test_an_emergency_is_next_whoever_waits_for_the_pace(tmp_path):
    families = [one_contact(f"Family{n}") for n in range(8)]
    for family in families:
        family.mom.cell.answers().presses("0").always()
    with SteppedTown(tmp_path, *families, lines=8) as town:
        with_lines(town, calls_per_second=0.1)
        town.send()
        town.run(seconds=12)
        before = len(town.ring_order())
        emergency = town.send(Reason.EMERGENCY, families[7])
        town.wait(emergency)
        assert town.ring_order()[before] == repr(families[7].mom.cell)


def test_another_pace_counts_at_once_however_slow_the_one_before_was(tmp_path):
    families = [one_contact(f"Family{n}") for n in range(4)]
    for family in families:
        family.mom.cell.answers(talks_s=10).presses("0")
    with SteppedTown(tmp_path, *families, lines=4) as town:
        with_lines(town, calls_per_second=0.1)
        job = town.send()
        town.run(seconds=5)
        assert len(town.ring_order()) == 1
        with_lines(town, calls_per_second=1.0)
        town.run(seconds=5)
        assert len(town.ring_order()) == 4
        town.wait(job)


def test_more_lines_are_used_as_soon_as_the_settings_say_so(tmp_path):
    families = [one_contact(f"Family{n}") for n in range(6)]
    for family in families:
        family.mom.cell.answers(talks_s=60).presses("0")
    with SteppedTown(tmp_path, *families, lines=6) as town:
        with_lines(town, ordinary=1)
        job = town.send()
        town.run(seconds=30)
        assert len(town.ring_order()) == 1
        with_lines(town, ordinary=6)
        town.run(seconds=30)
        assert len(town.ring_order()) == 6
        town.wait(job)


# ---------------------------------------------------------------- recipients' hours


def with_hours(opens_at: int, closes_at: int) -> Any:
    """Planning that gives every step these hours of its recipient."""

    def freeze(freezer: Any, draft: Any) -> Any:
        kept = tuple(msgspec.structs.replace(step, opens_at=opens_at, closes_at=closes_at) for step in draft.kept)
        draft.kept = kept
        return original(freezer, draft)

    from engine.messaging.freezer import Freezer

    original = Freezer.freeze
    return patch.object(Freezer, "freeze", freeze)


def test_a_recipient_is_not_called_before_their_own_hours_and_a_call_carries_their_end(tmp_path):
    family = one_contact()
    family.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, family) as town:
        with with_hours(MONDAY_TEN + HOUR, MONDAY_TEN + 2 * HOUR):
            job = town.send()
        assert town.wait(job).confirmed == 1
        assert town.rings(family.mom.cell)[0] >= MONDAY_TEN + HOUR
        assert town.ring_entries()[0].window_end_at == MONDAY_TEN + 2 * HOUR


def test_a_recipient_whose_hours_are_over_is_not_called_and_the_chain_says_why(tmp_path):
    told, family = two_families(CELL, WORK)
    for phone in told.mom.phones:
        phone.rings_out().always()
    family.mom.cell.rings_out().always()
    family.mom.work.rings_out().always()
    with SteppedTown(tmp_path, told, family, redial={"call_delay_minutes": 30}) as town:
        with with_hours(MONDAY_TEN - HOUR, MONDAY_TEN + 20 * MINUTE):
            job = town.send()
        assert town.wait(job).expired == 2
        assert {chain.expiry for chain in town.chains_of(job)} == {"recipient_hours"}
        assert max(town.ring_times()) < MONDAY_TEN + 20 * MINUTE


def test_a_step_barred_all_day_is_passed_over_and_emergencies_are_free_of_it(tmp_path):
    family = one_contact()
    family.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, family) as town, with_hours(0, 1):
        barred = town.send()
        assert town.wait(barred).expired == 1
        assert not town.ring_order()
        assert town.wait(town.send(Reason.EMERGENCY)).confirmed == 1


def test_the_hours_of_a_job_that_opens_with_the_day_are_kept(tmp_path):
    family = one_contact()
    family.mom.cell.answers().presses("0")
    tuesday = at("2026-03-03 00:00")
    window = Window(opens_at=tuesday, closes_at=tuesday + 12 * HOUR)
    with SteppedTown(tmp_path, family, now=at("2026-03-02 23:00"), hours=("00:00", "23:30")) as town:
        with with_hours(tuesday + 3 * HOUR, tuesday + 5 * HOUR):
            job = town.send(window=window)
        assert town.wait(job).confirmed == 1
        assert town.rings(family.mom.cell)[0] >= tuesday + 3 * HOUR


def test_a_zone_that_is_moved_to_the_next_day_leaves_recipients_their_hours(tmp_path):
    family = one_contact()
    family.mom.cell.busy()
    family.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, family, now=at("2026-03-02 14:00"), hours=("00:00", "24:00")) as town:
        with with_hours(at("2026-03-02 08:00"), at("2026-03-02 14:03")):
            job = town.send()
        town.run(minutes=1)
        zone = msgspec.structs.replace(town.engine.settings.district, time_zone="Pacific/Kiritimati")
        town.engine.apply_settings(msgspec.structs.replace(town.engine.settings, district=zone))
        town.wait(job)
        assert len(town.rings(family.mom.cell)) == 1


def test_hours_are_known_again_after_a_crash(tmp_path):
    family = one_contact()
    family.mom.cell.rings_out()
    family.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, family, redial={"call_delay_minutes": 90}) as town:
        with with_hours(MONDAY_TEN, MONDAY_TEN + HOUR):
            job = town.send()
        town.run(minutes=10)
        town.restart()
        assert town.wait(job).expired == 1
        assert len(town.rings(family.mom.cell)) == 1


def test_a_step_has_no_hours_unless_it_is_given_some():
    assert (Step(CELL, "+12025550100", 1, "mom").opens_at, Step(CELL, "+12025550100", 1, "mom").closes_at) == (0, 0)
