"""From the review to the first call: what arms the one key that sends, and every step of the ladder."""

from typing import Any

import msgspec
import pytest
from textual.message import Message
from textual.widgets import Input

from engine.schedules.views import ScheduleAnswer, ScheduleView
from store.errors import AudienceError, EngineUnreachableError, NotFoundError, RefusedError
from tests.engine.board_store import MORNING, Reason, plan
from tests.tui.compose_scene import (
    PREPARED,
    begins,
    holding,
    looks_like,
    morning,
    pastes,
    release,
    reviews,
)
from tests.tui.stage import Stage, play
from tui.screens.compose.compose_room import ComposeRoom, open_wizard
from tui.screens.compose.sending import Stage as Step

WIDE, NARROW = (120, 40), (80, 24)
SIZES = [pytest.param(WIDE, "120x40", id="120x40"), pytest.param(NARROW, "80x24", id="80x24")]

PHRASE = "SEND 4812"

KEYS_OF_AN_EMERGENCY = ("enter", "ctrl+n", "enter", "ctrl+n", *"SEND", "space", *"4812", "ctrl+s")
"""After `n` and `e`: everybody, the first template, the phrase, and the key that sends."""


def sent(stage: Stage) -> list[Any]:
    return stage.door.asked_for("ask_to_send")


async def sends(stage: Stage) -> ComposeRoom:
    room = await reviews(stage)
    await pastes(stage, PHRASE)
    await stage.press("ctrl+s")
    await stage.passes(1)
    return room


# -- what arms the key


def test_an_emergency_to_the_whole_district_from_a_template_takes_sixteen_keys():
    """At three keys a second, a slow typist's pace, that is six seconds; with a text of forty letters, 56 keys, 19."""
    assert len(("n", "e", *KEYS_OF_AN_EMERGENCY)) == 16

    async def scene(stage: Stage) -> None:
        await begins(stage, emergency=True)
        await stage.press(*KEYS_OF_AN_EMERGENCY)
        assert sent(stage) == [(4, 4_812)]

    play(scene, before=morning())


def test_enter_never_sends_and_a_wrong_phrase_arms_nothing():
    async def scene(stage: Stage) -> None:
        await reviews(stage)
        for phrase in ("4812", "SEND 4813", "SEND"):
            stage.app.screen.query_one("#phrase", Input).value = phrase
            await stage.press("ctrl+s")
            assert "Nothing was sent: type SEND 4812 to arm it." in stage.text
        stage.app.screen.query_one("#phrase", Input).value = PHRASE
        await stage.press("enter", "enter")
        assert "Enter never sends" in stage.text
        assert sent(stage) == []
        await stage.press("ctrl+s")
        assert sent(stage) == [(4, 4_812)]

    play(scene, before=morning())


def test_nothing_is_sent_from_a_step_before_the_review():
    async def scene(stage: Stage) -> None:
        await begins(stage, emergency=True)
        await stage.press("enter", "ctrl+s")
        assert "Nothing is sent before the review" in stage.text
        assert sent(stage) == []

    play(scene, before=morning())


def test_the_key_pressed_twice_sends_once():
    async def scene(stage: Stage) -> None:
        held = holding(stage)
        await reviews(stage)
        await pastes(stage, PHRASE)
        held.holds = True
        await stage.press("ctrl+s", "ctrl+s")
        held.holds = False
        held.answer()
        await stage.press("ctrl+s")
        assert sent(stage) == [(4, 4_812)]

    play(scene, before=morning())


def test_warnings_must_be_accepted_first():
    twin = msgspec.structs.replace(PREPARED, subject="Gas leak at Lincoln Elementary")

    async def scene(stage: Stage) -> None:
        await reviews(stage)
        assert "job 3 with the same subject runs already" in stage.text
        looks_like(stage, "warning_80x24")
        await pastes(stage, PHRASE)
        await stage.press("ctrl+s")
        assert "warnings must be accepted first, with ^A" in stage.text
        await stage.press("ctrl+a", "ctrl+s")
        assert sent(stage) == [(4, 4_812)]

    play(scene, size=NARROW, before=morning(prepare=twin))


def test_where_nobody_can_be_called_nothing_can_be_armed():
    async def scene(stage: Stage) -> None:
        await reviews(stage)
        await pastes(stage, "SEND 0")
        await stage.press("ctrl+s")
        assert "nobody can be called" in stage.text
        assert sent(stage) == []

    play(scene, before=morning(prepare=msgspec.structs.replace(PREPARED, count=0)))


def test_going_back_lets_go_of_what_was_frozen_and_freezes_anew():
    async def scene(stage: Stage) -> None:
        await reviews(stage)
        await pastes(stage, PHRASE)
        stage.door.answers["prepare"] = msgspec.structs.replace(PREPARED, job_id=5, count=3_100)
        await stage.press("escape", "ctrl+n")
        assert "job 5" in stage.text
        await pastes(stage, PHRASE)
        await stage.press("ctrl+a", "ctrl+s")
        assert sent(stage) == []
        assert "3,100 calls begin, 4,812 were counted while choosing" in stage.text

    play(scene, before=morning())


def test_what_could_not_be_prepared_is_said_and_prepared_again_with_one_key():
    async def scene(stage: Stage) -> None:
        prepare = stage.door.answers["prepare"]
        stage.door.answers["prepare"] = RefusedError("The dialing window ends at 20:00; the next one opens tomorrow.")
        await reviews(stage)
        assert "the next one opens tomorrow" in stage.text
        stage.door.answers["prepare"] = prepare
        await stage.press("ctrl+r")
        assert "Not armed: type SEND 4812" in stage.text

    play(scene, before=morning())


def test_the_lists_of_the_review_are_paged_with_the_keys_left_in_the_phrase():
    async def scene(stage: Stage) -> None:
        await reviews(stage)
        await stage.press("pagedown")
        assert stage.door.asked_for("jobs.preview")[-1].first > 0
        await stage.press("ctrl+t")
        assert "Rosa Moreno  no phone" in stage.text
        looks_like(stage, "not_called_80x24")
        await stage.press("pagedown", "pagedown")
        assert "Rosa Moreno" not in stage.text

    play(scene, size=NARROW, before=morning())


def test_without_a_forecast_the_lines_say_how_long_it_takes_at_least():
    async def scene(stage: Stage) -> None:
        stage.door.answers["forecast.job"] = RefusedError("No forecast.")
        await reviews(stage)
        assert "111–996 min on 32 lines: one call each, or all numbers in all rounds" in stage.text
        assert "No forecast." not in stage.text

    play(scene, before=morning())


# -- the ladder


@pytest.mark.parametrize(("size", "name"), SIZES)
def test_a_countdown_can_be_recalled_until_it_ends(size, name):
    async def scene(stage: Stage) -> None:
        counting = release("counting", release_at=stage.clock.now() + 14_000, approved_by="bo")
        stage.door.answers.update(
            ask_to_send=counting, releases=[counting], recall=release("recalled", ended_by="anna")
        )
        await sends(stage)
        looks_like(stage, f"counting_{name}")
        await stage.press("escape")
        assert stage.door.asked_for("recall") == [4]
        looks_like(stage, f"recalled_{name}")
        await stage.press("enter")
        await stage.passes(1)
        assert "Not armed: type SEND 4812" in stage.text

    play(scene, size=size, before=morning())


@pytest.mark.parametrize(("size", "name"), SIZES)
def test_a_second_person_is_waited_for_and_the_job_shown_once_it_is_out(size, name):
    async def scene(stage: Stage) -> None:
        asked = release("asked", needs_second=True)
        stage.door.answers.update(ask_to_send=asked, releases=[asked])
        room = await sends(stage)
        looks_like(stage, f"waiting_{name}")
        stage.door.answers["releases"] = [release("released", approved_by="bo")]
        await stage.passes(1)
        assert room.sending.stage is Step.RELEASED

    play(scene, size=size, before=morning())


def test_what_nobody_agreed_to_in_time_is_over_and_the_draft_is_as_it_was():
    async def scene(stage: Stage) -> None:
        asked = release("asked", needs_second=True)
        stage.door.answers.update(ask_to_send=asked, releases=[asked])
        room = await sends(stage)
        stage.door.answers["releases"] = [release("expired", why="Nobody else agreed in time.")]
        await stage.passes(1)
        looks_like(stage, "expired_80x24")
        await stage.press("escape")
        assert not isinstance(stage.app.screen, ComposeRoom)
        assert room.work.draft.everybody

    play(scene, size=NARROW, before=morning())


def test_a_refusal_of_the_engine_is_said_in_place_and_nothing_typed_is_lost():
    async def scene(stage: Stage) -> None:
        ask = stage.door.answers["ask_to_send"]
        stage.door.answers["ask_to_send"] = AudienceError("Job 4 has 4,811 chains, not 4,812.")
        await sends(stage)
        looks_like(stage, "refused_80x24")
        assert "Job 4 has 4,811 chains, not 4,812." in stage.text
        stage.door.answers["ask_to_send"] = ask
        await stage.press("ctrl+s")
        assert sent(stage) == [(4, 4_812)]

    play(scene, size=NARROW, before=morning())


def test_a_recall_that_came_too_late_says_so():
    async def scene(stage: Stage) -> None:
        counting = release("counting", release_at=stage.clock.now() + 14_000)
        stage.door.answers.update(ask_to_send=counting, releases=[counting])
        await sends(stage)
        stage.door.answers["recall"] = RefusedError("Job 4 is out already; cancel it instead.")
        await stage.press("r")
        assert "Not recalled: Job 4 is out already" in stage.text

    play(scene, before=morning())


# -- the engine vanishes


def test_when_the_engine_vanishes_while_it_is_asked_nothing_is_sent_twice():
    """Nobody knows whether it went out, so the screen says that, and looks until the engine answers again."""

    async def scene(stage: Stage) -> None:
        room = await reviews(stage)
        await pastes(stage, PHRASE)
        ask = stage.door.answers["ask_to_send"]
        stage.door.answers["ask_to_send"] = EngineUnreachableError("No engine answers.")
        stage.door.silent = True
        await stage.press("ctrl+s")
        await stage.passes(1)
        assert room.sending.stage is Step.UNKNOWN
        looks_like(stage, "unknown_80x24")
        await stage.press("ctrl+s", "enter", "r", "escape")
        assert room.sending.stage is Step.UNKNOWN
        stage.door.silent = False
        stage.door.answers["ask_to_send"] = ask
        stage.door.answers["job"] = NotFoundError("There is no job 4.")
        await stage.passes(2)
        assert "The engine answers again: nothing was sent." in stage.text
        await stage.press("ctrl+s")
        assert sent(stage) == [(4, 4_812)]

    play(scene, size=NARROW, before=morning())


def test_what_is_on_disk_tells_that_it_went_out_even_when_no_engine_does():
    async def scene(stage: Stage) -> None:
        room = await reviews(stage)
        await pastes(stage, PHRASE)
        stage.door.answers["ask_to_send"] = EngineUnreachableError("No engine answers.")
        stage.door.silent = True
        await stage.press("ctrl+s")
        assert stage.store.job("Gas leak", Reason.EMERGENCY, [plan("Ada", "s1")]) == 4
        await stage.passes(1)
        assert room.sending.stage is Step.RELEASED

    play(scene, before=morning())


def test_while_the_engine_is_silent_the_key_is_not_armed():
    async def scene(stage: Stage) -> None:
        await reviews(stage)
        await pastes(stage, PHRASE)
        stage.door.silent = True
        await stage.passes(6)
        await stage.press("ctrl+s")
        assert "no command can be given" in stage.text
        assert sent(stage) == []

    play(scene, before=morning())


# -- what is out, and what is scheduled


def test_a_job_that_is_out_is_told_to_the_app_and_the_next_message_begins_anew(monkeypatch):
    async def scene(stage: Stage) -> None:
        told: list[Message] = []
        post = stage.app.post_message

        def telling(message: Message) -> bool:
            told.append(message)
            return post(message)

        monkeypatch.setattr(stage.app, "post_message", telling)
        room = await sends(stage)
        assert [(one.job_id, one.emergency) for one in told if isinstance(one, ComposeRoom.Released)] == [(4, True)]
        while isinstance(stage.app.screen, ComposeRoom):
            await stage.press("escape")
        open_wizard(stage.app, stage.app.place, emergency=True)
        await stage.pilot.pause()
        assert stage.app.screen is room
        assert not room.work.draft.begun

    play(scene, before=morning())


def test_a_schedule_is_a_template_and_a_schedule_of_one_name_and_never_takes_anothers_words():
    view = ScheduleView(schedule_id=1, name="Pictures", template="Pictures", every="weekly", starts_on=0, minute=510,
                        next_at=(MORNING + 86_400_000,))  # fmt: skip

    async def scene(stage: Stage) -> None:
        await begins(stage, emergency=False)
        await stage.press("enter", "ctrl+n", "tab")
        await pastes(stage, "Picture day.")
        await stage.passes(1)
        await stage.press("ctrl+n", "right", "right", "tab", "tab")
        await pastes(stage, "Snow day")
        await stage.press("ctrl+n")
        await pastes(stage, "SCHEDULE")
        await stage.press("ctrl+s")
        assert 'There already is a template "Snow day"' in stage.text
        await stage.press("escape", "tab", "tab", "ctrl+u")
        await pastes(stage, "Pictures")
        await stage.press("tab", "right", "right", "right", "ctrl+n")
        await pastes(stage, "SCHEDULE")
        await stage.press("ctrl+s")
        (added,) = stage.door.asked_for("schedules.add")
        assert (added.name, added.template, added.every, added.minute) == ("Pictures", "Pictures", "weekly", 510)
        assert stage.door.asked_for("templates.save")[0].name == "Pictures"
        assert stage.door.asked_for("prepare") == []
        assert "“Pictures” is sent weekly; the next time 2026-10-10 at 14:00." in stage.text

    added = ScheduleAnswer(schedule=view)
    play(scene, before=morning({"schedules.add": added, "templates.save": None}))
