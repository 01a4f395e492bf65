"""From a frozen audience to its first call: what was prepared, its chains, and where it stands on the ladder."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import StrEnum

from engine.acts.audience import PREVIEW, JobPreview, PreviewAsked
from engine.acts.schedules import ACTS as SCHEDULE_ACTS
from engine.acts.templates import LIST, SAVE, ListTemplates
from engine.forecast.acts import JOB
from engine.forecast.views import Forecast
from engine.messaging.templates import template_key
from engine.orders import PrepareRequest
from engine.schedules.views import ScheduleAnswer
from engine.views import JobView, Prepared, ReleaseView
from store.errors import CallchainError, EngineUnreachableError, NotFoundError, RefusedError
from store.releases import Rung
from tui.door_like import DoorLike
from tui.screens.compose.draft import Draft
from tui.screens.compose.foreseen import forecast_of
from tui.screens.room import Place

ADD_SCHEDULE = SCHEDULE_ACTS[0]

FRESH_MS = 120_000
"""A job that was prepared longer ago than this is prepared anew when somebody comes back to it."""

PAGE = 40
"""Chains asked for at once: more than a screen shows."""


class Stage(StrEnum):
    """How far it has come, as far as this screen knows."""

    REVIEW = "review"
    """Nothing was asked for yet."""
    ASKING = "asking"
    """The engine was asked to send it, and has not answered."""
    UNKNOWN = "unknown"
    """It did not answer: nobody knows yet whether it went out."""
    WAITING = "waiting"
    """For the second person."""
    COUNTING = "counting"
    RELEASED = "released"
    RECALLED = "recalled"
    EXPIRED = "expired"
    SCHEDULED = "scheduled"

    @property
    def under_way(self) -> bool:
        """Something may happen by itself: it is looked at every second."""
        return self in (Stage.UNKNOWN, Stage.WAITING, Stage.COUNTING)

    @property
    def not_sent(self) -> bool:
        """It was asked for, and nobody is called after all."""
        return self in (Stage.RECALLED, Stage.EXPIRED)

    @property
    def done(self) -> bool:
        """Nothing is left to do; the next message begins anew."""
        return self in (Stage.RELEASED, Stage.SCHEDULED)


_STAGES = {
    Rung.ASKED.word: Stage.WAITING, Rung.COUNTING.word: Stage.COUNTING, Rung.RELEASED.word: Stage.RELEASED,
    Rung.RECALLED.word: Stage.RECALLED, Rung.EXPIRED.word: Stage.EXPIRED,
}  # fmt: skip


class Sending:
    """Commands carry what was frozen: the job and the count of the review, whatever is typed meanwhile."""

    def __init__(self, place: Place, changed: Callable[[], None]) -> None:
        self._place = place
        self._changed = changed
        self._ticket = 0
        self._looking = False
        self.stage = Stage.REVIEW
        self.prepared: Prepared | None = None
        self.prepared_ms = 0
        """When that was, real milliseconds."""
        self.preparing = False
        self.trouble = ""
        """Why it could not be prepared, sent or recalled: the engine's own sentence."""
        self.page: JobPreview | None = None
        self.forecast: Forecast | None = None
        self.release: ReleaseView | None = None
        self.recalling = False
        self.scheduled: ScheduleAnswer | None = None

    def forget(self) -> None:
        """Let go of what was prepared: the engine never sends it by itself."""
        self._ticket += 1
        self.stage, self.prepared, self.page, self.release = Stage.REVIEW, None, None, None
        self.forecast = None
        self.preparing, self.recalling, self.trouble, self.scheduled = False, False, "", None

    @property
    def stale(self) -> bool:
        """Prepared, and so long ago that people have come and gone."""
        return self.prepared is not None and self._place.sight.real_ms() - self.prepared_ms > FRESH_MS

    # -- freezing

    def prepare(self, request: PrepareRequest) -> None:
        """Freeze the audience anew."""
        self.forget()
        self.preparing = True
        self._apart(lambda door: door.prepare(request), self._prepared)

    def _prepared(self, answer: object) -> None:
        self.preparing = False
        if isinstance(answer, Prepared):
            self.prepared, self.prepared_ms = answer, self._place.sight.real_ms()
            self.turn_to(0)
            self._foresee(answer.job_id, first=True)
        elif isinstance(answer, CallchainError):
            self.trouble = str(answer)

    def _foresee(self, job_id: int, *, first: bool) -> None:
        """A first forecast at once, a better one while it is read. Without one there is an estimate."""

        def heard(answer: object) -> None:
            if isinstance(answer, Forecast):
                self.forecast = answer
                if first:
                    self._foresee(job_id, first=False)

        self._apart(lambda door: door.act(JOB, forecast_of(job_id, first=first)), heard)

    def turn_to(self, first: int) -> None:
        """Have some of the frozen chains shown."""
        if self.prepared is not None:
            asked = PreviewAsked(job_id=self.prepared.job_id, first=max(0, first), count=PAGE)
            self._apart(lambda door: door.act(PREVIEW, asked), self._paged)

    def _paged(self, answer: object) -> None:
        if isinstance(answer, JobPreview):
            self.page = answer

    # -- the ladder

    def ask(self) -> None:
        """Have the frozen job sent."""
        job = self.prepared
        if job is None or self.stage is not Stage.REVIEW:
            return
        self.stage, self.trouble = Stage.ASKING, ""
        self._apart(lambda door: door.ask_to_send(job.job_id, job.count), self._asked)

    def _asked(self, answer: object) -> None:
        if isinstance(answer, ReleaseView):
            self._stands(answer)
        elif isinstance(answer, EngineUnreachableError):
            self.stage, self.trouble = Stage.UNKNOWN, str(answer)
        elif isinstance(answer, CallchainError):
            self.stage, self.trouble = Stage.REVIEW, str(answer)

    def recall(self) -> None:
        """Take it back before it has gone out."""
        if self.prepared is not None and self.stage in (Stage.WAITING, Stage.COUNTING) and not self.recalling:
            job_id, self.recalling = self.prepared.job_id, True
            self._apart(lambda door: door.recall(job_id), self._recalled)

    def _recalled(self, answer: object) -> None:
        self.recalling = False
        if isinstance(answer, ReleaseView):
            self._stands(answer)
        elif isinstance(answer, CallchainError):
            self.trouble = f"Not recalled: {answer}"

    def look(self) -> None:
        """Once a second: what has become of it. What is on disk tells even when no engine does."""
        if self.stage.under_way and self._is_out():
            self.stage, self.trouble = Stage.RELEASED, ""
            self._changed()
        elif self.prepared is not None and self.stage.under_way and not self._looking:
            job_id, self._looking = self.prepared.job_id, True
            self._apart(lambda door: _found(door, job_id), self._looked)

    def _is_out(self) -> bool:
        with suppress(NotFoundError):
            return self.prepared is not None and bool(self._place.sight.board.job(self.prepared.job_id))
        return False

    def _looked(self, answer: object) -> None:
        self._looking = False
        if isinstance(answer, ReleaseView):
            self._stands(answer)
        elif isinstance(answer, JobView):
            self.stage = Stage.RELEASED
        elif isinstance(answer, NotFoundError):
            # It is neither on the ladder nor out.
            self.stage = Stage.REVIEW if self.stage is Stage.UNKNOWN else Stage.EXPIRED
            self.trouble = "The engine answers again: nothing was sent." if self.stage is Stage.REVIEW else ""
        elif isinstance(answer, CallchainError):
            self.trouble = str(answer)

    def _stands(self, release: ReleaseView) -> None:
        self.release, self.trouble = release, ""
        self.stage = _STAGES.get(release.rung, Stage.UNKNOWN)

    # -- schedules

    def schedule(self, draft: Draft) -> None:
        """Keep a draft as a template and have a schedule send it."""
        if self.stage is Stage.REVIEW:
            template, schedule = draft.template(draft.name), draft.schedule()
            self.stage, self.trouble = Stage.ASKING, ""

            def keep(door: DoorLike) -> object:
                _refuse_taken(door, template.name)
                door.act(SAVE, template)
                return door.act(ADD_SCHEDULE, schedule)

            self._apart(keep, self._kept)

    def _kept(self, answer: object) -> None:
        if isinstance(answer, ScheduleAnswer):
            self.stage, self.scheduled = Stage.SCHEDULED, answer
        elif isinstance(answer, CallchainError):
            self.stage, self.trouble = Stage.REVIEW, str(answer)

    # -- inside

    def _apart(self, ask: Callable[[DoorLike], object], hear: Callable[[object], None]) -> None:
        """Ask beside the screen; an answer about what was let go of meanwhile is not listened to."""
        door, ticket = self._place.door, self._ticket

        def errand() -> object:
            if door is None:
                raise EngineUnreachableError("No engine answers at the door. Nothing was sent.")
            return ask(door)

        def heard(answer: object) -> None:
            if ticket == self._ticket:
                hear(answer)
                self._changed()

        self._place.apart(errand, heard)


def _found(door: DoorLike, job_id: int) -> ReleaseView | JobView:
    """Where a job stands: on the ladder, or out. Raises NotFoundError where it is neither."""
    on_ladder: Sequence[ReleaseView] = door.releases()
    found = next((one for one in on_ladder if one.job_id == job_id), None)
    return found if found is not None else door.job(job_id)


def _refuse_taken(door: DoorLike, name: str) -> None:
    """No schedule may change what an older template says."""
    if any(template_key(one.name) == template_key(name) for one in door.act(LIST, ListTemplates())):
        raise RefusedError(f'There already is a template "{name}"; give the schedule another name.')
