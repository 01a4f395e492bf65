"""How evenly calls leave: never more than the rate allows, and no slower."""

from bisect import bisect_right

from hypothesis import given, settings
from hypothesis import strategies as st

from actors.lines.pacing import BURST_MS, Pacing

rates = st.sampled_from([0.2, 0.5, 1.0, 3.0, 20.0, 100.0, 1_000.0])


def gone(per_second: float, wanted: list[float]) -> list[float]:
    """When calls go that are wanted at these instants, each as soon as the pacing lets it."""
    pacing, now, went = Pacing(per_second), 0.0, []
    for want in sorted(wanted):
        now = max(now, want)
        now += pacing.wait_ms(now)
        pacing.note(now)
        went.append(now)
    return went


@settings(max_examples=200, deadline=None)
@given(rates, st.lists(st.floats(0, 20_000), min_size=1, max_size=200))
def test_no_span_holds_more_calls_than_the_rate_times_the_span_and_the_burst(per_second: float, wanted: list[float]):
    went = gone(per_second, wanted)
    for first, since in enumerate(went):
        for span_ms in (1, 50, 1_000, 7_000):
            calls = bisect_right(went, since + span_ms) - first
            assert calls <= (span_ms + BURST_MS) * per_second / 1_000 + 1 + 1e-6


@settings(max_examples=100, deadline=None)
@given(rates, st.integers(2, 300))
def test_who_waits_is_served_at_the_full_rate(per_second: float, calls: int):
    went = gone(per_second, [0.0] * calls)
    assert went[-1] <= (calls - 1) * 1_000 / per_second + 1e-6


def test_a_lull_saves_nothing_up():
    went = gone(1.0, [0.0, 60_000.0, 60_000.0])
    assert went == [0.0, 60_000.0, 61_000.0]


def test_without_a_rate_nothing_waits():
    pacing = Pacing()
    for _ in range(10_000):
        pacing.note(5.0)
    assert pacing.wait_ms(5.0) == 0.0


def test_another_rate_holds_from_the_next_call_on():
    pacing = Pacing(1.0)
    pacing.note(0.0)
    assert pacing.wait_ms(0.0) == 1_000.0
    pacing.change(0.0)
    assert pacing.wait_ms(0.0) == 0.0
