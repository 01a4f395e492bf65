"""The workload: its rule against a second reading of it, and what the engine leaves in the store against both."""

import json
from argparse import Namespace
from itertools import pairwise

import pytest

from perf.__main__ import main
from perf.prepared import made_up_plan, number_of, owner_of
from perf.workload.benchmark import measure
from perf.workload.jobs import workload_jobs
from perf.workload.record import Recorded, agrees
from perf.workload.rule import expected, ideal_ms, is_emergency, mix

FIELDS = (
    "n", "lines", "mode", "dials", "confirmed", "checksum", "wall_s", "cpu_s", "cpu_us_per_dial", "dials_per_s",
    "bytes_per_chain", "disk_bytes_per_dial", "makespan_s", "ideal_s", "makespan_ratio", "emergency_wait_ms",
    "verified",
)  # fmt: skip


def by_hand(n: int) -> tuple[int, int, int, int]:
    """Dials, confirmed chains, checksum and emergencies of n chains, written from the definition a second time."""

    def h(c: int, slot: int) -> int:
        x = c * 8 + slot + 1
        x = ((x ^ (x >> 16)) * 0x45D9F3B) % 2**32
        x = ((x ^ (x >> 16)) * 0x45D9F3B) % 2**32
        return x ^ (x >> 16)

    dials = confirmed = checksum = emergencies = 0
    for c in range(n):
        emergencies += h(c, 4) % 20 == 0
        for d in range(1 + h(c, 3) % 3):
            o = 0 if h(c, d) % 100 < 40 else 1
            dials, confirmed, checksum = dials + 1, confirmed + o, checksum + (c * 8 + d) * 2 + o
            if o:
                break
    return dials, confirmed, checksum % 2**48, emergencies


@pytest.fixture(scope="module", params=[(1_500, 40, "virtual"), (150, 30, "real")], ids=["virtual", "real"])
def result(request):
    """A small run."""
    n, lines, mode = request.param
    return measure(Namespace(n=n, lines=lines, mode=mode))


def test_what_the_store_says_is_what_the_definition_says(result):
    found = tuple(result[name] for name in ("dials", "confirmed", "checksum", "emergencies"))
    assert found == by_hand(result["n"])
    assert result["verified"] is True


def test_every_figure_is_there_and_is_json(result):
    assert set(FIELDS) <= set(result)
    assert set(result["emergency_wait_ms"]) == {"p50", "p99", "max"}
    assert json.loads(json.dumps(result)) == result


def test_all_lines_are_used_and_no_more(result):
    assert result["lines_peak"] == result["lines"]


def test_the_real_makespan_is_no_shorter_than_the_ideal_and_the_virtual_has_none(result):
    if result["mode"] == "real":
        assert result["makespan_s"] >= result["ideal_s"] == ideal_ms(expected(150), 30) / 1000
        assert result["makespan_ratio"] >= 1
    else:
        assert result["ideal_s"] is result["makespan_ratio"] is None
        assert result["makespan_s"] == result["wall_s"]


def test_no_emergency_gets_a_line_before_it_arrives(result):
    wait = result["emergency_wait_ms"]
    # The engine's clock has whole milliseconds.
    assert -1 < wait["p50"] <= wait["p99"] <= wait["max"]


def test_the_rule_agrees_with_a_second_reading_of_the_definition():
    due = expected(5_000)
    assert (due.dials, due.confirmed, due.checksum, len(due.emergencies)) == by_hand(5_000)
    assert mix(0) == 0
    assert all(is_emergency(chain) for chain, _ in due.emergencies)
    assert due.calls_max == 3


def test_the_jobs_hold_every_chain_once_and_real_emergencies_arrive_evenly_in_the_first_half():
    jobs = workload_jobs(3_000, 20, "real")
    assert sorted(chain for job in jobs for chain in job.chains) == list(range(3_000))
    assert all(is_emergency(chain) is job.emergency for job in jobs for chain in job.chains)
    arrivals = [job.arrives_ms for job in jobs if job.emergency for _ in job.chains]
    gaps = [later - earlier for earlier, later in pairwise(arrivals)]
    assert arrivals[0] == 0
    assert arrivals[-1] < ideal_ms(expected(3_000), 20) / 2
    assert max(gaps) - min(gaps) <= 1
    assert len(workload_jobs(3_000, 20, "virtual")) == 2


def test_a_number_says_whose_it_is():
    assert owner_of(number_of(987_654, 2)) == (987_654, 2)
    plan = made_up_plan(5, 3)
    assert [owner_of(step.number) for step in plan.steps] == [(5, 0), (5, 1), (5, 2)]
    assert len({step.number_id for chain in range(50) for step in made_up_plan(chain, 3).steps}) == 150


def test_a_workload_without_emergencies_has_no_waits(capsys):
    assert not is_emergency(0)
    main(["workload", "--n", "1", "--lines", "1", "--json"])
    result = json.loads(capsys.readouterr().out)
    assert result["verified"] is True
    assert result["emergency_wait_ms"] == {"p50": None, "p99": None, "max": None}


@pytest.mark.parametrize("wrong", [{"dials": 1}, {"checksum": 1}, {"chains_closed": 1}, {"sound": False}])
def test_a_store_that_says_anything_else_is_not_verified(wrong):
    due = expected(10)
    right = Recorded(due.dials, due.confirmed, due.checksum, 10, 1, 1, 0, True)
    assert agrees(right, due, 10)
    assert not agrees(right._replace(**wrong), due, 10)
