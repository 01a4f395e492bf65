"""Templates: messages kept to be sent again, with their recipients, an emergency's chosen anew each time."""

from engine.messaging.windows import Window
from engine.orders import PrepareRequest
from engine.speech.wording import check_sayings
from store.documents import Template
from store.errors import AudienceError, InvalidInputError
from store.keys import name_key
from store.records import Audience, AudienceKind, Reason

NAME_MAX = 60
"""Characters of a name: it is typed and shown in lists."""


def make_template(name: str, request: PrepareRequest, author: str, now: int) -> Template:
    """The template of a request. Raises InvalidInputError for a name or a message that cannot be kept.

    An emergency's recipients are not kept: who is in danger is another question each time.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= NAME_MAX or not name.isprintable():
        raise InvalidInputError(f"A template needs a name of up to {NAME_MAX} characters.")
    try:
        message, audience = request.message(), request.whom()
    except KeyError as error:
        raise InvalidInputError(
            f"There is no {str(error.args[0]).lower()}; see `callchain template save --help`."
        ) from None
    check_sayings(message)
    emergency = message.reason is Reason.EMERGENCY
    if emergency and request.window() is not None:
        raise InvalidInputError("An emergency is dialed at once and has no window; leave the window out.")
    kept = Audience() if emergency else audience
    return Template(name, message, kept, window_text(request.window()), author, now)


def from_template(template: Template, given_audience: bool) -> PrepareRequest:
    """The request a template makes. Raises AudienceError for an emergency whose recipients were not said anew.

    `given_audience`: whoever sends it says whom it is for; they put that into the request in place of what is there.
    """
    message, audience = template.message, template.audience
    if message.reason is Reason.EMERGENCY and not given_audience:
        raise AudienceError(
            f"The template {template.name} is an emergency: its recipients are chosen anew each time. Say whom it is "
            "for, with --audience, --school, --grade or --person."
        )
    opens, closes = window_minutes(template.window)
    return PrepareRequest(
        reason=message.reason.word,
        subject=message.subject,
        text=message.text,
        machine_text=message.machine_text,
        language=message.language,
        names_recipient=message.names_recipient,
        recording_id=message.recording_id,
        sayings=message.sayings,
        audience=AudienceKind(audience.kind).name.lower(),
        school_ids=audience.school_ids,
        grades=audience.grades,
        person_ids=audience.person_ids,
        staff_types=audience.staff_types,
        calendar_ids=audience.calendar_ids,
        languages=audience.languages,
        class_ids=audience.class_ids,
        teacher_id=audience.teacher_id,
        opens_minute=opens,
        closes_minute=closes,
    )


def template_key(name: str) -> bytes:
    """Under what a template lies: its name, whatever the case: `Snow Day` → `snow day`."""
    return name_key(" ".join(name.split()).casefold())


def window_text(window: Window | None) -> str:
    """`09:00-17:00`; empty for the district's hours."""
    if window is None:
        return ""
    return f"{_clock(window.opens_minute)}-{_clock(window.closes_minute)}"


def window_minutes(text: str) -> tuple[int, int]:
    """Minutes since midnight of a window as a template has it, -1 for none."""
    if not text:
        return -1, -1
    opens, _, closes = text.partition("-")
    return _minute(opens), _minute(closes)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _minute(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)
