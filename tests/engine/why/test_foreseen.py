"""What is foreseen comes true: due redials to the millisecond, places in the queue within a few calls."""

import random
from pathlib import Path

import pytest

from engine.acts.desk import LiveDesk
from engine.gateways.stand_in.phone_network import SeededNetwork
from engine.messaging.windows import Window
from engine.why.cause import Basis, Cause
from engine.why.chains import chain_in_full, chain_page
from store import facts
from store.errors import CallchainError
from store.keys import chain_id
from store.records import Reason
from tests.engine.test_stepped import Simulation
from tests.engine.why.asking import why
from tests.fakes import MINUTE, SECOND, SteppedTown, one_contact


def dialed(town: SteppedTown) -> list[int]:
    """When each call was handed over; its phone rings as soon as the carrier has connected it."""
    return [block.at for block in town.blocks() for fact in block.facts if type(fact) is facts.AttemptOpened]


def test_a_due_redial_rings_at_the_foreseen_instant(tmp_path: Path) -> None:
    family = one_contact()
    family.mom.cell.rings_out().answers().presses("0").always()
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        town.run(minutes=3)
        found = why(town, job)
        assert found.next_ring_basis == Basis.DUE
        town.wait(job)
        assert dialed(town)[1] == found.next_ring_at
        assert 0 <= town.rings(family.mom.cell)[1] - dialed(town)[1] < SECOND


def test_a_window_that_opens_rings_the_first_at_the_foreseen_instant(tmp_path: Path) -> None:
    family = one_contact()
    family.mom.cell.answers().presses("0").always()
    with SteppedTown(tmp_path, family) as town:
        job = town.send(window=Window(opens_minute=11 * 60, closes_minute=12 * 60))
        foreseen = why(town, job).next_ring_at
        town.wait(job)
        assert dialed(town) == [foreseen]


def test_the_end_of_a_gap_between_two_calls_to_one_number_is_foreseen(tmp_path: Path) -> None:
    family = one_contact()
    family.mom.cell.answers().presses("0").always()
    with SteppedTown(tmp_path, family) as town:
        town.wait(town.send())
        job = town.send()
        found = why(town, job)
        assert found.cause == Cause.NUMBER_COOLING
        town.wait(job)
        assert dialed(town)[1] == found.next_ring_at


@pytest.mark.parametrize("ahead_max", [0, 4])
def test_a_place_in_the_queue_is_foreseen_within_a_few_calls(tmp_path: Path, ahead_max: int) -> None:
    """60 chains over 4 lines, 25 s a call and a moment for its news: the error is below a quarter of the wait."""
    families = [one_contact(f"Family{n}") for n in range(60)]
    for family in families:
        family.mom.cell.answers().presses("0").always()
    with SteppedTown(tmp_path, *families, lines=4, ahead_max=ahead_max) as town:
        job = town.send()
        town.run(minutes=2)
        asked_at, foreseen = town.now, {}
        for index in range(60):
            found = why(town, job, index)
            if found.cause == Cause.WAITING_FOR_LINE:
                assert found.next_ring_at is not None
                foreseen[index] = found.next_ring_at
        places = [why(town, job, index).position for index in sorted(foreseen)]
        assert places == list(range(1, len(foreseen) + 1))
        town.wait(job)
        for index, at in foreseen.items():
            plan = town.plans(job)[index]
            (ring,) = [entry.ringing_at for entry in town.ring_entries() if entry.number == plan.steps[0].number]
            assert ring is not None
            assert abs(ring - at) <= 30 * SECOND + (ring - asked_at) / 4


def test_emergencies_are_not_foreseen_behind_ordinary_calls(tmp_path: Path) -> None:
    families = [one_contact(f"Family{n}") for n in range(12)]
    for family in families:
        family.mom.cell.answers().presses("0").always()
    with SteppedTown(tmp_path, *families, lines=2, emergency_lines=2) as town:
        ordinary = town.send(Reason.GENERAL, *families[:8])
        urgent = town.send(Reason.EMERGENCY, *families[8:])
        last = why(town, urgent, 3)
        assert last.position is not None
        assert last.position <= 2
        later = why(town, ordinary, 7)
        assert later.position is not None
        assert later.position > 2
        town.wait(urgent)
        town.wait(ordinary)


@pytest.mark.parametrize("seed", range(6))
def test_every_chain_has_exactly_one_cause_whatever_happens(tmp_path: Path, seed: int) -> None:
    """Live ones say what is foreseen, ended ones that nothing rings any more; nothing but the table decides."""
    simulation = Simulation(tmp_path, seed)
    chance = random.Random(seed)
    with simulation.town as town:
        simulation.send()
        for _ in range(12):
            getattr(simulation, chance.choice(("emergency", "pause", "resume", "cancel", "send", "crash", "block")))()
            simulation.pass_time()
            _every_chain_is_explained(town, simulation.jobs)
        simulation.end()
        _every_chain_is_explained(town, simulation.jobs)


def _every_chain_is_explained(town: SteppedTown, jobs: list[int]) -> None:
    desk = LiveDesk(town.engine)
    for job in jobs:
        page = chain_page(desk, job, count=500)
        assert page.next is None
        for line in page.chains:
            try:
                why_ = chain_in_full(desk, job, line.index, names=True).why
            except CallchainError:
                continue
            assert Cause(why_.cause)
            assert why_.sentence.endswith(".")
            assert "None" not in why_.sentence
            ended = line.state not in ("pending", "waiting", "at_carrier")
            if ended:
                assert (why_.next_ring_at, why_.next_ring_basis) == (None, Basis.NEVER)
            if why_.next_ring_at is not None:
                assert town.now <= why_.next_ring_at
                assert why_.chain_id == chain_id(job, line.index)


def test_the_pace_of_late_is_what_a_long_queue_is_measured_by(tmp_path: Path) -> None:
    """200 chains over 8 lines with people who do what they like: the last of the queue within a third of the wait."""
    families = [one_contact(f"Family{n}") for n in range(200)]
    with SteppedTown(tmp_path, *families, network=SeededNetwork(5), lines=8, ahead_max=8) as town:
        job = town.send()
        town.run(minutes=3)
        found, asked_at = why(town, job, 190), town.now
        assert found.cause == Cause.WAITING_FOR_LINE
        assert found.next_ring_at is not None
        town.run(minutes=30)
        number = town.plans(job)[190].steps[0].number
        ring = next(entry.ringing_at for entry in town.ring_entries() if entry.number == number)
        assert ring is not None
        assert abs(ring - found.next_ring_at) <= MINUTE + (ring - asked_at) / 3
