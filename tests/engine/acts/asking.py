"""Carries acts out on a town's running engine, or on its store while none runs."""

from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

from engine.acts.act import Act
from engine.acts.desk import LiveDesk, at_store
from tests.fakes import SteppedTown

AUTHOR = "ann"


def ask(town: SteppedTown, act: Act[Any, Any], request: Any) -> Any:
    """Of the running engine."""
    answer = act.carry_out(LiveDesk(town.engine), request, AUTHOR)
    town.engine.station.dispatcher.run_until_idle()
    return answer


@contextmanager
def stopped(town: SteppedTown):
    """The engine stops; what is yielded asks on its store. Afterwards the engine starts again."""
    (town.home / "callchain.toml").write_text('[district]\nname = "Oak"\ntime_zone = "America/Chicago"\n')
    town.engine.stop()
    with at_store(town.home) as desk:
        desk.clock = town.clock

        def ask_store(act: Act[Any, Any], request: Any) -> Any:
            return act.carry_out(desk, request, AUTHOR)

        yield ask_store
    town.start()


Ask = Callable[[Act[Any, Any], Any], Any]
