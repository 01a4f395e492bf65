"""What a row of the call log means for a chain."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.gateway import CallEnd, CallRow
from actors.results import HEARD_MS, disposition_of
from store.dispositions import Disposition

MESSAGE_MS = 30_000


def row(end: CallEnd, **said: Any) -> CallRow:
    return CallRow("ref", "p1", "+15125550100", end, 1_000, said.pop("duration_ms", 20_000), **said)


@pytest.mark.parametrize(
    ("end", "disposition"),
    [
        (CallEnd.BUSY, Disposition.BUSY),
        (CallEnd.NO_ANSWER, Disposition.NO_ANSWER),
        (CallEnd.REJECTED, Disposition.REJECTED),
        (CallEnd.INVALID_NUMBER, Disposition.INVALID_NUMBER),
        (CallEnd.DISCONNECTED, Disposition.DISCONNECTED),
        (CallEnd.FAX, Disposition.FAX),
        (CallEnd.NETWORK_FAILURE, Disposition.NETWORK_FAILURE),
        (CallEnd.EXPIRED, Disposition.EXPIRED),
        (CallEnd.UNKNOWN, Disposition.UNKNOWN),
    ],
)
def test_an_end_without_an_answer_is_what_it_says(end: CallEnd, disposition: Disposition):
    assert disposition_of(row(end), MESSAGE_MS) is disposition


@pytest.mark.parametrize("end", list(CallEnd))
def test_every_end_the_carrier_knows_has_a_meaning(end: CallEnd):
    assert isinstance(disposition_of(row(end), MESSAGE_MS), Disposition)


@pytest.mark.parametrize("keys", ["0", "30", "*0", "00", "1230"])
@pytest.mark.parametrize("played_ms", [None, 0, 100, 60_000])
def test_key_0_at_any_time_after_the_answer_confirms(keys: str, played_ms: int | None):
    """Confirmation key is 0 …"""
    answered = row(CallEnd.ANSWERED, keys=keys, played_ms=played_ms, answered_at=2_000)
    assert disposition_of(answered, MESSAGE_MS) is Disposition.CONFIRMED


@pytest.mark.parametrize("keys", ["", "1", "*", "#123456789"])
def test_no_other_key_confirms(keys: str):
    assert disposition_of(row(CallEnd.ANSWERED, keys=keys), MESSAGE_MS) is Disposition.LIVE_NO_CONFIRM


@pytest.mark.parametrize(
    ("message_ms", "played_ms", "disposition"),
    [
        (30_000, 9_999, Disposition.HANGUP_EARLY),
        (30_000, HEARD_MS, Disposition.LIVE_NO_CONFIRM),
        (300_000, HEARD_MS, Disposition.LIVE_NO_CONFIRM),
        (8_000, 3_999, Disposition.HANGUP_EARLY),
        (8_000, 4_000, Disposition.LIVE_NO_CONFIRM),
        (30_000, None, Disposition.LIVE_NO_CONFIRM),
        (30_000, 0, Disposition.HANGUP_EARLY),
    ],
)
def test_who_hangs_up_before_half_the_message_has_not_heard_it(
    message_ms: int, played_ms: int | None, disposition: Disposition
):
    assert disposition_of(row(CallEnd.ANSWERED, played_ms=played_ms), message_ms) is disposition


@pytest.mark.parametrize(
    ("left", "disposition"),
    [
        (True, Disposition.MACHINE_MESSAGE_LEFT),
        (False, Disposition.MACHINE_NO_MESSAGE),
        (None, Disposition.MACHINE_NO_MESSAGE),
    ],
)
def test_a_machine_counts_as_delivered_only_when_the_message_was_left(left: bool | None, disposition: Disposition):
    assert disposition_of(row(CallEnd.MACHINE, message_left=left), MESSAGE_MS) is disposition


def test_a_call_withdrawn_before_it_rang_costs_no_turn_and_one_that_rang_does():
    assert disposition_of(row(CallEnd.CANCELED, duration_ms=0), MESSAGE_MS) is Disposition.CANCELED
    rang = disposition_of(row(CallEnd.CANCELED, duration_ms=4_000), MESSAGE_MS)
    assert rang is Disposition.RING_WITHDRAWN
    assert rang.flags.spends_attempt


@given(
    st.sampled_from(list(CallEnd)), st.text("0123456789*#", max_size=5), st.integers(0, 60_000), st.integers(0, 60_000)
)
def test_only_an_answered_call_confirms(end: CallEnd, keys: str, played_ms: int, message_ms: int):
    disposition = disposition_of(row(end, keys=keys, played_ms=played_ms), message_ms)
    assert (disposition is Disposition.CONFIRMED) == (end is CallEnd.ANSWERED and "0" in keys)
