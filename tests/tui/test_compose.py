"""Composing in the dashboard: whom, what and when, before anything is asked of the engine that could ring a phone."""

import re
from pathlib import Path

import msgspec
import pytest

from engine.acts.recordings import RecordingView
from engine.messaging.counting import AudienceCount
from store.errors import InvalidInputError, RefusedError
from store.records import Reason
from tests.tui.compose_scene import (
    COUNT,
    FOUND,
    GENERAL,
    HEARD,
    LEAK,
    begins,
    holding,
    looks_like,
    morning,
    pastes,
    reviews,
    writes_gas_leak,
)
from tests.tui.stage import Stage, play
from tui.screens.compose import compose_room
from tui.screens.compose.compose_room import ComposeRoom, open_wizard
from tui.screens.compose.dialogs import ComposeMenu, LeaveDialog, NameDialog

WIDE, NARROW = (120, 40), (80, 24)
SIZES = [pytest.param(WIDE, "120x40", id="120x40"), pytest.param(NARROW, "80x24", id="80x24")]


async def writes_picture_day(stage: Stage) -> ComposeRoom:
    """A general message to one school, ready for its when."""
    room = await begins(stage, emergency=False)
    await pastes(stage, "oak")
    await stage.press("enter")
    await stage.passes(1)
    await stage.press("ctrl+n", "tab")
    await pastes(stage, "Picture day is on Friday.")
    await stage.passes(1)
    await stage.press("ctrl+n")
    return room


# -- how it looks


@pytest.mark.parametrize(("size", "name"), SIZES)
def test_every_step_of_an_emergency_looks_as_it_should(size, name):
    async def scene(stage: Stage) -> None:
        await begins(stage, emergency=True)
        looks_like(stage, f"emergency_who_empty_{name}")
        await stage.press("enter")
        await stage.passes(1)
        looks_like(stage, f"emergency_who_{name}")
        await stage.press("ctrl+n")
        await stage.passes(1)
        looks_like(stage, f"emergency_templates_{name}")
        await stage.press("enter")
        await stage.passes(1)
        looks_like(stage, f"emergency_what_{name}")
        await stage.press("ctrl+n")
        await stage.passes(1)
        looks_like(stage, f"emergency_review_{name}")
        await pastes(stage, "SEND 4812")
        await stage.passes(1)
        looks_like(stage, f"emergency_armed_{name}")

    play(scene, size=size, before=morning())


@pytest.mark.parametrize(("size", "name"), SIZES)
def test_every_step_of_a_general_message_in_a_drill_looks_as_it_should(size, name):
    async def scene(stage: Stage) -> None:
        await begins(stage, emergency=False)
        await pastes(stage, "oak")
        await stage.passes(1)
        looks_like(stage, f"general_search_{name}")
        await stage.press("enter", "ctrl+n", "tab")
        await pastes(stage, "Picture day is on Friday.")
        await stage.press("ctrl+l")
        await pastes(stage, "El viernes hay fotos.")
        await stage.passes(1)
        looks_like(stage, f"general_what_{name}")
        await stage.press("ctrl+n", "right", "right", "tab", "tab")
        await pastes(stage, "Pictures")
        await stage.passes(1)
        looks_like(stage, f"general_schedule_{name}")
        await stage.press("ctrl+n")
        await stage.passes(1)
        looks_like(stage, f"general_schedule_review_{name}")
        await stage.press("escape", "left", "left", "ctrl+n")
        await stage.passes(1)
        looks_like(stage, f"general_review_{name}")

    play(scene, size=size, before=morning(drill=True, prepare=GENERAL))


def test_without_room_the_wizard_says_so_and_keeps_what_was_typed():
    async def scene(stage: Stage) -> None:
        room = await writes_gas_leak(stage)
        await stage.pilot.resize_terminal(60, 20)
        await stage.passes(1)
        assert "60×20 IS TOO SMALL" in stage.text
        assert "REAL PEOPLE" not in stage.text
        await pastes(stage, "!")
        await stage.press("ctrl+n")
        await stage.pilot.resize_terminal(*NARROW)
        await stage.passes(1)
        assert room.step.WORD == "What"
        await pastes(stage, "!")
        assert room.work.draft.sheet.text == f"{LEAK}!!"

    play(scene, before=morning())


# -- real or make-believe


def test_a_drill_never_says_that_real_people_are_called():
    async def scene(stage: Stage) -> None:
        await reviews(stage)
        assert "DRILL — MAKE-BELIEVE CARRIER" in stage.text
        assert "REAL PEOPLE" not in stage.text.upper().replace("DRILL", "")

    play(scene, before=morning(drill=True))


def test_without_an_engine_the_wizard_says_that_nothing_can_be_sent():
    async def scene(stage: Stage) -> None:
        await begins(stage, emergency=True)
        assert "NO ENGINE SEEN — NOTHING CAN BE SENT" in stage.text
        looks_like(stage, "no_engine_120x40")

    play(scene, before=lambda stage: morning()(stage), door=False)


# -- whom


def test_nobody_is_never_read_as_everybody():
    async def scene(stage: Stage) -> None:
        room = await begins(stage, emergency=True)
        await stage.press("ctrl+n")
        assert room.step.WORD == "Who"
        assert "Nobody is chosen yet" in stage.text
        assert not any(asked.count for asked in stage.door.asked_for("audience.count"))

    play(scene, before=morning())


def test_what_is_typed_narrows_the_list_and_enter_chooses():
    async def scene(stage: Stage) -> None:
        room = await begins(stage, emergency=True)
        await pastes(stage, "05")
        await stage.press("enter")
        await pastes(stage, "linc")
        await stage.press("enter")
        await stage.passes(1)
        request = stage.door.asked_for("audience.count")[-1].request
        assert (request.school_ids, request.grades) == (("org-001",), ("05",))
        assert "grade 05 · Lincoln Elementary" in stage.text
        await stage.press("backspace")
        assert [key for _, key in room.work.draft.chosen] == ["05"]

    play(scene, before=morning())


def test_a_single_student_is_found_by_name():
    async def scene(stage: Stage) -> None:
        await begins(stage, emergency=False)
        await pastes(stage, "ada")
        await stage.passes(1)
        assert stage.door.asked_for("audience.count")[-1].find == "ada"
        await stage.press("enter")
        await stage.passes(1)
        assert stage.door.asked_for("audience.count")[-1].request.person_ids == (FOUND[0].key,)

    play(scene, before=morning())


def test_nobody_is_asked_while_somebody_types():
    async def scene(stage: Stage) -> None:
        await begins(stage, emergency=True)
        before = len(stage.door.asked_for("audience.count"))
        await pastes(stage, "lincoln")
        stage.app.tick()
        assert len(stage.door.asked_for("audience.count")) == before
        await stage.passes(1)
        assert [asked.find for asked in stage.door.asked_for("audience.count")[before:]] == ["lincoln"]

    play(scene, before=morning())


def test_a_stale_count_is_dropped_and_the_new_choice_counted():
    async def scene(stage: Stage) -> None:
        held = holding(stage)
        room = await begins(stage, emergency=True)
        held.holds = True
        await stage.press("enter")
        await stage.passes(1)
        assert "counting …" in stage.text
        await stage.press("enter")  # nobody again, while everybody is being counted
        held.answer()
        await stage.passes(1)
        held.answer()
        await stage.pilot.pause()
        assert room.work.count is None
        assert "nobody yet" in stage.text

    play(scene, before=morning())


def test_a_refused_audience_is_said_in_place_and_holds_one_back():
    why = "An emergency to staff needs the staff types it is for."

    async def scene(stage: Stage) -> None:
        room = await begins(stage, emergency=True)
        await stage.press("tab", "right", "right")
        assert room.work.draft.audience == "staff"
        await stage.press("shift+tab", "enter")
        await stage.passes(1)
        assert why in " ".join(stage.text.split())
        await stage.press("ctrl+n")
        assert room.step.WORD == "Who"

    refused = AudienceCount(why_none=why, choices=COUNT.choices)
    play(scene, size=NARROW, before=morning({"audience.count": refused}))


# -- what


def test_a_template_brings_its_words_but_never_an_emergencys_recipients():
    async def scene(stage: Stage) -> None:
        room = await writes_gas_leak(stage)
        draft = room.work.draft
        assert draft.request().text == "Gas leak at {school}. Do not come here; wait for our next call."
        assert draft.request().subject == "Gas leak"
        assert draft.everybody
        assert "Snow day" not in stage.text

    play(scene, before=morning())


def test_other_languages_machine_text_and_a_recording_go_into_the_request():
    bell = RecordingView(
        recording_id="r1", name="bell", duration_ms=4_000, size=1, author="anna", added_at=1, uploaded=True
    )

    async def scene(stage: Stage) -> None:
        room = await begins(stage, emergency=False)
        await stage.press("enter", "ctrl+n", "tab")
        await pastes(stage, "No school today.")
        await stage.press("tab")
        await pastes(stage, "Call us.")
        await stage.press("tab", "tab", "right", "ctrl+l")
        await pastes(stage, "No hay clases.")
        request = room.work.draft.request()
        assert (request.text, request.machine_text, request.recording_id) == ("No school today.", "Call us.", "r1")
        assert [(one.language, one.text) for one in request.sayings] == [("es", "No hay clases.")]

    play(scene, before=morning({"recordings.list": [bell]}))


def test_an_unknown_field_is_said_in_the_engines_words_and_nothing_typed_is_lost():
    async def scene(stage: Stage) -> None:
        room = await begins(stage, emergency=True)
        await stage.press("enter", "ctrl+n", "tab")
        stage.door.answers["messages.hear"] = InvalidInputError("The message has an unknown field {scool}.")
        await stage.press(*"Leak at ".replace(" ", "_"), "x")
        await stage.passes(1)
        assert "unknown field {scool}" in stage.text
        await stage.press("ctrl+n")
        assert room.step.WORD == "What"
        assert room.work.draft.sheet.text.endswith("x")

    play(scene, before=morning())


def test_a_draft_is_kept_as_a_template_under_a_name():
    async def scene(stage: Stage) -> None:
        await writes_gas_leak(stage)
        await stage.press("ctrl+d")
        assert isinstance(stage.app.screen, NameDialog)
        await pastes(stage, "Gas leak")
        assert "takes the place" in stage.text
        await pastes(stage, "s")
        await stage.press("enter")
        (kept,) = stage.door.asked_for("templates.save")
        assert (kept.name, kept.request.reason) == ("Gas leaks", Reason.EMERGENCY.word)
        assert isinstance(stage.app.screen, ComposeRoom)

    play(scene, before=morning())


def test_speech_that_is_too_long_is_pointed_at():
    long = msgspec.structs.replace(HEARD.sayings[0], people_ms=41_000)

    async def scene(stage: Stage) -> None:
        await writes_gas_leak(stage)
        assert "few listen so long" in stage.text

    play(scene, before=morning({"messages.hear": msgspec.structs.replace(HEARD, sayings=(long,))}))


# -- when


def test_a_window_that_is_none_is_said_before_anything_is_prepared():
    async def scene(stage: Stage) -> None:
        room = await writes_picture_day(stage)
        await stage.press("right", "tab")
        await pastes(stage, "nine")
        await stage.press("ctrl+n")
        assert room.step.WORD == "When"
        assert "write it like 09:00-17:00" in stage.text
        for _ in range(4):
            await stage.press("backspace")
        await pastes(stage, "09:00-11:00")
        await stage.press("ctrl+n")
        (asked,) = stage.door.asked_for("prepare")
        assert (asked.opens_minute, asked.closes_minute) == (540, 660)

    play(scene, before=morning(prepare=GENERAL))


# -- leaving


def test_a_draft_survives_leaving_unless_it_is_thrown_away():
    async def scene(stage: Stage) -> None:
        room = await begins(stage, emergency=True)
        await stage.press("enter", "escape")
        asking: object = stage.app.screen
        assert isinstance(asking, LeaveDialog)
        await stage.press("enter")
        assert not isinstance(stage.app.screen, ComposeRoom)
        open_wizard(stage.app, stage.app.place, emergency=True)
        await stage.pilot.pause()
        assert stage.app.screen is room
        assert room.work.draft.everybody
        await stage.press("escape", "escape")
        assert stage.app.screen is room
        await stage.press("escape", "D")
        assert not room.work.draft.begun

    play(scene, before=morning())


def test_letters_typed_beside_a_field_neither_leave_nor_reach_a_job():
    async def scene(stage: Stage) -> None:
        room = await begins(stage, emergency=True)
        await stage.press("tab", "q", "P", "X", "R", "n")
        assert stage.app.screen is room
        assert stage.app.is_running
        assert stage.door.given == []

    play(scene, before=morning())


def test_the_menu_takes_neither_kind_by_enter():
    async def scene(stage: Stage) -> None:
        chosen: list[str | None] = []
        for key in ("enter", "e", "g", "escape"):
            stage.app.push_screen(ComposeMenu(drill=True), chosen.append)
            await stage.pilot.pause()
            assert "DRILL" in stage.text
            await stage.press(key)
        assert chosen == [None, "emergency", "general", None]

    play(scene, before=morning())


def test_a_refused_role_is_said_in_place():
    async def scene(stage: Stage) -> None:
        await begins(stage, emergency=True)
        stage.door.refuses = RefusedError("anna may not send emergencies.")
        await stage.press("enter")
        await stage.passes(1)
        assert "anna may not send emergencies." in stage.text

    play(scene, before=morning())


def test_the_wizard_names_no_color_so_that_every_theme_can_give_it_its_own_look():
    tui = Path(compose_room.__file__).parents[2]
    for path in (tui / "compose.tcss", *(tui / "screens" / "compose").rglob("*.py")):
        assert not re.search(r"#[0-9a-fA-F]{6}\b|\brgb\(", path.read_text(encoding="utf-8")), path
