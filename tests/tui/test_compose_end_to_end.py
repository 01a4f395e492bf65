"""From an empty wizard to ringing phones, with a real engine behind the door and a make-believe carrier behind that."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from engine.acts.audience import JobPreview
from engine.board import Board
from engine.messaging.counting import AudienceCount
from engine.service_settings import LadderSettings
from engine.views import Prepared
from tests.fakes import SteppedTown, two_families
from tests.tui.engine_door import EngineDoor
from tests.tui.stage import at_once
from tui.dashboard import Dashboard
from tui.screens.compose.compose_room import ComposeRoom
from tui.screens.compose.sending import Stage

Scene = Callable[["Desk"], Awaitable[None]]


class Desk:
    """An operator before the dashboard of a town."""

    def __init__(self, town: SteppedTown, door: EngineDoor, app: Dashboard, pilot: Pilot[None]) -> None:
        self.town = town
        self.door = door
        self.app: App[None] = app
        self._dashboard = app
        self._pilot = pilot
        self.room: ComposeRoom
        """The wizard, whether or not it is still on the screen."""

    @property
    def prepared(self) -> Prepared:
        """What was frozen for the review."""
        assert self.room.sending.prepared is not None
        return self.room.sending.prepared

    @property
    def page(self) -> JobPreview:
        """The calls the review shows."""
        assert self.room.sending.page is not None
        return self.room.sending.page

    @property
    def count(self) -> AudienceCount:
        """Whom the choice reaches."""
        assert self.room.work.count is not None
        return self.room.work.count

    def is_at(self, stage: Stage) -> bool:
        """Whether the sending is so far."""
        return self.room.sending.stage is stage

    async def press(self, *keys: str) -> None:
        await self._pilot.press(*keys)
        await self._pilot.pause()

    async def passes(self, seconds: int = 1) -> None:
        """Time passes for the engine and the screen."""
        for _ in range(seconds):
            self.town.run(seconds=1)
            self._dashboard.tick()
        await self._pilot.pause()

    async def begins(self, *, emergency: bool) -> None:
        """Everybody is chosen, and the keys are in the text."""
        await self.press("n", "e" if emergency else "g")
        assert isinstance(self.app.screen, ComposeRoom)
        self.room = self.app.screen
        await self.passes()
        await self.press("enter")
        await self.passes()
        await self.press("ctrl+n")

    async def says(self, text: str) -> None:
        """The text is written, and heard."""
        self.room.query_one(TextArea).text = text
        await self.passes()
        await self.press("ctrl+n")

    async def types(self, text: str) -> None:
        await self.press(*({" ": "space"}.get(key, key) for key in text))


def operate(town: SteppedTown, scene: Scene) -> None:
    """Sit down before the dashboard of a town."""

    async def run() -> None:
        door = EngineDoor(town)
        board = Board(town.database)
        app = Dashboard(town.home, door, town.clock, board=board, apart=at_once, tick_seconds=0)
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.pause()
            await scene(Desk(town, door, app, pilot))

    asyncio.run(run())


def with_ladder(town: SteppedTown, **ladder: Any) -> None:
    town.engine.apply_settings(msgspec.structs.replace(town.settings, ladder=LadderSettings(**ladder)))


def test_an_emergency_goes_from_the_first_key_to_the_first_call(tmp_path):
    family, other = two_families()
    for parent in (family.mom, other.mom):
        parent.cell.answers().presses("0").always()
    with SteppedTown(tmp_path, family, other) as town:

        async def scene(desk: Desk) -> None:
            await desk.begins(emergency=True)
            assert desk.count.chains == 2
            await desk.says("Gas leak at {school}. Do not come here.")
            prepared = desk.prepared
            assert prepared.count == desk.page.chains == 2
            assert {chain.contact for chain in desk.page.page} == {"Mom Adams", "Mom Baker"}
            await desk.types("SEND 2")
            await desk.press("ctrl+s")
            assert desk.is_at(Stage.RELEASED)
            await desk.passes(40)
            assert town.job(prepared.job_id).confirmed == 2
            assert len(town.rings(family.mom.cell)) == 1

        operate(town, scene)


def test_a_second_person_and_a_countdown_lie_between_the_key_and_the_call(tmp_path):
    family, other = two_families()
    for parent in (family.mom, other.mom):
        parent.cell.answers().presses("0").always()
    with SteppedTown(tmp_path, family, other) as town:
        with_ladder(town, second_person="emergency", recall_seconds=10.0)

        async def scene(desk: Desk) -> None:
            await desk.begins(emergency=True)
            await desk.says("Gas leak.")
            await desk.types("SEND 2")
            await desk.press("ctrl+s")
            assert desk.is_at(Stage.WAITING)
            town.engine.approve(desk.prepared.job_id, expect=2, author="bo")
            await desk.passes(2)
            assert desk.is_at(Stage.COUNTING)
            assert not town.ring_times()
            await desk.passes(15)
            assert desk.is_at(Stage.RELEASED)
            await desk.passes(20)
            assert town.ring_times()

        operate(town, scene)


def test_what_is_recalled_in_time_rings_nobody_and_is_sent_after_all_from_the_same_draft(tmp_path):
    family, other = two_families()
    for parent in (family.mom, other.mom):
        parent.cell.answers().presses("0").always()
    with SteppedTown(tmp_path, family, other) as town:
        with_ladder(town, recall_seconds=10.0)

        async def scene(desk: Desk) -> None:
            await desk.begins(emergency=True)
            await desk.says("Gas leak.")
            await desk.types("SEND 2")
            await desk.press("ctrl+s")
            await desk.passes(3)
            await desk.press("escape")
            assert desk.is_at(Stage.RECALLED)
            await desk.passes(60)
            assert not town.ring_times()
            first = desk.prepared.job_id
            await desk.press("enter")
            await desk.types("SEND 2")
            await desk.press("ctrl+s")
            await desk.passes(60)
            assert desk.prepared.job_id == first + 1
            assert len(town.ring_times()) == 2

        operate(town, scene)


def test_a_general_message_keeps_its_own_window(tmp_path):
    family, other = two_families()
    for parent in (family.mom, other.mom):
        parent.cell.answers().presses("0").always()
    with SteppedTown(tmp_path, family, other) as town:

        async def scene(desk: Desk) -> None:
            await desk.begins(emergency=False)
            await desk.says("Picture day is on Friday.")
            await desk.press("right", "tab")
            desk.room.query_one("#window", Input).value = "11:00-12:00"
            await desk.press("ctrl+n")
            count = desk.prepared.count
            await desk.types(str(count))
            await desk.press("ctrl+s")
            await desk.passes(5)
            assert not town.ring_times()
            town.run(minutes=65)
            assert len(town.ring_times()) == count

        operate(town, scene)


def test_an_engine_that_vanishes_in_the_middle_leaves_draft_and_phones_alone(tmp_path):
    family, other = two_families()
    for parent in (family.mom, other.mom):
        parent.cell.answers().presses("0").always()
    with SteppedTown(tmp_path, family, other) as town:

        async def scene(desk: Desk) -> None:
            await desk.begins(emergency=True)
            await desk.says("Gas leak.")
            await desk.types("SEND 2")
            desk.door.shut = True
            await desk.press("ctrl+s")
            assert desk.is_at(Stage.UNKNOWN)
            await desk.passes(5)
            assert not town.ring_times()
            desk.door.shut = False
            await desk.passes(2)
            assert desk.is_at(Stage.REVIEW)
            assert "nothing was sent" in desk.room.sending.trouble
            assert desk.room.work.draft.sheet.text == "Gas leak."
            await desk.press("ctrl+s")
            await desk.passes(40)
            assert len(town.ring_times()) == 2

        operate(town, scene)
