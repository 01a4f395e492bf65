"""Acts at the door: `POST /acts/NAME` for each there is, with its own request, answer and role."""

from collections.abc import Callable
from typing import Any

from engine.acts.act import Act
from engine.acts.catalog import ACTS
from engine.acts.desk import LiveDesk
from engine.door.endpoint import Asked, Crew, Endpoint
from engine.service import Engine
from store.access import Role


def routes(engine: Engine) -> list[Endpoint]:
    """The rows of this matter."""
    return [_endpoint(engine, act) for act in ACTS.values()]


def _endpoint(engine: Engine, act: Act[Any, Any]) -> Endpoint:
    def carry_out(asked: Asked) -> object:
        return act.carry_out(LiveDesk(engine), asked.body, asked.caller.name)

    return Endpoint(
        method="POST", path=f"/acts/{act.name}", summary=summary_of(act), role=act.role, needs=_needs(engine, act),
        asks=act.asks, answers=act.answers, crew=Crew.STUDY if act.studies else Crew.ACT, carry_out=carry_out,
        body_max=act.body_max,
    )  # fmt: skip


def summary_of(act: Act[Any, Any]) -> str:
    """What is asked, in the words of its request's type."""
    said = (act.asks.__doc__ or "").strip().splitlines()
    return f"{act.name}: {said[0]}" if said and act.asks.__module__.startswith("engine") else act.name


def _needs(engine: Engine, act: Act[Any, Any]) -> Callable[[Asked], Role] | None:
    needs = act.needs
    return None if needs is None else lambda asked: max(act.role, needs(LiveDesk(engine), asked.body))
