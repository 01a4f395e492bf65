"""A notice: a message that tells of events, prepared like any other, each thing told once (C198-C203, decision 30)."""

import logging
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from engine.audience.gaps import GapReason
from engine.events.details import details_of
from engine.events.event import Event
from engine.events.filters import read_filters
from engine.events.kinds import EventKind, kind_of
from engine.events.reading import EventFile, read_events
from engine.messaging.windows import Window, local_day
from engine.roster.problems import Problem
from engine.service import Engine
from engine.speech.prompts import ENGLISH, base_language
from engine.views import GapView, Prepared
from store.errors import AudienceError, InvalidInputError
from store.records import Audience, Message, Origin

LOGGED_MAX = 20
"""Bad rows of one file in the log; all of them are among the gaps."""

log = logging.getLogger(__name__)


class Notice(msgspec.Struct, kw_only=True, frozen=True):
    """What to tell of, to whom and when. Either `path` or `events` is given."""

    kind: str
    """attendance, behavior, resolutions or balances."""
    path: str = ""
    """A file of events, read where the engine runs."""
    events: tuple[Event, ...] = ()
    """Events that were read elsewhere."""
    name: str = ""
    """What their file is called, for those who read what was left out."""
    filters: tuple[tuple[str, str], ...] = ()
    """By name, see `engine.events.filters`."""
    message: Message
    """Its reason must be the kind's; `message_of` makes one from nothing."""
    audience: Audience = Audience()
    """Narrows by school, calendar, grade, class, people and language."""
    window: Window | None = None
    origin: Origin = Origin()


def message_of(kind: str, text: str = "", subject: str = "") -> Message:
    """A message of a kind, with the kind's own text unless one is given."""
    traits = kind_of(kind).traits
    return Message(traits.reason, subject or traits.subject, text or traits.text)


def prepare_notice(engine: Engine, notice: Notice) -> Prepared:
    """Freeze the audience of a notice and its plans; nothing is dialed before `send`.

    Among the gaps are students who were told already or whose job still runs, people the roster lacks, and bad rows.
    Everybody told before gives a prepared job of no chains. Raises InvalidInputError for a file or filter that cannot
    be used, AudienceError where no event is left, and what `Engine.prepare` raises.
    """
    kind = kind_of(notice.kind)
    reason = kind.traits.reason
    if notice.message.reason is not reason:
        raise InvalidInputError(f"{kind.capitalize()} is told in {reason.word} messages only; change the reason.")
    _check_language(notice.message, kind)
    found = _events(engine, kind, notice)
    filters = read_filters(kind, notice.filters)
    today = local_day(engine.clock.now(), ZoneInfo(engine.settings.district.time_zone))
    passed = filters.chosen(found.events, kind, today)
    name = notice.name or Path(notice.path).name or kind
    if not passed:
        raise AudienceError(f"Nobody is told: none of the {len(found.events)} events of {name} passes the filters.")
    details, again = details_of(kind, passed, name)
    audience = msgspec.structs.replace(notice.audience, kind=kind.traits.audience)
    prepared = engine.prepare(notice.message, audience, notice.window, origin=notice.origin, details=details)
    bad = (*found.problems, *again)
    for problem in bad[:LOGGED_MAX]:
        log.warning("Left out: %s", problem)
    return msgspec.structs.replace(prepared, gaps=(*prepared.gaps, *(bad_row(problem) for problem in bad)))


def _check_language(message: Message, kind: EventKind) -> None:
    """Refuse to say in another language what is only usual in English: nothing is translated (decision 56)."""
    if message.text == kind.traits.text and base_language(message.language) != ENGLISH:
        raise InvalidInputError(
            f"What is usually said of {kind} is English, not {message.language}; give a text in that language."
        )


def _events(engine: Engine, kind: EventKind, notice: Notice) -> EventFile:
    """The events handed in, or those of the file; a relative path starts in the district's folder."""
    if not notice.path:
        return EventFile(notice.events, (), len(notice.events))
    return read_events(kind, engine.home / notice.path)


def bad_row(problem: Problem) -> GapView:
    """A bad row among those who will not be called."""
    return GapView(contact_key="", contact_name=str(problem), reason=GapReason.BAD_ROW.value)
