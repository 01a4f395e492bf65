"""The district's own time: fast, and right across clock changes."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.reports.source.local_time import Days, LocalTime, read_day
from store.errors import ConfigError, InvalidInputError

ZONES = ("America/Chicago", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe")
instants = st.integers(1_262_304_000_000, 1_893_456_000_000)
TODAY = date(2026, 11, 24).toordinal()


@given(st.sampled_from(ZONES), instants)
def test_an_instant_is_shown_and_dated_as_the_slow_way_does(zone, at):
    local, slow = LocalTime(zone), datetime.fromtimestamp(at // 1000, UTC).astimezone(ZoneInfo(zone))
    assert local.text(at) == f"{slow:%Y-%m-%d %H:%M:%S}"
    assert local.day(at) == slow.toordinal()
    assert local.text(at) == f"{slow:%Y-%m-%d %H:%M:%S}"


@given(st.sampled_from(ZONES), st.integers(date(2012, 1, 1).toordinal(), date(2029, 1, 1).toordinal()))
def test_a_day_begins_with_its_first_instant(zone, day):
    local = LocalTime(zone)
    begins_at = local.begins_at(day)
    assert local.day(begins_at) == day
    assert local.day(begins_at - 1) == day - 1


def test_no_instant_is_shown_as_nothing():
    assert LocalTime("America/Chicago").text(0) == ""


def test_an_unknown_zone_is_refused():
    with pytest.raises(ConfigError, match="Mars"):
        LocalTime("Mars/Olympus")


@pytest.mark.parametrize(
    ("text", "day"), [("today", TODAY), ("yesterday", TODAY - 1), ("2026-11-20", TODAY - 4), ("11/20/2026", TODAY - 4)]
)
def test_a_day_is_read_as_people_write_it(text, day):
    assert read_day(text, TODAY) == day


@pytest.mark.parametrize(
    "text", ["", "20.11.2026", "2026-13-01", "2026-02-30", "tomorrow", "1", "0001-01-01", "9999-12-31"]
)
def test_what_is_no_day_is_refused(text):
    with pytest.raises(InvalidInputError, match="is no day; write it like"):
        read_day(text, TODAY)


def test_a_range_says_itself_in_words():
    assert Days(TODAY, TODAY).words == "on 2026-11-24"
    assert Days(TODAY - 1, TODAY).words == "between 2026-11-23 and 2026-11-24"
