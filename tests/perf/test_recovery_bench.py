"""The recovery measurement: the second engine finds every chain open and repeats each call that was out, once."""

import json
from argparse import Namespace

import pytest

from actors.gateway import Call, CallEnd
from perf.prepared import number_of
from perf.recovery.benchmark import measure
from perf.recovery.phones import PhonesAfter, PhonesBefore

CHAINS, LINES = 300, 20


@pytest.fixture(scope="module")
def result():
    """A small run."""
    return measure(Namespace(chains=CHAINS, lines=LINES))


def test_the_next_engine_finds_every_chain_and_every_call_that_was_out(result):
    assert result["verified"] is True
    assert (result["chains"], result["calls_out"]) == (CHAINS, LINES)


def test_it_opens_repeats_and_then_dials(result):
    assert 0 < result["opened_s"] <= result["first_repeat_s"] <= result["first_dial_s"]
    assert result["opened_s"] <= result["all_live_s"]


def test_memory_is_the_second_process_s_own(result):
    assert 0 < result["rss_anonymous_bytes"] < result["rss_bytes"]
    assert json.loads(json.dumps(result)) == result


def call(chain: int, device: int) -> Call:
    """A call to a chain's device."""
    return Call(f"{chain}/{device}", number_of(chain, device), "", "job-1", False, 0)


def test_second_calls_ring_for_ever_only_once_every_chain_has_begun():
    told: list[list[str]] = []
    phones = PhonesBefore(chains=3, lines=2, held=told.append)
    first = phones.ring([call(0, 0), call(1, 0), call(1, 1)])
    assert [row.end for row in first] == [CallEnd.NO_ANSWER, CallEnd.NO_ANSWER, CallEnd.CANCELED]
    assert [row.ref for row in phones.ring([call(2, 0), call(1, 1)])] == ["2/0"]
    assert not told
    assert not phones.ring([call(0, 1)])
    assert told == [["1/1", "0/1"]]


def test_a_repeated_call_is_told_from_a_new_one():
    phones = PhonesAfter(held=["4/1"])
    assert [row.ref for row in phones.ring([call(4, 1)])] == ["4/1"]
    assert not phones.dialed.is_set()
    assert not phones.ring([call(5, 1)])
    assert phones.dialed.is_set()
    assert phones.repeated == ["4/1"]
