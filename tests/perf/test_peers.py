"""The peers: each does the workload by the rule, leaves it durable, and is measured or skipped in a sentence."""

import asyncio
import json
import os
import socket
import sqlite3
import subprocess
import sys
from argparse import Namespace
from functools import partial

import pytest

from perf.__main__ import main
from perf.benchmark import Result
from perf.district import in_a_process
from perf.peers import redis_server
from perf.peers.asyncio_tasks import LinePool
from perf.peers.benchmark import figures_of, measure, table
from perf.peers.peer import PEERS, Peer
from perf.peers.process_tree import Usage
from perf.peers.sqlite_record import SqliteRecord, read_back
from perf.peers.work import Work, arrival_order
from perf.workload.rule import expected, is_emergency, outcomes, term

FIELDS = {
    "system", "n", "dials", "confirmed", "checksum", "verified", "wall_s", "cpu_us_per_dial", "dials_per_s",
    "bytes_per_chain", "records_per_dial", "durability", "layout", "ratio",
}  # fmt: skip
BY_NAME = {peer.name: peer for peer in PEERS}


@pytest.fixture(scope="module")
def result() -> Result:
    """A small run of all that needs no server."""
    return measure(
        Namespace(n=600, lines=40, slow_n=60, only=["asyncio-sqlite", "asyncio-sqlite-lines", "pykka-threads"])
    )


def test_every_row_did_the_workload_and_callchains_comes_first(result):
    assert [row["system"] for row in result["rows"]] == [
        "callchain", "asyncio-sqlite", "asyncio-sqlite-lines", "pykka-threads",
    ]  # fmt: skip
    assert [row["n"] for row in result["rows"]] == [600, 600, 600, 60]
    for row in result["rows"]:
        due = expected(row["n"])
        assert set(row) == FIELDS
        assert (row["dials"], row["confirmed"], row["checksum"]) == (due.dials, due.confirmed, due.checksum)
    assert result["verified"] is True


def test_each_dial_leaves_its_opening_and_its_end(result):
    own, *others = result["rows"]
    assert own["records_per_dial"] > 2
    assert {row["records_per_dial"] for row in others} == {2.0}


def test_the_ratio_is_a_peers_cpu_over_callchains_of_the_same_run(result):
    own, *others = result["rows"]
    assert own["ratio"] == 1
    for row in others:
        assert row["ratio"] == pytest.approx(row["cpu_us_per_dial"] / own["cpu_us_per_dial"], abs=0.01)


def test_the_figures_are_json_and_a_table(result):
    assert json.loads(json.dumps(result)) == result
    shown = table(result)
    assert all(row["system"] in shown and row["durability"] in shown for row in result["rows"])
    assert shown.endswith("verified: True")


@pytest.mark.parametrize("name", ["asyncio-sqlite", "asyncio-sqlite-lines", "pykka-threads"])
def test_a_peer_with_one_line_does_the_same_workload(name):
    work = in_a_process(BY_NAME[name].run, 30, 1)
    assert figures_of(BY_NAME[name], 30, work, 1.0)["verified"] is True


@pytest.mark.parametrize("name", ["celery-redis", "dramatiq-redis"])
def test_a_task_queue_does_the_workload_and_leaves_two_records_a_dial(name):
    peer = BY_NAME[name]
    if peer.missing:
        pytest.skip(peer.missing)
    work = in_a_process(peer.run, 40, 10)
    assert figures_of(peer, 40, work, 1.0)["verified"] is True
    assert work.records == 2 * work.dials
    assert work.cpu_ns > 0


def test_the_harness_starts_its_own_redis_and_stops_it(tmp_path):
    if not redis_server.is_installed():
        pytest.skip("redis-server is not on the PATH")
    with redis_server.redis_server(tmp_path) as path, socket.socket(socket.AF_UNIX) as ours:
        ours.connect(str(path))
        ours.sendall(b"CONFIG GET appendfsync\r\n")
        assert b"always" in ours.recv(200)
    with socket.socket(socket.AF_UNIX) as ours, pytest.raises(OSError, match=r"refused|No such file"):
        ours.connect(str(path))


def test_a_peer_whose_library_is_missing_is_skipped_in_a_sentence(monkeypatch):
    absent = Peer("absent", BY_NAME["asyncio-sqlite"].run, "", slow=True, libraries=("no_such_library",))
    monkeypatch.setattr("perf.peers.benchmark.PEERS", (absent,))
    result = measure(Namespace(n=20, lines=5, slow_n=5, only=["absent"]))
    sentence = "no_such_library is not installed; pip install '.[peers]'"
    assert result["rows"][1] == {"system": "absent", "skipped": sentence}
    assert result["verified"] is True
    assert f"absent: {sentence}" in table(result)


def test_a_missing_server_is_named(monkeypatch):
    monkeypatch.setattr("perf.peers.peer.find_spec", lambda _library: object())
    monkeypatch.setattr(redis_server, "PROGRAM", "no-such-server")
    missing = BY_NAME["dramatiq-redis"].missing
    assert missing == "no-such-server is not on the PATH; install Redis from your system's packages"


def test_a_freed_line_goes_to_the_emergency_that_waits_before_any_ordinary_chain():
    async def granted() -> list[str]:
        pool, order = LinePool(asyncio.get_running_loop(), lines=1), list[str]()
        assert pool.taken()
        assert not pool.taken()
        for name, emergency in (("ordinary", False), ("first", True), ("second", True)):
            pool.line(emergency).add_done_callback(partial(lambda said, _done: order.append(said), name))
        for _ in range(3):
            pool.give_back()
            await asyncio.sleep(0)
        pool.give_back()
        assert pool.taken()
        return order

    assert asyncio.run(granted()) == ["first", "second", "ordinary"]


def test_chains_that_arrive_together_begin_with_the_emergencies():
    order = arrival_order(200)
    assert sorted(order) == list(range(200))
    assert [is_emergency(chain) for chain in order] == sorted(map(is_emergency, range(200)), reverse=True)


@pytest.mark.parametrize("wrong", [{"dials": 1}, {"confirmed": 1}, {"checksum": 1}, {"sound": False}])
def test_a_record_that_says_anything_else_is_not_verified(wrong):
    due = expected(10)
    right = Work(due.dials, due.confirmed, due.checksum, True, 2 * due.dials, 1, 1, 0, "")
    assert figures_of(PEERS[0], 10, right, 1.0)["verified"] is True
    assert figures_of(PEERS[0], 10, right._replace(**wrong), 1.0)["verified"] is False


def test_sqlite_says_what_was_written_and_whether_every_call_has_one_opening_and_then_one_end(tmp_path):
    path = tmp_path / "attempts.sqlite"
    record = SqliteRecord(path, rows_due=10)
    calls = [(chain, *call) for chain in range(5) for call in outcomes(chain)]
    record.commit([(chain, device, None, 1) for chain, device, _ in calls])
    record.commit([(chain, device, confirmed, 2) for chain, device, confirmed in calls])
    record.close()
    recorded = read_back(path)
    assert recorded.checksum == sum(term(*call) for call in calls)
    assert (recorded.dials, recorded.sound, recorded.records) == (len(calls), True, 2 * len(calls))


@pytest.mark.parametrize(
    "rows",
    [
        [(1, 0, None, 1)],
        [(1, 0, True, 1)],
        [(1, 0, True, 1), (1, 0, None, 1)],
        [(1, 0, None, 1), (1, 0, True, 1), (1, 0, True, 1)],
    ],
)
def test_a_table_with_a_call_that_is_half_there_or_there_twice_is_not_sound(tmp_path, rows):
    record = SqliteRecord(tmp_path / "attempts.sqlite", rows_due=10)
    record.commit(rows)
    record.close()
    assert read_back(tmp_path / "attempts.sqlite").sound is False


def test_a_commit_to_sqlite_is_synced_before_it_returns(tmp_path):
    record = SqliteRecord(tmp_path / "attempts.sqlite", rows_due=10)
    database: sqlite3.Connection = record._database
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert database.execute("PRAGMA synchronous").fetchone() == (2,)
    record.close()


def test_the_usage_of_a_process_holds_that_of_its_children():
    burn = "import sys, time\nwhile time.process_time() < 0.3: pass\nprint(flush=True); sys.stdin.read()"
    before = Usage.take(os.getpid())
    with subprocess.Popen([sys.executable, "-c", burn], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdin is not None
        child.stdout.readline()
        during = Usage.take(os.getpid())
        child.stdin.close()
    after = Usage.take(os.getpid())
    assert during.cpu_ns - before.cpu_ns >= 200_000_000
    assert after.cpu_ns >= during.cpu_ns
    assert during.anonymous_bytes > before.anonymous_bytes


def test_the_harness_needs_none_of_the_peers_libraries():
    looked = "import sys, perf.__main__; print(sorted({'celery', 'dramatiq', 'redis'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", looked], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_name_nobody_has_is_a_usage_error(capsys):
    with pytest.raises(SystemExit) as exit_:
        main(["peers", "--only", "erlang"])
    assert exit_.value.code == 2
    assert "asyncio-sqlite" in capsys.readouterr().err
