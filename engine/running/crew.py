"""Brings the actors of one engine to life and introduces them to each other."""

from dataclasses import dataclass
from functools import partial

from actors.chain import Crew
from actors.dialer import Dialer
from actors.district import DistrictHours
from actors.gate import Gate
from actors.gateway import Gateway
from actors.lines.floor import Floor
from actors.lines.line_ledger import LineLedger
from actors.lines.line_pool import LinePool
from actors.lines.pacing import Pacing
from actors.lines.rules import Rules
from actors.lines.soundness import Soundness
from actors.messages import CallsEnded, StoreFailing
from actors.poller import StatusPoller
from actors.runtime.clock import Clock
from actors.runtime.dispatcher import Dispatcher
from actors.writer import Writer
from engine.config import Settings, minute_of_day
from store.checkpoint import Checkpoint
from store.database import Database
from store.documents import NumberBlock
from store.fold import Fold
from store.tables import Txn


@dataclass(frozen=True, slots=True)
class Team:
    """The actors of a running engine."""

    writer: Writer
    pool: LinePool
    poller: StatusPoller
    floor: Floor


def man(
    settings: Settings,
    database: Database,
    checkpoint: Checkpoint,
    dispatcher: Dispatcher,
    gateway: Gateway,
    incarnation: int,
    lines: tuple[int, int],
    cursor: str,
) -> Team:
    """Start writer, line pool, dialer and poller. `cursor` is where the reading of the call log goes on."""
    clock, fold = dispatcher.clock, checkpoint.fold
    gate = _gate(settings, fold, clock)
    for block in _blocks(database):
        gate.block(block.number_id, block.except_emergency)
    writer = Writer(dispatcher, clock, database, checkpoint)
    pool = LinePool(dispatcher, incarnation)
    dialer = Dialer(dispatcher, clock, gateway, gate, seed=fold.rest.tokens[incarnation])
    poll_ms, soonest_ms = (
        int(seconds * 1000) for seconds in (settings.carrier.poll_seconds, settings.carrier.poll_soonest_seconds)
    )
    save_cursor = partial(_save_cursor, database)
    poller = StatusPoller(dispatcher, clock, gateway, cursor, save_cursor, poll_ms, min(poll_ms, soonest_ms))
    crew = Crew(dispatcher, clock, pool.ref, writer.ref, dialer.ref, poller.ref)
    rules = rules_of(settings, gateway, lines)
    ledger = LineLedger(*lines, rules.ahead_max)
    pacing, gap_ms = Pacing(rules.calls_per_second), rules.number_gap_ms
    floor = Floor(crew, dispatcher.timer, rules.hours, gate, ledger, pacing=pacing, number_gap_ms=gap_ms)
    floor.owed.add_all(fold.rest.overdue)
    floor.alarms.update(fold.rest.alarms)
    dialer.furnish(pool.ref, poller.ref)
    poller.furnish(pool.ref, writer.ref)
    soundness = Soundness(clock, database.has_room)
    pool.furnish(floor, fold.rest.tokens, soundness, fold.rest.day)
    writer.on_failing = lambda failing: pool.ref.tell(StoreFailing(failing))
    if gateway.pushes:
        gateway.on_rows(lambda rows: pool.actor_inbox.put(CallsEnded(rows)))
    return Team(writer, pool, poller, floor)


def rules_of(settings: Settings, gateway: Gateway, lines: tuple[int, int]) -> Rules:
    """The part of the settings that the line pool follows while jobs run. `lines`: ordinary and emergency ones."""
    return Rules(
        _hours(settings),
        *lines,
        _ahead_max(settings, gateway, lines[0]),
        settings.lines.number_gap_seconds * 1000,
        settings.redial.number_redials_per_day,
        settings.lines.calls_per_second,
    )


def _ahead_max(settings: Settings, gateway: Gateway, lines: int) -> int:
    """Calls ahead bridge the time until the call log is read; a carrier that pushes results leaves none to bridge."""
    given = settings.lines.ahead_max
    return (0 if gateway.pushes else lines) if given is None else given


def _gate(settings: Settings, fold: Fold, clock: Clock) -> Gate:
    """The gate as the facts leave it: numbers whose last call ended just now are still cooling down."""
    gap_ms, now = settings.lines.number_gap_seconds * 1000, clock.now()
    gate = Gate(
        district=_hours(settings).interval(now),
        redials=fold.redials,
        redials_max=settings.redial.number_redials_per_day,
    )
    for at, number in sorted((at, number) for number, at in fold.released.items() if at + gap_ms > now):
        gate.cool(number, at + gap_ms, now)
    return gate


def _blocks(database: Database) -> list[NumberBlock]:
    """The numbers nobody may call (decision 21d)."""
    with database.read() as txn:
        return [block for _, block in database.blocks.scan(txn)]


def _hours(settings: Settings) -> DistrictHours:
    district = settings.district
    return DistrictHours(
        district.time_zone,
        minute_of_day(district.start_time, "district.start_time"),
        minute_of_day(district.end_time, "district.end_time"),
    )


def _save_cursor(database: Database, cursor: str, txn: Txn) -> None:
    """Remember that everything in the call log before the cursor is settled."""
    database.put_meta(txn, "cursor", cursor.encode())
