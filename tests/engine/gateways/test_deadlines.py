"""Deadlines are struck in time, those that ended are forgotten, and one thread serves them all."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from engine.gateways.deadlines import Deadline, DeadlineError, TransportClosedError, Watch
from engine.gateways.transport import Transport
from store.errors import ConfigError


@contextmanager
def held(deadline: Deadline) -> Iterator[socket.socket]:
    """The other end of a connection a deadline holds."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.settimeout(5)
        deadline.hold(ours)
        yield theirs


def test_a_late_exchange_loses_its_connection_and_an_ended_one_keeps_it():
    watch = Watch(0.1)
    ended, late = watch.set(), watch.set()
    with held(ended) as kept, held(late) as cut:
        ended.end()
        assert cut.recv(1) == b""
        with pytest.raises(DeadlineError, match=r"within 0\.1 s"):
            late.check()
        ended.check()
        kept.settimeout(0)
        with pytest.raises(BlockingIOError):
            kept.recv(1)
    watch.close()


def test_a_deadline_set_after_idle_times_is_struck_too():
    watch = Watch(0.05)
    for _ in range(3):
        deadline = watch.set()
        with held(deadline) as cut:
            assert cut.recv(1) == b""
    watch.close()


def test_closing_strikes_what_is_under_way_and_refuses_what_comes_later():
    watch = Watch(30)
    deadline = watch.set()
    with held(deadline) as cut:
        watch.close()
        assert cut.recv(1) == b""
        with pytest.raises(TransportClosedError):
            deadline.hold(None)
    with pytest.raises(TransportClosedError):
        watch.set()


def test_many_deadlines_cost_one_thread():
    watch = Watch(30)
    before = threading.active_count()
    deadlines = [watch.set() for _ in range(100)]
    assert threading.active_count() == before
    for deadline in deadlines:
        deadline.end()
    watch.close()


def test_a_ca_file_that_holds_no_certificates_is_refused_at_once(tmp_path):
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(ConfigError, match="holds no certificates"):
        Transport(ca_file=str(tmp_path / "ca.pem"), threads=1, deadline_s=1)
