"""The forecast's benchmark: a town of its own, a small second day, and how errors are counted."""

import json
from argparse import Namespace
from typing import cast

import pytest

from actors.gateway import CallEnd, Script
from engine.forecast.course import Use, course_of
from engine.forecast.happened import Happened
from engine.forecast.views import Forecast, Instant
from perf.forecast.benchmark import errors_of, measure
from perf.forecast.days import MONDAY, SECOND_AT
from perf.forecast.town import TownPhones

HOUR = 3_600_000
SCRIPT = Script("s", "School is closed.", "School is closed.")


@pytest.fixture(scope="module")
def result():
    return measure(Namespace(chains=400, lines=10, more_lines=5, runs=4, seed=7))


def test_every_figure_is_there_and_the_second_day_was_lived(result):
    assert json.loads(json.dumps(result)) == result
    assert result["verified"] is True
    assert set(result["error_percent"]) == set(result["what_if_error_percent"]) == {"half", "nine_in_ten", "last_call"}


def test_after_a_day_of_history_the_forecast_is_nearer_than_priors_were(result):
    assert result["error_percent"]["half"] < result["priors_error_percent"]["half"]
    assert result["history_days"] == 1
    assert result["saved_min"] > 0
    assert result["saved_foreseen_min"] > 0


def test_the_town_answers_in_the_morning_and_hardly_at_noon():
    phones = TownPhones(1)

    def answers(hour: float) -> int:
        rings = (phones.ring(f"+1612555{n:04}", False, MONDAY + int(hour * HOUR), 0, SCRIPT, None) for n in range(500))
        return sum(ring.end is CallEnd.ANSWERED for ring in rings)

    assert answers(9.5) > 2 * answers(12.5) > 0


def test_an_error_is_a_part_of_the_duration():
    class Foreseen:
        starts_at = SECOND_AT
        half_at, nine_in_ten_at = Instant(p50=SECOND_AT + 40), Instant(p50=SECOND_AT + 90)
        last_call_at = Instant(p50=SECOND_AT + 100)

    times = {index: SECOND_AT + index + 1 for index in range(100)}
    real = course_of(Happened(times, times), dict.fromkeys(range(100), ""), Use())
    assert errors_of(cast(Forecast, Foreseen), real) == {"half": 10.0, "nine_in_ten": 0.0, "last_call": 0.0}
    nobody = course_of(Happened({}, times), dict.fromkeys(range(100), ""), Use())
    assert errors_of(cast(Forecast, Foreseen), nobody)["half"] == 100.0
