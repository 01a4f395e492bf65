"""A door straight into a stepped town's engine: what screens ask of a real engine, without a socket."""

from typing import Any

from engine.acts.act import Act
from engine.acts.desk import LiveDesk
from engine.orders import Health, PrepareRequest
from engine.service import Engine
from engine.views import JobView, Prepared, ReleaseView
from store.commands import Verb
from store.errors import EngineUnreachableError
from tests.fakes import SteppedTown


class EngineDoor:
    """Whoever stands at it is `who`; `shut` it, and no engine answers."""

    def __init__(self, town: SteppedTown, who: str = "anna") -> None:
        self._town = town
        self.who = who
        self.shut = False

    def health(self) -> Health:
        engine = self._engine
        lines, emergency_lines = engine.lines
        return Health(
            engine="running", incarnation=engine.incarnation, now=engine.clock.now(), speed=1.0, lines=lines,
            emergency_lines=emergency_lines, stand_in=engine.settings.carrier.stand_in, standing=engine.standing(),
        )  # fmt: skip

    def command(self, verb: Verb, job_id: int) -> JobView:
        return self._engine.command(verb, job_id, author=self.who)

    def job(self, job_id: int) -> JobView:
        return self._engine.job(job_id)

    def prepare(self, request: PrepareRequest) -> Prepared:
        origin = request.origin(self.who)
        return self._engine.prepare(request.message(), request.whom(), request.window(), origin=origin)

    def ask_to_send(self, job_id: int, expect: int) -> ReleaseView:
        return self._engine.ask_to_send(job_id, expect=expect, author=self.who)

    def approve(self, job_id: int, expect: int) -> ReleaseView:
        return self._engine.approve(job_id, expect=expect, author=self.who)

    def recall(self, job_id: int) -> ReleaseView:
        return self._engine.recall(job_id, author=self.who)

    def releases(self) -> list[ReleaseView]:
        return self._engine.releases()

    def act(self, act: Act[Any, Any], request: Any) -> Any:
        return act.carry_out(LiveDesk(self._engine), request, self.who)

    @property
    def _engine(self) -> Engine:
        if self.shut:
            raise EngineUnreachableError("No engine answers.")
        return self._town.engine
