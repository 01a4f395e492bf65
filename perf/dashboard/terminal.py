"""A program in a real pseudo-terminal: what it writes, what it costs, and how soon it answers a key."""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

READ_BYTES = 1 << 16
LOOK_SECONDS = 0.05
END_SECONDS = 10.0

_CPU_FIELDS = slice(11, 13)
"""User and system ticks in `/proc/PID/stat`, counted after the name in parentheses."""


class Terminal:
    """Everything the program writes is read at once, as a terminal would. Use `terminal`."""

    def __init__(self, program: "subprocess.Popen[bytes]", master: int) -> None:
        self._program = program
        self._master = master
        self._proc = Path(f"/proc/{program.pid}")
        self._news = threading.Condition()
        self._text = bytearray()
        self.bytes_read = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, READ_BYTES)
            except OSError:  # the program has ended
                return
            with self._news:
                self._text += data
                self.bytes_read += len(data)
                self._news.notify_all()

    def waits_for(self, marker: bytes, seconds: float) -> None:
        """Until the program has written something since the last `forget`. Raises TimeoutError."""
        with self._news:
            if not self._news.wait_for(lambda: marker in self._text, seconds):
                raise TimeoutError(
                    f"The program did not write {marker.decode()} within {seconds:g} s; it wrote: {self.tail()}"
                )

    def forget(self) -> None:
        """Look only at what is written from now on."""
        with self._news:
            self._text.clear()

    def wrote(self, marker: bytes) -> bool:
        """Whether it has written something since the last `forget`."""
        with self._news:
            return marker in self._text

    def tail(self) -> str:
        """The end of what it wrote, for whoever looks for a fault."""
        return bytes(self._text[-2_000:]).decode("utf-8", "replace")

    def press(self, key: bytes, marker: bytes, seconds: float) -> int:
        """Type a key; ns until the marker was written after it. Raises TimeoutError."""
        self.forget()
        began = time.monotonic_ns()
        os.write(self._master, key)
        self.waits_for(marker, seconds)
        return time.monotonic_ns() - began

    @property
    def cpu_s(self) -> float:
        """CPU of the program so far, all threads."""
        fields = (self._proc / "stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[_CPU_FIELDS])) / os.sysconf("SC_CLK_TCK")

    def memory_bytes(self, name: str) -> int:
        """`VmRSS`: resident, the mapped pages of the store included. `RssAnon`: without them."""
        for line in (self._proc / "status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
        raise ValueError(f"The kernel does not tell {name}.")


@contextmanager
def terminal(command: Sequence[str], columns: int, rows: int, environment: dict[str, str]) -> Iterator[Terminal]:
    """Run a program in a terminal of some size; it has ended when the block has."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    program = subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, env=os.environ | environment, start_new_session=True
    )
    os.close(slave)
    try:
        yield Terminal(program, master)
    finally:
        program.send_signal(signal.SIGTERM)
        try:
            program.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()
        os.close(master)
