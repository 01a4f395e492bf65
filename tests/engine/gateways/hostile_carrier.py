"""A carrier on loopback that does with a connection whatever a test tells it."""

import contextlib
import socket
import threading
from collections.abc import Callable

from engine.gateways.stand_in.soap_server import ServerTls

Behavior = Callable[["Line"], None]


class Line:
    """One connection: the request as it came, and ways to answer."""

    def __init__(self, sock: socket.socket, over: threading.Event) -> None:
        self.sock = sock
        self.over = over
        self.request = b""

    def read_request(self) -> bool:
        while b"\r\n\r\n" not in self.request:
            if not self._receive():
                return False
        head, _, body = self.request.partition(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        while len(body) < length:
            if not self._receive():
                return False
            body = self.request.partition(b"\r\n\r\n")[2]
        return True

    def _receive(self) -> bytes:
        chunk = self.sock.recv(65536)
        self.request += chunk
        return chunk

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def wait(self, seconds: float) -> bool:
        """Let time pass, but no longer than the test lasts; whether the test goes on."""
        return not self.over.wait(seconds)


class HostileCarrier:
    """Listens on a free port; every connection is answered once, by `behavior`, and closed."""

    def __init__(self, behavior: Behavior, tls: ServerTls | None = None) -> None:
        self.requests: list[bytes] = []
        self._behavior = behavior
        self._tls = tls
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._listener.getsockname()[1]}/soap"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> "HostileCarrier":
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=[sock], daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError), sock if self._tls is None else self._shake_hands(sock) as open_sock:
            line = Line(open_sock, self._over)
            if line.read_request():
                self.requests.append(line.request)
                self._behavior(line)

    def _shake_hands(self, sock: socket.socket) -> socket.socket:
        assert self._tls is not None
        return self._tls.context.wrap_socket(sock, server_side=True)


def http(
    status: str, body: bytes, content_type: str = "text/xml; charset=utf-8", *headers: str, length: int | None = None
) -> Behavior:
    """A whole answer; `length` is what Content-Length claims, -1: no such header."""
    claimed = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", "Connection: close", *headers]
    if claimed >= 0:
        lines.append(f"Content-Length: {claimed}")
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"
    return lambda line: line.send(head + body)
