"""A Redis server of the harness's own: on a socket file, its log synced at every write, gone when the block ends."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAM = "redis-server"
READY_SECONDS = 10
"""It takes 20 ms; a busy machine may need longer."""
STOP_SECONDS = 10
RETRY_SECONDS = 0.01


def is_installed() -> bool:
    """Whether the program is on the PATH."""
    return shutil.which(PROGRAM) is not None


@contextmanager
def redis_server(folder: Path) -> Iterator[Path]:
    """Start it in an empty folder and give its socket. Raises RuntimeError if it does not come up."""
    path = folder / "redis.sock"
    with (folder / "redis.log").open("wb") as log:
        server = subprocess.Popen([PROGRAM, *_settings(folder, path)], stdout=log, stderr=log, cwd=folder)
        try:
            _wait_until_ready(server, path)
            yield path
        finally:
            stop(server)


def _settings(folder: Path, path: Path) -> list[str]:
    """No port, no snapshots; a write is answered when the log has been synced."""
    where = ["--port", "0", "--unixsocket", str(path), "--dir", str(folder)]
    return [*where, "--appendonly", "yes", "--appendfsync", "always", "--save", "", "--daemonize", "no"]


def _wait_until_ready(server: subprocess.Popen[bytes], path: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and server.poll() is None:
        if _answers(path):
            return
        time.sleep(RETRY_SECONDS)
    raise RuntimeError(f"{PROGRAM} did not come up within {READY_SECONDS} s; {path.parent}/redis.log says why")


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as ours:
        try:
            ours.connect(str(path))
            ours.sendall(b"PING\r\n")
            return ours.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process that was started here, in good order if it will."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
