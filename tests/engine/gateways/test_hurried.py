"""Hurried phones do what the others do, only sooner."""

from hypothesis import given
from hypothesis import strategies as st

from actors.gateway import CallEnd, Script
from engine.gateways.stand_in.hurried import HurriedNetwork
from engine.gateways.stand_in.phone_network import SeededNetwork

SCRIPT = Script(script_id="m", text="School is closed tomorrow.", machine_text="School is closed tomorrow.")
NOON = 1_795_543_200_000


@given(st.integers(0, 7_999_999), st.integers(0, 3), st.sampled_from([1.0, 2.0, 60.0, 10_000.0]))
def test_a_hurried_phone_ends_as_it_would_have_and_in_its_part_of_the_time(line: int, ring: int, speed: float):
    network = SeededNetwork(7)
    number = f"+1612{line:07d}"
    slow = network.ring(number, False, NOON, ring, SCRIPT, None)
    quick = HurriedNetwork(network, speed).ring(number, False, NOON, ring, SCRIPT, None)
    allowed = SCRIPT.ring_s * 1000
    if slow.ring_ms > allowed:
        assert (quick.end, quick.ring_ms) == (CallEnd.NO_ANSWER, round(allowed / speed))
    else:
        assert (quick.end, quick.keys, quick.played_ms) == (slow.end, slow.keys, slow.played_ms)
        assert abs(quick.ring_ms - slow.ring_ms / speed) <= 1
        assert abs(quick.talk_ms - slow.talk_ms / speed) <= 1
