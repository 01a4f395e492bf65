"""Where chains stand among those that want a line, and how the lines stand: the line pool's answer to whoever asks."""

from collections.abc import Iterable

import msgspec

from actors.gate import Refusal, may_dial
from actors.lines.floor import Floor
from actors.lines.line_ledger import HandedOver
from actors.lines.line_queue import Found, Place, Waiting
from store.keys import index_of


class Spot(msgspec.Struct, frozen=True):
    """One chain, at the moment the line pool looked."""

    place: Place
    refusal: Refusal | None = None
    """What the gate would say now."""
    due_at: int = 0
    """The instant it waits for, ms UTC, 0 for none."""
    ahead: int = 0
    """Chains that get a line before it; of one that waits for an instant, if it came now."""
    free_at: int = 0
    """When its number has cooled down, 0 where it need not."""
    holder: int = 0
    """The chain that has a call out to its number."""
    overdue: bool = False
    """The carrier was asked where its call is."""


class Whereabouts(msgspec.Struct, frozen=True):
    """All that was asked for, and what is said of all."""

    spots: dict[int, Spot]
    """By chain."""
    lines: int
    emergency_lines: int
    out: int
    """Calls the carrier has not said the end of."""
    free: int
    """Ordinary lines no call is for; below 0 so many calls wait at the carrier for one."""
    free_for_emergency: int
    emergencies_ready: int
    ready: int
    """Chains that would take a line at once."""
    mean_ms: float
    """How long calls take of late."""
    interval_ms: float
    """Between two calls where they are paced, else 0."""
    ahead_max: int
    district: tuple[int, int]
    next_opening: int
    """When the district opens next after today, ms UTC."""
    store_has_room: bool
    clock_is_sound: bool
    log_is_read: bool
    oldest: tuple[int, int] = (0, 0)
    """Attempt and chain of the call that is out longest, for the pace of the grants since."""
    newest: int = 0
    """The attempt that was granted last of those out."""


def look(floor: Floor, chains: Iterable[Waiting]) -> Whereabouts:
    """Look for chains, in one of the line pool's turns."""
    asked = {waiting.chain_id: waiting for waiting in chains}
    ledger, gate = floor.ledger, floor.gate
    held = {call.waiting.chain_id: call for call in ledger.held.values() if call.waiting.chain_id in asked}
    found = floor.queue.find(asked.keys() - held.keys())
    now = floor.crew.clock.now()
    oldest = next((call for call in ledger.held.values() if not call.looked_up), None)
    dedicated = min(ledger.emergencies, ledger.emergency_lines)
    return Whereabouts(
        {chain: _spot(floor, one, held.get(chain), found.get(chain), now) for chain, one in asked.items()},
        ledger.lines, ledger.emergency_lines, ledger.out,
        free=ledger.lines - (ledger.out - dedicated),
        free_for_emergency=ledger.lines + ledger.emergency_lines - ledger.out + ledger.ordinaries_ahead,
        emergencies_ready=floor.queue.emergencies_ready(),
        ready=floor.queue.ready(),
        mean_ms=floor.pace.mean_ms,
        interval_ms=floor.pacing.interval_ms,
        ahead_max=ledger.ahead_max,
        district=gate.district,
        next_opening=floor.hours.next_opening(now),
        store_has_room=gate.store_has_room, clock_is_sound=gate.clock_is_sound, log_is_read=gate.log_is_read,
        oldest=(oldest.attempt_id, oldest.waiting.chain_id) if oldest is not None else (0, 0),
        newest=next(reversed(ledger.held), 0),
    )  # fmt: skip


def _spot(floor: Floor, asked: Waiting, call: HandedOver | None, found: Found | None, now: int) -> Spot:
    if call is not None:
        return Spot(Place.HELD, overdue=call.looked_up)
    waiting = asked if found is None else found.waiting
    gate, number, run = floor.gate, waiting.number_id, floor.runs.get(waiting.job_id)
    if run is None:
        return Spot(Place.GONE)
    refusal = may_dial(gate, waiting.job_id, number, now, 0, waiting.redial)
    holder = floor.ledger.held.get(gate.in_use.get(number, 0))
    free_at = gate.cooling.get(number, 0)
    place, ahead, due_at = _place(floor, waiting, found)
    return Spot(
        place, refusal, due_at, ahead,
        free_at=free_at if free_at > now else 0,
        holder=holder.waiting.chain_id if holder is not None else 0,
    )  # fmt: skip


def _place(floor: Floor, waiting: Waiting, found: Found | None) -> tuple[Place, int, int]:
    """Where it waits, how many are before it, and the instant it waits for."""
    queue, job_id = floor.queue, waiting.job_id
    if found is not None and found.place is Place.READY:
        return Place.READY, queue.before(job_id, found.at), 0
    if found is not None:
        return found.place, queue.before(job_id), found.at
    run, index = floor.runs[job_id], index_of(waiting.chain_id)
    if index in run.to_resume:
        return Place.COMING, queue.before(job_id), 0
    if index < run.started or index in run.ended:
        return Place.GONE, queue.before(job_id), 0
    return Place.COMING, queue.before(job_id) + index - run.started, 0
