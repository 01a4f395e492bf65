"""Total time limits of exchanges with the carrier: one watch for all of them, which cuts a connection that is late."""

import socket
import threading
from collections import deque
from contextlib import suppress
from contextvars import ContextVar
from time import monotonic

from store.errors import GatewayError


class AnswerError(GatewayError):
    """An HTTP answer that is not used, whatever it holds. Its sentence holds nothing of the answer."""


class DeadlineError(AnswerError):
    """The whole exchange took longer than it may."""


class TransportClosedError(AnswerError):
    """The transport was closed while the exchange was under way, or before."""


class Deadline:
    """Shuts down the connection of one exchange when it is struck.

    A socket's own time-out counts from one byte to the next, so a carrier that drips would never run into it.
    """

    def __init__(self, due: float) -> None:
        self.due = due
        self.over = False
        self._error: AnswerError | None = None
        self._sock: socket.socket | None = None

    def hold(self, sock: socket.socket | None) -> None:
        """The exchange goes on over this socket. Raises the error when it was struck before.

        The socket and not its connection, which forgets it as soon as an answer has no length.
        """
        self._sock = sock
        self.check()

    def strike(self, error: AnswerError) -> None:
        """End the exchange with `error`, from another thread."""
        self._error = self._error or error
        sock = self._sock
        if sock is not None:
            with suppress(OSError):
                # The plain socket's own shutdown: a TLS socket would forget its cipher and go on in clear text.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def check(self) -> None:
        """Raise the error that ended the exchange, if one did."""
        if self._error is not None:
            raise self._error from None

    def end(self) -> None:
        """The exchange is over."""
        self.over = True
        self._sock = None


DEADLINE: ContextVar[Deadline] = ContextVar("deadline")
"""The deadline of the exchange this thread is in: how it reaches the connection the pool picks."""


class Watch:
    """Strikes deadlines that are due. All have the same span, so they fall due in the order they were set.

    Its thread sleeps until the oldest is due; what has ended by then is merely forgotten, so that setting a deadline
    and ending it wakes nobody. A timer each would cost a thread for every request.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._late = f"The carrier did not answer completely within {seconds:g} s."
        self._change = threading.Condition()
        self._set: deque[Deadline] = deque()
        self._idle = False
        self._closed = False
        threading.Thread(target=self._watch, name="soap-deadlines", daemon=True).start()

    def set(self) -> Deadline:
        """A deadline that counts from now. Raises TransportClosedError after `close`."""
        with self._change:
            if self._closed:
                raise TransportClosedError("The gateway is closed.")
            deadline = Deadline(monotonic() + self._seconds)
            self._set.append(deadline)
            if self._idle:
                self._change.notify()
        return deadline

    def close(self) -> None:
        """Strike all that is under way, and end the thread."""
        with self._change:
            self._closed = True
            under_way = [deadline for deadline in self._set if not deadline.over]
            self._change.notify()
        for deadline in under_way:
            deadline.strike(TransportClosedError("The gateway was closed while the carrier was being asked."))

    def _watch(self) -> None:
        while (late := self._wait()) is not None:
            late.strike(DeadlineError(self._late))

    def _wait(self) -> Deadline | None:
        """The next deadline that is due before its exchange has ended; None: closed."""
        with self._change:
            while not self._closed:
                while self._set and self._set[0].over:
                    self._set.popleft()
                left = self._set[0].due - monotonic() if self._set else None
                if left is not None and left <= 0:
                    return self._set.popleft()
                self._idle = left is None
                self._change.wait(left)
        return None
