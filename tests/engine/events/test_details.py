"""Which events are told, and what each says."""

from datetime import date

import pytest

from engine.events.details import details_of
from engine.events.event import Event
from engine.events.filters import Filters, read_filters
from engine.events.kinds import EventKind, kind_of
from store.errors import InvalidInputError

TODAY = date(2026, 3, 2).toordinal()


def event(**fields) -> Event:
    return Event(**{"person_id": "S1", "day": TODAY, "line": 2, **fields})


def passes(kind: EventKind, filters: Filters, **fields) -> bool:
    return filters.passes(event(**fields), kind, TODAY)


@pytest.mark.parametrize(
    ("pairs", "fields", "expected"),
    [
        ((), {}, True),
        ((), {"day": TODAY - 1}, False),
        ((("date", "2026-03-01"),), {"day": TODAY - 1}, True),
        ((("date", "2026-03-01"),), {}, False),
        ((("status", "absent"),), {"status": "tardy"}, False),
        ((("status", "absent"), ("status", "Tardy")), {"status": "tardy"}, True),
        ((("excuse", "unexcused"),), {"excuse": "unexcused"}, True),
        ((("excuse", "unexcused"),), {"excuse": "unknown"}, False),
        ((("minimum_periods", "3"),), {"periods": 2}, False),
        ((("minimum_periods", "3"),), {"periods": 3}, True),
    ],
)
def test_attendance_is_filtered_by_status_excuse_periods_and_day(pairs, fields, expected):
    assert passes(EventKind.ATTENDANCE, read_filters(EventKind.ATTENDANCE, pairs), **fields) is expected


def test_behavior_is_filtered_by_type_and_role_whatever_its_status_and_looks_a_week_back():
    filters = read_filters(EventKind.BEHAVIOR, (("event_type", "fighting"), ("role", "Offender")))
    fight = {"event_type": "Fighting", "role": "offender"}
    assert all(
        passes(EventKind.BEHAVIOR, filters, status=status, **fight)
        for status in ("submitted", "in_progress", "complete")
    )
    assert not passes(EventKind.BEHAVIOR, filters, event_type="Theft", role="offender")
    assert not passes(EventKind.BEHAVIOR, filters, event_type="Fighting", role="witness")
    assert passes(EventKind.BEHAVIOR, filters, day=TODAY - 7, **fight)
    assert not passes(EventKind.BEHAVIOR, filters, day=TODAY - 8, **fight)
    assert not passes(EventKind.BEHAVIOR, filters, day=TODAY + 1, **fight)


def test_balances_are_filtered_by_amount_and_hold_until_a_newer_one():
    low = read_filters(EventKind.BALANCES, (("below", "0"),))
    assert [passes(EventKind.BALANCES, low, balance_cents=cents) for cents in (-1, 0, 1)] == [True, False, False]
    assert passes(EventKind.BALANCES, low, balance_cents=-1, day=TODAY - 300)
    rows = [
        event(account="lunch", balance_cents=cents, day=TODAY - age) for cents, age in ((-500, 3), (200, 1), (0, 2))
    ]
    assert [row.balance_cents for row in Filters().chosen(rows, EventKind.BALANCES, TODAY)] == [200]


def test_a_low_balance_is_not_told_where_a_newer_row_says_that_it_was_paid():
    low = read_filters(EventKind.BALANCES, (("below", "0"),))
    owed, paid = event(balance_cents=-500, day=TODAY - 3), event(balance_cents=2000, day=TODAY)
    assert low.chosen([owed, paid], EventKind.BALANCES, TODAY) == []
    assert low.chosen([paid, owed], EventKind.BALANCES, TODAY - 1) == [owed]
    assert low.chosen([owed, event(balance_cents=100, day=TODAY - 3, line=3)], EventKind.BALANCES, TODAY) == []


@pytest.mark.parametrize(
    ("kind", "pairs", "sentence"),
    [
        (EventKind.BEHAVIOR, (("excuse", "unexcused"),), "have no filter excuse; known are date, event_type, role"),
        (EventKind.ATTENDANCE, (("status", "gone"),), 'status is "gone"; known are absent, tardy, early_release'),
        (EventKind.ATTENDANCE, (("minimum_periods", "-1"),), "give a number from 0 to 24"),
        (EventKind.ATTENDANCE, (("date", "today"), ("date", "2026-03-02")), "given 2 times"),
        (EventKind.ATTENDANCE, (("date", "2.3.2026"),), "write it like 2026-11-24"),
        (EventKind.BALANCES, (("below", "much"),), "give an amount like 0 or 5.00"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(kind, pairs, sentence):
    with pytest.raises(InvalidInputError, match=sentence):
        read_filters(kind, pairs)


def test_an_absence_says_its_status_excuse_periods_and_day_and_is_told_once_a_student_school_and_day():
    rows = [
        event(status="early_release", excuse="unknown", periods=2, school_id="101"),
        event(status="absent", school_id="101", line=3),
        event(status="absent", line=4),
        event(status="absent", line=5),
    ]
    details, again = details_of(EventKind.ATTENDANCE, rows, "today.csv")
    assert [detail.occasion for detail in details] == ["attendance/2026-03-02/S1/101", "attendance/2026-03-02/S1/"]
    assert dict(details[0].fields) == {
        "status": "early_release", "excuse": "unknown", "periods": "2", "date": "2026-03-02",
    }  # fmt: skip
    assert [str(problem) for problem in again] == [
        "today.csv line 3: is left out: the same is told as line 2 says",
        "today.csv line 5: says again what line 4 says",
    ]


def test_a_slash_in_an_id_never_reads_like_one_between_two():
    (detail,), _ = details_of(EventKind.BEHAVIOR, [event(event_id="a/b", event_type="x")])
    assert detail.occasion == "behavior/a%2Fb/S1"


def test_resolutions_and_balances_may_be_told_any_number_of_times():
    for kind, fields in (
        (EventKind.RESOLUTIONS, {"event_id": "EV1", "resolution": "a talk"}),
        (EventKind.BALANCES, {}),
    ):
        (detail,), _ = details_of(kind, [event(**fields)])
        assert detail.occasion == ""


@pytest.mark.parametrize(("cents", "kept"), [(0, "0.00"), (-1, "-0.01"), (100, "1.00"), (-1250, "-12.50")])
def test_an_amount_is_kept_as_it_is_written(cents, kept):
    (detail,), _ = details_of(EventKind.BALANCES, [event(balance_cents=cents)])
    assert dict(detail.fields)["balance"] == kept


def test_there_are_four_kinds_of_events():
    assert [kind_of(word) for word in ("attendance", "behavior", "resolutions", "balances")] == list(EventKind)
    with pytest.raises(InvalidInputError, match='no events called "grades"; known are attendance'):
        kind_of("grades")
