"""Figures that Prometheus reads, and the two questions of whoever restarts an engine or sends to it."""

import asyncio
import json
import time
from collections.abc import Coroutine, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from prometheus_client.parser import text_string_to_metric_families

from engine.acts.desk import LiveDesk
from engine.door import metrics, probes
from engine.door.probes import Probes
from engine.door.telling.figures import steady
from engine.hooks.acts import AddWebhook, add
from engine.hooks.crier import Crier
from engine.running.supervision.pulse import Pulse
from store.access import Role
from store.alarms import Alarm
from store.database import Database
from store.facts import AlarmRaised
from store.readers import oldest_reader_lag
from store.records import Reason
from tests.engine.door.small_door import Hall, small_door
from tests.engine.hooks.receiver import DOWN
from tests.fakes import SteppedTown, two_families

Figures = dict[tuple[str, ...], float]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[SteppedTown]:
    adams, baker = two_families()
    adams.mom.cell.answers().presses("0").always()
    baker.mom.cell.rings_out().always()
    with SteppedTown(tmp_path, adams, baker, lines=1, emergency_lines=0) as town:
        yield town


def run(scene: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scene, 20))


async def figures(hall: Hall) -> Figures:
    status, text = await hall.get("/metrics")
    assert status == 200
    found: Figures = {}
    for family in text_string_to_metric_families(text.decode()):
        assert family.name.startswith("callchain_")
        assert family.documentation
        for sample in family.samples:
            found[sample.name.removeprefix("callchain_"), *sample.labels.values()] = sample.value
    return found


def test_prometheus_reads_how_jobs_chains_lines_and_store_do(town):
    async def scene() -> None:
        job_id = town.send(Reason.EMERGENCY)
        town.run(seconds=3)
        async with small_door(metrics.routes(town.engine)) as hall:
            hall.role = Role.VIEWER
            now = await figures(hall)
            assert now["jobs", "in_progress"] == 1
            assert now["chains", "live"] == 2
            assert (now["lines", "ordinary"], now["lines", "emergency"]) == (1, 0)
            assert (now["lines_in_use", "emergency"], now["lines_in_use", "ordinary"]) == (1, 0)
            assert now["chains_ready", "emergency"] == 1
            assert now["emergency_waits_seconds",] == 3
            assert now["calls_out",] == now["attempts_opened_total",] == 1
            town.wait(job_id)
            then = await figures(hall)
        assert then["jobs", "sent"] == 1
        assert (then["chains", "confirmed"], then["chains", "exhausted"], then["chains", "live"]) == (1, 1, 0)
        assert then["attempts_ended", "no_answer"] == 3
        assert then["blocks_total",] == town.engine.station.fold.seq
        assert then["emergency_waits_seconds",] == then["calls_out",] == 0
        assert then["store_bytes",] == town.database.size()
        assert then["store_free_bytes",] > 0
        assert then["leader",] == then["incarnation",] == 1

    run(scene())


def test_prometheus_reads_alarms_backlogs_and_what_the_door_is_asked(town):
    async def scene() -> None:
        add(LiveDesk(town.engine), AddWebhook(url="https://hooks.oak.example/"), "anna")
        town.engine.station.record(AlarmRaised(Alarm.STORE_FULL))
        town.engine.station.flush_tables()
        crier = Crier(town.engine, lambda *_: DOWN)
        crier.gather()
        crier.deliver()
        async with small_door([*metrics.routes(town.engine), *probes.routes(town.engine)]) as hall:
            for path in ("/healthz", "/nowhere", "/nowhere"):
                await hall.get(path)
            now = await figures(hall)
        assert (now["alarm", "store_full"], now["alarm", "clock_jumped"]) == (1, 0)
        assert (now["webhook_backlog", "1"], now["mail_backlog",]) == (1, 0)
        assert now["door_requests_total", "GET", "/healthz", "200"] == 1
        assert now["door_requests_total", "GET", "none", "404"] == 2
        assert now["door_seconds_total", "GET", "/healthz", "200"] > 0

    run(scene())


def test_methods_this_door_has_nothing_to_do_with_are_counted_as_one(town):
    async def scene() -> None:
        async with small_door(metrics.routes(town.engine)) as hall:
            for method in ("PURGE", "MKCOL", "NOTIFY"):
                async with hall.session.request(method, "/metrics") as response:
                    assert response.status == 405
            text = (await hall.get("/metrics"))[1].decode()
            assert 'callchain_door_requests_total{method="other",route="none",status="405"} 3.0' in text
            assert "PURGE" not in text

    run(scene())


def test_a_table_the_loop_changes_meanwhile_is_counted_again():
    tries: list[int] = []

    def count() -> int:
        tries.append(1)
        if len(tries) < 3:
            raise RuntimeError("dictionary changed size during iteration")
        return 7

    assert steady(count) == 7


def test_whoever_reads_far_back_is_noticed(tmp_path):
    database = Database(tmp_path)
    try:
        assert oldest_reader_lag(database) == 0
        with database.read():
            for n in range(3):
                _in_a_thread(lambda n=n: _put(database, n))
            assert oldest_reader_lag(database) == 3
    finally:
        database.close()


def _put(database: Database, n: int) -> None:
    with database.write() as txn:
        database.put_meta(txn, f"n{n}", b"1")


def _in_a_thread(act) -> None:
    asyncio.run(asyncio.to_thread(act))


# ---------------------------------------------------------------- probes


async def probe(hall: Hall, path: str) -> tuple[int, list[str]]:
    status, body = await hall.get(path)
    said = json.loads(body)
    assert said["ok"] == (status == 200) == (not said["reasons"])
    return status, said["reasons"]


def test_an_engine_at_work_is_alive_and_ready_and_anybody_may_ask(town):
    async def scene() -> None:
        rows = probes.routes(town.engine)
        assert [row.role for row in rows] == [None, None]
        async with small_door(rows) as hall:
            assert await probe(hall, "/healthz") == (200, [])
            assert await probe(hall, "/readyz") == (200, [])

    run(scene())


@pytest.mark.parametrize("alarm", [Alarm.CARRIER_UNREACHABLE, Alarm.CARRIER_REFUSES_LOGIN])
def test_while_the_carrier_does_not_hear_it_the_engine_is_alive_but_not_ready(town, alarm):
    async def scene() -> None:
        town.engine.station.record(AlarmRaised(alarm))
        town.engine.station.flush_tables()
        async with small_door(probes.routes(town.engine)) as hall:
            assert await probe(hall, "/healthz") == (200, [])
            assert await probe(hall, "/readyz") == (503, [alarm.word])

    run(scene())


def test_a_closed_gate_and_a_full_disk_are_said(town):
    gate = town.engine.station.team.floor.gate
    gate.log_is_read = gate.clock_is_sound = False
    with patch.object(Database, "has_room", return_value=False):
        assert list(Probes(town.engine).hindrances()) == ["call_log_unread", "clock_unsound", "store_full"]


def test_a_loop_that_is_silent_for_a_whole_lease_is_not_alive_until_it_beats_again(town):
    now = [0.0]
    asked = Probes(town.engine, Pulse(town.home, lambda: now[0]))
    assert asked.faults() == []
    now[0] = town.engine.settings.engine.lease_seconds + 1
    assert asked.faults() == ["loop_silent"]
    town.engine.station._lock.begin_beating(2)
    assert asked.faults() == []


def test_an_engine_whose_loop_failed_is_not_alive(town):
    town.engine.station.dispatcher.failure = ValueError("x")
    try:
        assert "loop_failed" in Probes(town.engine).faults()
    finally:
        town.engine.station.dispatcher.failure = None


def test_uptime_counts_from_the_opening_of_the_door_and_not_from_the_first_question(town):
    async def scene() -> None:
        async with small_door(metrics.routes(town.engine)) as hall:
            later = time.monotonic() + 100
            with patch("engine.door.telling.figures.time", SimpleNamespace(monotonic=lambda: later)):
                assert (await figures(hall))["uptime_seconds",] >= 100

    run(scene())
