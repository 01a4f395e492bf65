"""`callchain serve`: the engine as a service in the foreground, for a supervisor, a container or a terminal."""

import logging
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from engine.acts.desk import LiveDesk
from engine.acts.settings import take_in
from engine.district.file_watch import FileWatch
from engine.door.door import Door
from engine.duties import Duties
from engine.home import settings_in_force
from engine.running.faults import log_fault
from engine.running.process import settle_in
from engine.running.structured_log import LogWriter
from engine.running.supervision.notify import Notifier
from engine.running.supervision.pulse import Pulse
from engine.running.supervision.standby import Standby
from engine.service import Engine
from engine.setting_rules import LEASE_SECONDS
from store.alarms import Alarm
from store.errors import CallchainError
from tui.commands import say
from tui.commands.keeping.farewell import Farewell
from tui.commands.keeping.told_by_signals import Told
from tui.commands.options import HOME, ClockSpec, Home, clock_of

log = logging.getLogger(__name__)

ENGINE_FAILED = 70
"""Exit code when an error ends the engine (EX_SOFTWARE); whoever supervises it starts it again."""

LOOK_SECONDS = 0.5
"""Between looks whether the engine still runs, and whether its settings were edited."""

STOP_SECONDS = 20.0
"""Within which it stops: the supervisor's own patience has to be longer."""

STOP_SECONDS_MAX = 600.0


def serve(
    home: Home = HOME,
    standby: Annotated[
        bool, typer.Option("--standby", help="Where an engine runs already: wait, and take over when it ends or hangs.")
    ] = False,
    lease: Annotated[
        float | None,
        typer.Option(
            min=LEASE_SECONDS[0],
            max=LEASE_SECONDS[1],
            show_default="engine.lease_seconds",
            help="Seconds without a sign of life that mean it hangs.",
        ),
    ] = None,
    stop_seconds: Annotated[
        float,
        typer.Option(
            min=0.1,
            max=STOP_SECONDS_MAX,
            help="Within which it stops when told to; then it ends and says what was open.",
        ),
    ] = STOP_SECONDS,
    clock: ClockSpec = "",
) -> None:
    """Run the engine without a screen, in the foreground, until it is told to stop (Ctrl-C or SIGTERM).

    A second Ctrl-C or SIGTERM ends it at once; SIGHUP has it read the settings file again.
    """
    told = Told(say.note)
    with LogWriter() as log:
        told.listen()
        settle_in()
        _serve(home, standby, lease, clock, stop_seconds, told, log)


def _serve(
    home: Path, standby: bool, lease: float | None, clock: str, stop_seconds: float, told: Told, log: LogWriter
) -> None:
    notifier = Notifier()
    engine = _started(home, standby, lease, clock, told, notifier)
    if engine is None:
        return
    farewell = Farewell(stop_seconds, say.note)
    with ExitStack() as left:
        left.push(engine)  # it runs already; leaving stops it
        Service(engine, told, log, notifier).stay(farewell)
        try:
            with farewell.closing("the engine"):
                engine.stop()
        except CallchainError as error:  # an error ended it, before or while it stopped
            farewell.done()
            say.note(f"callchain: {error}")
            raise SystemExit(ENGINE_FAILED) from error
    farewell.done()
    say.note("The engine stopped; calls at the carrier go on and are found again at the next start.")


def _started(
    home: Path, standby: bool, lease: float | None, clock: str, told: Told, notifier: Notifier
) -> Engine | None:
    """The running engine; None when a standby was told to stop before its turn came."""

    def make() -> Engine:
        return Engine(home, clock=clock_of(clock))

    def wait(sentence: str) -> None:
        say.note(sentence)
        notifier.ready(sentence)  # to stand by is what it was started for

    if not standby:
        return make().start()
    seconds = settings_in_force(home).engine.lease_seconds if lease is None else lease
    with notifier.kept_alive():
        return Standby(home, make, seconds, wait).start(told.stop)


class Service:
    """One running engine with its door, its duties, and what it is told from outside."""

    def __init__(self, engine: Engine, told: Told, log: LogWriter, notifier: Notifier) -> None:
        self._engine = engine
        self._told = told
        self._log = log
        self._notifier = notifier
        self._pulse = Pulse(engine.home)
        self._edits = FileWatch(engine)
        self._fault: type[Exception] | None = None
        """What reading the settings failed with last; it is said once."""

    def stay(self, farewell: Farewell) -> None:
        """Keep the door open until somebody says stop or an error ends the engine."""
        self._log.follow(self._engine.settings.log)
        door, duties = Door(self._engine), Duties(self._engine)
        door.open()
        try:
            say.note(f"The engine runs on {self._engine.home} (incarnation {self._engine.incarnation}).")
            duties.start()
            self._notifier.ready(self._status())
            while not self._engine.failed and not self._told.stop.is_set():
                self._look()
                self._told.news.wait(LOOK_SECONDS)
                self._told.news.clear()
        finally:
            self._notifier.stopping()
            farewell.begin("duties", "the door", "the engine")
            with farewell.closing("duties"):
                duties.stop()
            with farewell.closing("the door"):
                door.close()

    def _look(self) -> None:
        """Once in a while: settings that were edited, the supervisor, the log."""
        try:
            if self._told.reload.is_set():
                self._told.reload.clear()
                self._reload()
            self._edits.look()
        except Exception as error:
            # Whatever stands in that file, calls go on.
            if type(error) is not self._fault:
                self._fault = type(error)
                log_fault(log, "Reading the settings, the old ones stay in force,", error)
        self._log.follow(self._engine.settings.log)
        if self._pulse.silent_seconds() < self._engine.settings.engine.lease_seconds:
            self._notifier.alive()
        self._notifier.status(self._status())

    def _reload(self) -> None:
        """Read the settings file again; what does not hold leaves everything as it is."""
        self._notifier.reloading()
        try:
            taken = take_in(LiveDesk(self._engine))
        except CallchainError as error:
            say.note(f"The settings were not taken in, the old ones stay in force: {error}")
        else:
            changed = ", ".join(one.key for one in taken.changed)
            say.note(f"The settings were read again: {changed or 'nothing has changed'}.")
            if taken.at_next_start:
                say.note(f"These count from the next start on: {', '.join(taken.at_next_start)}.")
        finally:
            self._notifier.ready(self._status())

    def _status(self) -> str:
        """What the supervisor shows of it."""
        station = self._engine.station
        jobs = sum(not row.state.ended for row in list(station.fold.jobs.values()))
        alarms = [Alarm(code).word for code in list(station.fold.rest.alarms) if code in set(Alarm)]
        calls = station.team.floor.ledger.out
        return f"{jobs} jobs open, {calls} calls out; " + (f"ALARM {', '.join(alarms)}" if alarms else "no alarm")
