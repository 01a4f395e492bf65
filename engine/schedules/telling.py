"""Prepares the message of a firing: to its template's audience, or about what events tell."""

import msgspec

from engine.events.notice import Notice, prepare_notice
from engine.messaging.windows import Window
from engine.service import Engine
from engine.views import Prepared
from store.documents import Schedule, Template
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
    return prepare_notice(engine, notice)
