"""The district at the door: how its engine is, its lines, and its roster."""

from typing import Annotated

import msgspec

from engine.acts.desk import LiveDesk
from engine.door.endpoint import Asked, Crew, Endpoint
from engine.orders import Health, LinesView
from engine.roster.comparison import LOSS_PERCENT_MAX
from engine.service import Engine
from store.access import Role
from store.commands import Verb
from store.errors import InvalidInputError
from store.people import Roster

ROSTER_BYTES_MAX = 512 << 20
"""A roster of a million people, encoded."""

ROSTER_MEDIA = "application/vnd.msgpack"


class AcceptedLoss(msgspec.Struct, frozen=True, kw_only=True):
    """How much may vanish."""

    accept_loss: float = LOSS_PERCENT_MAX
    """Percent of people, contacts or phones in force that may vanish (decision 21c)."""


class RosterInForce(msgspec.Struct, frozen=True, kw_only=True):
    """A roster that was put in force."""

    version: Annotated[int, msgspec.Meta(ge=0)]


def routes(engine: Engine) -> list[Endpoint]:
    """The rows of this matter."""
    return [
        Endpoint(
            method="GET", path="/health", summary="How the engine is.", role=Role.VIEWER, answers=Health,
            carry_out=lambda _asked: health(engine),
        ),
        Endpoint(
            method="GET", path="/lines", summary="The lines to the carrier, and what is on them now.",
            role=Role.VIEWER, answers=LinesView, carry_out=lambda _asked: lines(engine),
        ),
        Endpoint(
            method="PUT", path="/roster", summary="Put a roster in force, in one step; running jobs keep theirs.",
            role=Role.ADMINISTRATOR, verb=Verb.ROSTER, query=AcceptedLoss, asks=bytes, takes=ROSTER_MEDIA,
            answers=RosterInForce, crew=Crew.WORK, body_max=ROSTER_BYTES_MAX,
            carry_out=lambda asked: replace_roster(engine, asked),
        ),
    ]  # fmt: skip


def health(engine: Engine) -> Health:
    """How the engine is."""
    ordinary, emergency = engine.lines
    return Health(
        engine="running",
        incarnation=engine.incarnation,
        now=engine.clock.now(),
        speed=getattr(engine.clock, "speed", 1.0),
        lines=ordinary,
        emergency_lines=emergency,
        stand_in=engine.settings.carrier.stand_in,
        lines_peak=engine.lines_peak,
        standing=engine.standing(),
        district=engine.settings.district.name,
        time_zone=engine.settings.district.time_zone,
    )


def lines(engine: Engine) -> LinesView:
    """What is on the lines."""
    ledger = engine.station.team.floor.ledger
    return LinesView(
        lines=ledger.lines,
        emergency_lines=ledger.emergency_lines,
        out=ledger.out,
        emergencies=ledger.emergencies,
        ahead=ledger.ordinaries_ahead,
        lines_peak=ledger.peak,
        ahead_peak=ledger.ahead_peak,
    )


def replace_roster(engine: Engine, asked: Asked) -> RosterInForce:
    """Put a roster in force; the journal says first who asked for it. Raises as `Engine.replace_roster`."""
    try:
        read = msgspec.json.decode if asked.media == "application/json" else msgspec.msgpack.decode
        roster = read(asked.body, type=Roster)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"The body is no encoded roster: {error}.") from None
    LiveDesk(engine).change(Verb.ROSTER, asked.caller.name)
    return RosterInForce(version=engine.replace_roster(roster, accept_loss_percent=asked.query.accept_loss))
