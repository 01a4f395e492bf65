"""The filter: what it understands, what it says of what it does not, and that it is quick."""

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.board import Board
from store.dispositions import Disposition
from tests.engine.board_store import HOUR, MORNING, BoardStore, Reason, plan
from tests.tui.stage import Stage, play, school_day
from tui.live.chain_filter import ChainFilter
from tui.live.completion import completed
from tui.live.filter_grammar import read

CHAINS_MANY = 100_000

MS_MAX = 150
"""For one mask of many chains on a busy machine; it takes a tenth of it on a quiet one."""


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    store = BoardStore(tmp_path / "store")
    school_day(store)
    board = Board(store.database)
    board.catch_up()
    yield board
    store.close()


def rows(board: Board, typed: str, now: int = 0) -> int:
    mask = ChainFilter(typed).mask(board, now or board.at)
    return board.columns.size if mask is None else int(np.count_nonzero(mask))


def test_bare_words_look_at_names_messages_and_ids(board: Board) -> None:
    assert rows(board, "cem") == 2
    assert rows(board, "leak") == 18
    assert rows(board, "3-2") == 1
    assert rows(board, "#2") == 8


def test_every_field_narrows_the_list(board: Board) -> None:
    assert rows(board, "reason:emergency") == rows(board, "job:gas*") == rows(board, "job:3") == 18
    assert rows(board, "job:2-3") == 26
    assert rows(board, 'job:"gas leak"') == 18
    assert rows(board, "disp:busy") == 2
    assert rows(board, "device:other state:at") == 1
    assert rows(board, "try>=2") == 2
    assert rows(board, "try:1-2") == rows(board, "try>0 try<3")
    assert rows(board, "id:3-2,3-3") == 2


def test_times_are_measured_from_now(board: Board) -> None:
    closes = MORNING + 4 * HOUR
    assert rows(board, "due<10m", closes - 60_000) == rows(board, "state:live")
    assert rows(board, "due<10m", MORNING) == 0
    assert rows(board, "age>1m state:at", board.at + 120_000) == rows(board, "state:at")
    assert rows(board, "age<1s", board.at + 120_000) == 0


def test_either_side_of_a_bar_will_do_and_a_minus_leaves_out(board: Board) -> None:
    assert rows(board, "state:error | state:exhausted") == 2
    assert rows(board, "job:3 state:error|job:2 state:waiting") == 2
    assert rows(board, "-state:pending -job:gas*") == 26 + 30 - 18 - rows(board, "-job:gas* state:pending")


def test_a_school_is_found_by_its_id(tmp_path: Path) -> None:
    store = BoardStore(tmp_path / "store")
    plans = [plan(f"Contact {n}", f"s{n}") for n in range(4)]
    schools = ["lincoln", "lincoln", "cedar", ""]
    at_school = [msgspec.structs.replace(one, school_id=school) for one, school in zip(plans, schools, strict=True)]
    store.job("Bus 12 is late", Reason.GENERAL, at_school)
    board = Board(store.database)
    board.catch_up()
    assert rows(board, "school:lincoln") == 2
    assert rows(board, "school:l*") == 2
    assert rows(board, "-school:cedar") == 3
    assert ChainFilter("school:linkoln").doubt(board) == "no school linkoln; lincoln perhaps"
    assert completed("school:ce", board) == "school:cedar"
    store.close()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("stat:error", "no field stat:, state: perhaps"),
        ("team:north", "no field team: (there are state: job: reason: school: device: disp: id: try due age)"),
        ("state:eror", "no state eror, error perhaps"),
        ("disp:bsy", "no disp bsy, busy perhaps"),
        ("device:phone", "no device phone (such as household)"),
        ("try>=many", "try is measured, as in try>=3, try:1-2"),
        ("age:5m", "age is measured, as in age>90s, due<10m"),
        ("state>error", "state: has no more and less; write state:error"),
    ],
)
def test_what_is_not_understood_is_named_with_what_may_have_been_meant(typed: str, says: str) -> None:
    assert ChainFilter(typed).trouble == says


def test_a_job_there_is_not_is_named_with_the_one_that_may_have_been_meant(board: Board) -> None:
    assert ChainFilter("job:gaz*leek").doubt(board).startswith("no job gaz*leek")
    assert ChainFilter("job:picturedays").doubt(board) == "no job picturedays; Picture day is on Friday perhaps"
    assert ChainFilter("job:gas").doubt(board) == ""


@given(st.text(alphabet=st.sampled_from("ab:|-<>=\"' *,#019 stateryjobdueidage"), max_size=40))
def test_whatever_is_typed_is_read_or_named(typed: str) -> None:
    understood = read(typed)
    unfinished = not typed.strip(' |-"') or typed.strip(' "').endswith((":", "<", ">", "="))
    assert understood.trouble or understood.alternatives or unfinished


def test_words_are_completed_as_far_as_they_are_known(board: Board) -> None:
    assert completed("sta", board) == "state:"
    assert completed("state:err", board) == "state:error"
    assert completed("-state:error,exh", board) == "-state:error,exhausted"
    assert completed("try", board) == ""
    assert completed("tr", board) == "try>"
    assert completed("ada job:pic", board) == 'ada job:"Picture day is on Friday"'
    assert completed("nobody", board) == ""


def test_a_filter_over_many_chains_takes_a_few_milliseconds(tmp_path: Path) -> None:
    store = BoardStore(tmp_path / "store")
    one = plan("Ada Moreno", "s1")
    store.job("Bus 12 is late", Reason.GENERAL, [one] * 3)
    board = Board(store.database)
    board.catch_up()
    board.columns.add_job(99, 0, CHAINS_MANY, 0, 0)
    for typed in ("state:error", "try>=3 -state:pending", "due<60s | age>5m", "device:cell disp:busy"):
        asked = ChainFilter(typed)
        began = time.perf_counter()
        asked.mask(board, board.at)
        assert (time.perf_counter() - began) * 1_000 < MS_MAX
    store.close()


# ---------------------------------------------------------------- on the screen


def test_the_filter_and_its_count_stand_in_the_title() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("slash")
        await stage.types("state:error,exhausted")
        await stage.press("enter")
        title = next(line for line in stage.lines if "Chains by" in line)
        assert "2 of 56" in title
        assert "filter: state:error,exhausted" in title

    play(scene)


def test_a_filter_without_rows_says_so_and_what_may_have_been_meant() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("slash")
        await stage.types("job:picturedays")
        await stage.press("enter")
        stage.looks_like("filter_no_rows_80x24")
        assert "No chain passes job:picturedays." in stage.text
        await stage.press("escape")
        assert stage.app.live.chains.shown.total == 56

    play(scene, (80, 24))


def test_up_and_down_in_the_filter_walk_what_was_asked_before() -> None:
    async def scene(stage: Stage) -> None:
        for typed in ("ada", "state:error"):
            await stage.press("slash")
            stage.app.live.field.value = ""
            await stage.types(typed)
            await stage.press("enter")
        await stage.press("slash")
        stage.app.live.field.value = ""
        await stage.press("up", "up")
        assert stage.app.live.field.value == "ada"
        await stage.press("down")
        assert stage.app.live.field.value == "state:error"

    play(scene)


def test_tab_takes_the_completion() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("slash")
        await stage.types("stat")
        await stage.pilot.pause()
        await stage.press("tab")
        await stage.types("err")
        await stage.pilot.pause()
        await stage.press("tab", "enter")
        assert stage.app.live.field.value == "state:error"

    play(scene)


def test_results_that_come_in_change_what_passes() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("slash")
        await stage.types("disp:busy")
        await stage.press("enter", "escape", "slash")
        await stage.types("disp:busy")
        await stage.press("enter")
        before = stage.app.live.chains.shown.total
        stage.store.hears(3, 4, Disposition.BUSY)
        await stage.passes(5)
        assert stage.app.live.chains.shown.total == before + 1

    play(scene)
