"""One chain in full, on a stage: its cause, what comes next, its neighbors, and the keys that act on it alone."""

import pytest

from engine.why.view import WhyChain
from store.commands import Verb
from store.dispositions import Disposition, JobState, Outcome
from store.keys import chain_id
from tests.engine.board_store import HOUR, MORNING, Reason, plan
from tests.tui.stage import Stage, play
from tui.dialogs.chains_dialog import ChainDialog
from tui.screens.chain import ChainScreen
from tui.screens.why import WhyRoom

LETTER, ABSENT, GAS_LEAK = 1, 2, 3


async def opens(stage: Stage, job: int, index: int) -> None:
    """Select a chain and look into it."""
    stage.app.live.chains.select(chain_id(job, index))
    await stage.press("enter")
    assert isinstance(stage.app.screen, ChainScreen)


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_a_chain_says_where_it_stands_why_and_what_comes_next(size: tuple[int, int]) -> None:
    async def scene(stage: Stage) -> None:
        await opens(stage, GAS_LEAK, 2)
        stage.looks_like(f"chain_at_carrier_{size[0]}x{size[1]}")
        await opens_next(stage, ABSENT, 1)
        stage.looks_like(f"chain_paused_{size[0]}x{size[1]}")
        await opens_next(stage, LETTER, 4)
        stage.looks_like(f"chain_not_open_{size[0]}x{size[1]}")

    play(scene, size)


async def opens_next(stage: Stage, job: int, index: int) -> None:
    await stage.press("escape")
    await opens(stage, job, index)


@pytest.mark.parametrize(
    ("index", "words"),
    [
        (0, "Somebody pressed the key"),
        (16, "Each of its numbers is dialed by chain 3-0"),
        (17, "Nobody can be called"),
        (3, "An error in the program ended it"),
    ],
)
def test_an_ended_chain_says_how_it_ended_and_that_nothing_comes(index: int, words: str) -> None:
    async def scene(stage: Stage) -> None:
        await opens(stage, GAS_LEAK, index)
        assert words in stage.text
        assert "What comes next" not in stage.text

    play(scene)


def told(words: str) -> WhyChain:
    """What an engine knows that the board does not: the place in the queue."""
    return WhyChain(
        chain_id=chain_id(GAS_LEAK, 11), job_id=GAS_LEAK, index=11, contact_key="p:Lena Rossi",
        contact_name="Lena Rossi", student_ids=(), state="pending", cause="waiting_for_line", sentence=words,
        next_ring_at=MORNING + 5 * 60_000, next_ring_basis="queue", position=4,
    )  # fmt: skip


def test_the_engine_refines_what_the_board_can_tell_and_is_asked_again_when_the_chain_moves() -> None:
    async def scene(stage: Stage) -> None:
        stage.door.answers["why.chain"] = told("It waits for a line: 3 chains are before it.")
        await opens(stage, GAS_LEAK, 11)
        assert "3 chains are before it" in stage.text
        assert "next ring about 14:05, by its place in the queue" in stage.text
        asked = len(stage.door.acted)
        await stage.passes(2)
        assert len(stage.door.acted) == asked, "nothing has changed"
        stage.store.commit(stage.store.opened(chain_id(GAS_LEAK, 11)))
        stage.door.answers["why.chain"] = told("Its engine's newest word.")
        await stage.passes(1)
        assert "Its engine's newest word" in stage.text
        await stage.passes(6)
        assert len(stage.door.acted) > asked + 1, "queues move"

    play(scene)


def test_without_a_door_the_board_tells_what_it_knows() -> None:
    async def scene(stage: Stage) -> None:
        await opens(stage, GAS_LEAK, 11)
        assert "It waits for a line." in stage.text
        assert "next ring unknown" in stage.text

    play(scene, door=False)


def test_a_redial_that_is_due_is_shown_with_its_instant() -> None:
    def a_redial(stage: Stage) -> None:
        job = stage.store.job("Snow day", Reason.GENERAL, [plan("Ada Moreno", "a1", steps=1)], closes_at=MORNING + HOUR)
        stage.store.opens(job)
        stage.store.dials(job, 0)
        stage.store.hears(job, 0, Disposition.NO_ANSWER)

    async def scene(stage: Stage) -> None:
        await opens(stage, 1, 0)
        assert "Round 2 of 3 begins at 14:10:20 with the cell" in stage.text
        assert "next ring 14:10:20, its delay is over then" in stage.text
        assert "14:10:20  cell" in stage.text

    play(scene, before=a_redial)


def test_x_cancels_the_chain_in_view_alone_whatever_is_marked_in_the_list() -> None:
    async def scene(stage: Stage) -> None:
        stage.app.live.chains.select(chain_id(LETTER, 5))
        await stage.press("space")
        await opens(stage, GAS_LEAK, 2)
        await stage.press("x")
        assert isinstance(stage.app.screen, ChainDialog)
        assert "CANCEL CHAIN 3-2?" in stage.text
        await stage.press("enter")
        assert not [asked for name, asked in stage.door.acted if name == "chains.cancel"]
        stage.door.answers["chains.cancel"] = None
        await stage.press("x", "C")
        (asked,) = [asked for name, asked in stage.door.acted if name == "chains.cancel"]
        assert asked.chain_ids == (chain_id(GAS_LEAK, 2),)
        await stage.passes()
        assert "chain 3-2" in stage.text
        assert stage.app.commands.entries[0].verb is Verb.CANCEL

    play(scene)


def test_an_ended_chain_cannot_be_canceled() -> None:
    async def scene(stage: Stage) -> None:
        await opens(stage, GAS_LEAK, 0)
        await stage.press("x")
        assert isinstance(stage.app.screen, ChainScreen)

    play(scene)


def test_c_copies_its_id_and_o_shows_the_chains_of_its_job() -> None:
    async def scene(stage: Stage) -> None:
        await opens(stage, GAS_LEAK, 2)
        await stage.press("c")
        assert stage.app.clipboard == "3-2"
        await stage.press("o")
        assert stage.app.screen is stage.app.live
        assert stage.app.live.chains.shown.total == 18

    play(scene)


def test_w_shows_every_message_of_the_contact() -> None:
    async def scene(stage: Stage) -> None:
        await opens(stage, GAS_LEAK, 2)
        await stage.press("w")
        assert type(stage.app.screen) is WhyRoom
        await stage.press("escape")
        shown: object = stage.app.screen
        assert isinstance(shown, ChainScreen)

    play(scene)


def test_a_chain_whose_job_has_left_the_board_says_so() -> None:
    async def scene(stage: Stage) -> None:
        await opens(stage, ABSENT, 0)
        for index in range(8):
            stage.store.ends(ABSENT, index, Outcome.CANCELED)
        stage.store.job_ends(ABSENT, JobState.CANCELED_IN_PROGRESS)
        stage.store.commit(after_ms=25 * HOUR)
        await stage.passes(1)
        assert "left the board" in stage.text

    play(scene)
