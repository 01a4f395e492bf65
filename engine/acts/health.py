"""The act on the engine's health in detail: store, carrier, lines, gate, and what waits to be told; no secret in it."""

import shutil
import time
from urllib.parse import urlsplit

import msgspec

from engine.acts.act import Act
from engine.acts.desk import Desk
from engine.hooks.hook_book import HookBook
from engine.mail.outbox import Outbox
from store.access import Role
from store.lease import LOCK_FILE, read_lease
from store.readers import oldest_reader_lag


class AskHealth(msgspec.Struct, frozen=True, kw_only=True):
    """How the engine is, in detail."""


class ProcessHealth(msgspec.Struct, frozen=True, kw_only=True):
    """Who runs. Instants in ms UTC by the machine's own clock."""

    pid: int = 0
    host: str = ""
    since_at: int = 0
    beat_at: int = 0
    """When the loop last beat; it does every second."""
    machine_at: int = 0
    """What the machine's clock showed when this was made."""


class StoreHealth(msgspec.Struct, frozen=True, kw_only=True):
    """What is on disk."""

    bytes: int
    free_bytes: int
    seq: int
    """The newest commit."""
    lag: int
    """Commits a start would replay."""
    reader_lag: int
    """Commits since the oldest that somebody still reads: what he holds makes the file grow."""


class CarrierHealth(msgspec.Struct, frozen=True, kw_only=True):
    """Where calls go."""

    endpoints: tuple[str, ...]
    """Without user and password."""
    stand_in: bool
    poll_seconds: float
    owed: int
    """Results that are overdue."""
    read_at: int = 0
    """When the call log was last read without a fault, ms UTC; 0: not since the start."""
    readings_failed: int = 0
    """Since the start."""


class LedgerHealth(msgspec.Struct, frozen=True, kw_only=True):
    """Both ledgers: what we handed over, and how many of that can be on lines."""

    lines: int
    emergency_lines: int
    ahead_max: int
    held: int
    """Calls whose result is not on disk."""
    out: int
    """Of them, those the carrier has not said the end of."""
    emergencies: int
    ahead: int
    """Of those out, calls that wait at the carrier for a line."""
    peak: int


class GateHealth(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate asks of everybody, before it looks at a number."""

    opens_at: int
    closes_at: int
    """Today's hours of the district, ms UTC."""
    store_has_room: bool
    clock_is_sound: bool
    log_is_read: bool
    blocked: int
    """Numbers nobody may call, those open to emergencies included."""
    in_use: int
    """Numbers being called."""


class TellingHealth(msgspec.Struct, frozen=True, kw_only=True):
    """What is still to be told to others."""

    mails: int
    webhooks: int
    """Programs that are told."""
    deliveries: int
    """What they have not heard yet."""


class HealthDetails(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer."""

    now: int
    process: ProcessHealth
    store: StoreHealth
    carrier: CarrierHealth
    ledger: LedgerHealth
    gate: GateHealth
    telling: TellingHealth


def details(desk: Desk, _asked: AskHealth, _author: str) -> HealthDetails:
    """Read beside the loop, number by number; a table it is changing is never gone through."""
    return HealthDetails(
        now=desk.clock.now(),
        process=_process(desk),
        store=_store(desk),
        carrier=_carrier(desk),
        ledger=_ledger(desk),
        gate=_gate(desk),
        telling=_telling(desk),
    )


def _process(desk: Desk) -> ProcessHealth:
    lease = read_lease(desk.database.path / LOCK_FILE)
    if lease is None:
        return ProcessHealth()
    holder = lease.holder
    return ProcessHealth(
        pid=holder.pid,
        host=holder.host,
        since_at=holder.since,
        beat_at=lease.beat_at,
        machine_at=time.time_ns() // 1_000_000,
    )


def _store(desk: Desk) -> StoreHealth:
    database, seq = desk.database, desk.fold().seq
    with database.read() as txn:
        low_water = int(database.get_meta(txn, "low_water") or b"0")
    return StoreHealth(
        bytes=database.size(),
        free_bytes=shutil.disk_usage(database.path).free,
        seq=seq,
        lag=max(0, seq - low_water),
        reader_lag=oldest_reader_lag(database),
    )


def _carrier(desk: Desk) -> CarrierHealth:
    carrier = desk.settings.carrier
    return CarrierHealth(
        endpoints=tuple(bare_url(url) for url in carrier.endpoints),
        stand_in=carrier.stand_in,
        poll_seconds=carrier.poll_seconds,
        owed=len(desk.fold().rest.overdue),
        read_at=desk.engine.station.team.poller.read_at,
        readings_failed=desk.engine.station.team.poller.readings_failed,
    )


def _ledger(desk: Desk) -> LedgerHealth:
    ledger = desk.engine.station.team.floor.ledger
    return LedgerHealth(
        lines=ledger.lines,
        emergency_lines=ledger.emergency_lines,
        ahead_max=ledger.ahead_max,
        held=len(ledger.held),
        out=ledger.out,
        emergencies=ledger.emergencies,
        ahead=ledger.ahead,
        peak=ledger.peak,
    )


def _gate(desk: Desk) -> GateHealth:
    gate = desk.engine.station.team.floor.gate
    opens_at, closes_at = gate.district
    return GateHealth(
        opens_at=opens_at,
        closes_at=closes_at,
        store_has_room=gate.store_has_room,
        clock_is_sound=gate.clock_is_sound,
        log_is_read=gate.log_is_read,
        blocked=len(gate.blocked) + len(gate.blocked_except_emergency),
        in_use=len(gate.in_use),
    )


def _telling(desk: Desk) -> TellingHealth:
    book, outbox = HookBook(desk.database), Outbox(desk.database)
    with desk.database.read() as txn:
        hooks = list(book.hooks(txn))
        waiting = sum(1 for hook in hooks for _ in book.waiting(txn, hook.webhook_id))
        return TellingHealth(mails=sum(1 for _ in outbox.waiting(txn)), webhooks=len(hooks), deliveries=waiting)


def bare_url(url: str) -> str:
    """An end-point as it may be shown: neither user nor password nor query."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return f"{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}{parts.path}"


DETAILS: Act[AskHealth, HealthDetails] = Act(
    "health.details", AskHealth, HealthDetails, details, live=True, role=Role.VIEWER
)

ACTS = (DETAILS,)
