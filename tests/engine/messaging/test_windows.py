"""When a message may be dialed (decisions 22-25), clock changes included."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.messaging.planning import Window
from engine.messaging.windows import Opening, district_window, opening, zone_of
from store.dispositions import Expiry
from store.errors import CallchainError, ConfigError, InvalidInputError, RefusedError
from store.records import Reason
from tests.engine.messaging.district import MONDAY_TEN, at, day, settings

HOUR = 3_600_000
GENERAL, ATTENDANCE, BEHAVIOR = Reason.GENERAL, Reason.ATTENDANCE, Reason.BEHAVIOR


def clock(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def between(opens: str, closes: str, **more: int) -> Window:
    return Window(opens_minute=clock(opens), closes_minute=clock(closes), **more)


def opens(window: Window | None = None, reason: Reason = GENERAL, now: int = MONDAY_TEN, **changes: Any) -> Opening:
    return opening(window, reason, settings(**changes), now)


def test_without_a_window_a_message_goes_from_now_to_the_districts_end():
    assert opens()[:3] == (MONDAY_TEN, at("2026-03-02 20:00"), Expiry.DISTRICT_END)
    assert opens(now=at("2026-03-02 06:00")).opens_at == at("2026-03-02 08:00")


@pytest.mark.row("C046", "C047")
def test_a_messages_window_counts_as_far_as_it_lies_inside_the_districts():
    """Per-message window, must fall inside the district window.

    District window = District Start Time and District End Time.
    """
    whole = opens(between("17:00", "18:00"))
    assert whole[:3] == (at("2026-03-02 17:00"), at("2026-03-02 18:00"), Expiry.MESSAGE_WINDOW)
    cut = opens(between("17:00", "18:00"), district_end=clock("17:30"))
    assert cut[:3] == (at("2026-03-02 17:00"), at("2026-03-02 17:30"), Expiry.DISTRICT_END)
    with pytest.raises(RefusedError, match="outside the district's, 08:00-20:00"):
        opens(between("20:00", "21:00"))


@pytest.mark.row("C048")
@pytest.mark.parametrize("reason", [ATTENDANCE, BEHAVIOR])
def test_attendance_and_behavior_need_thirty_minutes(reason):
    """Attendance and behavior messages: minimum window 30 minutes."""
    assert opens(between("17:00", "17:30"), reason).opens_at == at("2026-03-02 17:00")
    with pytest.raises(RefusedError, match="at least 30 minutes"):
        opens(between("17:00", "17:29"), reason)
    assert opens(between("17:00", "17:29")).opens_at == at("2026-03-02 17:00")


def test_attendance_needs_thirty_minutes_inside_the_districts_window_too():
    assert opens(between("19:30", "21:00"), ATTENDANCE).closes_at == at("2026-03-02 20:00")
    with pytest.raises(RefusedError, match="Less than 30 minutes"):
        opens(between("19:31", "21:00"), ATTENDANCE)


@pytest.mark.parametrize(
    ("start", "window_opens", "effective"), [("09:00", "11:00", "11:00"), ("09:00", "08:00", "09:00")]
)
def test_the_later_of_start_time_and_window_counts(start, window_opens, effective):
    window = between(window_opens, "15:00", starts_at=at(f"2026-03-03 {start}"))
    assert opens(window).opens_at == at(f"2026-03-03 {effective}")


def test_a_start_after_the_window_is_refused():
    with pytest.raises(RefusedError, match="before anything could start"):
        opens(between("09:00", "11:00", starts_at=at("2026-03-03 11:00")))


def test_after_the_districts_end_a_message_is_refused_and_the_next_opening_told():
    assert opens(now=at("2026-03-02 19:59")).closes_at == at("2026-03-02 20:00")
    with pytest.raises(RefusedError, match=r"next one opens on 2026-03-03 at 08:00 \(America/New_York\)"):
        opens(now=at("2026-03-02 20:00"))


def test_instants_are_cut_to_the_district_window_of_their_day_and_never_roll_over():
    window = Window(opens_at=at("2026-03-02 17:00"), closes_at=at("2026-03-03 12:00"))
    assert opens(window)[:3] == (at("2026-03-02 17:00"), at("2026-03-02 20:00"), Expiry.DISTRICT_END)


def test_a_window_of_another_day():
    assert opens(between("09:00", "10:00", day=day("2026-03-05"))).opens_at == at("2026-03-05 09:00")


@pytest.mark.parametrize(
    "window",
    [
        between("18:00", "17:00"),
        between("17:00", "17:00"),
        Window(opens_minute=600),
        Window(closes_minute=600),
        Window(opens_minute=600, closes_minute=1441),
        Window(opens_at=MONDAY_TEN),
        Window(opens_at=MONDAY_TEN, closes_at=MONDAY_TEN),
        Window(opens_minute=600, closes_at=MONDAY_TEN),
    ],
)
def test_a_window_that_makes_no_sense_is_refused(window):
    with pytest.raises(InvalidInputError):
        opens(window)


def test_an_emergency_has_no_window():
    with pytest.raises(InvalidInputError, match="has no window"):
        opens(between("17:00", "18:00"), Reason.EMERGENCY)
    assert opens(reason=Reason.EMERGENCY).ends_by is Expiry.JOB_CAP


# On 2026-03-08 clocks go from 02:00 to 03:00, on 2026-11-01 from 02:00 back to 01:00.


def span(date: str, opens_text: str, closes_text: str) -> tuple[int, int]:
    return district_window(
        day(date), settings(district_start=clock(opens_text), district_end=clock(closes_text)), zone_of(settings())
    )


def test_a_day_of_23_hours_and_one_of_25():
    days = [span(date, "00:00", "24:00") for date in ("2026-03-08", "2026-11-01")]
    assert [(closes_at - opens_at) // HOUR for opens_at, closes_at in days] == [23, 25]


def test_a_time_the_clock_skips_means_the_first_instant_after():
    three = at("2026-03-08 03:00")
    assert span("2026-03-08", "02:30", "05:00") == (three, three + 2 * HOUR)
    assert span("2026-03-08", "01:30", "02:15") == (three - HOUR // 2, three)


def test_a_time_that_comes_twice_opens_late_and_closes_early():
    first_one = at("2026-11-01 01:00")
    assert span("2026-11-01", "01:00", "03:00") == (first_one + HOUR, first_one + 3 * HOUR)
    assert span("2026-11-01", "00:00", "01:30") == (first_one - HOUR, first_one + HOUR // 2)
    assert span("2026-11-01", "01:10", "01:50") == (first_one + HOUR // 6, first_one + 5 * HOUR // 6)


def test_a_zone_nobody_knows_is_refused():
    for zone in ("America/Nowhere", "", "../etc"):
        with pytest.raises(ConfigError, match="time_zone"):
            opens(time_zone=zone)


@pytest.mark.parametrize("hours", [(600, 600), (700, 600), (-1, 600), (600, 1441)])
def test_a_district_window_that_is_none_is_refused(hours):
    with pytest.raises(ConfigError, match="start time"):
        settings(district_start=hours[0], district_end=hours[1])


minutes = st.integers(0, 1440)
days = st.sampled_from(["2026-03-07", "2026-03-08", "2026-06-01", "2026-10-31", "2026-11-01"])


@given(date=days, hours=st.tuples(minutes, minutes), district=st.tuples(minutes, minutes), start=minutes)
def test_a_window_lies_inside_the_districts_and_never_before_now(date, hours, district, start):
    if not district[0] < district[1]:
        return
    rules = settings(district_start=district[0], district_end=district[1])
    now = at(f"{date} 00:00") + start * 60_000
    window = Window(opens_minute=hours[0], closes_minute=hours[1], day=day(date))
    try:
        found = opening(window, GENERAL, rules, now)
    except CallchainError:
        return
    district_opens, district_closes = district_window(day(date), rules, zone_of(rules))
    assert max(now, district_opens) <= found.opens_at < found.closes_at <= district_closes


@given(date=days, hours=st.tuples(minutes, minutes))
def test_a_window_within_a_clock_change_never_has_more_minutes_than_its_times_but_for_the_hour_put_in(date, hours):
    if not hours[0] < hours[1] or hours[0] == 1440:
        return
    opens_at, closes_at = district_window(
        day(date), settings(district_start=hours[0], district_end=hours[1]), zone_of(settings())
    )
    written = (hours[1] - hours[0]) * 60_000
    spans_repeated_hour = date == "2026-11-01" and hours[0] < 60 and hours[1] >= 120
    assert closes_at - opens_at <= written + (HOUR if spans_repeated_hour else 0)


@pytest.mark.parametrize("reason", [ATTENDANCE, BEHAVIOR])
def test_the_districts_own_hours_are_not_enough_for_attendance_and_behavior_where_they_are_shorter(reason):
    hours: dict[str, Any] = {"district_start": clock("15:00"), "district_end": clock("15:29")}
    with pytest.raises(RefusedError, match="at least 30 minutes; the district's own, 15:00-15:29, is shorter"):
        opens(reason=reason, **hours)
    assert opens(**hours).closes_at == at("2026-03-02 15:29")
    assert opens(reason=reason, **{**hours, "district_end": clock("15:30")}).closes_at == at("2026-03-02 15:30")
