"""The measurement of reports: every report in every format it is timed in, over a district that was really called."""

import json
from argparse import Namespace

import pytest

from perf.report import REPORTS, measure, table


@pytest.fixture(scope="module")
def result():
    """A small run."""
    return measure(Namespace(chains=200, lines=20, seed=1, until_minute=0))


def test_every_report_is_timed_and_the_delivery_report_in_every_format(result):
    assert set(result["seconds"]) == set(REPORTS)
    assert set(result["seconds"]["delivery"]) == {"table", "csv", "html", "json"}
    assert 0 < result["slowest_s"] == max(max(forms.values()) for forms in result["seconds"].values())
    assert result["attempts"] > result["chains"] > 100


def test_it_can_be_shown_and_kept(result):
    assert json.loads(json.dumps(result)) == result
    assert "delivery" in table(result)
