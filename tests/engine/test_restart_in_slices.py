"""A job with more chains than a slice goes on after a restart; whatever comes in between finds half of it not resumed.

Slices have three chains here, so that ten families are a large job.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from actors.lines.job_run import JobRun
from actors.messages import CallsEnded, Command
from engine.gateways.stand_in.phone_network import SeededNetwork
from engine.messaging.windows import Window
from store import facts
from store.commands import Verb
from store.dispositions import Disposition
from store.records import DeviceKind, Reason
from tests.fakes import CLEAN, HOUR, MINUTE, MONDAY_TEN, Family, SteppedTown, one_contact
from tests.invariants import check_all, nothing_rings_after, tables_equal_a_fresh_fold

CELL, WORK = DeviceKind.CELL, DeviceKind.WORK
FAMILIES = 10
SLICE = 3
REDIAL = {"call_delay_minutes": 10, "busy_delay_minutes": 10}


@pytest.fixture(autouse=True)
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    slices_of(SLICE, monkeypatch)


def slices_of(chains: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("chain_starts", "job_course"):
        monkeypatch.setattr(f"actors.lines.{module}.SLICE_CHAINS", chains)


@pytest.fixture
def families() -> list[Family]:
    """Whose first call finds the line busy, and whose second is answered."""
    found = [one_contact(f"Family{n}") for n in range(FAMILIES)]
    for family in found:
        family.mom.cell.busy().answers().presses("0")
    return found


@pytest.fixture
def town(tmp_path, families: list[Family]) -> Iterator[SteppedTown]:
    with SteppedTown(tmp_path, *families, lines=FAMILIES, redial=REDIAL) as town:
        yield town


def begun(town: SteppedTown, **more: Any) -> int:
    """A job whose chains have all dialed once, and wait for their next round."""
    job = town.send(**more)
    town.run(minutes=1)
    assert len(town.facts(facts.AttemptClosed)) == FAMILIES
    return job


def run_of(town: SteppedTown, job: int) -> JobRun:
    return town.engine.station.team.floor.runs[job]


def restarts_half(town: SteppedTown, job: int, at: int = 0) -> JobRun:
    """The engine dies; the next one, later on, gets turns until some of the job's chains are resumed, but not all."""
    town.crash()
    town.clock.move_to(at or town.now)
    town.begin(turns=0)
    station = town.engine.station
    runs = station.team.floor.runs
    while job not in runs or len(runs[job].chains) < SLICE:
        assert station.dispatcher.run_until_idle(1)
    run = run_of(town, job)
    assert run.to_resume, "one slice was resumed"
    return run


def all_is_well(town: SteppedTown) -> None:
    """Every chain ended once, nobody was rung twice, and the tables say what the journal says."""
    assert town.audit() == CLEAN
    check_all(town.history())
    tables_equal_a_fresh_fold(town.database)


def test_all_chains_go_on_where_they_were_and_nobody_rings_twice_for_one_step(town: SteppedTown, families):
    job = begun(town)
    restarts_half(town, job)
    assert town.wait(job).confirmed == FAMILIES
    assert all(chain.walked == ["cell busy", "cell confirmed"] for chain in town.chains_of(job))
    assert [len(town.rings(family.mom.cell)) for family in families] == [2] * FAMILIES
    all_is_well(town)


def test_a_restart_does_not_let_anybody_be_called_before_the_delay_is_over(town: SteppedTown, families):
    job = begun(town)
    restarts_half(town, job)
    town.wait(job)
    assert all(town.rest_between_calls(family.mom.cell) >= 10 * MINUTE for family in families)


def test_calls_that_are_out_are_known_before_anybody_else_is_resumed(tmp_path, families):
    talkers = families[-2:]
    for family in talkers:
        family.mom.cell._script.clear()
        family.mom.cell.answers(talks_s=300).presses("0")
    with SteppedTown(tmp_path, *families, lines=FAMILIES, redial=REDIAL) as town:
        job = town.send()
        town.run(minutes=1)
        run, ledger = restarts_half(town, job), town.engine.station.team.floor.ledger
        assert len(run.to_resume) == FAMILIES - len(talkers) - SLICE
        assert len(ledger.held) == len(talkers), "their lines and numbers are theirs, whoever asks for one first"
        assert town.wait(job).confirmed == FAMILIES
        assert [len(town.rings(family.mom.cell)) for family in talkers] == [1, 1]
        all_is_well(town)


def test_an_emergency_dials_before_a_long_resume_is_over(tmp_path, monkeypatch: pytest.MonkeyPatch, families):
    slices_of(1, monkeypatch)
    monkeypatch.setattr("tests.engine.test_restart_in_slices.SLICE", 1)
    struck = one_contact("Struck")
    struck.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, *families, struck, lines=FAMILIES, redial=REDIAL) as town:
        job = town.send(Reason.GENERAL, *families)
        town.run(minutes=1)
        emergency = town.prepare(Reason.EMERGENCY, struck)
        run = restarts_half(town, job)
        left = notes_at_submission(town, lambda: len(run.to_resume), monkeypatch)
        town.engine.send(emergency)
        town.run(seconds=1)
        assert left == [FAMILIES - 1], "not one more slice came between"
        assert not run.to_resume
        assert town.wait(emergency).confirmed == 1
        assert town.wait(job).confirmed == FAMILIES
        all_is_well(town)


def notes_at_submission(town: SteppedTown, figure: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A figure at the instant of each request that submits emergencies."""
    noted: list[int] = []
    gateway = town.engine.station.gateway
    submit = gateway.submit

    def submits(calls: Sequence[Any], *more: Any) -> None:
        if calls[0].emergency:
            noted.append(figure())
        submit(calls, *more)

    monkeypatch.setattr(gateway, "submit", submits)
    return noted


# ---------------------------------------------------------------- late results


@pytest.fixture
def owed(tmp_path) -> Iterator[tuple[SteppedTown, list[Family]]]:
    """Ten families that are owed the result of their first call; their second found nobody at home."""
    found = [one_contact(f"Family{n}", kinds=(CELL, WORK)) for n in range(FAMILIES)]
    for family in found:
        family.mom.work.rings_out()
    with SteppedTown(tmp_path, *found, lines=FAMILIES, redial={"call_delay_minutes": 60}) as town:
        town.faults.hide_rows_of(*[family.mom.cell for family in found])
        yield town, found


def overdue(town: SteppedTown) -> int:
    job = town.send()
    town.run(minutes=12)
    closed = [fact.disposition for fact in town.facts(facts.AttemptClosed)]
    assert closed == [Disposition.RESULT_OVERDUE] * FAMILIES + [Disposition.NO_ANSWER] * FAMILIES
    return job


def tell_late(town: SteppedTown, *rows: Any) -> None:
    """The carrier comes out with results while the engine is busy resuming."""
    town.tell_line_pool(CallsEnded(rows))


def test_a_late_confirmation_ends_a_chain_that_is_not_resumed_yet_and_it_never_dials_again(owed):
    town, families = owed
    for family in families:
        family.mom.cell.answers().presses("0")
    job = overdue(town)
    rung = len(town.ring_order())
    restarts_half(town, job)
    tell_late(town, *town.faults.withheld())
    assert town.wait(job).confirmed == FAMILIES
    town.run(minutes=120)
    assert len(town.ring_order()) == rung
    assert all(chain.walked == ["cell confirmed", "work no_answer"] for chain in town.chains_of(job))
    town.faults.show_rows()
    town.run(minutes=5)
    all_is_well(town)


def test_a_late_result_that_confirms_nothing_lets_a_chain_that_is_not_resumed_yet_go_on(owed):
    town, families = owed
    for family in families:
        family.mom.cell.busy()
        family.mom.work.answers().presses("0")
    job = overdue(town)
    restarts_half(town, job)
    tell_late(town, *town.faults.withheld())
    town.faults.show_rows()
    assert town.wait(job).confirmed == FAMILIES
    walked = ["cell busy", "work no_answer", "work confirmed"]
    assert [chain.walked for chain in town.chains_of(job)] == [walked] * FAMILIES
    all_is_well(town)


@pytest.mark.parametrize("confirms", [True, False], ids=["confirms", "busy"])
def test_a_late_result_between_two_slices_of_a_cancel_leaves_no_chain_behind(owed, confirms: bool):
    town, families = owed
    for family in families:
        if confirms:
            family.mom.cell.answers().presses("0")
        else:
            family.mom.cell.busy()
    job = overdue(town)
    run = restarts_half(town, job)
    cancel_half(town, run)
    tell_late(town, *town.faults.withheld())
    town.faults.show_rows()
    view = town.wait(job)
    assert view.canceled + view.confirmed == FAMILIES
    town.run(minutes=120)
    all_is_well(town)


def cancel_half(town: SteppedTown, run: JobRun) -> None:
    """The command is obeyed: the first chains are told, and others are not even resumed."""
    town.tell_line_pool(Command(Verb.CANCEL, run.job_id, 1, 0, lambda _refusal: None))
    while run.closing is None:
        assert town.engine.station.dispatcher.run_until_idle(1)
    assert run.to_resume


# ---------------------------------------------------------------- commands and ends


def test_a_cancel_ends_every_chain_once_though_half_of_them_are_not_resumed(town: SteppedTown):
    job = begun(town)
    run = restarts_half(town, job)
    at = town.now
    town.engine.cancel(job)
    assert not run.to_resume
    view = town.wait(job)
    assert (view.state, view.canceled) == ("canceled_in_progress", FAMILIES)
    town.run(minutes=60)
    nothing_rings_after(town.history(), at, job)
    all_is_well(town)


def test_a_pause_stops_the_resume_and_the_end_of_it_takes_it_up_again(town: SteppedTown):
    job = begun(town)
    run = restarts_half(town, job)
    town.engine.pause(job)
    left = len(run.to_resume)
    town.run(minutes=30)
    assert len(run.to_resume) == left > 0, "nobody is resumed who may not dial"
    assert len(town.ring_order()) == FAMILIES
    town.engine.resume(job)
    assert not run.to_resume
    assert town.wait(job).confirmed == FAMILIES
    all_is_well(town)


def test_pauses_and_resumes_in_the_middle_of_a_resume_start_nobody_twice(town: SteppedTown):
    job = begun(town)
    run = restarts_half(town, job)
    for _ in range(3):
        town.engine.pause(job)
        town.engine.resume(job)
    assert len(run.chains) == FAMILIES
    assert town.wait(job).confirmed == FAMILIES
    all_is_well(town)


def test_a_paused_job_stays_paused_over_restarts_and_is_canceled_without_having_been_resumed(town: SteppedTown):
    job = begun(town)
    town.engine.pause(job)
    town.restart()
    town.restart()
    assert len(run_of(town, job).to_resume) == FAMILIES
    town.engine.cancel(job)
    assert town.wait(job).canceled == FAMILIES
    all_is_well(town)


def test_a_job_paused_over_a_restart_ends_with_its_last_call_as_it_would_without_one(tmp_path):
    family = one_contact()
    family.mom.cell.answers(talks_s=60).presses("0")
    for restart in (False, True):
        home = tmp_path / str(restart)
        with SteppedTown(home, family, lines=1) as town:
            job = town.send()
            town.run(seconds=20)
            town.engine.pause(job)
            if restart:
                town.restart()
            town.run(minutes=5)
            assert (town.job(job).confirmed, town.job(job).state) == (1, "sent"), f"restart: {restart}"
        family.mom.cell.answers(talks_s=60).presses("0")


CLOSES_AT = MONDAY_TEN + 2 * HOUR
WINDOW = Window(opens_at=MONDAY_TEN, closes_at=CLOSES_AT)


def test_a_window_that_closed_while_no_engine_ran_ends_every_chain_once(town: SteppedTown):
    job = begun(town, window=WINDOW)
    town.crash()
    town.clock.move_to(CLOSES_AT + MINUTE)
    town.start()
    assert town.wait(job).expired == FAMILIES
    assert {chain.expiry for chain in town.chains_of(job)} == {"message_window"}
    assert len(town.ring_order()) == FAMILIES
    all_is_well(town)


def test_a_window_that_closes_while_half_of_the_chains_are_not_resumed_ends_every_chain_once(town: SteppedTown):
    job = begun(town, window=WINDOW)
    restarts_half(town, job, CLOSES_AT - 1)
    town.clock.move_to(CLOSES_AT)
    town.engine.station.dispatcher.timer.fire()
    assert town.wait(job).expired == FAMILIES
    assert {chain.expiry for chain in town.chains_of(job)} == {"message_window"}
    assert len(town.ring_order()) == FAMILIES
    all_is_well(town)


def test_the_districts_end_ends_every_chain_once_though_half_of_them_are_not_resumed(town: SteppedTown):
    job = begun(town)
    run = restarts_half(town, job)
    town.clock.move_to(MONDAY_TEN + 10 * HOUR)
    town.engine.station.dispatcher.timer.fire()
    assert town.wait(job).expired == FAMILIES
    assert not run.to_resume
    assert {chain.expiry for chain in town.chains_of(job)} == {"district_end"}
    assert len(town.ring_order()) == FAMILIES
    all_is_well(town)


# ---------------------------------------------------------------- crashes


@pytest.mark.parametrize("seed", range(8))
def test_engines_that_die_in_the_middle_of_their_resume_again_and_again_lose_nobody(
    tmp_path, monkeypatch: pytest.MonkeyPatch, seed: int
):
    chance = random.Random(seed)
    slices_of(chance.randrange(1, 5), monkeypatch)
    families = [Family(f"Family{n}", students=("Son",), kinds=(CELL, WORK)) for n in range(8)]
    redial = {"call_delay_minutes": 2, "busy_delay_minutes": 1}
    network = SeededNetwork(seed)
    with SteppedTown(tmp_path, *families, seed=seed, network=network, lines=5, ahead_max=5, redial=redial) as town:
        jobs = [town.send()]
        town.run(minutes=2)
        jobs.append(town.send(Reason.EMERGENCY, *families[:4]))
        for _ in range(15):
            town.step(chance.randrange(30))
            town.restart(turns=chance.randrange(40))
            if chance.random() < 0.3:
                town.run(seconds=chance.randrange(1, 90))
        for job in jobs:
            town.wait(job)
        assert all(town.job(job).state == "sent" for job in jobs)
        all_is_well(town)
