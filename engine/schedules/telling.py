"""Prepares the message of a firing: to its template's audience, or about what events tell."""

import msgspec

from engine.events.kinds import kind_of
from engine.events.notice import Notice, prepare_notice
from engine.events.reading import read_events
from engine.messaging.windows import Window
from engine.service import Engine
from engine.views import Prepared
from store.documents import Schedule, Template
from store.errors import AudienceError, InvalidInputError
from store.records import Origin


def prepare(engine: Engine, schedule: Schedule, template: Template, window: Window, origin: Origin) -> Prepared:
    """Freeze whom a firing calls. Raises AudienceError when there is nobody."""
    audience = template.audience
    if schedule.calendar_ids:
        audience = msgspec.structs.replace(audience, calendar_ids=schedule.calendar_ids)
    if not schedule.events:
        return engine.prepare(template.message, audience, window, origin=origin)
    notice = Notice(
        kind=schedule.events,
        path=schedule.events_file,
        filters=schedule.filters,
        message=template.message,
        audience=audience,
        window=window,
        origin=origin,
    )
    try:
        return prepare_notice(engine, notice)
    except AudienceError:
        # No event is no error, but a file nothing of which can be read is: somebody must know, or nobody is ever told.
        found = read_events(kind_of(notice.kind), engine.home / notice.path)
        if found.events or not found.problems:
            raise
        raise InvalidInputError(bad_rows(len(found.problems), schedule)) from None


def bad_rows(count: int, schedule: Schedule) -> str:
    """A sentence for rows of its file that nobody was told of; empty for none. It repeats nothing of what they say."""
    if not count:
        return ""
    rows = f"{count:,} {'row' if count == 1 else 'rows'} of {schedule.events_file} cannot be read"
    return f"{rows}; see which with `callchain notify {schedule.events} FILE`."
