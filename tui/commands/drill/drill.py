"""A drill: a make-believe district with its carrier and its engine, each a process, on a clock of their own."""

import os
import secrets
import shutil
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

import msgspec

from actors.runtime.clock import FastClock, WallClock
from engine.config import CarrierSettings, District, Email, Settings, lines_for
from engine.home import make_home, read_store, replace_roster_offline, settings_in_force
from engine.roster.importer import import_bundle
from engine.roster.sample import write_sample
from engine.service_settings import DoorSettings
from store.errors import CallchainError, EngineUnreachableError
from store.people import Role, Roster
from store.vault import Vault
from tui.commands import say
from tui.door import DoorClient

ZONE = "America/Chicago"
STARTS_AT_HOUR = 10
"""Local time of the district when a drill begins: the dialing window is open and people answer."""

START_SECONDS_MAX = 30.0
"""For the carrier and the engine to come up."""

STOP_SECONDS_MAX = 20.0


class Drill:
    """Use it as a context manager: it starts what it needs, and ends what it started."""

    def __init__(
        self, folder: Path, families: int, seed: int, speed: float, *, remove: bool, source: Path | None = None
    ) -> None:
        self.home = folder / "district"
        self.ledger = folder / "carrier-ledger.jsonl"
        self.clock = _clock(speed)
        self.sent: list[int] = []
        """Jobs that were sent."""
        self.sending_done = threading.Event()
        self.over = threading.Event()
        """Whoever watched has gone."""
        self.failure: CallchainError | None = None
        self._folder = folder
        self._families = families
        self._seed = seed
        self._remove = remove
        self._source = source
        """The district whose roster and rules are drilled with; None: one that is made up."""
        self._programs: list[subprocess.Popen[str]] = []
        self._password = secrets.token_urlsafe(12)

    def __enter__(self) -> Self:
        """Make the district, start the carrier, start the engine."""
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            self._set_up()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End both programs."""
        self.over.set()
        self._end()

    def _set_up(self) -> None:
        settings, roster = self._district()
        self.lines = lines_for(settings, sum(bool(person.roles & Role.STUDENT) for person in roster.people))
        urls = self._start_carrier(settings.district.time_zone)
        make_home(self.home, settings_of_drill(settings, urls), self._password)
        shutil.copy(self._folder / "carrier-ca.pem", self.home / "carrier-ca.pem")
        replace_roster_offline(self.home, roster)
        self._start_engine()

    def _district(self) -> tuple[Settings, Roster]:
        """Rules and roster: those of a district there is, or made up."""
        if self._source is not None:
            say.note(f"Copying rules and roster of {self._source} …")
            return settings_in_force(self._source), _roster_of(self._source)
        say.note(f"Making a district of {self._families:,} families …")
        bundle = self._folder / "roster"
        write_sample(bundle, self._families, self._seed)
        return Settings(district=District(name="Lakeside School District", time_zone=ZONE)), import_bundle(
            bundle
        ).roster

    def _start_carrier(self, zone: str) -> tuple[str, ...]:
        ordinary, emergency = self.lines
        program = self._start(
            "carrier", "--tls", "--ca-file", str(self._folder / "carrier-ca.pem"), "--ledger", str(self.ledger),
            "--lines", str(ordinary), "--emergency-lines", str(emergency), "--seed", str(self._seed), "--zone", zone,
            "--clock", self.clock.spec,
        )  # fmt: skip
        assert program.stdout is not None
        urls: list[str] = []
        for line in program.stdout:
            if line.startswith("CA "):
                return tuple(urls)
            urls.append(line.strip())
        raise CallchainError("The stand-in carrier did not start; see its log above.")

    def _start_engine(self) -> None:
        self._start("serve", "--home", str(self.home), "--clock", self.clock.spec)
        door, deadline = DoorClient(self.home), time.monotonic() + START_SECONDS_MAX
        while not door.is_open():
            self.check()
            if time.monotonic() > deadline:
                raise EngineUnreachableError("The engine did not come up in time; see its log above.")
            self.over.wait(0.1)

    def _start(self, *arguments: str) -> "subprocess.Popen[str]":
        with (self._folder / f"{arguments[0]}.log").open("w", encoding="utf-8") as log:
            program = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", "tui.cli", *arguments],
                stdout=subprocess.PIPE,
                stderr=log,
                env=os.environ | {"CALLCHAIN_PASSWORD": self._password},
                text=True,
            )
        self._programs.append(program)
        return program

    def check(self) -> None:
        """Raise what went wrong in the background."""
        if self.failure is not None:
            raise self.failure
        for program in self._programs:
            if program.poll() is not None:
                name = program.args[3] if isinstance(program.args, list) else "a program"
                raise CallchainError(f"The {name} of the drill ended early; see {self._folder}/{name}.log.")

    def all_sent(self) -> bool:
        """Whether both messages went out and have ended."""
        return self.sending_done.is_set() and self.all_ended(DoorClient(self.home))

    def all_ended(self, door: DoorClient) -> bool:
        """Whether everything that was to be sent was sent and has ended."""
        return self.sending_done.is_set() and all(door.job(job_id).ended for job_id in self.sent)

    def local_time(self) -> str:
        """What the clocks of the district show."""
        return datetime.fromtimestamp(self.clock.now() / 1000, ZoneInfo(ZONE)).strftime("%H:%M:%S")

    def stop_programs(self) -> None:
        """Stop the engine, then the carrier, each in good order, so that the store and the ledger are whole."""
        for program in reversed(self._programs):
            program.terminate()
            try:
                program.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()
            if program.stdout is not None:
                program.stdout.close()
        self._programs = []

    def _end(self) -> None:
        self.stop_programs()
        if self._remove:
            shutil.rmtree(self._folder, ignore_errors=True)


def settings_of_drill(settings: Settings, urls: tuple[str, ...]) -> Settings:
    """The rules of a district with nothing of it that reaches anybody: no end-point, mail server or open door."""
    return msgspec.structs.replace(
        settings,
        carrier=CarrierSettings(user="district", endpoints=urls, ca_file="carrier-ca.pem", stand_in=True),
        email=Email(),
        door=DoorSettings(),
        door_roles=(),
    )


def _roster_of(home: Path) -> Roster:
    database = read_store(home)
    try:
        with database.read() as txn:
            return Vault(database).roster(txn)
    finally:
        database.close()


def _clock(speed: float) -> FastClock:
    """A clock that starts on a morning of school and runs faster than life."""
    local = datetime.now(ZoneInfo(ZONE)).replace(hour=STARTS_AT_HOUR, minute=0, second=0, microsecond=0)
    return FastClock(WallClock().now(), int(local.timestamp() * 1000), speed)
