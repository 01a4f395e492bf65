"""The live list: what is selected stays selected, and order stands still under the operator's hand."""

from store.dispositions import Disposition, Outcome
from store.keys import chain_id
from tests.tui.stage import Stage, play
from tui.screens.chain import ChainScreen

ABSENT, GAS_LEAK = 2, 3


def names(stage: Stage) -> list[str]:
    """Contacts from top to bottom."""
    chains = stage.app.live.chains
    return [chains.view(chain).contact_name for chain in chains._visible()]


def test_enter_opens_the_chain_that_was_selected_though_others_have_come_above_it() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("down", "down", "down")
        chosen = stage.app.live.chains.selected
        place = stage.app.live.chains.shown.place(chosen)
        stage.store.ends(GAS_LEAK, 11, Outcome.ERROR)
        stage.store.ends(GAS_LEAK, 12, Outcome.ERROR)
        await stage.passes(5)
        assert stage.app.live.chains.shown.place(chosen) == (place or 0) + 2
        await stage.press("enter")
        assert isinstance(stage.app.screen, ChainScreen)
        assert stage.app.screen.chain == chosen

    play(scene)


def test_nothing_is_selected_until_the_operator_selects_and_then_enter_opens_only_what_was_seen_selected() -> None:
    async def scene(stage: Stage) -> None:
        assert stage.app.live.chains.selected == 0
        assert "Nothing selected" in stage.text
        await stage.press("X")
        assert stage.app.screen is stage.app.live
        await stage.press("enter")
        assert stage.app.screen is stage.app.live
        assert stage.app.live.chains.selected == stage.app.live.chains.shown.at(0)
        await stage.press("escape")
        assert stage.app.live.chains.selected == 0

    play(scene)


def test_a_selected_chain_that_left_the_screen_is_said_to_be_out_of_sight() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("down")
        for index in range(20):
            stage.store.ends(1, index, Outcome.ERROR)
        stage.store.hears(GAS_LEAK, 2, Disposition.CONFIRMED, Outcome.CONFIRMED)
        stage.app.live.chains.selected = chain_id(GAS_LEAK, 2)
        await stage.passes(5)
        assert "out of sight" in stage.text

    play(scene, (80, 24))


def test_the_cursor_s_mark_goes_with_its_chain() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("down", "down")
        assert [line[1:28] for line in stage.lines if line.startswith(" ▌")] == ["▌✗ exhausted   Bo Jensen   "]
        stage.store.ends(GAS_LEAK, 11, Outcome.ERROR)
        await stage.passes(5)
        assert [line[1:28] for line in stage.lines if line.startswith(" ▌")] == ["▌✗ exhausted   Bo Jensen   "]

    play(scene)


def test_order_is_held_for_three_seconds_after_the_cursor_moved_and_tells_what_waits_above() -> None:
    async def scene(stage: Stage) -> None:
        before = names(stage)
        await stage.press("down")
        stage.store.ends(1, 29, Outcome.ERROR)
        await stage.passes(2)
        assert names(stage) == before
        assert "‖ HELD · +1 new" in stage.text
        await stage.passes(2)
        assert names(stage) != before
        assert "HELD" not in stage.text

    play(scene, (80, 24))


def test_values_change_while_the_order_is_frozen() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("p")
        before = names(stage)
        stage.store.hears(GAS_LEAK, 4, Disposition.CONFIRMED, Outcome.CONFIRMED)
        await stage.passes(10)
        assert names(stage) == before
        assert "FROZEN" in stage.text
        line = next(line for line in stage.lines if "Eve Berg" in line and "Gas" in line)
        assert "✓ confirmed" in line
        await stage.press("p")
        await stage.passes(1)
        assert names(stage) != before

    play(scene)


def test_a_followed_chain_stays_in_sight_wherever_it_goes() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("down", "f")
        followed = stage.app.live.chains.selected
        for index in range(20):
            stage.store.ends(1, index, Outcome.ERROR)
        await stage.passes(2)
        assert followed in stage.app.live.chains._visible()
        assert "following" in stage.text

    play(scene, (80, 24))


def test_only_lines_that_changed_are_painted_again() -> None:
    async def scene(stage: Stage) -> None:
        chains = stage.app.live.chains
        await stage.press("s", "s", "s")
        before = list(chains._drawn)
        stage.store.ends(1, 4, Outcome.EXPIRED)
        stage.app.tick()
        changed = [y for y, (old, new) in enumerate(zip(before, chains._drawn, strict=True)) if old != new]
        assert changed == [4]

    play(scene)


def test_the_last_chain_can_be_reached_and_the_first_again() -> None:
    async def scene(stage: Stage) -> None:
        chains = stage.app.live.chains
        await stage.press("s", "s", "s", "G")
        assert chains.selected == chain_id(GAS_LEAK, 17)
        await stage.press("pageup", "g")
        assert chains.selected == chain_id(1, 0)

    play(scene)


def test_sorting_by_tries_puts_the_most_tried_chain_first() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("s", "s")
        assert stage.app.live.chains._visible()[0] == chain_id(GAS_LEAK, 2)
        assert "by most tries" in stage.text

    play(scene)


def test_a_click_selects_and_a_double_click_opens() -> None:
    async def scene(stage: Stage) -> None:
        await stage.pilot.click("#chains", offset=(20, 2))
        wanted = stage.app.live.chains._visible()[2]
        assert stage.app.live.chains.selected == wanted
        await stage.pilot.click("#chains", offset=(20, 2), times=2)
        await stage.pilot.pause()
        assert isinstance(stage.app.screen, ChainScreen)

    play(scene)
