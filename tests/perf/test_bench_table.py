"""The table of `make bench`: each benchmark in a process of its own, its figures beside their aims, failures told."""

import os
import sys

import pytest

from perf.__main__ import NAMES, _parser
from perf.bench_table import lines_of, main, print_table, run_small
from perf.small_runs import SMALL_RUNS, Figure, SmallRun

FAKE = """
import json, os, sys, threading
name, *options = sys.argv[1:]
result = {"speed": 1234.5, "wait_ms": {"p50": None, "p99": 7}, "parts": {"one": {"cpu": 3}, "two": {"cpu": 4}},
          "rows": [{"system": "one", "cpu": 5}, {"system": "two", "skipped": "it is not installed"}]}
if name == "good":
    print("a word on the way")
    print(json.dumps({**result, "verified": True, "options": options, "pid": os.getpid()}))
elif name == "unproved":
    print(json.dumps({**result, "verified": False}))
elif name == "broken":
    raise ValueError("The carrier is not there.")
elif name == "chatter":
    print("no figures today")
elif name == "dead":
    os._exit(3)
elif name == "hung":
    threading.Event().wait()  # until it is ended
"""


@pytest.fixture
def command(tmp_path):
    """How the fake benchmarks are run."""
    script = tmp_path / "fake.py"
    script.write_text(FAKE)
    return (sys.executable, str(script))


def small(name: str, *paths: str, options: tuple[str, ...] = ()) -> SmallRun:
    return SmallRun(name, options, tuple(Figure(path, f"aim of {path}") for path in paths))


def test_a_run_shows_its_figures_with_their_aims(command):
    ran = run_small(small("good", "speed", "wait_ms.p50", "wait_ms.p99"), command)
    assert not ran.failure
    assert ran.seconds > 0
    assert ran.shown == (
        ("speed", "1,234.5", "aim of speed"),
        ("wait_ms.p50", "-", "aim of wait_ms.p50"),
        ("wait_ms.p99", "7", "aim of wait_ms.p99"),
    )


def test_a_star_in_a_path_stands_for_every_part_and_the_aim_is_said_once(command):
    ran = run_small(small("good", "parts.*.cpu"), command)
    assert ran.shown == (("parts.one.cpu", "3", "aim of parts.*.cpu"), ("parts.two.cpu", "4", ""))


def test_a_part_that_was_skipped_says_why(command):
    ran = run_small(small("good", "rows.*.cpu"), command)
    assert not ran.failure
    assert [row[:2] for row in ran.shown] == [("rows.one.cpu", "5"), ("rows.two.skipped", "it is not installed")]


def test_options_are_handed_over_and_json_is_asked_for(command):
    ran = run_small(small("good", "options", options=("--n", "5")), command)
    assert ran.shown[0][1] == "['--n', '5', '--json']"


def test_each_run_has_a_process_of_its_own(command):
    one, other = (run_small(small("good", "pid"), command).shown[0][1] for _ in range(2))
    assert len({one, other, f"{os.getpid():,}"}) == 3


@pytest.mark.parametrize(
    ("name", "path", "said"),
    [
        ("broken", "speed", "ValueError: The carrier is not there."),
        ("dead", "speed", "It ended with status 3."),
        ("chatter", "speed", "It printed no result: 'no figures today'."),
        ("silent", "speed", "It printed no result: ''."),
        ("good", "wait_ms.p98", "The result has no figure p98."),
        ("good", "speed.p99", "The result has no figure p99."),
    ],
)
def test_a_run_that_failed_says_why(command, name, path, said):
    ran = run_small(small(name, path), command)
    assert (ran.shown, ran.failure) == ((), said)


def test_a_run_that_is_not_verified_has_failed_and_shows_its_figures_all_the_same(command):
    run = small("unproved", "speed")
    ran = run_small(run, command)
    assert ran.shown[0][:2] == ("speed", "1,234.5")
    head, figure, failure = lines_of(run, ran)
    assert head.startswith("unproved ")
    assert figure.split(maxsplit=2) == ["speed", "1,234.5", "aim of speed"]
    assert failure.startswith("  FAILED: It is not verified")


def test_a_run_that_hangs_is_ended(command):
    ran = run_small(small("hung", "speed"), command, seconds_max=0.3)
    assert ran.failure == "It took longer than 0.3 s."
    assert ran.seconds < 10


def test_the_table_goes_on_after_a_failure_and_says_so_at_the_end(command, capsys):
    runs = [small("broken", "speed"), small("good", "speed", "wait_ms.p99")]
    assert print_table(runs, command) == 1
    said = capsys.readouterr().out
    assert "FAILED: ValueError: The carrier is not there." in said
    assert "aim of wait_ms.p99" in said
    assert said.rstrip().endswith("Failed: broken.")


def test_a_table_without_failures_says_so(command, capsys):
    assert print_table([small("good", "speed")], command) == 0
    assert capsys.readouterr().out.rstrip().endswith("None failed.")


def test_a_name_without_a_small_run_is_a_usage_error(capsys):
    with pytest.raises(SystemExit) as exit_:
        main(["dispatch", "nothing"])
    assert exit_.value.code == 2
    assert "no small run of nothing" in capsys.readouterr().err


def test_every_name_but_the_profile_has_a_small_run():
    assert {run.name for run in SMALL_RUNS} >= set(NAMES) - {"profile"}


@pytest.mark.parametrize("run", [run for run in SMALL_RUNS if run.name in NAMES], ids=lambda run: " ".join(run[:1]))
def test_the_options_of_every_small_run_exist(run):
    options = _parser().parse_args([run.name, *run.options, "--json"])
    assert options.name == run.name
