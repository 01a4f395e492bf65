"""Calls that wait ahead at the carrier: lines do not idle between two polls, and emergencies get place and number."""

from actors.messages import BlockNumber
from engine.audit import Audit
from store.records import Reason
from tests.fakes import SteppedTown, one_contact, two_families

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
            waits[ahead_max] = later.ringing_at - earlier.ended_at
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
        assert town.engine._station.team.floor.ledger.ahead == 3
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
        assert town.engine.job(general).attempts == 5, "two were taken back, and rang later"
        assert town.audit() == CLEAN


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
        assert second.ringing_at >= first.ended_at


def test_a_call_ahead_to_a_number_that_is_blocked_is_taken_back(tmp_path):
    talker, blocked = two_families()
    talker.mom.cell.answers(talks_s=100).presses("0")
    with SteppedTown(tmp_path, talker, blocked, lines=1, emergency_lines=0, ahead_max=1, redial=ONE_ROUND) as town:
        job = town.send()
        town.run(seconds=10)
        pool = town.engine._station.team.pool
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
