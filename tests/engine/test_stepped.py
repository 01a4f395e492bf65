"""The engine on no thread at all: the same seed is the same journal, and every interleaving keeps the invariants."""

import hashlib
import os
import random
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from actors.district import DistrictHours
from actors.messages import CallsEnded, Command, StopChains
from actors.runtime.dispatcher import Dispatcher
from engine.acts.contact_stops import STOP, Stopping
from engine.acts.desk import LiveDesk
from engine.config import Settings
from engine.gateways.stand_in.phone_network import SeededNetwork
from store import facts
from store.commands import Verb
from store.errors import RefusedError
from store.facts import encode_block
from store.keys import chain_id, index_of, job_of
from store.records import Reason
from tests.fakes import HOUR, MONDAY_TEN, Family, SteppedTown, at, hours_of, one_contact
from tests.invariants import (
    all_is_over,
    check_all,
    every_attempt_is_settled,
    every_chain_ends_once,
    tables_equal_a_fresh_fold,
)

SEEDS = range(20)


def a_life(home: Path, seed: int) -> bytes:
    """One town's morning, with an emergency, a pause and a crash in it; its whole journal."""
    families = [Family(f"Family{n}") for n in range(8)]
    with SteppedTown(home, *families, seed=seed, network=SeededNetwork(seed), lines=6, emergency_lines=2) as town:
        general = town.send()
        town.run(minutes=3)
        town.send(Reason.EMERGENCY, *families[:3])
        town.run(seconds=45)
        town.engine.pause(general)
        town.run(minutes=2)
        town.restart()
        town.engine.resume(general)
        town.wait(general)
        return b"".join(encode_block(block) for block in town.blocks())


def print_a_life(home: str, seed: int) -> None:
    """For another process: what the journal comes to."""
    sys.stdout.write(hashlib.sha256(a_life(Path(home), seed)).hexdigest())


def test_the_same_seed_gives_the_same_journal_byte_for_byte_in_processes_that_hash_differently(tmp_path):
    root = str(Path(__file__).parents[2])
    processes = []
    for hash_seed in ("1", "2"):
        code = f"from tests.engine.test_stepped import print_a_life; print_a_life({str(tmp_path / hash_seed)!r}, 7)"
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": root}
        processes.append(
            subprocess.Popen([sys.executable, "-c", code], cwd=root, env=environment, stdout=subprocess.PIPE)
        )
    first, second = [process.communicate(timeout=60)[0] for process in processes]
    assert first
    assert first == second


def test_another_seed_gives_another_interleaving(tmp_path):
    assert a_life(tmp_path / "one", 1) != a_life(tmp_path / "two", 2)


def test_an_incarnation_never_hands_out_the_references_of_another(tmp_path):
    family = one_contact()
    family.mom.cell.answers().presses("0").always()
    with SteppedTown(tmp_path, family) as town:
        for _ in range(3):
            assert town.wait(town.send()).confirmed == 1
            town.restart()
        assert len({fact.token for fact in town.facts(facts.StoreOpened)}) == 4


# ---------------------------------------------------------------- the simulation


class Simulation:
    """A town in which a seed decides what goes wrong, and when."""

    def __init__(self, home: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        lines = self.chance.randrange(2, 9)
        self.families = [Family(f"Family{n}") for n in range(9)]
        self.town = SteppedTown(
            home,
            *self.families,
            seed=seed,
            now=self.chance.choice((MONDAY_TEN, at("2026-03-02 18:40"))),
            network=SeededNetwork(seed),
            pushes=seed % 4 == 3,
            lines=lines,
            emergency_lines=self.chance.randrange(1, 4),
            ahead_max=self.chance.choice((0, 1, lines, self.chance.randrange(2 * lines + 1))),
            voice={"grouping": self.chance.random() < 0.5, "leave_message": self.chance.random() < 0.7},
            redial={
                "call_delay_minutes": 2,
                "busy_delay_minutes": 1,
                "number_redials_per_day": self.chance.choice((2, 6)),
            },
        )
        self.hours_of_recipients = self.chance.choice(("", "", "10:20-18:50"))
        self.town.settings = msgspec.structs.replace(
            self.town.settings,
            district=msgspec.structs.replace(self.town.settings.district, recipient_hours=self.hours_of_recipients),
        )
        self.town.engine.apply_settings(self.town.settings)
        self.town.faults.chance = random.Random(seed + 1000)
        self.town.faults.loss_percent = self.chance.choice((0, 10, 30))
        self.town.faults.latency_ms = self.chance.choice((0, 0, 500, 8_000))
        self.town.faults.repeats_rows = self.chance.random() < 0.3
        self.jobs: list[int] = []
        self.blocked: dict[str, int] = {}
        """number → since when it was blocked for routine calls."""
        self.hours = hours_of(self.town.settings)
        self.moved: list[tuple[int, DistrictHours]] = []
        """When the district's hours moved, and to what."""
        self.stopped: dict[tuple[str, str], int] = {}
        """(contact, student) → since when the one is told nothing of the other any more."""
        self.prepared: list[int] = []
        """Jobs that are not sent yet."""

    def live(self) -> None:
        acts = (
            self.crash, self.crash, self.crash, self.pause, self.resume, self.resume, self.cancel, self.send,
            self.emergency, self.cut_off, self.hide, self.late_rows, self.pass_time, self.pass_time, self.pass_time,
            self.block, self.stop_chain, self.move_district, self.change_pace, self.stop_contact, self.stop_contact,
            self.prepare, self.send_prepared,
        )  # fmt: skip
        self.send()
        for _ in range(30):
            self.chance.choice(acts)()
            self.town.step(self.chance.randrange(60))

    def end(self) -> None:
        """Everything works again; whoever is paused goes on, and every result comes in."""
        faults = self.town.faults
        faults.unreachable, faults.loss_percent, faults.repeats_rows = False, 0, False
        faults.show_rows()
        for job in self.jobs:
            self.attempt("resume", job)
        for _ in range(40):
            self.town.run(minutes=30)
            if all_is_over(self.town.history()):
                break
        for job in self.jobs:
            self.attempt("refresh", job)
        self.town.run(minutes=5)

    def attempt(self, command: str, job: int) -> None:
        """Give a command that may make no sense any more."""
        with suppress(RefusedError):
            getattr(self.town.engine, command)(job)

    def order(self, verb: Verb) -> None:
        """Give a command; sometimes other things happen before it is obeyed, and in the middle of that."""
        job = self.chance.choice(self.jobs)
        if self.chance.random() < 0.5:
            self.attempt(verb.word, job)
        else:
            command_id = self.chance.getrandbits(62) + 1
            self.town.tell_line_pool(Command(verb, job, command_id, 0, lambda _refusal: None))
            self.town.step(self.chance.randrange(20))

    def pass_time(self) -> None:
        self.town.run(seconds=self.chance.randrange(1, 240))

    def crash(self) -> None:
        """The next engine may be in the middle of taking its jobs up when something else happens, or it dies too."""
        self.town.step(self.chance.randrange(40))
        self.town.restart(turns=self.chance.choice((None, self.chance.randrange(60))))

    def pause(self) -> None:
        self.order(Verb.PAUSE)

    def resume(self) -> None:
        self.order(Verb.RESUME)

    def cancel(self) -> None:
        if self.chance.random() < 0.3:
            self.order(Verb.CANCEL)

    def send(self) -> None:
        if len(self.jobs) < 5:
            self.release(self.chance.choice((Reason.GENERAL, Reason.PRIORITY)))

    def emergency(self) -> None:
        if len(self.jobs) < 5:
            self.release(Reason.EMERGENCY)

    def release(self, reason: Reason) -> None:
        about = self.chance.sample(self.families, self.chance.randrange(1, len(self.families)))
        try:
            self.jobs.append(self.town.send(reason, *about))
        except RefusedError:
            assert self.town.now >= at("2026-03-02 19:00")

    def cut_off(self) -> None:
        self.town.faults.unreachable = True
        self.town.run(seconds=self.chance.randrange(1, 200))
        self.town.faults.unreachable = False

    def hide(self) -> None:
        faults = self.town.faults
        if faults.latency_ms:
            return  # A call may ring while its withdrawal is on the way: a late confirmation cannot prevent that.
        if self.chance.random() < 0.5:
            faults.hide_rows_of(*self.chance.choice(self.families).phones)
        else:
            faults.show_rows()

    def block(self) -> None:
        """Nobody but an emergency calls some number any more, also after a crash."""
        if self.chance.random() < 0.3:
            phone = self.chance.choice(self.chance.choice(self.families).phones)
            self.town.block_number(phone, except_emergency=True)
            self.blocked.setdefault(phone.number, self.town.now)

    def stop_chain(self) -> None:
        """One chain of a job may tell nobody any more."""
        job = self.chance.choice(self.jobs)
        chain = chain_id(job, self.chance.randrange(self.town.job(job).chains))
        self.town.tell_line_pool(StopChains((chain,)))

    def stop_contact(self) -> None:
        """Somebody is told nothing of a student any more; running jobs and those that are prepared follow."""
        family = self.chance.choice(self.families)
        parent, student = (
            self.chance.choice([*family.contacts.values()]),
            self.chance.choice([*family.students.values()]),
        )
        stopping = Stopping(person_id=parent.person_id, student_id=student, reason="court order")
        with suppress(RefusedError):
            STOP.carry_out(LiveDesk(self.town.engine), stopping, "principal")
            self.stopped[f"p:{parent.person_id}", student] = self.town.now
        self.town.step(self.chance.randrange(5))

    def prepare(self) -> None:
        """A message is prepared and waits for its author."""
        if len(self.jobs) + len(self.prepared) < 6:
            with suppress(RefusedError):
                self.prepared.append(self.town.prepare(Reason.GENERAL, *self.families[:5]))

    def send_prepared(self) -> None:
        """Its author sends it; an engine that is too busy at the moment does not answer, and sends it later."""
        if self.prepared:
            job = self.prepared.pop()
            try:
                self.town.engine.send(job)
            except RefusedError:
                assert self.town.now >= at("2026-03-02 19:00")
            else:
                self.jobs.append(job)

    def told(self, chain: int) -> tuple[str, tuple[str, ...]]:
        plan = self.town.plans(job_of(chain))[index_of(chain)]
        return plan.contact_key, plan.student_ids

    def move_district(self) -> None:
        """An administrator moves the district's hours; they stay as they are after a crash."""
        start = self.chance.choice(("08:00", "08:00", "08:00", "10:30", "18:45"))
        end = self.chance.choice(("19:00", "19:30", "20:00", "21:00"))
        district = msgspec.structs.replace(self.town.settings.district, start_time=start, end_time=end)
        self.follow(msgspec.structs.replace(self.town.settings, district=district))

    def change_pace(self) -> None:
        lines = msgspec.structs.replace(self.town.settings.lines, calls_per_second=self.chance.choice((0.0, 0.5, 5.0)))
        self.follow(msgspec.structs.replace(self.town.settings, lines=lines))

    def follow(self, settings: Settings) -> None:
        if settings.district != self.town.settings.district:
            self.moved.append((self.town.now, hours_of(settings)))
        self.town.settings = settings
        self.town.engine.apply_settings(settings)

    def late_rows(self) -> None:
        """Rows that were hidden come in whatever the engine is about, and the log brings them again."""
        rows = self.town.faults.withheld()
        if rows:
            self.town.tell_line_pool(CallsEnded(rows))
            self.town.step(self.chance.randrange(5))


def tell_each_in_rounds(dispatcher: Dispatcher, letters: Any, urgent: bool) -> None:
    """What a dispatcher does that runs live."""
    shuffle, dispatcher._shuffle = dispatcher._shuffle, None
    tell_each(dispatcher, letters, urgent)
    dispatcher._shuffle = shuffle


tell_each = Dispatcher.tell_each


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happens_the_invariants_hold(tmp_path, monkeypatch, seed):
    if seed % 2:
        for module in ("chain_starts", "job_course"):
            monkeypatch.setattr(f"actors.lines.{module}.SLICE_CHAINS", 2)
    if seed % 5 == 4:
        # In order and in rounds, as the live loop does it.
        monkeypatch.setattr("actors.runtime.dispatcher.SHUFFLE_DEPTH", 1)
        monkeypatch.setattr(Dispatcher, "tell_each", tell_each_in_rounds)
    simulation = Simulation(tmp_path, seed)
    with simulation.town as town:
        simulation.live()
        simulation.end()
        history = town.history()
        history.latency_ms = town.faults.latency_ms
        history.blocked = simulation.blocked
        history.hours, history.moved = simulation.hours, simulation.moved
        history.redials_max = town.settings.redial.number_redials_per_day
        history.stopped, history.told = simulation.stopped, simulation.told
        if simulation.hours_of_recipients:
            history.recipient_hours = at("2026-03-02 10:20"), at("2026-03-02 18:50")
        check_all(history)
        assert all_is_over(history)
        assert not town.engine.station.team.floor.ledger.held
        assert not town.engine.station.team.floor.gate.in_use, "every number that was locked is free again"
        assert town.now < MONDAY_TEN + 30 * HOUR
        tables_equal_a_fresh_fold(town.database)


@pytest.mark.parametrize("seed", range(6))
def test_whenever_it_was_backed_up_a_restored_store_submits_nothing_by_itself_and_ends_its_jobs(tmp_path, seed):
    simulation = Simulation(tmp_path / "town", seed)
    chance = simulation.chance
    with simulation.town as town:
        simulation.live()
        released = list(simulation.jobs)
        town.step(chance.randrange(60))
        town.engine.backup(tmp_path / "backup" / "store")
        simulation.live()
        town.step(chance.randrange(60))
        town.restore(tmp_path / "backup")
        restored_at = town.now
        town.run(minutes=20)
        assert not [entry for entry in town.ledger() if entry.submitted_at > restored_at + town.faults.latency_ms]
        canceled = {fact.job_id for fact in town.facts(facts.JobCanceled)}
        simulation.jobs = released
        simulation.end()
        history = town.history()
        assert all_is_over(history)
        every_chain_ends_once(history)
        every_attempt_is_settled(history)
        later = [entry for entry in history.ledger if entry.submitted_at > restored_at + town.faults.latency_ms]
        again = [intent.chain_id for entry in later if (intent := history.attempt_of(entry)) is not None]
        assert not canceled & {job_of(chain) for chain in again}
        assert not town.engine.station.team.floor.ledger.held
        assert not town.engine.station.team.floor.gate.in_use
        tables_equal_a_fresh_fold(town.database)
