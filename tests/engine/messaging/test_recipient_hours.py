"""The recipient's own hours, in their own zone: off by default, listed before sending, never for emergencies."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.messaging.planning import Planned
from engine.messaging.recipient_hours import BARRED, RecipientHours
from engine.messaging.windows import Opening, Window
from store.dispositions import Expiry
from store.errors import ConfigError
from store.records import AudienceKind, DeviceKind, Plan, Reason, Step
from tests.engine.messaging.district import at, device, district, family, phone, send, settings, staff

EIGHT_TO_NINE: dict[str, Any] = {"recipient_start": 8 * 60, "recipient_end": 21 * 60}
ZONES = ("America/New_York", "America/Los_Angeles", "Pacific/Honolulu", "Asia/Manila", "Europe/Berlin", "UTC")


def moms(planned: Planned) -> Plan:
    return next(plan for plan in planned.plans if plan.contact_key == "p:Alisa-Mom")


def hours_of(step: Step) -> tuple[int, int]:
    return step.opens_at, step.closes_at


def alisa(time_zone: str = "", number: str = phone(1)):
    """Mom alone with one number, in a zone of her own."""
    one = family("Alisa", parents=("Mom",), students=("Son",)).devices("Mom", device(DeviceKind.CELL, number))
    return district(one.change("Mom", time_zone=time_zone).home(number="", time_zone=time_zone))


def local(text: str, zone: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1000


def test_without_the_setting_steps_have_no_hours_of_their_own():
    assert hours_of(moms(send(alisa("Pacific/Honolulu"))).steps[0]) == (0, 0)


def test_the_hours_hold_in_the_zone_the_roster_states():
    planned = send(alisa("Pacific/Honolulu"), now=at("2026-03-02 08:00"), **EIGHT_TO_NINE)
    zone = "Pacific/Honolulu"
    assert hours_of(moms(planned).steps[0]) == (local("2026-03-02 08:00", zone), local("2026-03-02 21:00", zone))


def test_a_household_has_a_zone_of_its_own():
    one = family("Alisa").home(time_zone="America/Los_Angeles")
    home = send(district(one), **EIGHT_TO_NINE).plans[0]
    assert home.contact_key == "h:Alisa-home"
    assert hours_of(home.steps[0])[0] == local("2026-03-02 08:00", "America/Los_Angeles")


def test_without_a_stated_zone_the_districts_counts():
    planned = send(alisa(), recipient_start=9 * 60, recipient_end=18 * 60)
    assert hours_of(moms(planned).steps[0]) == (at("2026-03-02 09:00"), at("2026-03-02 18:00"))


def test_a_number_barred_all_day_is_listed_before_sending_and_kept_as_a_step_that_rings_nobody():
    window = Window(opens_minute=8 * 60, closes_minute=12 * 60)
    planned = send(alisa("Pacific/Honolulu"), now=at("2026-03-02 08:00"), window=window, **EIGHT_TO_NINE)
    assert hours_of(moms(planned).steps[0]) == BARRED
    assert [(gap.contact_key, gap.device, gap.reason) for gap in planned.gaps] == [
        ("p:Alisa-Mom", "cell", "recipient_hours")
    ]


def test_emergencies_are_free_of_it():
    planned = send(alisa("Pacific/Honolulu"), Reason.EMERGENCY, now=at("2026-03-02 03:00"), **EIGHT_TO_NINE)
    assert hours_of(moms(planned).steps[0]) == (0, 0)
    assert planned.gaps == ()


@pytest.mark.parametrize(
    ("number", "zones"),
    [
        ("+12125550100", ("America/New_York",)),
        ("+12135550100", ("America/Los_Angeles",)),
        ("+18005550100", ("America/New_York",)),
    ],
    ids=["New York", "Los Angeles", "toll-free: the district's"],
)
def test_the_area_code_says_the_zone_only_with_the_further_setting(number, zones):
    without = send(alisa(number=number), now=at("2026-03-02 08:00"), **EIGHT_TO_NINE)
    assert hours_of(moms(without).steps[0])[0] == at("2026-03-02 08:00")
    by_code = send(alisa(number=number), now=at("2026-03-02 08:00"), recipient_zone_by_area_code=True, **EIGHT_TO_NINE)
    assert hours_of(moms(by_code).steps[0])[0] == max(local("2026-03-02 08:00", zone) for zone in zones)


def test_of_an_area_code_with_several_zones_the_strictest_common_part_counts():
    """605 lies in South Dakota's Mountain and Central zones."""
    planned = send(
        alisa(number="+16055550100"), now=at("2026-03-02 08:00"), recipient_zone_by_area_code=True, **EIGHT_TO_NINE
    )
    opens_at, closes_at = hours_of(moms(planned).steps[0])
    assert opens_at == local("2026-03-02 08:00", "America/Denver")
    assert closes_at == local("2026-03-02 21:00", "America/Chicago")


def test_a_stated_zone_goes_before_the_area_code():
    planned = send(alisa("America/New_York", "+12135550100"), recipient_zone_by_area_code=True, **EIGHT_TO_NINE)
    assert hours_of(moms(planned).steps[0])[0] == at("2026-03-02 08:00")


def test_hours_that_end_before_they_begin_are_refused():
    with pytest.raises(ConfigError, match="begin before they end"):
        settings(recipient_start=20 * 60, recipient_end=8 * 60)


@given(
    zone=st.sampled_from(ZONES),
    day=st.integers(0, 730),
    opens=st.integers(0, 20),
    length=st.integers(1, 16),
)
def test_every_instant_of_the_bounds_lies_in_the_hours_of_the_zone(zone, day, opens, length):
    """Held against the slow definition: the local time of day at each quarter of an hour."""
    start = datetime(2025, 1, 1, tzinfo=ZoneInfo("America/New_York")) + timedelta(days=day, hours=opens)
    opens_at = int(start.timestamp() * 1000)
    closes_at = opens_at + length * 3_600_000
    hours = RecipientHours(settings(**EIGHT_TO_NINE), Opening(opens_at, closes_at, Expiry.MESSAGE_WINDOW, closes_at))
    bounds = hours.bounds(zone, phone(1))
    allowed = [
        instant
        for instant in range(opens_at, closes_at, 900_000)
        if 8 <= datetime.fromtimestamp(instant / 1000, ZoneInfo(zone)).hour < 21
    ]
    rung = [instant for instant in range(opens_at, closes_at, 900_000) if bounds[0] <= instant < bounds[1]]
    assert set(rung) <= set(allowed)
    assert bool(rung) == bool(allowed)
    assert (bounds == BARRED) == (not rung)


def test_steps_carry_their_hours_when_they_are_stored():
    step = moms(send(alisa("Pacific/Honolulu"), **EIGHT_TO_NINE)).steps[0]
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(step), type=Step) == step


def test_a_shared_number_is_kept_by_a_chain_whose_hours_let_it_ring():
    """Decisions 20, 22: else nobody would dial it, though somebody's own hours allow it."""
    desk = device(DeviceKind.WORK, phone(1))
    ana = msgspec.structs.replace(staff("ana", desk), time_zone="Asia/Manila")
    ben, cy = staff("ben", desk), staff("cy", desk)
    window = Window(opens_minute=8 * 60, closes_minute=9 * 60)
    noon: dict[str, Any] = {"recipient_start": 8 * 60, "recipient_end": 19 * 60, "now": at("2026-03-02 08:00")}
    kept = send(district(ana, ben, cy), names=True, to=AudienceKind.STAFF, window=window, **noon)
    assert [(chain.contact_key, len(chain.steps)) for chain in kept.plans] == [("p:ben", 1), ("p:ana", 0), ("p:cy", 0)]
    manila = [msgspec.structs.replace(one, time_zone="Asia/Manila") for one in (ana, ben)]
    nobody = send(district(*manila), names=True, to=AudienceKind.STAFF, window=window, **noon)
    assert [chain.contact_key for chain in nobody.plans[: nobody.chains]] == ["p:ana"]
    assert hours_of(nobody.plans[0].steps[0]) == BARRED
