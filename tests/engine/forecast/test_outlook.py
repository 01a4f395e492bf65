"""What is said of courses: the middle, nine of ten, verdicts, causes, curves, and the sentences made of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.forecast.course import PARTS, Course, Use, course_of
from engine.forecast.happened import Happened
from engine.forecast.helper import Basis
from engine.forecast.outlook import outlook
from engine.forecast.question import WhatIf, checked, lines_if
from engine.forecast.views import Cause, Instant, Verdict
from engine.forecast.words import basis_words, sentence, verdict_words
from store.errors import InvalidInputError
from tests.fakes import MINUTE, SECOND, ZONE, at

TEN = at("2026-03-02 10:00")
RESTS = Basis(1, TEN, at("2026-03-02 20:00"), 100, 10, 10, 5_000, 3, 0, False, {"oak": 60, "": 40})


def course(every_s: int = 6, reached: int = 100, usual: bool = True, **use) -> Course:
    """A hundred chains, one reached every few seconds."""
    times = {index: TEN + (index + 1) * every_s * SECOND for index in range(reached)}
    schools = {index: "oak" if index < 60 else "" for index in range(100)}
    last = dict.fromkeys(range(100), TEN + 20 * MINUTE)
    return course_of(Happened(times, last), schools, Use(**use), usual=usual)


def test_parts_are_reached_with_the_chain_that_completes_them():
    one = course()
    assert len(one.parts_at) == PARTS
    assert one.half_at == TEN + 5 * MINUTE
    assert one.nine_in_ten_at == TEN + 9 * MINUTE
    assert course(reached=80).nine_in_ten_at == 0
    assert one.schools[1].half_at == TEN + 3 * MINUTE


def test_alike_courses_leave_no_doubt():
    forecast = outlook(RESTS, [course(), course(usual=False)], TEN, sampled=False)
    assert forecast.half_at == Instant(p50=TEN + 5 * MINUTE, p90=TEN + 5 * MINUTE)
    assert (forecast.reached, forecast.unreached, forecast.verdict) == (100, 0, Verdict.ON_TIME)


def test_usual_days_say_what_to_expect_and_others_how_far_it_may_be_off():
    forecast = outlook(RESTS, [course(6), course(12, usual=False)], TEN, sampled=False)
    assert forecast.half_at.p50 == TEN + 5 * MINUTE
    assert forecast.half_at.p90 > TEN + 11 * MINUTE


def test_what_is_never_reached_is_said_so():
    forecast = outlook(RESTS, [course(reached=80)], TEN, sampled=False)
    assert forecast.nine_in_ten_at == Instant()
    assert sentence(forecast, ZONE) == (
        "Half reached by 10:05 (P90 10:05), fewer than nine in ten, last call by 10:20 (10:20)."
    )


@pytest.mark.parametrize(
    ("courses", "verdict", "cause"),
    [
        ([course(short_ms=9, line_ms=9)], Verdict.ON_TIME, Cause.LINES),
        ([course(short_ms=9, line_ms=9, vain_ms=8)], Verdict.ON_TIME, Cause.FEW_ANSWERS),
        ([course(short_ms=9, waiting_ms=10)], Verdict.ON_TIME, Cause.CALL_BACKS),
        ([course(), course(usual=False, expired=20)], Verdict.AT_RISK, Cause.NOTHING),
        ([course(expired=20)], Verdict.LATE, Cause.WINDOW),
    ],
)
def test_verdict_and_cause(courses, verdict, cause):
    forecast = outlook(RESTS, courses, TEN, sampled=False)
    assert (forecast.verdict, forecast.cause) == (verdict, cause)
    assert verdict.shown in verdict_words(forecast, ZONE)


@given(
    st.lists(
        st.builds(
            course, every_s=st.integers(1, 60), reached=st.integers(0, 100), usual=st.booleans(),
            expired=st.integers(0, 100),
        ),
        min_size=1,
        max_size=8,
    )
)  # fmt: skip
def test_a_curve_never_falls_and_nine_of_ten_lies_below_the_middle(courses):
    forecast = outlook(RESTS, courses, TEN, sampled=True)
    for before, after in zip(forecast.curve, forecast.curve[1:], strict=False):
        assert before.at < after.at
        assert before.p50 <= after.p50
        assert before.p90 <= after.p90
    assert all(0 <= point.p90 <= point.p50 <= 1 for point in forecast.curve)
    assert forecast.reached + forecast.unreached == forecast.chains
    assert not forecast.half_at.p90 or forecast.half_at.p90 >= forecast.half_at.p50


def test_every_school_has_its_part_even_one_a_sample_left_out():
    schools = outlook(RESTS, [course()], TEN, sampled=True).schools
    assert [(one.school_id, one.chains, one.reached) for one in schools] == [("", 40, 40), ("oak", 60, 60)]
    nobody = Course(0.1, 0, 0, (), 0, Use())
    assert [one.reached for one in outlook(RESTS, [nobody], TEN, sampled=True).schools] == [0, 0]


def test_what_it_rests_on_is_said_with_it():
    words = basis_words(outlook(RESTS, [course(calls=10, people=4, line_ms=200_000)], TEN, sampled=False).basis)
    assert words.startswith("10 lines; people answer 40% of calls, 20 s a call, from 5,000 calls of 3 days.")
    priors = Basis(1, TEN, TEN, 100, 10, 10, 0, 0, 0, False, {})
    assert "stated priors" in basis_words(outlook(priors, [course()], TEN, sampled=True).basis)


@pytest.mark.parametrize(("asked", "lines"), [("", 40), ("+10", 50), ("-10", 30), ("60", 60), ("=7", 7)])
def test_lines_are_asked_for_beside_those_there_are_or_instead(asked, lines):
    assert lines_if(asked, 40) == lines


@pytest.mark.parametrize("asked", ["ten", "-40", "0", "+-3", "9999999"])
def test_no_number_of_lines(asked):
    with pytest.raises(InvalidInputError):
        lines_if(asked, 40)


def test_a_message_of_hours_is_no_message():
    with pytest.raises(InvalidInputError):
        checked(WhatIf(message_seconds=7_200))
