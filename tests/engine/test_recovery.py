"""Engines that die at any moment, and what the next one makes of the store: nothing lost, nobody rung twice."""

import multiprocessing
import random
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import cast

import pytest

from actors import chain
from actors.district import DistrictHours
from actors.gateway import Gateway
from actors.lines.chain_starts import ChainStarts
from actors.lines.job_run import JobRun
from actors.messages import AdoptAttempt, LineGranted, StepRefused
from actors.runtime.clock import FastClock
from actors.runtime.dispatcher import Dispatcher
from engine.audit import audit_store
from engine.config import CarrierSettings
from engine.district.beginning import keep_password
from engine.district.secret_box import Secret
from engine.gateways.stand_in.carrier import Carrier
from engine.gateways.stand_in.in_process import InProcessGateway
from engine.gateways.stand_in.ledger import Ledger, read_ledger
from engine.gateways.stand_in.phone_network import SeededNetwork
from engine.gateways.stand_in.soap_server import SoapServer
from engine.home import STORE_FOLDER
from engine.service import Engine
from store import facts
from store.database import Database
from store.dispositions import Disposition
from store.errors import StoreBusyError
from store.journal import Journal
from store.keys import reference
from store.records import DeviceKind, Message, Reason
from tests.fakes import (
    CLEAN,
    MONDAY_TEN,
    PASSWORD,
    SNOW,
    SPEED,
    ZONE,
    Family,
    Phone,
    SteppedTown,
    one_contact,
    roster_of,
    settings_of,
    two_families,
)
from tests.invariants import History, check_all, tables_equal_a_fresh_fold

CELL, WORK = DeviceKind.CELL, DeviceKind.WORK

# ---------------------------------------------------------------- kill -9

LINES = 6
EMERGENCY_LINES = 3
KILLS = 20
REDIAL = {"call_delay_minutes": 2, "busy_delay_minutes": 1}


def run_carrier(ledger_path: str, clock_spec: str, ready: Connection) -> None:
    """The carrier's process: it lives until it is told to end, whatever becomes of the engine."""
    ledger = Ledger(Path(ledger_path))
    carrier = Carrier(SeededNetwork(11), lines=LINES, emergency_lines=EMERGENCY_LINES, ledger=ledger)
    server = SoapServer(carrier, FastClock.parse(clock_spec), user="oak", password=PASSWORD)
    server.run(on_ready=ready.send)
    ledger.close()


def run_engine(home: str, clock_spec: str, urls: tuple[str, ...], job_id: int) -> None:
    """An engine's process: it releases the job unless an engine before it has, and ends when the job has."""
    settings = settings_of(
        lines=LINES,
        emergency_lines=EMERGENCY_LINES,
        redial=REDIAL,
        carrier=CarrierSettings(user="oak", endpoints=urls, stand_in=True, deadline_seconds=1.0),
    )
    with Engine(home, settings=settings, clock=FastClock.parse(clock_spec)) as engine:
        if not engine.jobs():
            engine.send(job_id)
        engine.wait(job_id, 60)


def no_gateway(dispatcher: Dispatcher) -> Gateway:
    """For an engine that only prepares."""
    carrier = Carrier(SeededNetwork(1), lines=1, emergency_lines=1)
    return InProcessGateway(carrier, dispatcher.clock, lambda _at, _act: None)


def prepare_job(home: Path, clock_spec: str) -> int:
    """A roster and a job in a new store."""
    families = [Family(f"Family{n}", students=("Son",)) for n in range(56)]
    for n, phone in enumerate(phone for family in families for phone in family.phones):
        phone.number = f"+1{201 + n // 100}55501{n % 100:02d}"
    keep_password(home, Secret.CARRIER, PASSWORD)
    settings = settings_of(lines=LINES, redial=REDIAL)
    with Engine(home, settings=settings, clock=FastClock.parse(clock_spec), gateway=no_gateway) as engine:
        engine.replace_roster(roster_of(*families))
        return engine.prepare(Message(Reason.GENERAL, "Snow day", SNOW)).job_id


def test_an_engine_killed_twenty_times_in_the_middle_of_a_job_still_ends_it_and_rings_nobody_twice(tmp_path):
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.engine.test_recovery"])
    clock = FastClock(int(time.time() * 1000), MONDAY_TEN, SPEED).spec
    job_id = prepare_job(tmp_path, clock)
    ours, theirs = context.Pipe()
    ledger_path = tmp_path / "ledger.jsonl"
    carrier = context.Process(target=run_carrier, args=(str(ledger_path), clock, theirs))
    carrier.start()
    try:
        assert ours.poll(30), "the carrier did not start"
        urls = ours.recv()
        moments = random.Random(20)
        killed = 0
        for _ in range(KILLS):
            engine = context.Process(target=run_engine, args=(str(tmp_path), clock, urls, job_id))
            engine.start()
            engine.join(moments.uniform(0.03, 0.6))
            assert engine.exitcode in (None, 0), "an engine died by itself"
            killed += engine.exitcode is None
            engine.kill()
            engine.join(10)
        last = context.Process(target=run_engine, args=(str(tmp_path), clock, urls, job_id))
        last.start()
        last.join(60)
        assert last.exitcode == 0
    finally:
        carrier.terminate()
        carrier.join(10)
    assert killed == KILLS, "the job ended before all kills"
    database = Database(tmp_path / STORE_FOLDER, readonly=True)
    ledger = list(read_ledger(ledger_path))
    assert audit_store(ledger, database) == CLEAN
    with database.read() as txn:
        blocks = list(Journal(database).since(txn, 0))
    check_all(History(blocks, ledger, LINES, EMERGENCY_LINES, 0, DistrictHours(ZONE, 8 * 60, 20 * 60)))
    tables_equal_a_fresh_fold(database)
    database.close()
    assert sum(isinstance(fact, facts.StoreOpened) for block in blocks for fact in block.facts) > KILLS // 2


# ---------------------------------------------------------------- the auditor sees what it is for


def test_an_engine_that_mints_new_references_on_restart_is_caught(tmp_path, monkeypatch):
    family = one_contact()
    family.mom.cell.rings_out().always()
    newest = lambda run, attempt: reference(run._tokens[max(run._tokens)], attempt)  # noqa: E731
    monkeypatch.setattr(JobRun, "reference", newest)
    with SteppedTown(tmp_path, family, redial={"max_attempts": 1}) as town:
        town.send()
        town.run(seconds=5)
        town.restart()
        town.run(minutes=5)
        assert len(town.rings(family.mom.cell)) == 2
        assert town.audit().unknown_to_journal == 1


def test_an_engine_that_opens_a_second_attempt_for_a_step_on_restart_is_caught(tmp_path, monkeypatch):
    family = one_contact()
    family.mom.cell.rings_out().always()
    hand_over = ChainStarts.hand_over

    def hands_over_another(self, run, call, now):
        if run.dialed:
            call.attempt_id += 1_000
            call.ref = run.reference(call.attempt_id)
        hand_over(self, run, call, now)

    def adopts_by_dialing_anew(self, letter):
        attempt = letter.attempt_id + 1_000
        self._line_granted(LineGranted(attempt, self._run.reference(attempt)))

    monkeypatch.setattr(ChainStarts, "hand_over", hands_over_another)
    monkeypatch.setitem(chain.ChainActor.handlers, AdoptAttempt, adopts_by_dialing_anew)
    with SteppedTown(tmp_path, family, redial={"max_attempts": 1}) as town:
        town.send()
        town.run(seconds=5)
        town.restart()
        town.run(minutes=5)
        assert town.audit().duplicate_rings == 1


def test_a_call_the_journal_knows_nothing_of_is_caught(tmp_path):
    family = one_contact()
    family.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, family) as town:
        town.wait(town.send())
        blocks = [block for block in town.blocks() if not any(isinstance(f, facts.AttemptOpened) for f in block.facts)]
        history = History(blocks, town.ledger(), 1, 1, 0, DistrictHours(ZONE, 0, 1440))
        with pytest.raises(AssertionError, match="journal knows nothing"):
            check_all(history)


# ---------------------------------------------------------------- restarts


def test_a_second_engine_on_one_store_is_refused_and_the_first_goes_on(tmp_path):
    family = one_contact()
    family.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        second = Engine(tmp_path, settings=town.settings, gateway=no_gateway, clock=town.clock, seed=2)
        with pytest.raises(StoreBusyError, match="Another engine"):
            second.start()
        assert town.wait(job).confirmed == 1


def test_a_call_under_way_at_the_crash_is_settled_by_its_own_reference(tmp_path):
    family = one_contact(kinds=(CELL, WORK))
    family.mom.cell.rings_out()
    family.mom.work.answers().presses("0")
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        town.run(seconds=10)
        town.restart()
        assert town.wait(job).confirmed == 1
        assert town.only_chain(job).walked == ["cell no_answer", "work confirmed"]
        assert town.audit() == CLEAN


def test_an_intent_the_carrier_never_heard_of_is_dialed_after_the_crash(tmp_path):
    family = one_contact()
    family.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, family) as town:
        town.faults.unreachable = True
        job = town.send()
        town.run(seconds=10)
        town.restart()
        town.faults.unreachable = False
        assert town.wait(job).confirmed == 1
        assert len(town.facts(facts.AttemptOpened)) == 1
        assert town.audit() == CLEAN


def test_a_canceled_job_stays_canceled_after_a_restart(tmp_path):
    families = [one_contact(f"Family{n}") for n in range(6)]
    for family in families:
        family.mom.cell.rings_out().always()
    with SteppedTown(tmp_path, *families, lines=3) as town:
        town.faults.loses_answers = True
        job = town.send()
        town.run(seconds=2)
        town.engine.cancel(job)
        town.restart()
        town.faults.loses_answers = False
        view = town.wait(job)
        assert view.state == "canceled_in_progress"
        town.run(minutes=12 * 60)
        assert all(fact.chain_id for fact in town.facts(facts.ChainClosed))
        check_all(town.history())


def test_a_chain_that_ends_while_its_job_is_paused_after_a_restart_is_not_walked_again(tmp_path):
    ringing, waiting = two_families()
    ringing.mom.cell.answers(after_s=2, talks_s=60).presses("0")
    waiting.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, ringing, waiting, lines=1) as town:
        job = town.send()
        town.run(seconds=10)
        town.engine.pause(job)
        town.restart()
        town.run(minutes=5)
        assert (town.job(job).state, town.job(job).confirmed) == ("paused", 1)
        town.engine.resume(job)
        assert town.wait(job).confirmed == 2
        check_all(town.history())


def test_every_chain_of_a_large_job_ends_once_when_it_is_canceled_after_a_restart(tmp_path):
    families = [one_contact(f"Family{n}") for n in range(900)]
    for family in families:
        family.mom.cell.rings_out().always()
    with SteppedTown(tmp_path, *families, lines=850) as town:
        job = town.send()
        town.run(seconds=5)
        town.engine.pause(job)
        town.run(minutes=2)
        town.restart()
        town.engine.cancel(job)
        assert town.wait(job).canceled == 900
        check_all(town.history())
        tables_equal_a_fresh_fold(town.database)


@pytest.mark.parametrize("turns", range(0, 60, 3))
def test_a_late_confirmation_on_disk_ends_its_chain_whenever_the_engine_dies(tmp_path, turns):
    owed, talker = two_families(CELL, WORK)
    owed.mom.cell.answers().presses("0")
    talker.mom.cell.answers(talks_s=300).presses("0")
    with SteppedTown(tmp_path, owed, talker, lines=2, ahead_max=4) as town:
        town.carrier._exchange.lines = town.carrier._exchange.lines_free = 1
        town.faults.hide_rows_of(owed.mom.cell)
        job = town.send(Reason.GENERAL, owed)
        town.run(minutes=6)
        town.send(Reason.GENERAL, talker)
        town.run(minutes=2)
        town.faults.show_rows()
        town.step(turns)
        town.restart()
        assert town.wait(job).confirmed == 1
        assert not town.rings(owed.mom.work)
        assert town.audit() == CLEAN


def test_a_late_confirmation_on_disk_ends_a_chain_that_waited_for_its_next_round(tmp_path):
    family = one_contact(kinds=(CELL, WORK))
    family.mom.cell.answers().presses("0")
    family.mom.work.rings_out()
    with SteppedTown(tmp_path, family) as town:
        town.faults.hide_rows_of(family.mom.cell)
        job = town.send()
        town.run(minutes=13)
        town.faults.show_rows()
        while not town.facts(facts.AttemptCorrected):
            town.step()
        assert not town.facts(facts.ChainClosed)
        town.restart()
        assert town.wait(job).confirmed == 1
        check_all(town.history())


def test_a_late_result_does_not_change_which_number_an_open_attempt_rings(tmp_path):
    family = one_contact(kinds=(CELL, WORK))
    family.mom.cell.busy().answers().presses("0")
    family.mom.work.busy().rings_out(2)
    with SteppedTown(tmp_path, family, redial={"max_attempts": 3, "busy_delay_minutes": 8}) as town:
        town.faults.hide_rows_of(family.mom.cell)
        job = town.send()
        town.run(minutes=12)
        while len(town.rings(family.mom.work)) < 2:
            town.step()
        town.faults.show_rows()
        town.run(seconds=18)
        assert town.facts(facts.AttemptCorrected)
        town.restart()
        view = town.wait(job)
        assert (view.state, view.confirmed) == ("sent", 1)
        assert town.only_chain(job).walked == ["cell busy", "work busy", "work no_answer", "cell confirmed"]
        assert town.audit() == CLEAN


# ---------------------------------------------------------------- backups


def back_up_in_the_middle(town: SteppedTown, target: Path) -> int:
    """A job of which some calls are out when the backup is taken."""
    job = town.send()
    town.run(seconds=10)
    town.engine.backup(target / STORE_FOLDER)
    return job


def told_to_wait(*phones: Phone) -> None:
    for phone in phones:
        phone.answers(after_s=20).presses("0")


def test_a_restored_store_comes_up_with_its_open_jobs_paused(tmp_path):
    first, second = two_families()
    told_to_wait(first.mom.cell, second.mom.cell)
    with SteppedTown(tmp_path / "home", first, second, lines=1) as town:
        job = back_up_in_the_middle(town, tmp_path / "restored")
        town.restore(tmp_path / "restored")
        assert town.job(job).state == "paused"
        town.run(minutes=10)
        assert town.job(job).state == "paused"
        assert len(town.ring_order()) == 1
        town.faults.unreachable = False
        first.mom.cell.answers().presses("0")
        town.engine.resume(job)
        assert town.wait(job).confirmed == 2
        check_all(town.history())
        town.restart()
        assert town.engine.station.fold.rest.generation == 1


def test_a_crash_before_the_call_log_was_read_does_not_make_a_restored_store_an_ordinary_one(tmp_path):
    first, second = two_families()
    told_to_wait(first.mom.cell, second.mom.cell)
    with SteppedTown(tmp_path / "home", first, second, lines=1) as town:
        job = back_up_in_the_middle(town, tmp_path / "restored")
        town.faults.log_unreachable = True
        town.restore(tmp_path / "restored")
        town.restart()
        town.engine.resume(job)
        before = len(town.ledger())
        town.run(minutes=10)
        assert len(town.ledger()) == before


def test_after_a_restore_nothing_is_dialed_before_the_call_log_was_read(tmp_path):
    first, second = two_families()
    told_to_wait(first.mom.cell, second.mom.cell)
    with SteppedTown(tmp_path / "home", first, second, lines=1) as town:
        job = back_up_in_the_middle(town, tmp_path / "restored")
        town.run(minutes=10)
        assert town.job(job).confirmed == 2
        town.faults.log_unreachable = True
        town.restore(tmp_path / "restored")
        town.engine.resume(job)
        before = len(town.ledger())
        town.run(minutes=30)
        assert len(town.ledger()) == before
        second.mom.cell.answers().presses("0")
        town.faults.log_unreachable = False
        town.wait(job)
        assert town.job(job).state == "sent"


def test_a_restored_engine_that_dies_before_it_has_read_the_log_is_still_a_restored_one(tmp_path):
    first, second = two_families()
    first.mom.cell.answers(after_s=20).presses("0").always()
    second.mom.cell.answers(after_s=20).presses("0").always()
    with SteppedTown(tmp_path / "home", first, second, lines=1) as town:
        job = back_up_in_the_middle(town, tmp_path / "restored")
        town.faults.log_unreachable = True
        town.restore(tmp_path / "restored")
        town.restart()
        town.engine.resume(job)
        before = len(town.ledger())
        town.run(minutes=30)
        assert len(town.ledger()) == before
        town.faults.log_unreachable = False
        town.run(minutes=30)
        assert town.engine.job(job).ended


def test_the_call_of_a_chain_whose_actor_died_is_not_forgotten_by_the_next_engine(tmp_path):
    family = one_contact()
    family.mom.cell.answers(talks_s=200).presses("0").answers().presses("0")
    with SteppedTown(tmp_path, family, lines=1, emergency_lines=1) as town:
        job = town.send()
        town.run(seconds=30)
        (dying,) = town.engine.station.team.floor.runs[job].chains.values()
        dying.put(StepRefused(cast("Disposition", "no disposition")))
        town.engine.station.dispatcher.run_until_idle()
        assert town.outcomes(job) == {"Mom > Son": "error"}
        town.restart()
        emergency = town.send(Reason.EMERGENCY)
        assert town.wait(emergency).confirmed == 1
        first, second = town.ring_entries()
        assert first.ended_at is not None
        assert second.ringing_at is not None
        assert second.ringing_at >= first.ended_at, "nobody is called twice at once"
        town.run(minutes=1)
        opened = {fact.attempt_id for fact in town.facts(facts.AttemptOpened)}
        assert {fact.attempt_id for fact in town.facts(facts.AttemptClosed)} == opened
        assert not town.engine.station.team.floor.runs
        tables_equal_a_fresh_fold(town.database)
