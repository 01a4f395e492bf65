"""The pace of calls: their mean length of late, and when the call log is worth a look."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.lines.pace import FIRST_MEAN_MS, IDLE_SHARE, Pace

lengths = st.lists(st.integers(1, 600_000), min_size=1, max_size=100)


def pace_of(*durations: int) -> Pace:
    pace = Pace()
    for duration in durations:
        pace.note(duration)
    return pace


@given(lengths)
def test_the_mean_lies_between_the_shortest_and_the_longest_call(durations: list[int]):
    assert min(durations) - 1e-3 <= pace_of(*durations).mean_ms <= max(durations) + 1e-3


@given(lengths.filter(lambda durations: len(durations) <= 16))
def test_of_the_first_few_calls_it_is_the_plain_mean_and_nothing_of_the_guess(durations: list[int]):
    assert pace_of(*durations).mean_ms == pytest.approx(sum(durations) / len(durations))


@given(lengths, st.integers(1, 600_000))
def test_after_some_fifty_calls_of_another_kind_it_has_come_round_to_them(durations: list[int], length: int):
    before = pace_of(*durations).mean_ms
    after = pace_of(*durations, *[length] * 50).mean_ms
    assert abs(after - length) <= abs(before - length) / 20 + 1e-3


def test_before_a_call_has_ended_its_length_is_guessed():
    assert Pace().mean_ms == FIRST_MEAN_MS


counts = st.integers(0, 1_000)


@given(lengths, st.integers(1, 1_000), counts)
def test_with_nobody_waiting_or_no_lines_there_is_no_haste(durations: list[int], lines: int, ahead_max: int):
    pace = pace_of(*durations)
    assert pace.next_reading_ms(lines, ahead_max, waiting=0) == inf
    assert pace.next_reading_ms(0, ahead_max, waiting=5) == inf


@given(lengths, st.integers(1, 1_000), counts, st.integers(1, 1_000))
def test_the_log_is_read_when_the_calls_ahead_and_an_eighth_of_the_lines_are_used_up(
    durations: list[int], lines: int, ahead_max: int, waiting: int
):
    pace = pace_of(*durations)
    ends_a_ms = lines / pace.mean_ms
    used_up = min(ahead_max, waiting) + lines * IDLE_SHARE
    assert pace.next_reading_ms(lines, ahead_max, waiting) == pytest.approx(used_up / ends_a_ms)


@given(lengths, st.integers(1, 1_000), counts, st.integers(1, 1_000), st.integers(0, 100))
def test_more_calls_ahead_never_make_it_more_urgent_and_more_lines_never_less(
    durations: list[int], lines: int, ahead_max: int, waiting: int, more: int
):
    pace = pace_of(*durations)
    delay = pace.next_reading_ms(lines, ahead_max, waiting)
    assert delay >= IDLE_SHARE * pace.mean_ms
    assert pace.next_reading_ms(lines, ahead_max + more, waiting) >= delay
    assert pace.next_reading_ms(lines + more, ahead_max, waiting) <= delay
