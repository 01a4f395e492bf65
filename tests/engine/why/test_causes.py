"""A table of situations, each with its one cause and the instant of the next ring."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from actors.messages import StopChains
from engine.acts.contact_stops import STOP, Stopping
from engine.acts.desk import LiveDesk
from engine.messaging.windows import Window
from engine.why.cause import Basis, Cause
from engine.why.view import WhyChain
from store import facts
from store.alarms import Alarm
from store.keys import chain_id
from store.records import DeviceKind, Reason
from tests.engine.why.asking import why, why_person, why_stopped
from tests.fakes import MINUTE, MONDAY_TEN, SECOND, Family, Phone, SteppedTown, at, one_contact

Scene = Callable[[Path], tuple[WhyChain, int | None]]
"""Plays a situation; returns the explanation and the instant that must be foreseen."""


def silent(*families: Family) -> list[Family]:
    """Nobody ever answers."""
    for family in families:
        for phone in family.phones:
            phone.rings_out().always()
    return list(families)


def town_of(home: Path, *families: Family, **more: object) -> SteppedTown:
    return SteppedTown(home, *silent(*(families or (one_contact(),))), **more)  # type: ignore[arg-type]


def window_not_open(home: Path) -> tuple[WhyChain, int | None]:
    with town_of(home) as town:
        job = town.send(window=Window(opens_minute=11 * 60, closes_minute=12 * 60))
        return why(town, job), at("2026-03-02 11:00")


def district_not_open(home: Path) -> tuple[WhyChain, int | None]:
    with town_of(home, now=at("2026-03-02 07:10")) as town:
        return why(town, town.send()), at("2026-03-02 08:00")


def district_closed(home: Path) -> tuple[WhyChain, int | None]:
    """The hours were moved under a running job: the district opens later today."""
    with town_of(home, *(one_contact(f"Family{n}") for n in range(3)), lines=1) as town:
        job = town.send()
        town.run(seconds=5)
        district = msgspec.structs.replace(town.settings.district, start_time="11:30")
        town.settings = msgspec.structs.replace(town.settings, district=district)
        town.engine.apply_settings(town.settings)
        return why(town, job, 1), at("2026-03-02 11:30")


def paused(home: Path) -> tuple[WhyChain, int | None]:
    with town_of(home, one_contact("A"), one_contact("B"), lines=1) as town:
        job = town.send()
        town.run(seconds=5)
        town.engine.pause(job, author="anna")
        found = why(town, job, 1)
        assert found.since == MONDAY_TEN + 5 * SECOND
        return found, None


def at_carrier(home: Path) -> tuple[WhyChain, int | None]:
    with town_of(home) as town:
        job = town.send()
        town.run(seconds=10)
        found = why(town, job)
        assert found.since == MONDAY_TEN
        assert "10 s" in found.sentence
        return found, None


def result_due(home: Path) -> tuple[WhyChain, int | None]:
    with town_of(home) as town:
        town.faults.hide_rows_of(*town.parts[0].phones)
        job = town.send()
        town.run(seconds=60)
        return why(town, job), None


def result_overdue(home: Path) -> tuple[WhyChain, int | None]:
    with town_of(home) as town:
        town.faults.hide_rows_of(*town.parts[0].phones)
        job = town.send()
        town.run(minutes=4)
        return why(town, job), None


def plays_out(home: Path) -> tuple[WhyChain, int | None]:
    family = one_contact()
    family.mom.cell.answers(talks_s=90)
    with SteppedTown(home, family) as town:
        job = town.send()
        town.run(seconds=20)
        town.engine.cancel(job)
        return why(town, job), None


def between_rounds(home: Path) -> tuple[WhyChain, int | None]:
    with town_of(home) as town:
        job = town.send()
        town.run(minutes=2)
        (closed,) = [block.at for block in town.blocks() for fact in block.facts if type(fact) is facts.AttemptClosed]
        found = why(town, job)
        assert found.attempts == 1
        assert "Round 2 of 3" in found.sentence
        return found, closed + 10 * MINUTE


def network_failed(home: Path) -> tuple[WhyChain, int | None]:
    family = one_contact()
    family.mom.cell.network_fails().rings_out().always()
    with SteppedTown(home, family) as town:
        job = town.send()
        town.run(seconds=20)
        (closed,) = [block.at for block in town.blocks() for fact in block.facts if type(fact) is facts.AttemptClosed]
        return why(town, job), closed + 15 * SECOND


def withdrawn(home: Path) -> tuple[WhyChain, int | None]:
    """A call that waited ahead at the carrier was taken back when its job was paused, and waits again."""
    with town_of(home, one_contact("A"), one_contact("B"), lines=1, ahead_max=1) as town:
        job = town.send()
        town.run(seconds=3)
        town.engine.pause(job)
        town.run(seconds=1)
        town.engine.resume(job)
        closed = [block.at for block in town.blocks() for fact in block.facts if type(fact) is facts.AttemptClosed]
        return why(town, job, 1), closed[0] + 15 * SECOND


def redial_too_late(home: Path) -> tuple[WhyChain, int | None]:
    with town_of(home, now=at("2026-03-02 19:55")) as town:
        job = town.send()
        town.run(minutes=2)
        return why(town, job), None


def number_blocked(home: Path) -> tuple[WhyChain, int | None]:
    """It waits for a line, and its cell is passed over when its turn comes; the number after it rings then."""
    two = one_contact("B", kinds=(DeviceKind.CELL, DeviceKind.WORK))
    with town_of(home, one_contact("A"), two, lines=1) as town:
        job = town.send()
        town.run(seconds=1)
        town.block_number(two.mom.cell)
        found = why(town, job, 1)
        assert found.next_ring_at is not None
        return found, found.next_ring_at


def number_in_use(home: Path) -> tuple[WhyChain, int | None]:
    """Two messages to one phone: the second waits until the call of the first is over."""
    with town_of(home) as town:
        first = town.send()
        town.run(seconds=5)
        second = town.send()
        found = why(town, second)
        assert found.holder == chain_id(first, 0)
        return found, None


def number_cooling(home: Path) -> tuple[WhyChain, int | None]:
    family = one_contact()
    family.mom.cell.answers().presses("0").rings_out().always()
    with SteppedTown(home, family) as town:
        town.wait(town.send())
        ended = town.blocks()[-1].at
        second = town.send()
        return why(town, second), ended + 30 * SECOND


def waiting_for_line(home: Path) -> tuple[WhyChain, int | None]:
    with town_of(home, *(one_contact(f"Family{n}") for n in range(4)), lines=1) as town:
        job = town.send()
        town.run(seconds=1)
        found = why(town, job, 3)
        assert found.position == 3
        assert "2 chains are before it" in found.sentence
        return found, found.next_ring_at


def behind_emergencies(home: Path) -> tuple[WhyChain, int | None]:
    families = [one_contact(f"Family{n}") for n in range(6)]
    with town_of(home, *families, lines=1, emergency_lines=1) as town:
        job = town.send(Reason.GENERAL, *families[:2])
        town.send(Reason.EMERGENCY, *families[2:])
        town.run(seconds=1)
        found = why(town, job, 1)
        assert "of them emergencies" in found.sentence
        return found, found.next_ring_at


def canceled(home: Path) -> tuple[WhyChain, int | None]:
    with town_of(home, one_contact("A"), one_contact("B"), lines=1) as town:
        job = town.send()
        town.run(seconds=5)
        town.engine.cancel(job)
        town.run(minutes=2)
        return why(town, job, 1), None


def chain_canceled(home: Path) -> tuple[WhyChain, int | None]:
    with town_of(home, one_contact("A"), one_contact("B"), lines=1) as town:
        job = town.send()
        town.run(seconds=5)
        town.tell_line_pool(StopChains((chain_id(job, 1),)))
        town.run(seconds=1)
        return why(town, job, 1), None


def contact_stopped(home: Path) -> tuple[WhyChain, int | None]:
    family = one_contact("B")
    with town_of(home, one_contact("A"), family, lines=1) as town:
        job = town.send()
        town.run(seconds=5)
        stopping = Stopping(person_id="B-Mom", student_id="B-Son", reason="court order")
        STOP.carry_out(LiveDesk(town.engine), stopping, "anna")
        town.run(seconds=1)
        return why(town, job, 1), None


def store_full(home: Path) -> tuple[WhyChain, int | None]:
    with town_of(home, one_contact("A"), one_contact("B"), lines=1) as town:
        job = town.send()
        town.run(seconds=5)
        town.engine.station.team.floor.gate.store_has_room = False
        return why(town, job, 1), None


def carrier_silent(home: Path) -> tuple[WhyChain, int | None]:
    with town_of(home, one_contact("A"), one_contact("B"), lines=1) as town:
        town.faults.unreachable = True
        job = town.send()
        town.run(minutes=2)
        assert Alarm.CARRIER_UNREACHABLE in town.alarms()
        return why(town, job, 1), None


def engine_stopped(home: Path) -> tuple[WhyChain, int | None]:
    town = town_of(home)
    job = town.send()
    town.run(minutes=2)
    found = why_stopped(town, job)
    assert "Then: Round 2 of 3" in found.sentence
    return found, None


def confirmed(home: Path) -> tuple[WhyChain, int | None]:
    family = one_contact()
    family.mom.cell.answers().presses("0").always()
    with SteppedTown(home, family) as town:
        return why(town, town.wait(town.send()).job_id), None


def delivered(home: Path) -> tuple[WhyChain, int | None]:
    family = one_contact()
    family.mom.cell.machine().always()
    with SteppedTown(home, family) as town:
        return why(town, town.wait(town.send()).job_id), None


def exhausted(home: Path) -> tuple[WhyChain, int | None]:
    with town_of(home) as town:
        found = why(town, town.wait(town.send()).job_id)
        assert "3 calls" in found.sentence
        return found, None


def numbers_dead(home: Path) -> tuple[WhyChain, int | None]:
    family = one_contact()
    family.mom.cell.is_dead()
    with SteppedTown(home, family) as town:
        return why(town, town.wait(town.send()).job_id), None


def all_blocked(home: Path) -> tuple[WhyChain, int | None]:
    with town_of(home) as town:
        town.block_number(town.parts[0].phones[0])
        return why(town, town.wait(town.send()).job_id), None


def redials_spent(home: Path) -> tuple[WhyChain, int | None]:
    with town_of(home, redial={"number_redials_per_day": 1}) as town:
        town.run(minutes=1)
        town.wait(town.send())
        job = town.wait(town.send()).job_id
        return why(town, job), None


def expired_window(home: Path) -> tuple[WhyChain, int | None]:
    with town_of(home) as town:
        job = town.send(window=Window(opens_minute=10 * 60, closes_minute=10 * 60 + 5))
        return why(town, town.wait(job).job_id), None


def expired_district(home: Path) -> tuple[WhyChain, int | None]:
    with town_of(home, now=at("2026-03-02 19:55")) as town:
        return why(town, town.wait(town.send()).job_id), None


def covered(home: Path) -> tuple[WhyChain, int | None]:
    """An emergency rings each phone once: the second parent's only number is the first one's."""
    shared = Phone("shared cell")
    first, second = one_contact("A"), one_contact("B")
    first.mom.shares(DeviceKind.CELL, shared)
    second.mom.shares(DeviceKind.CELL, shared)
    shared.answers().presses("0").always()
    with SteppedTown(home, first, second) as town:
        job = town.send(Reason.EMERGENCY)
        found = why(town, job, 1)
        town.wait(job)
        assert found.holder == chain_id(job, 0)
        return found, None


def unreachable(home: Path) -> tuple[WhyChain, int | None]:
    family, mute = one_contact("A"), one_contact("B", kinds=())
    with town_of(home, family, mute) as town:
        town.send()
        (message,) = why_person(town, "B-Mom").messages
        assert "the roster has no phone" in message.chains[0].sentence
        return message.chains[0], None


TABLE: tuple[tuple[Scene, Cause, Basis], ...] = (
    (window_not_open, Cause.WINDOW_NOT_OPEN, Basis.WINDOW),
    (district_not_open, Cause.DISTRICT_NOT_OPEN, Basis.DISTRICT),
    (district_closed, Cause.DISTRICT_CLOSED, Basis.DISTRICT),
    (paused, Cause.PAUSED, Basis.RESUME),
    (at_carrier, Cause.AT_CARRIER, Basis.RESULT),
    (result_due, Cause.RESULT_DUE, Basis.RESULT),
    (result_overdue, Cause.RESULT_OVERDUE, Basis.RESULT),
    (plays_out, Cause.PLAYS_OUT, Basis.NEVER),
    (between_rounds, Cause.BETWEEN_ROUNDS, Basis.DUE),
    (network_failed, Cause.NETWORK_FAILED, Basis.DUE),
    (withdrawn, Cause.WITHDRAWN, Basis.DUE),
    (redial_too_late, Cause.REDIAL_TOO_LATE, Basis.CLOSES),
    (number_blocked, Cause.NUMBER_BLOCKED, Basis.QUEUE),
    (number_in_use, Cause.NUMBER_IN_USE, Basis.NUMBER),
    (number_cooling, Cause.NUMBER_COOLING, Basis.NUMBER_GAP),
    (waiting_for_line, Cause.WAITING_FOR_LINE, Basis.QUEUE),
    (behind_emergencies, Cause.WAITING_FOR_LINE, Basis.QUEUE),
    (canceled, Cause.CANCELED, Basis.NEVER),
    (chain_canceled, Cause.CHAIN_CANCELED, Basis.NEVER),
    (contact_stopped, Cause.CONTACT_STOPPED, Basis.NEVER),
    (store_full, Cause.STORE_FULL, Basis.REPAIR),
    (carrier_silent, Cause.CARRIER_SILENT, Basis.REPAIR),
    (engine_stopped, Cause.ENGINE_STOPPED, Basis.REPAIR),
    (confirmed, Cause.CONFIRMED, Basis.NEVER),
    (delivered, Cause.DELIVERED, Basis.NEVER),
    (exhausted, Cause.EXHAUSTED, Basis.NEVER),
    (numbers_dead, Cause.NUMBERS_DEAD, Basis.NEVER),
    (all_blocked, Cause.NUMBER_BLOCKED, Basis.NEVER),
    (redials_spent, Cause.REDIALS_SPENT, Basis.NEVER),
    (expired_window, Cause.EXPIRED_WINDOW, Basis.NEVER),
    (expired_district, Cause.EXPIRED_DISTRICT, Basis.NEVER),
    (covered, Cause.COVERED, Basis.NEVER),
    (unreachable, Cause.UNREACHABLE, Basis.NEVER),
)


@pytest.mark.parametrize(("scene", "cause", "basis"), TABLE, ids=[scene.__name__ for scene, _, _ in TABLE])
def test_each_situation_has_its_one_cause_and_its_next_ring(
    tmp_path: Path, scene: Scene, cause: Cause, basis: Basis
) -> None:
    found, ring_at = scene(tmp_path)
    assert (found.cause, found.next_ring_basis) == (cause, basis), found.sentence
    assert found.next_ring_at == ring_at
    assert found.sentence.endswith(".")
