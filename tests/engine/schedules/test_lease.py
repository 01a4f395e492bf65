"""Several engines on one store, each a real process: one leads, one job is sent, whoever stands by goes on with it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from actors.runtime.clock import FastClock
from engine.acts import schedules as acts
from engine.acts.desk import at_store
from engine.audit import Audit, audit_store
from engine.config import FILE_NAME, CarrierSettings, Email
from engine.gateways.stand_in.carrier import Carrier
from engine.gateways.stand_in.soap_server import SoapServer
from engine.home import STORE_FOLDER, make_home, read_jobs, read_store, replace_roster_offline
from engine.messaging.templates import template_key
from engine.schedules.presence import scheduler_at_work
from engine.service_settings import EngineSettings
from engine.views import JobView
from store.documents import Template
from store.lease import LOCK_FILE, Lease, read_lease
from store.records import Message, Reason
from tests.engine.mail.smtp_server import SmtpTown, smtp_town
from tests.fakes import CLEAN, MONDAY_TEN, PASSWORD, SNOW, ScriptedPhones, one_contact, roster_of, settings_of
from tui.acts import ask
from tui.commands.watching.schedule import LIST, PREVIEW

SPEED = 60.0
"""A minute in a second: schedules are looked at every second of life."""

LEASE_SECONDS = 2.0
FAMILIES = 10
ROOT = Path(__file__).parents[3]


class Serve:
    """`callchain serve`, with what it says on standard error."""

    def __init__(self, home: Path, clock: str, *options: str) -> None:
        command = [sys.executable, "-m", "tui.cli", "serve", "--home", str(home), "--clock", clock, *options]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT)
        self.said: list[str] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._heard(line)

    def _heard(self, line: str) -> None:
        self.said.append(line)

    def says(self, text: str) -> bool:
        return any(text in line for line in self.said)

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self, number: signal.Signals = signal.SIGKILL) -> int:
        """End it; its exit code."""
        self.send(number)
        return self.ended()

    def ended(self) -> int:
        """Its exit code once it has ended; what it said is read to the end."""
        code = self.process.wait(20)
        self._thread.join(5)
        if self.process.stderr is not None:
            self.process.stderr.close()
        return code


class District:
    """A district on disk with a schedule due soon, its carrier behind SOAP, and engines in processes of their own."""

    def __init__(self, home: Path, mail: SmtpTown) -> None:
        self.home = home
        self.clock = FastClock(int(time.time() * 1000), MONDAY_TEN, SPEED)
        phones = ScriptedPhones()
        self.families = [one_contact(f"Family{n}") for n in range(FAMILIES)]
        for family in self.families:
            phones.add(family.mom.cell.answers(talks_s=15).presses("0").always())
        self.carrier = Carrier(phones, lines=2, emergency_lines=1)
        self.server = SoapServer(self.carrier, self.clock, user="oak", password=PASSWORD)
        self.server.start()
        settings = settings_of(
            lines=2,
            emergency_lines=1,
            carrier=CarrierSettings(user="oak", endpoints=self.server.urls, stand_in=True, deadline_seconds=60),
        )
        email = Email(smtp_host="127.0.0.1", smtp_port=mail.port, starttls=False, sender="callchain@oak.example")
        settings = msgspec.structs.replace(settings, email=email)
        make_home(home, settings, PASSWORD, "customer-1")
        replace_roster_offline(home, roster_of(*self.families))
        self.engines: list[Serve] = []
        self.mail = mail

    def schedule(self, time_: str) -> None:
        hours, _, minutes = time_.partition(":")
        snow = Template("snow", Message(Reason.GENERAL, "Snow day", SNOW))
        with at_store(self.home) as desk:
            with desk.database.write() as txn:
                desk.database.templates.put(txn, template_key("snow"), snow)
            desk.clock = self.clock
            request = acts.AddSchedule(
                name="Snow",
                template="snow",
                every="daily",
                minute=int(hours) * 60 + int(minutes),
                notify="office@oak.example",
            )
            acts.add(desk, request, "office")

    def serve(self, *options: str) -> Serve:
        self.engines.append(Serve(self.home, self.clock.spec, *options))
        return self.engines[-1]

    def until(self, ready: Callable[[], object], seconds: float = 20) -> None:
        """Until something holds that other processes bring about."""
        deadline, over = time.monotonic() + seconds, threading.Event()
        while not ready():
            said = "".join(line for engine in self.engines for line in engine.said)
            assert time.monotonic() < deadline, said
            over.wait(0.02)

    def jobs(self) -> list[JobView]:
        return read_jobs(self.home)

    def rings(self) -> int:
        return len(list(self.carrier.ledger.rings()))

    def lease(self) -> Lease:
        lease = read_lease(self.home / STORE_FOLDER / LOCK_FILE)
        assert lease is not None
        return lease

    def audit(self) -> Audit:
        database = read_store(self.home)
        try:
            return audit_store(self.carrier.ledger.entries(), database)
        finally:
            database.close()

    def close(self) -> None:
        for engine in self.engines:
            engine.end()
        self.server.stop()


@pytest.fixture
def district(tmp_path: Path) -> Iterator[District]:
    with smtp_town() as mail:
        district = District(tmp_path / "d", mail)
        yield district
        district.close()


@pytest.mark.row("C179", "C180", "C181")
def test_of_two_engines_started_at_once_one_sends_one_job_and_the_other_finishes_it_after_a_kill(district: District):
    """Golden test 10: two scheduler processes → one job.

    C179: With several app servers it must run on exactly one.
    C180: Enabled on several servers → dials sent multiple times and multiple confirmation e-mails.
    C181: Never on more than one server (leader election / exactly-once triggering).
    """
    district.schedule("10:03")
    one, other = district.serve("--standby"), district.serve("--standby")
    district.until(lambda: district.rings() >= 3)
    leader, standby = (one, other) if one.says("The engine runs") else (other, one)
    assert standby.says("Standing by")
    assert not standby.says("The engine runs")
    assert district.lease().holder.pid == leader.process.pid
    assert scheduler_at_work(district.home).active
    assert scheduler_at_work(district.home).pid == leader.process.pid
    assert not district.jobs()[0].ended
    listed = ask(district.home, LIST, acts.ListSchedules())
    assert listed.scheduler.active
    assert listed.schedules[0].last is not None
    assert listed.schedules[0].last.job_id == 1
    assert ask(district.home, PREVIEW, acts.PreviewSchedules(count=1))[0].name == "Snow"

    leader.send(signal.SIGKILL)
    killed_at = time.monotonic()
    district.until(lambda: standby.says("The engine runs"))
    assert time.monotonic() - killed_at < EngineSettings().lease_seconds
    district.until(lambda: district.jobs()[0].ended)
    (job,) = district.jobs()
    assert (job.state, job.confirmed) == ("sent", FAMILIES)
    district.until(lambda: district.mail.postmaster.taken)
    assert standby.end(signal.SIGTERM) == 0
    assert district.audit() == CLEAN
    assert district.rings() == FAMILIES
    (confirmation,) = district.mail.postmaster.taken
    assert confirmation["To"] == "office@oak.example"
    assert not scheduler_at_work(district.home).active


@pytest.mark.row("C179")
def test_a_leader_that_hangs_is_ended_and_replaced_within_its_lease(district: District):
    """C179: With several app servers it must run on exactly one."""
    district.schedule("10:03")
    leader = district.serve()
    district.until(lambda: district.rings() >= 3)
    file = district.home / FILE_NAME
    file.write_text(file.read_text().replace("lease_seconds = 10.0", f"lease_seconds = {LEASE_SECONDS}"))
    standby = district.serve("--standby")
    district.until(lambda: standby.says("Standing by"))
    leader.send(signal.SIGSTOP)
    stopped_at = time.monotonic()
    district.until(lambda: standby.says("gave no sign of life"))
    # It began to count anew at the last beat it saw; then it takes as long as a start takes.
    assert LEASE_SECONDS - 1.5 < time.monotonic() - stopped_at < LEASE_SECONDS + 4
    assert leader.end() == -signal.SIGKILL
    district.until(lambda: standby.says("The engine runs"))
    assert district.lease().holder.pid == standby.process.pid
    district.until(lambda: district.jobs()[0].ended)
    assert standby.end(signal.SIGTERM) == 0
    assert [job.confirmed for job in district.jobs()] == [FAMILIES]
    assert district.audit() == CLEAN


def test_a_second_engine_that_does_not_stand_by_is_refused(district: District):
    with at_store(district.home):
        second = district.serve()
        assert second.ended() == 6
        assert second.says(f"Another engine (process {os.getpid()}) already runs")


def test_a_standby_that_is_told_to_stop_stops(district: District):
    with at_store(district.home):
        standby = district.serve("--standby")
        district.until(lambda: standby.says("Standing by"))
        assert standby.end(signal.SIGTERM) == 0
