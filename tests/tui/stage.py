"""A small district in the middle of its morning, and the dashboard looking at it."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from textual.pilot import Pilot

from actors.runtime.clock import VirtualClock
from engine.acts.act import Act
from engine.board import Board
from engine.orders import Health, PrepareRequest
from store import facts
from store.commands import Verb
from store.dispositions import Disposition, Outcome
from store.errors import CallchainError, EngineUnreachableError, NotFoundError
from store.keys import chain_id
from tests.engine.board_store import HOUR, MORNING, BoardStore, Reason, plan
from tui.dashboard import Dashboard
from tui.door_like import Answer, Errand
from tui.look.themes import Taste

SNAPSHOTS = Path(__file__).parent / "snapshots"

UPDATE = "CALLCHAIN_UPDATE_SNAPSHOTS"
"""Set it to write the pictures anew; look at the differences before they are kept."""


class FakeDoor:
    """An engine that answers as it is told."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.stand_in = False
        self.silent = False
        self.refuses: CallchainError | None = None
        self.given: list[tuple[Verb, int]] = []
        self.acted: list[tuple[str, Any]] = []
        """Acts asked for, by name, each with its request."""
        self.answers: dict[str, Any] = {}
        """What an act or a verb of the ladder answers, by name; an error is raised."""

    def health(self) -> Health:
        if self.silent:
            raise EngineUnreachableError("No engine answers.")
        return Health(
            engine="running", incarnation=1, now=self.clock.now(), speed=1.0, lines=24, emergency_lines=8,
            stand_in=self.stand_in,
        )  # fmt: skip

    def command(self, verb: Verb, job_id: int) -> object:
        if self.refuses is not None:
            raise self.refuses
        self.given.append((verb, job_id))
        return None

    def job(self, job_id: int) -> Any:
        return self._answer("job", job_id)

    def prepare(self, request: PrepareRequest) -> Any:
        return self._answer("prepare", request)

    def ask_to_send(self, job_id: int, expect: int) -> Any:
        return self._answer("ask_to_send", (job_id, expect))

    def approve(self, job_id: int, expect: int) -> Any:
        return self._answer("approve", (job_id, expect))

    def recall(self, job_id: int) -> Any:
        return self._answer("recall", job_id)

    def releases(self) -> Any:
        return self.answers.get("releases", [])

    def act(self, act: Act[Any, Any], request: Any) -> Any:
        return self._answer(act.name, request)

    def asked_for(self, name: str) -> list[Any]:
        """What was asked of one act or verb, oldest first."""
        return [asked for asked_name, asked in self.acted if asked_name == name]

    def _answer(self, name: str, asked: Any) -> Any:
        if self.silent:
            raise EngineUnreachableError("No engine answers.")
        if self.refuses is not None:
            raise self.refuses
        answer = self.answers.get(name)
        if isinstance(answer, CallchainError):
            raise answer
        self.acted.append((name, asked))
        if name not in self.answers:
            raise NotFoundError(f"Nobody taught this door to answer {name}.")
        return answer


def at_once(errand: Errand, answer: Answer) -> None:
    """Errands are run on the spot."""
    try:
        result = errand()
    except CallchainError as error:
        result = error
    answer(result)


class Stage:
    """The store behind the screen, the clock, the door, and the app."""

    def __init__(self, folder: Path, begun: bool) -> None:
        self.store = BoardStore(folder / "store", begun=begun)
        self.clock = VirtualClock(MORNING)
        self.door = FakeDoor(self.clock)
        self.folder = folder
        self.taste = Taste.DARK
        self.ascii_only = False
        self.app: Dashboard
        self.pilot: Pilot[None]

    async def passes(self, seconds: int = 1) -> None:
        """Time passes, second by second, and the screen follows."""
        for _ in range(seconds):
            self.clock.move_to(self.clock.now() + 1_000)
            self.app.tick()
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def types(self, text: str) -> None:
        await self.press(*({" ": "space", ":": "colon", ",": "comma", "-": "minus"}.get(key, key) for key in text))

    @property
    def lines(self) -> list[str]:
        """The screen as text."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"

    def looks_like(self, name: str) -> None:
        """Compare the screen with its picture."""
        path = SNAPSHOTS / f"{name}.txt"
        if os.environ.get(UPDATE):
            path.write_text(self.text, encoding="utf-8")
        assert path.exists(), f"There is no picture {path}; set {UPDATE}=1 to make it."
        assert self.text == path.read_text(encoding="utf-8")


@asynccontextmanager
async def on_stage(stage: Stage, size: tuple[int, int], door: bool = True) -> AsyncIterator[Stage]:
    stage.clock.move_to(stage.store.at)
    board = Board(stage.store.database)
    given = stage.door if door else None
    stage.app = Dashboard(
        stage.folder, given, stage.clock, board=board, apart=at_once, tick_seconds=0, taste=stage.taste,
        ascii_only=stage.ascii_only, views=stage.folder / "views.json",
    )  # fmt: skip
    async with stage.app.run_test(size=size) as stage.pilot:
        await stage.pilot.pause()
        await stage.passes()
        yield stage


def play(
    scene: Callable[[Stage], Awaitable[None]],
    size: tuple[int, int] = (120, 40),
    before: Callable[[Stage], None] = lambda stage: school_day(stage.store),
    door: bool = True,
    begun: bool = True,
) -> None:
    """Set the stage, raise the curtain, play one scene."""

    async def run(stage: Stage) -> None:
        async with on_stage(stage, size, door):
            await scene(stage)

    with TemporaryDirectory() as folder:
        stage = Stage(Path(folder), begun)
        before(stage)
        asyncio.run(run(stage))
        stage.store.close()


NAMES = (
    "Ada Moreno", "Bo Jensen", "Cem Yılmaz", "Dee Okafor", "Eve Berg", "Fay Nguyen", "Gus Schmidt", "Hana Garcia",
    "Ivan Patel", "Jo Kim", "Kofi Novak", "Lena Rossi", "Mia Silva", "Noor Haddad", "Omar Larsen", "Pia Brown",
)  # fmt: skip


def school_day(store: BoardStore) -> None:
    """A letter waits for 10:00, absences are being called, and a gas leak has just been reported."""
    letter = [plan(f"Contact {n:02d}", f"p{n}", opens_at=MORNING + HOUR) for n in range(30)]
    store.job("Picture day is on Friday", Reason.GENERAL, letter, opens_at=MORNING + HOUR)
    absent = store.job("Absent today", Reason.ATTENDANCE, [plan(name, f"a{n}") for n, name in enumerate(NAMES[:8])])
    leak = [plan(name, f"s{n}", f"s{n + 1}", steps=3) for n, name in enumerate(NAMES)]
    leak += [plan("Quinn Tanaka", "s0", steps=0, owner=0), plan("Rosa Nobody", "s99", steps=0)]
    store.opens(absent)
    store.dials(absent, 0, 1, 2, 3)
    store.hears(absent, 0, Disposition.CONFIRMED, Outcome.CONFIRMED)
    store.hears(absent, 1, Disposition.NO_ANSWER, after_ms=4_000)
    store.hears(absent, 2, Disposition.MACHINE_MESSAGE_LEFT, Outcome.DELIVERED_UNCONFIRMED, after_ms=9_000)
    store.dials(absent, 1, step=1)
    store.hears(absent, 1, Disposition.BUSY, after_ms=7_000)
    urgent = store.job("Gas leak at Lincoln Elementary", Reason.EMERGENCY, leak)
    store.opens(urgent)
    store.dials(urgent, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
    store.hears(urgent, 0, Disposition.CONFIRMED, Outcome.CONFIRMED, after_ms=21_000)
    store.hears(urgent, 1, Disposition.INVALID_NUMBER, Outcome.EXHAUSTED, after_ms=1_000)
    store.hears(urgent, 2, Disposition.NO_ANSWER, after_ms=8_000)
    store.commit(store.opened(chain_id(urgent, 2), step=1), store.opened(chain_id(urgent, 10)))
    store.hears(urgent, 3, Disposition.RESULT_OVERDUE, Outcome.ERROR, after_ms=3_000)
    store.hears(urgent, 2, Disposition.BUSY, after_ms=11_000)
    store.commit(store.opened(chain_id(urgent, 2), step=2), facts.JobPaused(absent))
