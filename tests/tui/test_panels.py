"""The small parts of the screens, without a screen."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as replaced

from engine.board import Board
from engine.board.state import State
from engine.board.views import ChainCounts, LinesInUse, Students, Totals
from engine.orders import Health
from store.keys import chain_id
from tests.engine.board_store import BoardStore
from tests.tui.stage import school_day
from tui.live.chain_filter import ChainFilter
from tui.live.chain_order import ChainOrder, Sort
from tui.look.palette import JOB_STATES, STATES
from tui.panels.band import capacity
from tui.panels.vitals import Freshness, Vitals
from tui.panels.written import age, bar, chart, fit, share


@pytest.fixture
def board(tmp_path: Path):
    store = BoardStore(tmp_path / "store")
    school_day(store)
    board = Board(store.database)
    board.catch_up()
    yield board
    store.close()


def vitals(age_ms: int = 0, behind: int = 0, stopped_at: int = 0, health: bool = True) -> Vitals:
    answer = Health(engine="running", incarnation=1, now=0, speed=1, lines=1, emergency_lines=1, stand_in=False)
    return Vitals(0, age_ms, behind, 0, stopped_at, True, True, answer if health else None)


def test_freshness_is_the_worst_that_is_true() -> None:
    assert vitals().freshness is Freshness.FRESH
    assert vitals(behind=3).freshness is Freshness.CATCHING_UP
    assert vitals(2_001, behind=3).freshness is Freshness.AGING
    assert vitals(5_001).freshness is Freshness.STALE
    assert vitals(5_001, stopped_at=1).freshness is Freshness.STOPPED


def test_a_district_where_no_engine_ever_ran_is_not_called_stale() -> None:
    assert replace(vitals(5_001, health=False), begun=False).freshness is Freshness.NONE


def test_commands_are_off_whenever_nobody_would_hear_them() -> None:
    assert vitals().no_commands == ""
    assert vitals(4_000).no_commands == ""
    assert vitals(5_001).no_commands == "the data is 5 s old"
    assert vitals(stopped_at=1).no_commands == "the engine has stopped"
    assert vitals(health=False).no_commands == "no engine answers at the door"


def band(lines: LinesInUse, ordinary: int, emergency: int, width: int = 120) -> str:
    """The line about the lines, of a district with so many."""
    answer = Health(
        engine="running", incarnation=1, now=0, speed=1, lines=ordinary, emergency_lines=emergency, stand_in=False
    )
    known = replace(vitals(), health=answer)
    nobody = Totals(jobs=0, chains=0, attempts=0, counts=ChainCounts(), students=Students(), dispositions={})
    return capacity(known, lines.of(ordinary + emergency), nobody, alarms=0, width=width).plain


def test_calls_for_which_there_is_no_line_wait_ahead_ordinary_ones_last() -> None:
    assert LinesInUse(3, 2, 5).of(8) == LinesInUse(3, 2, 5, 0)
    assert LinesInUse(20, 2, 22).of(10) == LinesInUse(8, 2, 10, 12)
    assert LinesInUse(5, 14, 19).of(10) == LinesInUse(0, 10, 10, 9)
    assert LinesInUse(4, 1, 5).of(0) == LinesInUse(0, 0, 0, 5)
    assert LinesInUse().of(10) == LinesInUse()


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_no_call_is_lost_or_counted_twice_between_lines_and_those_that_wait(
    ordinary: int, emergency: int, idle: int, whole: int
) -> None:
    seen = LinesInUse(ordinary, emergency, peak=ordinary + emergency + idle)
    shown = seen.of(whole)
    assert shown.all + shown.ahead == seen.all
    assert shown.all == min(seen.all, whole)
    assert shown.emergency == min(emergency, whole), "an emergency never waits while an ordinary call has a line"
    assert shown.all <= shown.peak <= whole
    assert shown.of(whole) == replaced(shown, ahead=0), "of what is on lines nothing waits"


def test_the_band_shows_calls_ahead_beside_the_lines_and_never_more_than_all_lines_in_use() -> None:
    shown = band(LinesInUse(ordinary=40, emergency=2), ordinary=24, emergency=8)
    assert " 32/32 100%" in shown
    assert " +10 ahead" in shown
    assert "▲ 2 emergency" in shown
    assert shown.count("▓") + shown.count("█") == 28, "the bar is full, not longer"


def test_the_band_says_nothing_of_calls_ahead_where_there_are_none() -> None:
    assert "ahead" not in band(LinesInUse(ordinary=24), ordinary=24, emergency=8)
    assert " 24/32 75%" in band(LinesInUse(ordinary=24), ordinary=24, emergency=8)


def test_the_band_shows_calls_ahead_on_a_narrow_screen_too() -> None:
    shown = band(LinesInUse(ordinary=2_000), ordinary=480, emergency=96, width=80)
    assert "576/576 100% +1,424 ahead" in shown
    assert len(shown) <= 80


def test_every_state_has_its_own_glyph_and_word() -> None:
    assert set(STATES) == set(State)
    assert len({sign.glyph for sign in STATES.values()}) == len({sign.word for sign in STATES.values()}) == len(State)
    assert len({sign.word for sign in JOB_STATES.values()}) == len(JOB_STATES)


def rows(board: Board, typed: str) -> int:
    mask = ChainFilter(typed).mask(board, board.at)
    return board.columns.size if mask is None else int(np.count_nonzero(mask))


def test_filters_know_names_states_jobs_and_what_is_not_wanted(board: Board) -> None:
    assert rows(board, "") == 56
    assert rows(board, "ada") == 2
    assert rows(board, "ada job:absent") == 1
    assert rows(board, "job:#3") == rows(board, "job:gas") == 18
    assert rows(board, "state:at") == rows(board, "state:at_carrier") == 9
    assert rows(board, "state:error,exhausted") == 2
    assert rows(board, "state:live -state:pending") == 10
    assert rows(board, "state:fault") == 3
    assert rows(board, "-job:1 -job:2") == 18


def test_a_filter_names_what_it_does_not_understand_and_uses_the_rest(board: Board) -> None:
    assert ChainFilter("trie:3").trouble == "no field trie:, try: perhaps"
    assert ChainFilter("state:eror").trouble == "no state eror, error perhaps"
    assert ChainFilter("state:").trouble == ""
    assert rows(board, "state:asleep ada") == 2


@pytest.mark.parametrize("sort", list(Sort))
def test_the_first_few_are_the_same_whether_all_are_sorted_or_only_those(board: Board, sort: Sort) -> None:
    order = ChainOrder(board)
    order.sort = sort
    everything, total = order.first(1_000)
    few, _ = order.first(3)
    assert total == 56
    assert few.tolist() == everything[:3].tolist()
    assert [order.rank(chain) for chain in everything.tolist()] == list(range(56))


def test_errors_come_first_and_pending_chains_last_by_urgency(board: Board) -> None:
    ids = ChainOrder(board).first(100)[0].tolist()
    assert ids[:3] == [chain_id(3, 3), chain_id(3, 1), ids[2]]
    assert board.columns.states[board.columns.slot(ids[2])] == State.AT_CARRIER


def test_spans_grow_coarser_and_shares_never_lie() -> None:
    assert [age(7_000), age(760_000), age(3_900_000)] == ["0:07", "12:40", "1 h 05"]
    assert [share(0, 9), share(1, 900), share(899, 900), share(900, 900)] == ["0%", "1%", "99%", "100%"]
    assert bar(1, 1_000, 10) == ("█", "░" * 9)
    assert fit("Lincoln Elementary", 8) == "Lincoln…"


def test_a_chart_fills_from_below_and_ends_with_the_newest() -> None:
    assert chart([0, 4], 4, 1, 1) == [chr(0x2800 + 0xB8)]
    assert chart([8, 8], 8, 1, 2) == [chr(0x28FF), chr(0x28FF)]
