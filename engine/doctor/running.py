"""Checks of the store and of the engine on it: opened, readable, held by exactly one that answers, without alarms."""

import http.client
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from engine.doctor.finding import Finding, Topic
from engine.doctor.patient import Patient
from engine.orders import SOCKET_NAME, Health
from store.alarms import Alarm
from store.database import VERSION
from store.journal import Journal
from store.lease import LOCK_FILE

STORE = Topic("store")
ENGINE = Topic("engine")
ALARMS = Topic("alarms")

KNOCK_SECONDS = 2.0
"""An engine at work answers within milliseconds."""

BEAT_MS_MAX = 15_000
"""Whoever holds the store beats every second; this long without a beat is no busy machine any more."""

STOPPED = ("T", "t")
"""Process states of the kernel: stopped, and stopped by a debugger."""

LOCKS = Path("/proc/locks")
"""The kernel's list of locks on files."""

BLOCKS_READ = 1_000
"""Of the journal's newest end: where a write that was cut off would show."""


def knock(home: Path) -> Health | None:
    """What the engine says of itself, None where nobody listens. Raises TimeoutError where it does not answer."""
    connection = _Knock(home / SOCKET_NAME)
    try:
        connection.request("GET", "/health")
        return msgspec.json.decode(connection.getresponse().read(), type=Health)
    except TimeoutError:
        raise
    except (OSError, http.client.HTTPException, msgspec.DecodeError):
        return None
    finally:
        connection.close()


def check_store(patient: Patient) -> Iterator[Finding]:
    """Whether it can be read as a start would read it. What cannot be read raises StoreError."""
    jobs = len(patient.fold.jobs)
    with patient.database.read() as txn:
        journal = Journal(patient.database)
        last = journal.last_seq(txn)
        first = max(0, last - BLOCKS_READ)
        seqs = [block.seq for block in journal.since(txn, first)]
        restored = bool(patient.database.get_meta(txn, "restored"))
    if seqs != list(range(first + 1, last + 1)):
        yield STORE.problem(
            "The journal has a gap among its newest blocks: the store is damaged.",
            "Stop the engine and put the newest backup in its place.",
        )
        return
    yield STORE.ok(f"The store of version {VERSION} opens and reads: {jobs:,} jobs in {last:,} commits.")
    if restored:
        yield STORE.warning(
            "The store is a backup that was put back: jobs that were open then are paused.",
            "Look at `callchain jobs`, then resume or cancel each of them.",
        )


def check_engine(patient: Patient, hangs: bool) -> Iterator[Finding]:
    """Whether exactly one engine is at work on the store (C179, C181). `hangs`: nobody answered at the open door."""
    lease = patient.lease
    holder = lease.holder if lease is not None and lease.holder.lives and _is_locked(patient.database.path) else None
    if patient.health is not None:
        who = f"process {holder.pid}" if holder else f"incarnation {patient.health.incarnation}"
        lines = f"{patient.health.lines} lines and {patient.health.emergency_lines} for emergencies"
        yield ENGINE.ok(f"Exactly one engine runs on the store ({who}), with {lines}.")
    elif hangs or holder is not None:
        yield _hanging(lease.beat_at if lease is not None else 0, holder.pid if holder else 0)
    elif lease is not None and not lease.holder.is_here and time.time_ns() // 1_000_000 - lease.beat_at < BEAT_MS_MAX:
        yield ENGINE.note(
            f"The engine runs on another machine, {lease.holder.host}.", "Ask `callchain doctor` there as well."
        )
    else:
        yield ENGINE.problem(
            "No engine runs: nothing is dialed, no schedule fires and no result is read.",
            f"Start one with `callchain serve --home {patient.home}`, better as a service that is started again.",
        )


def check_alarms(patient: Patient) -> Iterator[Finding]:
    """What the engine, or the last one, raised and never cleared."""
    raised = patient.fold.rest.alarms
    for code, since in sorted(raised.items()):
        alarm = Alarm(code)
        what, _, todo = alarm.meaning.rpartition(". ")
        says = f"Since {patient.clock(since)} the alarm {alarm.word.replace('_', ' ')} is raised. {what}."
        yield ALARMS.problem(says, todo)
    if not raised:
        yield ALARMS.ok("No alarm is raised.")


def _hanging(beat_at: int, pid: int) -> Finding:
    silent, who = time.time_ns() // 1_000_000 - beat_at, f" (process {pid})" if pid else ""
    if silent < BEAT_MS_MAX and not _is_stopped(pid):
        return ENGINE.warning(
            f"An engine{who} holds the store but does not answer at its door: it is starting, stopping or very busy.",
            "Ask again in a minute; then look at its log.",
        )
    return ENGINE.problem(
        f"An engine{who} holds the store but does not answer and gives no sign of life: it hangs or is stopped.",
        "Look at its log, end it, and start it again: it recovers from its store.",
    )


def _is_locked(store: Path) -> bool:
    """Whether the kernel holds a lock for somebody: a lease names its last holder for ever. Tries no lock itself."""
    inode = str((store / LOCK_FILE).stat().st_ino)
    try:
        locks = [line.split() for line in LOCKS.read_text().splitlines()]
    except OSError:
        return True
    return any("FLOCK" in fields and any(f.rpartition(":")[2] == inode for f in fields if ":" in f) for fields in locks)


def _is_stopped(pid: int) -> bool:
    """Whether somebody stopped the process (SIGSTOP, Ctrl-Z, a debugger): it lives and does nothing."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0] in STOPPED
    except OSError:
        return False


class _Knock(http.client.HTTPConnection):
    """HTTP over the door's socket, with little patience."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=KNOCK_SECONDS)
        self._path = path

    def connect(self) -> None:
        """Open the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))
