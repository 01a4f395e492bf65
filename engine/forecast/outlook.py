"""Makes one forecast of many courses: the middle of them, and what holds in nine of ten cases."""

from collections.abc import Callable, Sequence
from functools import partial
from math import sqrt
from statistics import fmean, median
from typing import TypeVar

from engine.forecast.course import Course, SchoolCourse
from engine.forecast.helper import Basis as Rests
from engine.forecast.views import Basis, Cause, CurvePoint, Forecast, Instant, SchoolForecast, Verdict

NINE_IN_TEN = 1.2816
"""Standard deviations above the middle, below which nine of ten values of a normal distribution lie.

With a handful of runs that is steadier than the greatest of them.
"""

CURVE_POINTS = 60

AT_RISK_SHARE = 0.001
"""Of chains: when the window cuts off more, it is not on time."""

VAIN_SHARE = 2 / 3
"""Of line time: when so much goes into calls nobody heard, it is not the lines that are few."""


def outlook(rests: Rests, courses: Sequence[Course], made_at: int, *, sampled: bool) -> Forecast:
    """The forecast of one job, from at least one course."""
    count = round(_middle(courses, lambda course: course.reached / max(1, course.chains)) * rests.chains)
    last = _instant(courses, lambda course: course.last_call_at)
    verdict = Verdict.STALLED if rests.stalled else _verdict(courses)
    return Forecast(
        job_id=rests.job_id,
        made_at=made_at,
        starts_at=rests.starts_at,
        closes_at=rests.closes_at,
        chains=rests.chains,
        reached=count,
        unreached=rests.chains - count,
        reached_now=rests.reached_now,
        half_at=_instant(courses, lambda course: course.half_at),
        nine_in_ten_at=_instant(courses, lambda course: course.nine_in_ten_at),
        last_call_at=last,
        verdict=verdict,
        cause=_cause(rests, courses, made_at),
        curve=_curve(rests, courses, last),
        schools=_schools(rests, courses),
        basis=_basis(rests, courses, sampled),
    )


# ---------------------------------------------------------------- the middle, and nine of ten

C = TypeVar("C", Course, SchoolCourse)


def _middle(courses: Sequence[C], value: Callable[[C], float]) -> float:
    """What to expect: the median of usual days, where there are any."""
    return median([value(course) for course in courses if course.usual] or [value(course) for course in courses])


def _spread(courses: Sequence[C], value: Callable[[C], float], middle: float) -> float:
    """How far other days lie from that: their standard deviation from it."""
    squares = [(value(course) - middle) ** 2 for course in courses if not course.usual]
    return sqrt(fmean(squares)) if squares else 0.0


def _instant(courses: Sequence[C], at: Callable[[C], int]) -> Instant:
    """P50 and P90; an instant that too few of the courses come to is one that never comes."""
    usual = [course for course in courses if course.usual] or courses
    came = [course for course in courses if at(course)]
    if 2 * sum(bool(at(course)) for course in usual) <= len(usual):
        return Instant()
    p50 = _middle(came, at)
    p90 = p50 + NINE_IN_TEN * _spread(came, at, p50)
    return Instant(p50=int(p50), p90=int(p90) if 10 * len(came) >= 9 * len(courses) else 0)


def _verdict(courses: Sequence[Course]) -> Verdict:
    def cut(course: Course) -> float:
        return course.use.expired / max(1, course.chains)

    middle = _middle(courses, cut)
    if middle > AT_RISK_SHARE:
        return Verdict.LATE
    late = middle + NINE_IN_TEN * _spread(courses, cut, middle)
    return Verdict.AT_RISK if late > AT_RISK_SHARE else Verdict.ON_TIME


def _cause(rests: Rests, courses: Sequence[Course], made_at: int) -> Cause:
    """What most of the time goes into."""
    if _verdict(courses) is Verdict.LATE:
        return Cause.WINDOW
    short = fmean(course.use.short_ms for course in courses)
    waiting = fmean(course.use.waiting_ms for course in courses)
    if rests.starts_at - made_at > max(short, waiting):
        return Cause.WINDOW
    if not max(short, waiting):
        return Cause.NOTHING
    if waiting > short:
        return Cause.CALL_BACKS
    line_ms = sum(course.use.line_ms for course in courses)
    vain_ms = sum(course.use.vain_ms for course in courses)
    return Cause.FEW_ANSWERS if vain_ms > VAIN_SHARE * line_ms else Cause.LINES


def _curve(rests: Rests, courses: Sequence[Course], last: Instant) -> tuple[CurvePoint, ...]:
    """Points from the first call to the last; a curve never falls."""
    first, end = rests.starts_at, max(last.p50, last.p90)
    if end <= first:
        return ()
    points, high, low = list[CurvePoint](), 0.0, 0.0
    for place in range(CURVE_POINTS + 1):
        at = first + (end - first) * place // CURVE_POINTS
        reached = partial(Course.reached_by, at=at)
        middle = _middle(courses, reached)
        high = max(high, middle)
        low = max(low, min(high, middle - NINE_IN_TEN * _spread(courses, reached, middle)))
        points.append(CurvePoint(at=at, p50=round(high, 4), p90=round(low, 4)))
    return tuple(points)


def _schools(rests: Rests, courses: Sequence[Course]) -> tuple[SchoolForecast, ...]:
    """Every school's part; a sample may have left out a small one."""
    found: dict[str, list[SchoolCourse]] = {}
    for course in courses:
        for one in course.schools:
            found.setdefault(one.school_id, []).append(one)
    return tuple(_school(school, rests.schools[school], found.get(school, [])) for school in sorted(rests.schools))


def _school(school_id: str, chains: int, parts: Sequence[SchoolCourse]) -> SchoolForecast:
    reached = _middle(parts, lambda part: part.reached / max(1, part.chains)) if parts else 0.0
    return SchoolForecast(
        school_id=school_id,
        chains=chains,
        reached=round(reached * chains),
        half_at=_instant(parts, lambda part: part.half_at),
        nine_in_ten_at=_instant(parts, lambda part: part.nine_in_ten_at),
        last_call_at=_instant(parts, lambda part: part.last_call_at),
    )


def _basis(rests: Rests, courses: Sequence[Course], sampled: bool) -> Basis:
    calls = sum(course.use.calls for course in courses)
    return Basis(
        lines=rests.lines,
        answer_rate=round(sum(course.use.people for course in courses) / max(1, calls), 3),
        hold_seconds=round(sum(course.use.line_ms for course in courses) / max(1, calls) / 1000, 1),
        calls=rests.calls,
        days=rests.days,
        runs=len(courses),
        sampled=sampled,
    )
