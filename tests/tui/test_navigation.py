"""The way through the screens, the palette, saved views, and help."""

from pathlib import Path

import pytest

from tests.tui.stage import Stage, play
from tui.dialogs.command_palette import CommandPalette, Offer, ranked
from tui.live.saved_views import SavedViews, View, views_path
from tui.panels.help_screen import HelpScreen
from tui.screens.catalog import SHOWN
from tui.screens.chain import ChainScreen
from tui.screens.room import Room


def test_number_keys_show_every_screen_from_every_screen() -> None:
    async def scene(stage: Stage) -> None:
        for entry in [*SHOWN, *reversed(SHOWN)]:
            await stage.press(entry.key)
            assert isinstance(stage.app.screen, Room)
            assert entry.name == stage.app.navigation.here
        assert stage.app.screen is stage.app.live

    play(scene)


def test_a_screen_is_made_once_and_shown_again_as_it_was_left() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("5")
        jobs = stage.app.screen
        await stage.press("3", "5")
        assert stage.app.screen is jobs

    play(scene)


def test_minus_goes_back_and_forth_between_two_screens() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("5", "3", "minus")
        assert stage.app.navigation.here == "Jobs"
        await stage.press("minus")
        assert stage.app.navigation.here == "Log"

    play(scene)


def test_escape_comes_home_step_by_step() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("down", "enter")
        assert isinstance(stage.app.screen, ChainScreen)
        await stage.press("escape")
        assert stage.app.live.is_current
        await stage.press("5", "escape")
        assert stage.app.live.is_current

    play(scene)


def test_only_the_screen_in_front_is_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(stage: Stage) -> None:
        painted: list[bool] = []
        await stage.press("5")
        monkeypatch.setattr(stage.app.live, "paint", painted.append)
        await stage.passes(3)
        assert painted == []

    play(scene)


def test_numbers_typed_into_a_filter_go_nowhere() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("slash")
        await stage.types("5")
        assert stage.app.screen is stage.app.live
        assert stage.app.live.field.value == "5"

    play(scene)


def test_the_screens_are_named_with_their_keys_where_there_is_room() -> None:
    async def scene(stage: Stage) -> None:
        assert "1[Live]" in stage.lines[-1]
        await stage.press("5")
        assert "5[Jobs]" in stage.lines[-1]

    play(scene)


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_every_screen_tells_its_keys_in_a_box_that_fits(size: tuple[int, int]) -> None:
    async def scene(stage: Stage) -> None:
        for entry in SHOWN:
            await stage.press(entry.key, "question_mark")
            assert isinstance(stage.app.screen, HelpScreen)
            assert "Esc closes this" in stage.text
            if entry.name == "Live":
                stage.looks_like(f"help_{size[0]}x{size[1]}")
            await stage.press("escape")

    play(scene, size)


# ---------------------------------------------------------------- the palette


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_the_palette_offers_verbs_screens_and_jobs(size: tuple[int, int]) -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("colon")
        await stage.types("gas")
        stage.looks_like(f"palette_{size[0]}x{size[1]}")

    play(scene, size)


def test_the_palette_goes_to_a_screen() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("colon")
        await stage.types("jobs")
        await stage.press("enter")
        assert stage.app.navigation.here == "Jobs"

    play(scene)


def test_the_palette_finds_people_and_looks_into_their_chains() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("colon")
        await stage.types("hana")
        await stage.press("enter")
        assert isinstance(stage.app.screen, ChainScreen)
        assert stage.app.live.chains.view(stage.app.screen.chain).contact_name == "Hana Garcia"

    play(scene)


def test_everything_is_canceled_from_the_palette_alone_and_only_when_its_phrase_is_typed() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("colon")
        await stage.types("cancel all")
        await stage.press("enter")
        stage.looks_like("cancel_all_80x24")
        await stage.press("enter")
        assert stage.door.given == []
        await stage.press("colon")
        await stage.types("cancel all")
        await stage.press("enter")
        await stage.types("CANCEL ALL 49")
        await stage.press("enter", "y", "backspace", "ctrl+y")
        assert {job for _, job in stage.door.given} == {1, 2, 3}

    play(scene, (80, 24))


def test_a_view_is_saved_shown_again_and_forgotten() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("slash")
        await stage.types("state:error")
        await stage.press("enter", "s", "colon")
        await stage.types("save view needs a look")
        await stage.press("enter", "escape", "s")
        assert stage.app.live.field.value == ""
        await stage.press("colon")
        await stage.types("view needs")
        await stage.press("enter")
        assert stage.app.live.view == View(filter="state:error", sort="newest call")
        await stage.press("colon")
        await stage.types("forget view needs")
        await stage.press("enter")
        assert stage.app.views.all() == {}

    play(scene)


def test_a_file_of_views_that_is_none_is_taken_for_an_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "callchain" / "views.json"
    views = SavedViews(path)
    assert views.all() == {}
    views.keep("mine", View(filter="job:3"))
    assert SavedViews(path).all() == {"mine": View(filter="job:3")}
    path.write_text("not json")
    assert views.all() == {}
    assert views_path({"XDG_CONFIG_HOME": "/x"}).as_posix() == "/x/callchain/views.json"
    assert views_path({"HOME": "/home/anna"}).as_posix() == "/home/anna/.config/callchain/views.json"


def test_what_begins_with_the_words_comes_first() -> None:
    found = ranked("job", [Offer(words, "", lambda: None) for words in ("cancel job 3", "theme", "job 3")])
    assert [offer.words for offer in found] == ["job 3", "cancel job 3"]


def test_keys_typed_into_the_palette_command_nothing() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("down", "colon")
        await stage.types("XPRq1")
        assert isinstance(stage.app.screen, CommandPalette)
        assert stage.app.is_running

    play(scene)
