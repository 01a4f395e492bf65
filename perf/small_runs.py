"""The small run of each name: what it is given, which figures are shown, and what they should be at full size."""

from typing import NamedTuple


class Figure(NamedTuple):
    """One figure of a result. `path` leads into nested results, with dots; `*` stands for every part of one."""

    path: str
    aim: str = ""
    """At full size, on two quiet cores; empty for a figure nobody aims at."""


class SmallRun(NamedTuple):
    """One name of the harness, run small."""

    name: str
    options: tuple[str, ...]
    figures: tuple[Figure, ...]


SMALL_RUNS = (
    SmallRun(
        "dispatch",
        ("--chains", "10000", "--lines", "1000"),
        (
            Figure("engine_cpu_us_per_dial", "at most 2.0 × the floor's, 100,000 chains"),
            Figure("floor_cpu_us_per_dial"),
            Figure("ratio_to_floor"),
            Figure("disk_bytes_per_dial", "at most 1,500, 100,000 chains"),
            Figure("bytes_per_chain", "at most 1,200, 100,000 chains"),
        ),
    ),
    SmallRun(
        "workload",
        ("--n", "10000", "--lines", "1000", "--mode", "virtual"),
        (
            Figure("cpu_us_per_dial", "at most 20, 100,000 chains, 2,000 lines"),
            Figure("dials_per_s"),
            Figure("bytes_per_chain"),
        ),
    ),
    SmallRun(
        "workload",
        ("--n", "5000", "--lines", "200", "--mode", "real"),
        (
            Figure("makespan_ratio", "at most 1.03, 20,000 and 100,000 chains, 200 lines"),
            Figure("emergency_wait_ms.p99", "at most 60, 200 lines"),
            Figure("emergency_wait_ms.max", "at most 100, 200 lines"),
        ),
    ),
    SmallRun(
        "makespan",
        ("--lines", "20"),
        (
            Figure("utilization", "at least 0.97, 200 and 2,000 lines"),
            Figure("utilization_plain"),
        ),
    ),
    SmallRun(
        "emergency",
        ("--waiting", "10000", "--times", "5", "--big", "5000"),
        (
            Figure("first_ms.p99", "at most 50, 100,000 chains waiting"),
            Figure("first_ms.max"),
            Figure("results_per_s", "2,000 of other calls beside it"),
            Figure("big.first_dial_s", "at most 5, 100,000 contacts"),
        ),
    ),
    SmallRun(
        "recovery",
        ("--chains", "10000"),
        (
            Figure("first_dial_s", "at most 10, 1,000,000 chains"),
            Figure("all_live_s", "at most 60, 1,000,000 chains"),
            Figure("rss_bytes"),
        ),
    ),
    SmallRun(
        "report",
        ("--chains", "10000"),
        (
            Figure("slowest_s", "at most 2, 100,000 chains"),
            Figure("seconds.delivery.csv"),
            Figure("seconds.utilization.json"),
            Figure("delivery_memory_bytes"),
        ),
    ),
    SmallRun(
        "soap",
        ("--calls", "10000"),
        (
            Figure("calls_per_s", "at least 5,000"),
            Figure("client_cpu_us_per_call"),
            Figure("server_cpu_us_per_call"),
        ),
    ),
    SmallRun(
        "store",
        ("--families", "300", "--days", "3", "--lines", "50"),
        (
            Figure("total.write_amplification"),
            Figure("total.commit_ms.p99"),
            Figure("total.flush_ms.max"),
            Figure("total.grown_bytes"),
            Figure("restart_killed_s"),
        ),
    ),
    SmallRun(
        "dashboard",
        ("--chains", "5000", "--lines", "200", "--updates", "400", "--seconds", "6", "--keys", "30"),
        (
            Figure("core_percent", "below 5, 100,000 chains; below 10, 1,000,000"),
            Figure("key_ms.p50", "at most 10, 100,000 chains"),
            Figure("key_ms.p99", "at most 50, 100,000 chains"),
            Figure("rss_anon_mb", "below 150, 100,000 chains"),
        ),
    ),
    SmallRun(
        "door",
        ("--chains", "5000", "--lines", "200", "--results", "200", "--seconds", "5"),
        (
            Figure("requests_per_s", "500, 100,000 chains"),
            Figure("answer_ms.p50"),
            Figure("answer_ms.p99", "below 50, 100,000 chains"),
        ),
    ),
    SmallRun(
        "forecast",
        ("--chains", "2000", "--lines", "30", "--runs", "4"),
        (
            Figure("error_percent_max", "below 10, 20,000 chains, 200 lines"),
            Figure("what_if_error_percent_max", "below 10, 20,000 chains, 210 lines"),
            Figure("first_answer_s", "at most 2, 20,000 chains"),
            Figure("refined_s"),
        ),
    ),
    SmallRun(
        "peers",
        ("--n", "2000", "--lines", "200"),
        (Figure("rows.*.cpu_us_per_dial", "callchain's less than asyncio-sqlite's, 100,000 chains, 2,000 lines"),),
    ),
)
"""A minute or two on two cores, all of them. `profile` is a listing and has no place in a table."""
