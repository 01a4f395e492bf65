"""Turns the drafts of one message into frozen plans, each with its policy, its window and its own words."""

from functools import partial

from engine.messaging.drafts import Draft
from engine.messaging.windows import Opening
from engine.plan_settings import PlanSettings
from engine.speech.event_words import event_words
from engine.speech.length import speech_ms
from engine.speech.speaker import Speaker
from engine.speech.wording import fill, join_names, language_for
from store.records import Message, Plan, Spoken

TEST_CALL = "n:"
"""How the contact key of a test call begins: nobody's child is spoken of."""


class Freezer:
    """Freezes drafts whose owners have their indexes."""

    def __init__(self, message: Message, settings: PlanSettings, when: Opening, school_names: dict[str, str]) -> None:
        self.when = when
        self._message = message
        self._settings = settings
        self._school_names = school_names
        self._policy = settings.policy(message.reason)
        self._speaker = Speaker(message, settings, school_names, when.opens_at)
        self._lengths: dict[tuple[str, str], int] = {}
        """Of what all chains of a language and school hear, ms."""
        self._scripts = {("", ""): self._speaker.script("", "")}
        self._personal: dict[tuple[str, bool], bool] = {}
        """Whether chains of a language, about several schools or not, each have words of their own."""

    @property
    def scripts(self) -> tuple[Spoken, ...]:
        """What the plans frozen so far play that have no words of their own; the first is for everybody else."""
        return tuple(self._scripts.values())

    def freeze(self, draft: Draft) -> Plan:
        """The plan of one draft."""
        language = self._language(draft)
        school_id = draft.school_ids[0] if len(draft.school_ids) == 1 else ""
        text = machine_text = ""
        message_ms = self._length(language, school_id)
        if self._is_personal(language, len(draft.school_ids)):
            filled = partial(self._filled, draft, language)
            text, machine_text = self._speaker.personal(language, school_id, filled)
            message_ms = self._personal_ms(text, machine_text, language, school_id)
        moved = tuple([(moved_id, owner.index) for moved_id, owner in draft.moved])
        return Plan(
            contact_key=draft.contact_key,
            contact_name=draft.contact_name,
            student_ids=tuple([student.person_id for student in draft.students]),
            steps=draft.kept,
            opens_at=self.when.opens_at,
            closes_at=self.when.message_end_at,
            policy=self._policy,
            text=text,
            machine_text=machine_text,
            message_ms=message_ms,
            school_id=school_id,
            owner=moved[0][1] if moved and not draft.kept else -1,
            moved=moved,
            language=language,
            occasions=_occasions(draft) if draft.details else (),
        )

    def _is_personal(self, language: str, schools: int) -> bool:
        found = self._personal.get((language, schools > 1))
        if found is None:
            found = self._personal[language, schools > 1] = self._speaker.is_personal(language, schools)
        return found

    def _length(self, language: str, school_id: str) -> int:
        """How long the script of a language and school takes; it is part of the job from now on."""
        found = self._lengths.get((language, school_id))
        if found is None:
            self._speaker.check_portal(school_id)
            spoken = self._scripts.get((language, school_id)) or self._speaker.script(language, school_id)
            self._scripts[language, school_id] = spoken
            found = self._lengths[language, school_id] = self._speaker.length_ms(spoken)
        return found

    def _personal_ms(self, text: str, machine_text: str, language: str, school_id: str) -> int:
        """Where a recording is played to people, or left on machines, its own length still counts."""
        own = max(speech_ms(text), speech_ms(machine_text))
        return own if text else max(own, self._length(language, school_id))

    def _language(self, draft: Draft) -> str:
        """The person's own, or of a household that of its first contact (decision 56)."""
        if draft.speaker is not None and not draft.is_household:
            return language_for(self._message, draft.speaker.language)
        return language_for(self._message, draft.language)

    def _filled(self, draft: Draft, language: str, text: str) -> str:
        """A text in this chain's words: once for all, or once for each thing events say (C072)."""
        spoken = self._speaker.sayings[language].language
        school = self._school(draft, spoken)
        if draft.contact_key.startswith(TEST_CALL):
            return self._speaker.example(language, school)(text)
        shared = self._speaker.shared(language, draft.school_ids[0] if len(draft.school_ids) == 1 else "")
        if not draft.details:
            names = [student.name for student in draft.students]
            return fill(text, draft.contact_name, names, school, shared, spoken)
        told = []
        for person, detail in draft.details:
            names = [person.name] if draft.students else []
            at_school = self._school_names.get(detail.school_id) or school
            said = {**shared, **event_words(detail.fields, spoken)}
            told.append(fill(text, draft.contact_name, names, at_school, said, spoken))
        return " ".join(dict.fromkeys(told))

    def _school(self, draft: Draft, language: str) -> str:
        """What `{school}` says: the schools of the students, or the district."""
        names = [self._school_names[school_id] for school_id in draft.school_ids if self._school_names.get(school_id)]
        return join_names(names, language) or self._settings.district_name


def _occasions(draft: Draft) -> tuple[str, ...]:
    """What a chain tells of that must not be told twice."""
    return tuple(dict.fromkeys(detail.occasion for _, detail in draft.details if detail.occasion))
