"""The seeded town of phones is repeatable and lifelike."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.gateway import CallEnd, Script
from engine.gateways.stand_in.phone_network import ANSWERED_ENDS, KIND_BOUNDS, KINDS, Pickup, SeededNetwork, speech_ms

SCRIPT = Script("m1", "word " * 40, "word " * 30)
EVENING = int(datetime(2026, 3, 2, 18, 30, tzinfo=UTC).timestamp() * 1000)
NIGHT = int(datetime(2026, 3, 2, 3, 0, tzinfo=UTC).timestamp() * 1000)
SUNDAY = int(datetime(2026, 3, 1, 10, 0, tzinfo=UTC).timestamp() * 1000)
MONDAY = int(datetime(2026, 3, 2, 10, 0, tzinfo=UTC).timestamp() * 1000)
NUMBERS = [f"+1202{index:07d}" for index in range(2_000_000, 2_004_000)]


def town(seed: int = 3) -> SeededNetwork:
    return SeededNetwork(seed, "UTC")


def ring(network: SeededNetwork, number: str, at: int = EVENING, index: int = 0, script: Script = SCRIPT) -> Pickup:
    return network.ring(number, False, at, index, script, None)


def share(pickups: list[Pickup], *ends: CallEnd) -> float:
    return sum(pickup.end in ends for pickup in pickups) / len(pickups)


@given(st.integers(0, 2**64), st.sampled_from(NUMBERS), st.integers(0, 20), st.integers(5, 60), st.booleans())
def test_every_pickup_is_possible_and_within_the_ringing_time(seed, number, index, ring_s, leaves_message):
    script = Script("m1", "word " * 40, "word " * 30 if leaves_message else None, ring_s=ring_s)
    pickup = ring(town(seed), number, index=index, script=script)
    assert pickup.ring_ms > 0
    assert (pickup.talk_ms > 0) == (pickup.end in ANSWERED_ENDS)
    assert 0 <= (pickup.played_ms or 0) <= pickup.talk_ms
    assert pickup.end is CallEnd.ANSWERED or pickup.keys == ""
    if pickup.message_left:
        assert pickup.end is CallEnd.MACHINE
        assert leaves_message


def test_a_number_behaves_the_same_whatever_else_rang_before():
    alone, among_others = town(), town()
    for number in NUMBERS[:500]:
        ring(among_others, number, NIGHT)
    assert [ring(alone, n, index=2) for n in NUMBERS[:50]] == [ring(among_others, n, index=2) for n in NUMBERS[:50]]


def test_another_seed_is_another_town_and_another_ring_another_mood():
    def evening(seed: int, index: int) -> list[Pickup]:
        network = town(seed)
        return [ring(network, n, index=index) for n in NUMBERS[:200]]

    assert evening(3, 0) == evening(3, 0)
    assert evening(3, 0) != evening(4, 0)
    assert evening(3, 0) != evening(3, 1)


def test_a_town_is_lifelike_in_the_evening_and_asleep_at_night():
    network = town()
    evening = [ring(network, n) for n in NUMBERS]
    night = [ring(network, n, NIGHT) for n in NUMBERS]
    assert 0.35 < share(evening, CallEnd.ANSWERED) < 0.6
    assert share(night, CallEnd.ANSWERED) < 0.15
    assert 0.2 < share(evening, CallEnd.MACHINE) < 0.5
    assert 0.02 < share(evening, CallEnd.BUSY) < 0.06
    assert 0.02 < share(evening, CallEnd.INVALID_NUMBER, CallEnd.DISCONNECTED) < 0.06
    people = [p for p in evening if p.end is CallEnd.ANSWERED]
    assert 0.6 < sum("0" in p.keys for p in people) / len(people) < 0.85
    seen = Counter(p.end for p in evening)
    assert {CallEnd.FAX, CallEnd.NO_ANSWER, CallEnd.REJECTED, CallEnd.NETWORK_FAILURE} <= set(seen)


def test_people_press_at_once_after_listening_other_keys_or_never_and_some_hang_up_early():
    network = town()
    length = speech_ms(SCRIPT.text)
    people = [p for n in NUMBERS if (p := ring(network, n)).end is CallEnd.ANSWERED]
    assert any(p.keys == "0" and (p.played_ms or 0) < length for p in people)
    assert any(p.keys == "0" and p.played_ms == length for p in people)
    assert any(p.keys == "*0" and p.played_ms == 2 * length for p in people)
    assert any(p.keys and "0" not in p.keys for p in people)
    assert any(not p.keys and p.played_ms == length for p in people)
    assert any(not p.keys and (p.played_ms or 0) < length // 3 for p in people)


def test_people_press_the_scripts_own_confirm_key():
    network = town()
    script = Script("m1", "word " * 40, None, confirm_key="7")
    keys = {p.keys for n in NUMBERS[:500] if (p := ring(network, n, script=script)).end is CallEnd.ANSWERED}
    assert "7" in keys
    assert "0" not in keys


def test_machines_keep_a_message_only_where_the_script_has_one():
    network = town()
    silent = Script("m1", "word " * 40, None)
    left = [p for n in NUMBERS if (p := ring(network, n)).end is CallEnd.MACHINE]
    assert sum(bool(p.message_left) for p in left) / len(left) > 0.9
    assert all(p.played_ms == speech_ms(SCRIPT.machine_text or "") for p in left if p.message_left)
    assert not any(ring(network, n, script=silent).message_left for n in NUMBERS)


def test_a_dead_number_is_dead_at_every_ring():
    network = town()
    dead = [n for n in NUMBERS if ring(network, n).end is CallEnd.DISCONNECTED]
    assert dead
    rings = [ring(network, n, at, index).end for n in dead for at in (NIGHT, MONDAY) for index in range(5)]
    assert set(rings) <= {CallEnd.DISCONNECTED, CallEnd.NETWORK_FAILURE}


def test_offices_are_empty_on_sunday_and_the_local_hour_counts():
    network = town()
    weekday = share([ring(network, n, MONDAY) for n in NUMBERS], CallEnd.ANSWERED)
    sunday = share([ring(network, n, SUNDAY) for n in NUMBERS], CallEnd.ANSWERED)
    assert sunday < weekday
    west = SeededNetwork(3, "Asia/Kolkata")
    assert [ring(west, n, EVENING - 19_800_000) for n in NUMBERS[:300]] == [ring(network, n) for n in NUMBERS[:300]]


def test_the_kinds_of_phones_share_out_all_numbers():
    assert sum(kind.share for kind in KINDS) == 1000
    assert tuple(sum(kind.share for kind in KINDS[: i + 1]) for i in range(len(KINDS) - 1)) == KIND_BOUNDS
    assert all(len(kind.by_hour) == 24 for kind in KINDS)


@pytest.mark.parametrize(("text", "length_ms"), [("", 3000), ("one two", 3000), ("word " * 150, 60_000)])
def test_speech_runs_at_150_words_a_minute_and_at_least_three_seconds(text, length_ms):
    assert speech_ms(text) == length_ms
