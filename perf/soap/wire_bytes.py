"""What went over this process's connections to the carrier, as the kernel counted it (Linux)."""

import os
import socket
import struct
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

DESCRIPTORS = Path("/proc/self/fd")
TCP_INFO_BYTES = 136
ACKED_AND_RECEIVED = struct.Struct("=120xQQ")
"""`tcpi_bytes_acked` and `tcpi_bytes_received` in Linux's `struct tcp_info`."""


class WireBytes(NamedTuple):
    """TLS records with everything in them, handshakes too; TCP's and IP's own headers are not counted."""

    connections: int
    sent: int
    received: int


def wire_bytes(url: str) -> WireBytes:
    """Of all connections to that host and port that are open now, since they were opened."""
    parts = urlsplit(url)
    counts = [count for name in os.listdir(DESCRIPTORS) if (count := _counted(int(name), parts.port)) is not None]
    return WireBytes(len(counts), sum(sent for sent, _ in counts), sum(received for _, received in counts))


def _counted(descriptor: int, port: int | None) -> tuple[int, int] | None:
    """Bytes sent and received on a descriptor; None: it is no connection to that port, or was closed just now."""
    with suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as sock:
        if sock.family == socket.AF_INET and sock.type == socket.SOCK_STREAM and sock.getpeername()[1] == port:
            info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO_BYTES)
            sent, received = ACKED_AND_RECEIVED.unpack(info)
            return sent, received
    return None
