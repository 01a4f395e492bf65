"""Calls that wait ahead at the carrier: lines do not idle between two polls, and emergencies get place and number."""

import random
from typing import Any

import pytest

from actors.gateway import CallEnd, CallRow, LookupState
from actors.lines import line_pool
from actors.messages import BlockNumber, CallsEnded
from actors.runtime.dispatcher import Dispatcher
from engine.audit import Audit
from engine.gateways.stand_in.phone_network import SeededNetwork
from store.records import Reason
from tests.fakes import Family, SteppedTown, one_contact, rest_between, two_families
from tests.invariants import check_all, no_ordinary_call_rings_while_an_emergency_waits_for_a_line

CLEAN = Audit(duplicate_rings=0, rings_after_confirm=0, unknown_to_journal=0)
ONE_ROUND = {"max_attempts": 1}


def test_a_line_does_not_idle_until_the_next_poll(tmp_path):
    first, second = two_families()
    first.mom.cell.answers(talks_s=20).presses("0")
    second.mom.cell.answers(talks_s=20).presses("0")
    waits = {}
    for ahead_max in (0, 1):
        home = tmp_path / str(ahead_max)
        with SteppedTown(home, first, second, lines=1, emergency_lines=0, ahead_max=ahead_max) as town:
            job = town.send()
            assert town.wait(job).confirmed == 2
            earlier, later = town.ring_entries()
            waits[ahead_max] = rest_between(earlier, later)
            assert town.carrier.lines_peak == 1
            assert town.audit() == CLEAN
        first.mom.cell.answers(talks_s=20).presses("0")
        second.mom.cell.answers(talks_s=20).presses("0")
    assert waits[1] == 200, "the carrier's own delay between two calls on a line"
    assert waits[0] > 1_000


def test_no_more_calls_wait_ahead_than_are_allowed(tmp_path):
    families = [one_contact(f"Family{n}") for n in range(6)]
    for family in families:
        family.mom.cell.answers(talks_s=100).presses("0")
    with SteppedTown(tmp_path, *families, lines=2, emergency_lines=0, ahead_max=3) as town:
        job = town.send()
        town.run(seconds=10)
        assert len(town.ledger()) == 5
        assert town.engine.station.team.floor.ledger.ahead == 3
        assert town.engine.lines_peak == 2
        assert town.wait(job).confirmed == 6


def test_an_emergency_gets_the_place_of_ordinary_calls_that_wait_ahead(tmp_path):
    crowd = [one_contact(f"Crowd{n}") for n in range(3)]
    struck = [one_contact(f"Struck{n}") for n in range(2)]
    for family in (*crowd, *struck):
        family.mom.cell.answers(talks_s=60).presses("0")
    with SteppedTown(tmp_path, *crowd, *struck, lines=1, emergency_lines=0, ahead_max=2) as town:
        general = town.send(Reason.GENERAL, *crowd)
        town.run(seconds=10)
        assert len(town.ledger()) == 3, "one talks, two wait for its line"
        emergency = town.send(Reason.EMERGENCY, *struck)
        assert town.wait(emergency).confirmed == 2
        rung = [town.job_behind(entry) for entry in town.ring_entries()]
        assert rung[:3] == [general, emergency, emergency]
        assert town.wait(general).confirmed == 3
        assert town.engine.job(general).attempts > 3, "what was taken back rang later"
        assert town.audit() == CLEAN


@pytest.mark.parametrize("seed", range(12))
def test_no_ordinary_call_begins_to_ring_while_contacts_of_an_emergency_wait_for_a_line(tmp_path, seed):
    chance = random.Random(seed)
    crowd = [Family(f"Crowd{n}", ("Mom",), ("Son",), household=False) for n in range(12)]
    struck = [Family(f"Struck{n}", ("Mom",), ("Son",), household=False) for n in range(12)]
    lines = chance.randrange(1, 5)
    bounds: dict[str, Any] = {"emergency_lines": chance.randrange(3), "ahead_max": chance.randrange(2 * lines + 1)}
    with SteppedTown(tmp_path, *crowd, *struck, seed=seed, network=SeededNetwork(seed), lines=lines, **bounds) as town:
        general = town.send(Reason.GENERAL, *crowd)
        town.run(seconds=chance.randrange(1, 300))
        first = town.send(Reason.EMERGENCY, *struck[: chance.randrange(1, 9)])
        town.run(seconds=chance.randrange(300))
        second = town.send(Reason.EMERGENCY, *struck[9:])
        for job in (first, second, general):
            assert town.wait(job).state == "sent"
        no_ordinary_call_rings_while_an_emergency_waits_for_a_line(town.history())
        check_all(town.history())


def test_an_emergency_that_lasts_long_gets_every_place_and_the_crowd_goes_on_behind_it(tmp_path):
    crowd = [one_contact(f"Crowd{n}") for n in range(8)]
    struck = [one_contact(f"Struck{n}") for n in range(8)]
    for family in (*crowd, *struck):
        family.mom.cell.answers(talks_s=60).presses("0")
    with SteppedTown(tmp_path, *crowd, *struck, lines=2, emergency_lines=0, ahead_max=4) as town:
        general = town.send(Reason.GENERAL, *crowd)
        town.run(seconds=10)
        emergency = town.send(Reason.EMERGENCY, *struck)
        town.run(seconds=1)
        waiting = [entry for entry in town.ledger() if entry.ended_at is None and entry.ringing_at is None]
        assert [entry.emergency for entry in waiting] == [True] * 4, "all places ahead are theirs"
        assert town.wait(emergency).confirmed == 8
        assert town.wait(general).confirmed == 8
        rung = [town.job_behind(entry) for entry in town.ring_entries()]
        assert rung == [general] * 2 + [emergency] * 8 + [general] * 6
        check_all(town.history())


def test_an_emergency_gets_its_number_though_the_question_where_the_ordinary_call_is_gets_lost(tmp_path):
    talker, wanted = two_families()
    talker.mom.cell.answers(talks_s=280).presses("0")
    wanted.mom.cell.answers().presses("0").answers().presses("0")
    with SteppedTown(tmp_path, talker, wanted, lines=1, emergency_lines=1, ahead_max=1) as town:
        town.send(Reason.GENERAL, talker, wanted)
        town.run(seconds=10)
        town.faults.unreachable = True
        sent_at, emergency = town.now, town.send(Reason.EMERGENCY, wanted)
        town.run(seconds=1)
        town.faults.unreachable = False
        assert town.wait(emergency).confirmed == 1
        assert town.rings(wanted.mom.cell)[0] - sent_at < 60_000


def test_an_emergency_gets_its_number_from_a_call_ahead_after_a_restart(tmp_path):
    talker, wanted = two_families()
    talker.mom.cell.answers(talks_s=280).presses("0")
    wanted.mom.cell.answers().presses("0").answers().presses("0")
    with SteppedTown(tmp_path, talker, wanted, lines=1, emergency_lines=1, ahead_max=1) as town:
        general = town.send(Reason.GENERAL, talker, wanted)
        town.run(seconds=10)
        sent_at, emergency = town.now, town.prepare(Reason.EMERGENCY, wanted)
        town.engine.send(emergency)
        town.restart()
        assert town.wait(emergency).confirmed == 1
        assert town.rings(wanted.mom.cell)[0] - sent_at < 60_000
        assert town.wait(general).confirmed == 2
        check_all(town.history())


def test_a_call_somebody_has_answered_goes_on_though_an_emergency_wants_its_place(tmp_path):
    short, talker, waiting = (one_contact(name) for name in ("Short", "Talker", "Waiting"))
    struck = [one_contact(f"Struck{n}") for n in range(3)]
    short.mom.cell.answers(after_s=2, talks_s=5).presses("0")
    talker.mom.cell.answers(after_s=2, talks_s=60).presses("0")
    for family in (waiting, *struck):
        family.mom.cell.answers().presses("0")
    with SteppedTown(
        tmp_path, short, talker, waiting, *struck, lines=1, emergency_lines=0, ahead_max=2, soonest_s=15
    ) as town:
        jobs = in_this_order(town, short, talker, waiting)
        town.run(seconds=10)
        assert len(town.ring_order()) == 2, "the log has not been read: the engine takes the talker for one that waits"
        emergency = town.send(Reason.EMERGENCY, *struck)
        assert town.wait(emergency).confirmed == 3
        assert [town.wait(job).confirmed for job in jobs] == [1, 1, 1]
        assert len(town.rings(talker.mom.cell)) == 1
        rung = [town.job_behind(entry) for entry in town.ring_entries()]
        assert rung == [*jobs[:2], *[emergency] * 3, jobs[2]]
        check_all(town.history())


def test_an_emergency_that_wants_a_place_does_not_hang_up_on_a_phone_that_rings_already(tmp_path):
    """Decision 28: an emergency takes every line as it frees; it does not pre-empt live calls."""
    short, ringing, struck = (one_contact(name) for name in ("Short", "Ringing", "Struck"))
    short.mom.cell.answers(after_s=2, talks_s=5).presses("0")
    ringing.mom.cell.answers(after_s=25).presses("0")
    struck.mom.cell.answers().presses("0")
    with SteppedTown(
        tmp_path, short, ringing, struck, lines=1, emergency_lines=0, ahead_max=1, soonest_s=15, redial=ONE_ROUND
    ) as town:
        jobs = in_this_order(town, short, ringing)
        town.run(seconds=10)
        assert len(town.rings(ringing.mom.cell)) == 1, "it rings, and the log has not been read"
        emergency = town.send(Reason.EMERGENCY, struck)
        assert town.wait(emergency).confirmed == 1
        assert [town.wait(job).confirmed for job in jobs] == [1, 1]


def in_this_order(town: SteppedTown, *families: Family) -> list[int]:
    """A job for each family, a second apart, so that they come to the carrier in this order."""
    jobs = []
    for family in families:
        jobs.append(town.send(Reason.GENERAL, family))
        town.run(seconds=1)
    return jobs


def test_a_paused_jobs_calls_ahead_are_taken_back_and_rung_when_it_goes_on(tmp_path):
    families = [one_contact(f"Family{n}") for n in range(5)]
    for family in families:
        family.mom.cell.answers(talks_s=60).presses("0")
    with SteppedTown(tmp_path, *families, lines=1, emergency_lines=0, ahead_max=2) as town:
        job = town.send()
        town.run(seconds=10)
        town.engine.pause(job)
        town.run(minutes=10)
        assert len(town.ring_order()) == 1
        town.engine.resume(job)
        assert town.wait(job).confirmed == 5
        check_all(town.history())


def test_an_emergency_gets_its_number_from_an_ordinary_call_that_has_not_begun(tmp_path):
    talker, wanted = two_families()
    talker.mom.cell.answers(talks_s=200).presses("0")
    wanted.mom.cell.answers().presses("0").answers().presses("0")
    with SteppedTown(tmp_path, talker, wanted, lines=1, emergency_lines=1, ahead_max=1) as town:
        general = town.send(Reason.GENERAL, talker, wanted)
        town.run(seconds=10)
        assert len(town.ledger()) == 2
        sent_at, emergency = town.now, town.send(Reason.EMERGENCY, wanted)
        assert town.wait(emergency).confirmed == 1
        assert town.rings(wanted.mom.cell)[0] - sent_at < 2_000
        assert town.wait(general).confirmed == 2
        assert town.audit() == CLEAN


def test_a_phone_that_rings_already_is_left_to_ring_though_an_emergency_wants_its_number(tmp_path):
    family = one_contact()
    family.mom.cell.answers(after_s=20, talks_s=30).presses("0").answers().presses("0")
    with SteppedTown(tmp_path, family, lines=1, emergency_lines=1, ahead_max=1) as town:
        general = town.send(Reason.GENERAL, family)
        town.run(seconds=10)
        emergency = town.send(Reason.EMERGENCY, family)
        assert town.wait(emergency).confirmed == 1
        assert town.wait(general).confirmed == 1
        assert town.engine.job(general).attempts == 1
        first, second = town.ring_entries()
        assert rest_between(first, second) >= 0


def test_a_call_ahead_to_a_number_that_is_blocked_is_taken_back(tmp_path):
    talker, blocked = two_families()
    talker.mom.cell.answers(talks_s=100).presses("0")
    with SteppedTown(tmp_path, talker, blocked, lines=1, emergency_lines=0, ahead_max=1, redial=ONE_ROUND) as town:
        job = town.send()
        town.run(seconds=10)
        pool = town.engine.station.team.pool
        (number,) = (
            call.waiting.number_id for call in pool._floor.ledger.held.values() if call.ref == town.ledger()[1].ref
        )
        pool.ref.tell(BlockNumber(number, except_emergency=False))
        assert town.wait(job).exhausted == 1
        assert not town.rings(blocked.mom.cell)
        assert town.audit() == CLEAN


def test_the_log_is_read_sooner_when_lines_would_idle_and_not_when_nobody_waits(tmp_path):
    many = [one_contact(f"Family{n}") for n in range(40)]
    for family in many:
        family.mom.cell.answers(talks_s=3).presses("0")
    with SteppedTown(tmp_path, *many, lines=2, emergency_lines=0, ahead_max=2) as town:
        job = town.send()
        town.wait(job)
        sooner = town.faults.polls
    for family in many:
        family.mom.cell.answers(talks_s=3).presses("0")
    with SteppedTown(tmp_path / "2", *many, lines=2, emergency_lines=0, ahead_max=2, soonest_s=15) as town:
        started_at = town.now
        town.wait(town.send())
        elapsed, polls = town.now - started_at, town.faults.polls
    assert polls <= elapsed // 15_000 + 1
    assert sooner > polls


def test_jobs_share_lines_though_one_has_calls_ahead(tmp_path):
    first = [one_contact(f"First{n}") for n in range(12)]
    second = [one_contact(f"Second{n}") for n in range(4)]
    for family in (*first, *second):
        family.mom.cell.answers(talks_s=30).presses("0")
    with SteppedTown(tmp_path, *first, *second, lines=2, emergency_lines=0, ahead_max=2) as town:
        one, other = town.send(Reason.GENERAL, *first), town.send(Reason.GENERAL, *second)
        town.wait(one)
        town.wait(other)
        rung = [town.job_behind(entry) for entry in town.ring_entries()]
        assert sorted(rung[4:12]) == [one] * 4 + [other] * 4, "the other takes its share as soon as it is there"
        assert town.audit() == CLEAN


def test_a_call_taken_back_for_an_emergency_loses_no_turn_though_the_log_cannot_be_read_for_a_while(tmp_path):
    crowd = [one_contact(f"Crowd{n}") for n in range(3)]
    struck = [one_contact(f"Struck{n}") for n in range(2)]
    for family in (*crowd, *struck):
        family.mom.cell.answers(talks_s=60).presses("0")
    bounds: dict[str, Any] = {"lines": 1, "emergency_lines": 0, "ahead_max": 2}
    with SteppedTown(tmp_path, *crowd, *struck, redial=ONE_ROUND, **bounds) as town:
        general = town.send(Reason.GENERAL, *crowd)
        town.run(seconds=10)
        town.faults.log_unreachable = True
        emergency = town.send(Reason.EMERGENCY, *struck)
        town.run(minutes=1)
        town.faults.log_unreachable = False
        assert town.wait(emergency).confirmed == 2
        assert town.wait(general).confirmed == 3
        assert town.audit() == CLEAN


def test_when_no_emergency_waits_any_more_ordinary_calls_keep_their_places(tmp_path):
    crowd = [one_contact(f"Crowd{n}") for n in range(6)]
    struck = [one_contact(f"Struck{n}") for n in range(3)]
    for family in (*crowd, *struck):
        family.mom.cell.answers(talks_s=20).presses("0")
    bounds: dict[str, Any] = {"lines": 2, "emergency_lines": 0, "ahead_max": 2}
    with SteppedTown(tmp_path, *crowd, *struck, **bounds) as town:
        general = town.send(Reason.GENERAL, *crowd)
        town.run(seconds=10)
        emergency = town.send(Reason.EMERGENCY, *struck)
        town.wait(emergency)
        taken_back = town.engine.job(general).attempts
        pool = town.engine.station.team.pool
        pool.turn_ended()
        held = list(pool._floor.ledger.held.values())
        assert held, "ordinary calls are out again"
        assert not any(pool._yielding.hear(call, LookupState.QUEUED) for call in held)
        assert town.wait(general).confirmed == 6
        assert taken_back >= 2


def test_of_a_burst_of_pushed_results_those_of_emergencies_are_taken_first(tmp_path, monkeypatch):
    monkeypatch.setattr(Dispatcher, "keeps_up", True)
    monkeypatch.setattr(line_pool, "SLICE_ROWS", 2)
    crowd = [one_contact(f"Crowd{n}") for n in range(5)]
    struck = one_contact("Struck")
    for family in (*crowd, struck):
        family.mom.cell.answers(talks_s=600).presses("0")
    with SteppedTown(tmp_path, *crowd, struck, lines=5, emergency_lines=1, pushes=True) as town:
        general, emergency = town.send(Reason.GENERAL, *crowd), town.send(Reason.EMERGENCY, struck)
        town.run(seconds=60)
        pool = town.engine.station.team.pool
        calls = sorted(pool._floor.ledger.held.values(), key=lambda call: call.emergency)
        rows = [CallRow(call.ref, "", "+12015550100", CallEnd.ANSWERED, town.now, 60_000, keys="0") for call in calls]
        pool._calls_ended(CallsEnded(rows))
        assert [call.row is not None for call in calls] == [True, False, False, False, False, True]
        assert town.wait(emergency).confirmed == 1
        assert town.wait(general).confirmed == 5
