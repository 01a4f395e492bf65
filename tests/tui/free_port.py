"""A port on loopback that nobody uses just now."""

import socket


def free_port() -> int:
    """For a program that cannot say which one it was given."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
