"""The operator's hand: marks, what they are canceled by, dialogs that keep, and the ladder's bands."""

import pytest

from engine.acts.chain_cancels import CANCEL, CancelChains, ChainsCanceled
from engine.views import ReleaseView
from store.commands import Verb
from store.dispositions import Outcome
from store.errors import RefusedError
from store.keys import chain_id
from tests.tui.stage import Stage, play, school_day
from tui.dialogs.chains_dialog import ChainDialog
from tui.dialogs.keep_dialog import KeepDialog
from tui.dialogs.typed_dialog import TypedDialog

ABSENT, GAS_LEAK = 2, 3


def canceled(stage: Stage) -> list[tuple[int, ...]]:
    """The chains that were asked to be canceled."""
    return [asked.chain_ids for name, asked in stage.door.acted if name == CANCEL.name]


def taught(stage: Stage) -> None:
    school_day(stage.store)
    stage.door.answers[CANCEL.name] = ChainsCanceled(canceled=3, ended_before=0)


def select(stage: Stage, job: int, index: int) -> None:
    stage.app.live.chains.select(chain_id(job, index))


# ---------------------------------------------------------------- marks


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_marked_chains_are_counted_in_the_title_and_have_a_sign(size: tuple[int, int]) -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("down", "down", "down", "space", "space", "down", "V")
        assert "◼ 4 marked" in stage.text
        assert len([line for line in stage.lines if line.startswith("◼")]) == 4
        stage.looks_like(f"marked_{size[0]}x{size[1]}")
        await stage.press("u")
        assert "marked" not in stage.text

    play(scene, size)


def test_marks_stay_with_their_chains_whatever_the_filter_hides() -> None:
    async def scene(stage: Stage) -> None:
        for index in (4, 5):
            select(stage, GAS_LEAK, index)
            await stage.press("space")
        await stage.press("slash")
        await stage.types("state:pending")
        await stage.press("enter")
        assert stage.app.live.chains.marks.chains == {chain_id(GAS_LEAK, 4), chain_id(GAS_LEAK, 5)}
        assert "◼ 2 marked" in stage.text

    play(scene)


def test_the_range_goes_from_the_last_mark_to_the_cursor_in_the_order_shown() -> None:
    async def scene(stage: Stage) -> None:
        order = stage.app.live.chains.shown
        await stage.press("down", "down", "space", "down", "down", "ctrl+@")
        assert stage.app.live.chains.marks.chains == {order.at(place) for place in (1, 2, 3, 4)}

    play(scene)


def test_marked_chains_are_canceled_by_the_ids_taken_when_the_dialog_opened() -> None:
    async def scene(stage: Stage) -> None:
        wanted = [chain_id(GAS_LEAK, index) for index in (4, 5, 6)]
        for index in (4, 5, 6):
            select(stage, GAS_LEAK, index)
            await stage.press("space")
        await stage.press("x")
        stage.looks_like("cancel_marked_80x24")
        stage.app.live.field.value = "state:pending"
        stage.app.live.chains.marks.add([chain_id(ABSENT, 4)], 0)
        for index in range(10, 14):
            stage.store.ends(1, index, Outcome.ERROR)
        await stage.passes(3)
        await stage.types("3")
        await stage.press("ctrl+y")
        assert canceled(stage) == [tuple(wanted)]
        assert "cancel 3 chains ✓ applied" in stage.text

    play(scene, (80, 24), before=taught)


def test_one_chain_is_canceled_by_a_key_that_opens_nothing_after_its_person_was_named() -> None:
    async def scene(stage: Stage) -> None:
        select(stage, GAS_LEAK, 4)
        await stage.press("x")
        assert isinstance(stage.app.screen, ChainDialog)
        stage.looks_like("cancel_chain_80x24")
        await stage.press("x", "y", "z", "enter", "x", "escape")
        assert canceled(stage) == []
        select(stage, GAS_LEAK, 4)
        await stage.press("x", "C")
        assert canceled(stage) == [(chain_id(GAS_LEAK, 4),)]

    play(scene, (80, 24), before=taught)


def test_chains_that_have_ended_are_not_asked_about() -> None:
    async def scene(stage: Stage) -> None:
        select(stage, GAS_LEAK, 1)
        await stage.press("x")
        assert stage.app.screen is stage.app.live
        select(stage, GAS_LEAK, 1)
        await stage.press("space")
        select(stage, GAS_LEAK, 4)
        await stage.press("space", "x")
        await stage.types("1")
        await stage.press("ctrl+y")
        assert canceled(stage) == [(chain_id(GAS_LEAK, 4),)]

    play(scene, before=taught)


def test_nothing_is_canceled_with_old_data() -> None:
    async def scene(stage: Stage) -> None:
        select(stage, GAS_LEAK, 4)
        await stage.press("x")
        stage.door.silent = True
        await stage.passes(7)
        await stage.press("C")
        assert canceled(stage) == []
        await stage.press("x")
        assert stage.app.screen is stage.app.live

    play(scene, before=taught)


# ---------------------------------------------------------------- dialogs


def test_a_typed_dialog_acts_on_its_own_key_alone_and_only_when_the_phrase_stands_there() -> None:
    async def scene(stage: Stage) -> None:
        answers: list[bool | None] = []
        leaving = (["enter"], ["S", "escape"], ["S", "T", "O", "ctrl+y", "escape"], [*"STOPP", "ctrl+y", "escape"])
        for keys in leaving:
            stage.app.push_screen(TypedDialog("STOP?", ["All calls are withdrawn."], "STOP", "Stop"), answers.append)
            await stage.press(*keys)
        assert answers == [False, False, False, False]
        stage.app.push_screen(TypedDialog("STOP?", ["All calls are withdrawn."], "STOP", "Stop"), answers.append)
        await stage.press("S", "T", "O", "P", "enter")
        assert isinstance(stage.app.screen, TypedDialog)
        await stage.press("ctrl+y")
        assert answers[-1] is True

    play(scene)


def test_a_typed_dialog_says_when_something_else_was_typed() -> None:
    async def scene(stage: Stage) -> None:
        stage.app.push_screen(TypedDialog("STOP?", [], "STOP"))
        await stage.press("S", "O")
        assert "not the same" in stage.text
        await stage.press("backspace", "T")
        assert "not the same" not in stage.text
        await stage.press("ctrl+u", "enter")
        assert stage.app.screen is stage.app.live

    play(scene)


def test_in_a_drill_every_dialog_says_so() -> None:
    async def scene(stage: Stage) -> None:
        stage.door.stand_in = True
        await stage.passes(1)
        await stage.press("down", "X")
        assert isinstance(stage.app.screen, KeepDialog)
        assert [line for line in stage.lines if "┃  DRILL · make-believe carrier · nobody is called" in line]
        stage.looks_like("drill_dialog_80x24")
        await stage.press("escape", "question_mark")
        assert [line for line in stage.lines if "┃  DRILL · make-believe carrier · nobody is called" in line]

    play(scene, (80, 24))


# ---------------------------------------------------------------- the ladder


def asked(stage: Stage, rung: str = "asked", count: int = 4_812) -> None:
    """Somebody wants to send the gas leak."""
    now = stage.app.sight.now()
    stage.door.answers["releases"] = [
        ReleaseView(
            job_id=GAS_LEAK, rung=rung, reason="emergency", subject="Gas leak at Lincoln", count=count, asked_by="anna",
            asked_at=now, expires_at=now + 120_000, release_at=now + 10_000 if rung == "counting" else 0,
            needs_second=rung == "asked",
        )
    ]  # fmt: skip


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_what_waits_for_a_second_person_stands_on_every_screen(size: tuple[int, int]) -> None:
    async def scene(stage: Stage) -> None:
        asked(stage)
        await stage.passes(1)
        stage.looks_like(f"approval_{size[0]}x{size[1]}")
        for key in ("5", "3", "6"):
            await stage.press(key)
            assert "◆ anna wants to call 4,812: EMERGENCY" in stage.lines[0]
            assert "v to view" in stage.lines[0]

    play(scene, size)


def test_approving_takes_the_review_and_the_number_typed() -> None:
    async def scene(stage: Stage) -> None:
        asked(stage)
        stage.door.answers["approve"] = None
        await stage.passes(1)
        await stage.press("v")
        stage.looks_like("review_80x24")
        await stage.press("enter")
        assert stage.door.acted == []
        await stage.press("v")
        await stage.types("APPROVE 4812")
        await stage.press("ctrl+y")
        assert stage.door.acted == [("approve", (GAS_LEAK, 4_812))]

    play(scene, (80, 24))


def test_the_engine_s_refusal_of_an_approval_is_shown() -> None:
    async def scene(stage: Stage) -> None:
        asked(stage)
        await stage.passes(1)
        await stage.press("v")
        await stage.types("APPROVE 4812")
        stage.door.refuses = RefusedError("You asked for it yourself.")
        await stage.press("ctrl+y")
        assert "✗ rejected  You asked for it" in stage.text

    play(scene, (80, 24))


def test_a_countdown_is_seen_and_recalled_at_once() -> None:
    async def scene(stage: Stage) -> None:
        asked(stage, "counting")
        stage.door.answers["recall"] = None
        await stage.passes(1)
        assert "GOES OUT TO 4,812 IN 9 s" in stage.lines[0]
        stage.looks_like("countdown_80x24")
        await stage.press("r")
        assert stage.door.acted == [("recall", GAS_LEAK)]

    play(scene, (80, 24))


def test_two_commands_at_once_are_two_entries() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("down", "P", "y", "X", "C")
        assert stage.door.given == [(Verb.PAUSE, GAS_LEAK), (Verb.CANCEL, GAS_LEAK)]
        assert [entry.verb for entry in stage.app.commands.entries] == [Verb.CANCEL, Verb.PAUSE]

    play(scene)


def test_the_request_of_a_cancel_is_what_the_engine_takes() -> None:
    assert CANCEL.asks is CancelChains
