"""The demonstration: a make-believe district from end to end, judged by its own last word."""

import json
import subprocess
import sys


def test_the_demonstration_reaches_families_and_keeps_its_word():
    run = subprocess.run(
        [sys.executable, "-m", "tui.cli", "demo", "--headless", "--families", "30", "--seed", "7",
         "--speed", "300", "--json"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    last = json.loads(run.stdout.strip().splitlines()[-1])
    assert last["jobs"] == 2
    ended = ("confirmed", "delivered_unconfirmed", "exhausted", "expired", "canceled", "errors")
    assert sum(last[outcome] for outcome in ended) == last["chains"]
    assert last["confirmed"] > 0
    assert last["students"]["covered"] > 0
    assert last["lines_peak"] <= last["lines_total"]
    assert (last["duplicate_rings"], last["rings_after_confirm"], last["unknown_to_journal"]) == (0, 0, 0)
