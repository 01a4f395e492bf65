"""The SOAP measurement: every call goes through once, both sides are told apart, and what is wrong is not verified."""

import json
from argparse import Namespace

import pytest

from actors.gateway import Call, CallEnd, CallRow, Script, SubmitStatus, Submitted
from engine.gateways.stand_in.carrier import NANP
from perf.soap.benchmark import measure
from perf.soap.district_side import District, made_up_calls
from perf.soap.phones import CALL_MS_MAX, BriefPhones, confirms, number_of

FIELDS = (
    "calls", "batch", "lines", "threads", "seconds", "calls_per_s", "client_cpu_us_per_call", "server_cpu_us_per_call",
    "carrier_cpu_us_per_call", "requests", "submit_requests", "log_requests", "sent_bytes_per_call",
    "received_bytes_per_call", "submit_ms", "lines_peak", "engine", "verified", "seed", "machine", "versions",
)  # fmt: skip


@pytest.fixture(scope="module")
def result():
    """A small run."""
    return measure(Namespace(calls=450, batch=100, lines=40, threads=3, engine=True))


def test_every_call_goes_through_once_and_every_figure_is_json(result):
    assert result["verified"] is True
    assert set(FIELDS) <= set(result)
    assert json.loads(json.dumps(result)) == result


def test_requests_are_those_of_the_batches_and_pages(result):
    assert result["submit_requests"] == 5
    assert result["requests"] == result["submit_requests"] + result["log_requests"]
    assert result["lines_peak"] <= 40


def test_the_carriers_part_is_a_part_of_its_side(result):
    assert 0 < result["carrier_cpu_us_per_call"] < result["server_cpu_us_per_call"]
    assert result["client_cpu_us_per_call"] > 0
    assert 0 < result["submit_ms"]["p50"] <= result["submit_ms"]["p99"] <= result["submit_ms"]["max"]


def test_more_bytes_go_over_the_wire_than_the_references_and_numbers_alone(result):
    assert result["sent_bytes_per_call"] > 100
    assert result["received_bytes_per_call"] > 200


def test_the_engine_dials_each_chain_once_over_the_same_path(result):
    assert result["engine"]["verified"] is True
    assert result["engine"]["dials"] == 450
    assert result["engine"]["lines_peak"] <= 40


class WrongCarrier:
    """Answers at once, and does to one call of the first batch what it is told to."""

    def __init__(self, wrong: str) -> None:
        self._wrong = wrong
        self._rows: list[CallRow] = []

    def submit(self, calls, _scripts, reply):
        status = [SubmitStatus.ACCEPTED] * len(calls)
        self._rows += [CallRow(call.ref, "", call.number, CallEnd.BUSY, 0, 0) for call in calls]
        if self._wrong == "a duplicate":
            status[0] = SubmitStatus.DUPLICATE
        elif self._wrong == "a row twice":
            self._rows[0] = self._rows[1]
        elif self._wrong == "another number":
            self._rows[0] = CallRow(calls[0].ref, "", "+12125550100", CallEnd.BUSY, 0, 0)
        reply([Submitted(call.ref, one) for call, one in zip(calls, status, strict=True)])

    def results(self, _cursor, reply):
        rows, self._rows = self._rows, []
        reply(type("Page", (), {"rows": rows, "next_cursor": "c", "more": False}))


@pytest.mark.parametrize(
    ("wrong", "verified"), [("", True), ("a duplicate", False), ("a row twice", False), ("another number", False)]
)
def test_only_a_right_carrier_is_verified(wrong, verified):
    district = District(WrongCarrier(wrong), made_up_calls(10, 0), batch=10, out_max=1)  # type: ignore[arg-type]
    district.run()
    assert district.verified() is verified


def test_the_carrier_dials_the_made_up_numbers_and_their_calls_are_brief():
    numbers = [number_of(index) for index in (*range(2_000), 799_999, 800_000, 12_345_678)]
    assert len(set(numbers)) == len(numbers)
    assert all(NANP.fullmatch(number) for number in numbers)
    script = Script("s", "text", None)
    pickups = [BriefPhones().ring(number, False, 0, 0, script, None) for number in numbers]
    assert max(pickup.ring_ms + pickup.talk_ms for pickup in pickups) <= CALL_MS_MAX
    assert {pickup.end for pickup in pickups} == {CallEnd.ANSWERED, CallEnd.MACHINE, CallEnd.BUSY, CallEnd.NO_ANSWER}
    assert [pickup.keys == "0" for pickup in pickups] == [confirms(number) for number in numbers]


def test_made_up_calls_have_references_of_their_own():
    calls: list[Call] = made_up_calls(300, 7)
    assert len({call.ref for call in calls}) == 300
    assert {call.window_end_at for call in calls} == {7}
