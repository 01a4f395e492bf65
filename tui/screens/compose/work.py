"""What the wizard knows beside what was typed: the live count, what there is to choose from, what would be heard."""

from collections.abc import Callable

from engine.acts import recordings, templates
from engine.acts.audience import COUNT, HEAR, CountAsked, HeardMessage
from engine.acts.recordings import ListRecordings, RecordingView
from engine.acts.templates import ListTemplates
from engine.messaging.counting import AudienceCount, Choice
from engine.orders import PrepareRequest
from store.documents import Template
from store.errors import CallchainError, EngineUnreachableError
from tui.door_like import DoorLike
from tui.screens.compose.draft import Draft
from tui.screens.compose.live_answer import LiveAnswer
from tui.screens.room import Place

FIND_LETTERS_MIN = 2
"""Of a name, before anybody is looked for."""

Whom = tuple[PrepareRequest, bool, str]
"""An audience, whether it is to be counted, and the name looked for."""


class Work:
    """One wizard's draft and what the engine says of it. `level` four times a second; `changed` paints."""

    def __init__(self, place: Place, emergency: bool, changed: Callable[[], None]) -> None:
        self.place = place
        self.emergency = emergency
        self.changed = changed
        self.draft = Draft(emergency)
        self.find = ""
        self.trouble = ""
        """Why the last key did nothing, as a sentence."""
        self.count: AudienceCount | None = None
        """Of what is chosen; None until it was counted."""
        self.count_trouble = ""
        self.choices: tuple[Choice, ...] = ()
        self.found: tuple[Choice, ...] = ()
        self.templates: list[Template] = []
        self.recordings: list[RecordingView] = []
        self.lists_trouble = ""
        self.heard: HeardMessage | None = None
        self.heard_trouble = ""
        self._counted: PrepareRequest | None = None
        self._listed = False
        real_ms = place.sight.real_ms
        self._counting: LiveAnswer[Whom] = LiveAnswer(place.apart, real_ms, self._ask_count, self._hear_count)
        self._hearing: LiveAnswer[PrepareRequest] = LiveAnswer(place.apart, real_ms, self._ask_hear, self._hear_words)

    @property
    def drill(self) -> bool:
        """The carrier is make-believe: the engine said so."""
        health = self.place.sight.health
        return health is not None and health.stand_in

    @property
    def counting(self) -> bool:
        """The count on the screen is not of what is chosen now."""
        return self.draft.has_audience and self._counting.busy

    @property
    def listening(self) -> bool:
        """What is shown as heard is not of the words typed now."""
        return self._hearing.busy

    def touched(self) -> None:
        """The author changed something: what was said before is past."""
        self.trouble = ""
        self.changed()

    def say(self, sentence: str) -> None:
        """Say why a key did nothing."""
        self.trouble = sentence
        self.changed()

    def begin_anew(self) -> None:
        """Throw the draft away."""
        self.draft = Draft(self.emergency)
        self.find, self.count, self._counted, self.found = "", None, None, ()
        self.heard, self.heard_trouble, self.count_trouble = None, "", ""
        self._counting.again()

    # -- asking

    def level(self) -> None:
        """Ask for what has changed."""
        draft = self.draft
        if self.place.door is None:
            self.count_trouble = self.heard_trouble = "No engine answers at the door."
            return
        find = self.find if len(self.find.strip()) >= FIND_LETTERS_MIN else ""
        self._counting.want((draft.whom(), draft.has_audience, find))
        self._hearing.want(None if draft.sheets[0].blank else self.draft.said())
        self._counting.tick()
        self._hearing.tick()

    def list_kept(self) -> None:
        """Ask once for templates and recordings."""
        if not self._listed and self.place.door is not None:
            self._listed = True
            self.place.apart(self._ask_lists, self._hear_lists)

    def _ask_count(self, whom: Whom) -> object:
        request, has_audience, find = whom
        count = has_audience and request != self._counted
        return self._door.act(COUNT, CountAsked(request=request, count=count, choices=not self.choices, find=find))

    def _hear_count(self, whom: Whom, answer: object) -> None:
        request, has_audience, _ = whom
        if isinstance(answer, AudienceCount):
            self.count_trouble = ""
            self.choices = answer.choices or self.choices
            self.found = answer.found
            if not has_audience:
                self.count, self._counted = None, None
            elif request != self._counted:
                self.count, self._counted = answer, request
        elif isinstance(answer, CallchainError):
            self.count_trouble = str(answer)
            self.count, self._counted = None, None
        self.changed()

    def _ask_hear(self, words: PrepareRequest) -> object:
        return self._door.act(HEAR, words)

    def _hear_words(self, _words: PrepareRequest, answer: object) -> None:
        if isinstance(answer, HeardMessage):
            self.heard, self.heard_trouble = answer, ""
        elif isinstance(answer, CallchainError):
            self.heard, self.heard_trouble = None, str(answer)
        self.changed()

    def _ask_lists(self) -> object:
        return (
            self._door.act(templates.LIST, ListTemplates()),
            self._door.act(recordings.LIST, ListRecordings()),
        )

    def _hear_lists(self, answer: object) -> None:
        if isinstance(answer, tuple):
            self.templates, self.recordings = answer
            self.lists_trouble = ""
        elif isinstance(answer, CallchainError):
            self.lists_trouble = str(answer)
            self._listed = not isinstance(answer, EngineUnreachableError)
        self.changed()

    @property
    def _door(self) -> DoorLike:
        assert self.place.door is not None, "nobody is asked without a door"
        return self.place.door
