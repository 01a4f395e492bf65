"""The dispatch measurement: its counts are those of the store, and its figures follow from each other."""

import json
from argparse import Namespace
from collections import Counter

import pytest

from perf.__main__ import main
from perf.dispatch import measure
from perf.floor import FACT, run_floor
from store.database import Database
from store.dispositions import JobState
from store.facts import AttemptClosed, AttemptOpened, ChainClosed
from store.journal import Journal

CHAINS, LINES, SEED = 400, 60, 7


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A small run and the folder it worked in."""
    home = tmp_path_factory.mktemp("perf")
    options = Namespace(chains=CHAINS, lines=LINES, seed=SEED, poll_seconds=15.0, home=home)
    return home, measure(options)


@pytest.fixture(scope="module")
def kinds(run):
    """The facts in the store of the small run, by kind."""
    home, _ = run
    database = Database(home / "store", readonly=True)
    with database.read() as txn:
        found = Counter(type(fact) for block in Journal(database).since(txn, 0) for fact in block.facts)
    database.close()
    return found


def test_dials_chains_and_transitions_are_those_of_the_store(run, kinds):
    _, result = run
    assert result["dials"] == kinds[AttemptOpened] == kinds[AttemptClosed] > 0
    assert result["chains"] == kinds[ChainClosed] == sum(result["outcomes"].values())
    assert result["transitions"] == kinds[AttemptOpened] + kinds[AttemptClosed] + kinds[ChainClosed]


def test_the_job_was_walked_to_its_end_in_its_window(run):
    home, result = run
    database = Database(home / "store", readonly=True)
    with database.read() as txn:
        (job,) = (row for _, row in database.job_rows.scan(txn))
    database.close()
    assert job.state is JobState.SENT
    assert job.attempts == result["dials"]
    assert result["outcomes"]["expired"] == result["outcomes"]["errors"] == 0


def test_the_district_has_about_as_many_chains_as_were_asked_for(run):
    _, result = run
    assert CHAINS * 0.8 < result["chains"] < CHAINS * 1.2
    assert sum(result["plans_by_devices"].values()) == result["chains"]
    assert set(result["plans_by_devices"]) <= {"1", "2", "3"}


def test_lines_are_kept_to_and_used(run):
    _, result = run
    assert result["lines_peak"] == LINES


def test_the_floor_did_the_same_transitions_in_blocks_of_the_engines_size(run):
    _, result = run
    assert result["floor_transitions"] == result["transitions"]
    blocks = result["floor_transitions"] / result["facts_per_commit"]
    assert blocks * 0.7 < result["floor_blocks"] <= blocks * 1.3


def test_the_parts_of_the_cpu_add_up_and_the_ratio_follows_from_them(run):
    _, result = run
    parts = ("engine_cpu_us_per_dial", "commit_cpu_us_per_dial", "carrier_cpu_us_per_dial")
    assert sum(result[part] for part in parts) == pytest.approx(result["cpu_us_per_dial"], abs=0.02)
    assert all(result[part] > 0 for part in parts)
    own = result["engine_cpu_us_per_dial"] + result["commit_cpu_us_per_dial"]
    assert result["ratio_to_floor"] == pytest.approx(own / result["floor_cpu_us_per_dial"], rel=0.01, abs=0.02)


def test_machine_versions_and_seed_stand_beside_the_figures(run):
    _, result = run
    assert result["seed"] == SEED
    assert result["machine"]["cores"] >= 1
    assert set(result["versions"]) == {"python", "callchain", "lmdb", "msgspec", "pykka"}
    assert json.loads(json.dumps(result)) == result


def test_the_floor_writes_one_fact_of_a_hundred_bytes_for_each_transition(tmp_path):
    floor = run_floor(tmp_path / "floor", chains=10, dials=25, lines=3, block_facts=8)
    assert FACT.size == 100
    assert (floor.dials, floor.transitions) == (25, 25 + 25 + 10)
    assert (tmp_path / "floor").stat().st_size == floor.transitions * 100


def test_the_command_line_prints_one_json_object_and_the_profile_a_table(capsys):
    main(["profile", "--chains", "60", "--lines", "20", "--rows", "5"])
    table = capsys.readouterr().out
    assert "per dial" in table
    assert len(table.splitlines()) == 7
    main(["profile", "--chains", "60", "--lines", "20", "--rows", "5", "--json"])
    assert len(json.loads(capsys.readouterr().out)["rows"]) == 5


def test_help_names_every_measurement(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    said = capsys.readouterr().out
    assert "dispatch" in said
    assert "profile" in said
