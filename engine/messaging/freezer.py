"""Turns the drafts of one message into frozen plans, each with its policy, its window and its own words."""

from engine.messaging.drafts import Draft
from engine.messaging.settings import PlanSettings
from engine.messaging.windows import Opening
from engine.messaging.wording import announce, fill, has_fields, join_names, speech_ms
from store.records import Message, Plan


class Freezer:
    """Freezes drafts whose owners have their indexes."""

    def __init__(self, message: Message, settings: PlanSettings, when: Opening, school_names: dict[str, str]) -> None:
        self.when = when
        self._message = message
        self._settings = settings
        self._school_names = school_names
        self._policy = settings.policy(message.reason)
        self._personal = has_fields(message.text) or has_fields(message.machine_text)
        self._spoken: dict[tuple[str, ...], tuple[str, int]] = {}

    def freeze(self, draft: Draft) -> Plan:
        """The plan of one draft."""
        school, message_ms = self._school(draft.school_ids)
        text = machine_text = ""
        if self._personal:
            text = self._filled(self._message.text, draft, school)
            machine_text = self._filled(self._message.machine_text, draft, school)
            message_ms = self._message_ms(
                text or self._message.text, machine_text or self._message.machine_text, school
            )
        moved = tuple([(moved_id, owner.index) for moved_id, owner in draft.moved])
        return Plan(
            contact_key=draft.contact_key,
            contact_name=draft.contact_name,
            student_ids=tuple([student.person_id for student in draft.students]),
            steps=draft.kept,
            opens_at=self.when.opens_at,
            closes_at=self.when.closes_at,
            policy=self._policy,
            text=text,
            machine_text=machine_text,
            message_ms=message_ms,
            school_id=draft.school_ids[0] if len(draft.school_ids) == 1 else "",
            owner=moved[0][1] if moved and not draft.kept else -1,
            moved=moved,
        )

    def _school(self, school_ids: tuple[str, ...]) -> tuple[str, int]:
        """What `{school}` says (the schools of the students, or the district), and how long the plain message takes."""
        found = self._spoken.get(school_ids)
        if found is None:
            names = [self._school_names[school_id] for school_id in school_ids if self._school_names.get(school_id)]
            school = join_names(names) or self._settings.district_name
            message_ms = self._message_ms(self._message.text, self._message.machine_text, school)
            found = self._spoken[school_ids] = (school, message_ms)
        return found

    def _filled(self, template: str, draft: Draft, school: str) -> str:
        """The template in this chain's words; empty where it has no fields, for then the message's own text stands."""
        if not has_fields(template):
            return ""
        return fill(template, draft.contact_name, [student.name for student in draft.students], school)

    def _message_ms(self, text: str, machine_text: str, school: str) -> int:
        """The longer of what a person and what a machine hears, with the announcement around it."""
        callback = self._settings.callback_number
        return max(speech_ms(announce(words, school, callback)) for words in (text, machine_text))
