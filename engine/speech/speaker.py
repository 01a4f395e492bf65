"""What a message says, complete: prompts around its words, its fields, and the dictionary's pronunciations."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from engine.plan_settings import PlanSettings
from engine.speech.calendar_words import date_words, time_words
from engine.speech.dictionary import Dictionary
from engine.speech.length import speech_ms
from engine.speech.prompts import Prompts
from engine.speech.wording import DAY_FIELDS, EXAMPLES, PLACE_FIELDS, fields_asked, fields_of, fill, sayings_of
from store.errors import ConfigError, NotFoundError
from store.records import Message, Reason, Spoken

Filler = Callable[[str], str]
"""Fills the fields of a text."""

STOPS = ".!?…:;,。！？"
"""Signs at which a voice pauses."""

SHARED_FIELDS = frozenset({*DAY_FIELDS, *PLACE_FIELDS, "school"})
"""What all chains of one language and school have in common."""


class Frame:
    """What is said around words in one language at one school, and how words are pronounced there."""

    def __init__(self, intro: str, outro: str, confirm: str, school: str, dictionary: Dictionary) -> None:
        self.spoken = dictionary.spoken
        self.intro = self.spoken(intro)
        self.outro = self.spoken(outro)
        self.confirm = self.spoken(confirm)
        self.school = school
        """What `{school}` says."""

    def to_people(self, words: str) -> str:
        """All that a person hears."""
        return _joined(self.intro, _closed(self.spoken(words)), self.outro, self.confirm)

    def to_machines(self, words: str) -> str:
        """All that is left on a machine: it cannot confirm (decision 10)."""
        return _joined(self.intro, _closed(self.spoken(words)), self.outro)


class Speaker:
    """Says one message in its languages, for every school. Languages go by the names of `sayings_of`.

    Raises ConfigError for prompts that cannot be spoken, NotFoundError for a recording the district does not have.
    """

    def __init__(
        self, message: Message, settings: PlanSettings, school_names: Mapping[str, str], opens_at: int
    ) -> None:
        self.sayings = sayings_of(message)
        self._emergency = message.reason is Reason.EMERGENCY
        self._settings = settings
        self._school_names = school_names
        self._callbacks = dict(settings.school_callbacks)
        self._portals = dict(settings.portals)
        self._tells_portal = "portal" in fields_asked(message)
        self._prompts = Prompts(settings.prompts, message.reason, settings.confirm_key)
        self._recordings = self._lengths(settings.recordings)
        self._local = datetime.fromtimestamp(opens_at / 1000, UTC).astimezone(ZoneInfo(settings.time_zone))
        self._days: dict[str, dict[str, str]] = {}
        self._frames: dict[tuple[str, str], Frame] = {}

    def frame(self, language: str, school_id: str) -> Frame:
        """What is said around the message; no school: the district speaks."""
        found = self._frames.get((language, school_id))
        if found is None:
            school = self._school_names.get(school_id) or self._settings.district_name
            callback = self._callbacks.get(school_id) or self._settings.callback_number
            around = self._prompts.around(self.sayings[language].language, school, callback)
            found = Frame(*around, school, Dictionary(self._settings.pronunciations, school_id))
            self._frames[language, school_id] = found
        return found

    def shared(self, language: str, school_id: str) -> dict[str, str]:
        """The fields that all chains of a language and school have in common."""
        return {**self.day(language), "portal": spoken_url(self._portal(school_id))}

    def check_portal(self, school_id: str) -> None:
        """Raise ConfigError where the message tells of a portal, and the school's parents have none (C182)."""
        if self._tells_portal and not self._portal(school_id):
            of = f"school {school_id}" if school_id else "the district"
            raise ConfigError(
                f"No portalURL: the message says {{portal}}, and {of} has none. "
                "Set it with `callchain settings portal URL`, with --school for one school."
            )

    def _portal(self, school_id: str) -> str:
        return self._portals.get(school_id) or self._portals.get("", "")

    def day(self, language: str) -> dict[str, str]:
        """The fields that say when it is."""
        found = self._days.get(language)
        if found is None:
            spoken = self.sayings[language].language
            found = self._days[language] = dict(
                zip(DAY_FIELDS, (date_words(self._local, spoken), time_words(self._local, spoken)), strict=True)
            )
        return found

    def is_personal(self, language: str, schools: int) -> bool:
        """Whether chains of a language about so many schools each say something of their own."""
        saying = self.sayings[language]
        texts = [saying.machine_text] if saying.recording_id else [saying.text, saying.machine_text]
        return any(_is_personal(text, schools) for text in texts)

    def script(self, language: str, school_id: str) -> Spoken:
        """What all chains of a language and school hear; empty where each of them has words of its own."""
        saying, frame = self.sayings[language], self.frame(language, school_id)
        filled = partial(self._shared, language=language, school_id=school_id)
        people = filled(saying.text, around=frame.to_people)
        machines = filled(saying.machine_text or saying.text, around=frame.to_machines)
        if not saying.recording_id:
            return Spoken(saying.language, school_id, people, machines)
        recorded = Spoken(
            saying.language,
            school_id,
            _joined(frame.outro, frame.confirm),
            machines if saying.machine_text else frame.outro,
            before=frame.intro,
            recording_id=saying.recording_id,
            machine_before="" if saying.machine_text else frame.intro,
            machine_recording_id="" if saying.machine_text else saying.recording_id,
        )
        return replace(recorded, instead=people, machine_instead=machines) if self._emergency else recorded

    def personal(self, language: str, school_id: str, filled: Filler) -> tuple[str, str]:
        """What one chain says to people and to machines; empty where its script says it, a recording say."""
        saying, frame = self.sayings[language], self.frame(language, school_id)
        people = "" if saying.recording_id else frame.to_people(filled(saying.text))
        if saying.recording_id and not saying.machine_text:
            return people, ""
        return people, frame.to_machines(filled(saying.machine_text or saying.text))

    def length_ms(self, spoken: Spoken) -> int:
        """How long the longest of what people and machines may hear takes."""
        people = speech_ms(spoken.before) + self._recordings.get(spoken.recording_id, 0) + speech_ms(spoken.text)
        recorded = self._recordings.get(spoken.machine_recording_id, 0)
        machines = speech_ms(spoken.machine_before) + recorded + speech_ms(spoken.machine_text)
        return max(people, machines, speech_ms(spoken.instead))

    def example(self, language: str, school: str, school_id: str = "") -> Filler:
        """Fills a text with what it might say, where nobody in particular is spoken of."""
        values = {**EXAMPLES, **self.shared(language, school_id), "school": school}
        return lambda text: fill(text, "", (), school, values)

    def _shared(self, text: str, *, language: str, school_id: str, around: Filler) -> str:
        if not text.strip() or _is_personal(text, 1):
            return ""
        school, values = self.frame(language, school_id).school, self.shared(language, school_id)
        return around(fill(text, "", (), school, values, self.sayings[language].language))

    def _lengths(self, recordings: tuple[tuple[str, int], ...]) -> dict[str, int]:
        lengths = dict(recordings)
        for saying in self.sayings.values():
            if saying.recording_id and saying.recording_id not in lengths:
                raise NotFoundError(f"There is no recording {saying.recording_id}; see `callchain recording list`.")
        return lengths


def _is_personal(text: str, schools: int) -> bool:
    """Several schools are named together by one chain, and not by the next."""
    fields = fields_of(text)
    return bool(fields - SHARED_FIELDS) or (schools > 1 and "school" in fields)


def spoken_url(url: str) -> str:
    """A URL as it is read out: `portal dot oak dot example slash parents`."""
    bare = url.split("://", 1)[-1].rstrip("/")
    return bare.replace(".", " dot ").replace("/", " slash ").replace("-", " dash ")


def _closed(words: str) -> str:
    """Words that end: without a stop they would run into what is said after them."""
    words = words.rstrip()
    return words if not words or words[-1] in STOPS else f"{words}."


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)
