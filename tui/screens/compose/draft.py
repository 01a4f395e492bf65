"""What an author has typed so far, and the request it makes."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec

from engine.acts.schedules import AddSchedule
from engine.acts.templates import SaveTemplate
from engine.messaging.counting import Choice
from engine.messaging.templates import window_minutes
from engine.orders import PrepareRequest
from engine.setting_checks import minute_of_day
from store.documents import Template
from store.errors import InvalidInputError
from store.records import AudienceKind, Reason, Saying
from tui.commands.sending.typed_values import read_notify, read_window

REASONS = (Reason.GENERAL, Reason.PRIORITY, Reason.ATTENDANCE, Reason.BEHAVIOR, Reason.FOOD_SERVICE, Reason.STAFF)
"""Of a message that is no emergency; a teacher's own is sent by the teacher."""

NOW, WINDOW, SCHEDULE = "now", "window", "schedule"

SUBJECT_LETTERS = 40
"""Of the text, where no subject is typed: as the command line does it."""

FIELDS_OF = {
    "school": "school_ids", "grade": "grades", "class": "class_ids", "staff_type": "staff_types",
    "language": "languages", "calendar": "calendar_ids", "person": "person_ids",
}  # fmt: skip
"""Kind of a choice → the field of a request it goes into."""

NOBODY = "Nobody is chosen yet: choose everybody, or a school, grade, class or name."


@dataclass(slots=True)
class Sheet:
    """What is said in one language."""

    language: str = "en"
    text: str = ""
    machine_text: str = ""
    recording_id: str = ""

    @property
    def blank(self) -> bool:
        """Nothing is said."""
        return not (self.text.strip() or self.recording_id)

    @property
    def saying(self) -> Saying:
        """As a request has it."""
        return Saying(self.language.strip(), self.text.strip(), self.machine_text.strip(), self.recording_id)


@dataclass(slots=True)
class Draft:
    """Everything typed; `request` is what the engine is asked with."""

    emergency: bool
    audience: str = "contacts"
    everybody: bool = False
    chosen: dict[tuple[str, str], Choice] = field(default_factory=dict)
    """By kind and key, in the order in which they were chosen."""
    sheets: list[Sheet] = field(default_factory=lambda: [Sheet()])
    """The first is the message's own language."""
    shown: int = 0
    """Which sheet is on the screen."""
    subject: str = ""
    reason: Reason = Reason.GENERAL
    names_recipient: bool = False
    when: str = NOW
    window: str = ""
    notify: str = ""
    name: str = ""
    """Of the schedule, and of the template it sends."""
    every: str = "once"
    first_day: str = ""
    at: str = "08:30"

    @property
    def sheet(self) -> Sheet:
        """The one on the screen."""
        return self.sheets[self.shown]

    @property
    def scheduled(self) -> bool:
        """It is not sent now."""
        return self.when == SCHEDULE

    @property
    def begun(self) -> bool:
        """There is something to lose."""
        return self.everybody or bool(self.chosen) or any(not sheet.blank for sheet in self.sheets)

    @property
    def has_audience(self) -> bool:
        """Somebody was chosen: nobody is never read as everybody."""
        return self.everybody or bool(self.chosen)

    def toggle(self, choice: Choice) -> None:
        """Choose it, or let it go; what is chosen narrows, so it takes the place of everybody."""
        key = (choice.kind, choice.key)
        if self.chosen.pop(key, None) is None:
            self.chosen[key] = choice
            self.everybody = False

    def toggle_everybody(self) -> None:
        """Everybody, or not."""
        self.everybody = not self.everybody
        if self.everybody:
            self.chosen.clear()

    def address_to(self, audience: str) -> None:
        """Families, students or staff; what narrows only the others is let go."""
        self.audience = audience
        apart = {"staff_type", "person"} if audience != "staff" else {"grade", "class", "person"}
        self.chosen = {key: one for key, one in self.chosen.items() if key[0] not in apart}

    def next_sheet(self) -> None:
        """The next language, after the last one a new one; sheets that say nothing are let go."""
        if self.shown == len(self.sheets) - 1 and not self.sheet.blank:
            known = {sheet.language for sheet in self.sheets}
            self.sheets.append(Sheet(next((one for one in ("es", "en") if one not in known), "")))
            self.shown += 1
        else:
            self.sheets = [self.sheets[0], *(sheet for sheet in self.sheets[1:] if not sheet.blank)]
            self.shown = (self.shown + 1) % len(self.sheets)

    def request(self) -> PrepareRequest:
        """What would be prepared. Raises InvalidInputError for a window or an address that is none."""
        opens, closes = read_window(self.window.strip()) if self.when == WINDOW and not self.emergency else (-1, -1)
        said = self.said()
        return msgspec.structs.replace(
            said,
            subject=" ".join((self.subject or said.text[:SUBJECT_LETTERS]).split()) or "Recorded message",
            notify=read_notify(self.notify.strip()),
            opens_minute=opens,
            closes_minute=closes,
        )

    def said(self) -> PrepareRequest:
        """What is said and to whom; sheets that say nothing are left out."""
        own, *others = [sheet.saying for n, sheet in enumerate(self.sheets) if not (n and sheet.blank)]
        return msgspec.structs.replace(
            self.whom(), text=own.text, machine_text=own.machine_text, language=own.language,
            recording_id=own.recording_id, sayings=tuple(others),
        )  # fmt: skip

    def whom(self) -> PrepareRequest:
        """The part of the request that says whom it is for, and why it is sent."""
        narrowed: dict[str, Any] = {FIELDS_OF[kind]: self._keys(kind) for kind in FIELDS_OF}
        reason = Reason.EMERGENCY if self.emergency else self.reason
        return PrepareRequest(
            reason=reason.word, subject="", text="", audience=self.audience,
            names_recipient=self.names_recipient, **narrowed,
        )  # fmt: skip

    def _keys(self, kind: str) -> tuple[str, ...]:
        return tuple(key for of_kind, key in self.chosen if of_kind == kind)

    def template(self, name: str) -> SaveTemplate:
        """It, kept under a name; an emergency's recipients are not."""
        return SaveTemplate(name=name, request=self.request())

    def schedule(self) -> AddSchedule:
        """Its schedule, sending the template of the same name. Raises InvalidInputError for a day that is none."""
        try:
            starts_on = date.fromisoformat(self.first_day.strip()).toordinal() if self.first_day.strip() else 0
        except ValueError:
            raise InvalidInputError(f'"{self.first_day}" is no day; write it like 2026-11-30.') from None
        return AddSchedule(
            name=self.name.strip(), template=self.name.strip(), every=self.every,
            minute=minute_of_day(self.at.strip(), "The time of day"), starts_on=starts_on,
            window=self.window.strip(), notify=read_notify(self.notify.strip()),
        )  # fmt: skip

    def take(self, template: Template) -> None:
        """Say what a template says. Its recipients and window come along, but never an emergency's."""
        message, audience = template.message, template.audience
        self.sheets = [
            Sheet(message.language, message.text, message.machine_text, message.recording_id),
            *(Sheet(one.language, one.text, one.machine_text, one.recording_id) for one in message.sayings),
        ]
        self.shown, self.subject, self.names_recipient = 0, message.subject, message.names_recipient
        if self.emergency:
            return
        if message.reason in REASONS:
            self.reason = message.reason
        if template.window:
            window_minutes(template.window)
            self.when, self.window = WINDOW, template.window
        if not self.has_audience:
            self.audience = AudienceKind(audience.kind).name.lower()
            for kind, name in FIELDS_OF.items():
                for key in getattr(audience, name):
                    self.chosen[kind, key] = Choice(kind=kind, key=key, name=key)
            self.everybody = not self.chosen
