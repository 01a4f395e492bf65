"""The emergency measurement: small emergencies beside a load, a large one, and what is made of their instants."""

import json
import socket
from argparse import ArgumentTypeError, Namespace
from itertools import pairwise

import pytest

from actors.gateway import Script
from engine.gateways.stand_in.carrier import NANP
from engine.home import STORE_FOLDER
from perf.emergency.benchmark import counts, measure, none_or_more
from perf.emergency.carrier_side import EvenPhones
from perf.emergency.jobs import emergencies, number_of
from perf.emergency.record import Times, granted_between, rank, times_of
from perf.emergency.socket_notes import SocketNotes
from store.database import Database
from store.facts import AnyFact, AttemptOpened, Block
from store.journal import Journal
from store.keys import chain_id

WAITING, LINES = 60, 12
SCRIPT = Script("job-1", "School is closed.", None)


@pytest.fixture(scope="module")
def result():
    """A small run."""
    load = {"waiting": WAITING, "lines": LINES, "emergency_lines": 3, "results": 20, "poll_seconds": 0.05}
    return measure(Namespace(**load, sizes=(1, 5), times=1, big=20, seed=1))


def test_every_contact_of_an_emergency_is_called_before_another_ordinary_one(result):
    assert result["verified"] is True
    assert result["ordinary_between"] == 0
    assert result["waiting_at_end"] == WAITING


def test_an_emergency_is_told_by_the_first_the_filled_and_the_last_call(result):
    assert 0 < result["first_ms_5"]["max"] <= result["filled_ms_5"]["max"] <= result["all_ms_5"]["max"]
    assert result["first_ms"]["max"] >= result["first_ms_1"]["max"]
    assert json.loads(json.dumps(result)) == result


def test_a_large_emergency_is_planned_released_and_dialed(result):
    for big in (result["big"], result["big_busy"]):
        assert big["contacts"] > 0
        assert 0 < big["plan_s"] < big["first_dial_s"]
        assert 0 < big["dial_s"] < big["first_dial_s"]


def test_times_count_from_the_command_and_leave_out_what_was_not_sent_completely():
    one, two = emergencies(waiting=10, sizes=(3, 2), times=1)
    numbers = one.numbers() + two.numbers()[:1]
    sent = [(1_000 + 10 * place, number) for place, number in enumerate(numbers)]
    assert times_of([one, two], {one.job_id: 900, two.job_id: 900}, sent, emergency_lines=2) == [
        Times(size=3, first=100, filled=110, all=120)
    ]


def test_ordinary_calls_granted_before_an_emergency_s_last_chain_are_counted(tmp_path):
    jobs = [1, 2, 1, 2, 1, 3, 3, 1]
    opened: list[AnyFact] = [
        AttemptOpened(attempt, chain_id(job, attempt), 0, 0, attempt) for attempt, job in enumerate(jobs, 1)
    ]
    database = Database(tmp_path / STORE_FOLDER)
    with database.write() as txn:
        # Commits may take up attempts in another order than lines were granted.
        Journal(database).append(txn, Block(1, 0, opened[4:]))
        Journal(database).append(txn, Block(2, 0, opened[:4]))
    database.close()
    assert granted_between(tmp_path, {2, 3}) == 1
    assert granted_between(tmp_path, {3}) == 0


def test_a_request_with_an_emergency_in_it_is_noted_when_the_socket_has_it(monkeypatch):
    monkeypatch.setattr(socket.socket, "sendall", socket.socket.sendall)
    notes = SocketNotes()
    notes.install()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(b"<phone>+12002000001</phone><emergency>false</emergency>")
        ours.sendall(b"<c:phone>+12002000002</c:phone><c:emergency>true</c:emergency>")
    [(at, number)] = notes.numbers()
    assert number == "+12002000002"
    assert notes.first_after(at - 1, seconds=0) == at
    assert notes.first_after(at, seconds=0) is None


def test_every_serial_has_a_number_of_its_own_that_the_carrier_takes():
    serials = [*range(20_000), 7_919_999, 7_920_000, 7_920_001]
    numbers = {number_of(serial) for serial in serials}
    assert len(numbers) == len(serials)
    assert all(NANP.fullmatch(number) for number in numbers)


def test_ordinary_calls_end_at_an_even_rate_and_emergencies_soon():
    phones = EvenPhones(results_per_s=100)
    rings = [phones.ring("+12002000000", False, 1_000, 0, SCRIPT, None).ring_ms for _ in range(30)]
    assert rings[0] == 50
    assert [later - sooner for sooner, later in pairwise(rings)] == [10] * 29
    assert phones.ring("+12002000000", True, 1_000, 0, SCRIPT, None).keys == "0"


def test_percentiles_are_nearest_ranks_in_ms():
    assert rank([1_000_000, 2_000_000, 3_000_000], 0.5) == 2.0
    assert rank([], 0.99) is None


def test_counts_are_whole_numbers_with_commas():
    assert counts("1,10,1000") == (1, 10, 1_000)
    assert none_or_more("0") == 0
    with pytest.raises(ArgumentTypeError):
        counts("1,")
    with pytest.raises(ArgumentTypeError):
        none_or_more("-1")
