"""Tells a supervisor how the service is (sd_notify): ready, reloading, stopping, alive; where there is one."""

import logging
import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

SOCKET_VARIABLE = "NOTIFY_SOCKET"
"""Where the supervisor listens: a path, or `@name` for a socket that is in no file system."""

STATUS_MAX = 500
"""Characters of a status: it is one line of `systemctl status`."""

PINGS_PER_WATCH = 3
"""A watchdog is fed so often within its time, so that one lost feeding kills nobody."""

SEND_SECONDS_MAX = 1.0
"""For one message to a supervisor that is busy."""

log = logging.getLogger(__name__)


class Notifier:
    """One of a process. What cannot be delivered is said once in the log and changes nothing."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = environment.get(SOCKET_VARIABLE, "")
        self._watch_seconds = _watch_seconds(environment)
        self._fed_at = 0.0
        self._status = ""
        self._complained = False

    def ready(self, status: str) -> None:
        """The service does what it is there for; also after a reload."""
        self._status = status
        self._tell("READY=1", f"STATUS={_line(status)}")

    def reloading(self) -> None:
        """Settings are being read anew; `ready` follows."""
        self._tell("RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1_000}")

    def stopping(self) -> None:
        """The end has begun."""
        self._tell("STOPPING=1", "STATUS=Stopping.")

    def status(self, text: str) -> None:
        """What it does now, told when it changes."""
        if text != self._status:
            self._status = text
            self._tell(f"STATUS={_line(text)}")

    def alive(self) -> None:
        """Feed the watchdog, if there is one and it is time."""
        now = time.monotonic()
        if self._watch_seconds and now - self._fed_at >= self._watch_seconds / PINGS_PER_WATCH:
            self._fed_at = now
            self._tell("WATCHDOG=1")

    @contextmanager
    def kept_alive(self) -> Iterator[None]:
        """Feed the watchdog while the block lasts: whoever only waits has no loop that could hang."""
        over = threading.Event()

        def feed() -> None:
            while self._watch_seconds and not over.wait(self._watch_seconds / PINGS_PER_WATCH):
                self.alive()

        thread = threading.Thread(target=feed, name="watchdog", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _tell(self, *words: str) -> None:
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
                # A supervisor that does not listen holds up nobody for long.
                sock.settimeout(SEND_SECONDS_MAX)
                sock.sendto("\n".join(words).encode(), address)
        except OSError as error:
            if not self._complained:
                self._complained = True
                log.warning("The supervisor at %s cannot be told anything: %s.", SOCKET_VARIABLE, error)


def _watch_seconds(environment: Mapping[str, str]) -> float:
    """How often the supervisor wants to hear that the service is alive, 0: never, or it means another process."""
    usec, pid = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID", "")
    if not usec.isdecimal() or (pid and pid != str(os.getpid())):
        return 0.0
    return int(usec) / 1_000_000


def _line(text: str) -> str:
    return " ".join(text.split())[:STATUS_MAX]
