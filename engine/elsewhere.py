"""Works something out in a process of its own: a busy Python thread would slow the engine's loop down."""

import gc
import io
import os
import subprocess
import sys
from collections.abc import Callable
from typing import IO, TextIO, TypeVar

import msgspec

from store import errors

Q = TypeVar("Q")
A = TypeVar("A")

TOO_LONG = "This took too long and was called off; ask for less, or when less goes on."

_ANSWER, _REFUSAL = b"A", b"R"
"""The first byte of a reply says which of the two it is."""


class _Refusal(msgspec.Struct, array_like=True):
    """The name of an error of `store.errors`, and its sentence."""

    error: str
    sentence: str


def ask_elsewhere(module: str, question: object, answers: type[A], seconds_max: float) -> A:
    """Have `python -m module`, which calls `answer_here`, work a question out; bytes in, bytes out.

    Raises the error of ours it was refused with, RefusedError where it took too long, CallchainError where the
    process failed.
    """
    try:
        reply = subprocess.run(  # noqa: S603 - a module of our own
            [sys.executable, "-m", module],
            input=msgspec.msgpack.encode(question),
            capture_output=True,
            timeout=seconds_max,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise errors.RefusedError(TOO_LONG) from None
    if reply.returncode:
        said = reply.stderr.decode(errors="replace").strip()[-500:]
        raise errors.CallchainError(f"A helper process of the engine failed ({module}): {said}")
    kind, data = reply.stdout[:1], reply.stdout[1:]
    if kind == _REFUSAL:
        refusal = msgspec.msgpack.decode(data, type=_Refusal)
        raise getattr(errors, refusal.error)(refusal.sentence)
    return msgspec.msgpack.decode(data, type=answers)


def write_elsewhere(module: str, question: object, out: IO[bytes], seconds_max: float) -> int:
    """Have `python -m module`, which calls `write_here`, write text into a real file; the number it answers.

    For what is too large to be handed over in memory. Raises as `ask_elsewhere`.
    """
    try:
        reply = subprocess.run(  # noqa: S603 - a module of our own
            [sys.executable, "-m", module],
            input=msgspec.msgpack.encode(question),
            stdout=out,
            stderr=subprocess.PIPE,
            timeout=seconds_max,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise errors.RefusedError(TOO_LONG) from None
    kind, data = reply.stderr[:1], reply.stderr[1:]
    if reply.returncode or kind not in (_ANSWER, _REFUSAL):
        # Only where it happened: what such an error says may be a name or a number.
        where = [line for line in reply.stderr.decode(errors="replace").splitlines() if line.startswith("  File")]
        raise errors.CallchainError(f"A helper process of the engine failed ({module}): {'; '.join(where[-3:])}")
    if kind == _REFUSAL:
        refusal = msgspec.msgpack.decode(data, type=_Refusal)
        raise getattr(errors, refusal.error)(refusal.sentence)
    return msgspec.msgpack.decode(data, type=int)


def write_here(asks: type[Q], write: Callable[[Q, TextIO], int]) -> None:
    """The whole life of such a process: read the question, write to standard output, say how much or why not."""
    question = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=asks)
    try:
        with io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="", write_through=False) as out:
            reply = _ANSWER + msgspec.msgpack.encode(write(question, out))
    except errors.CallchainError as error:
        reply = _REFUSAL + msgspec.msgpack.encode(_Refusal(type(error).__name__, str(error)))
    os.write(sys.stderr.fileno(), reply)


def answer_here(asks: type[Q], work_out: Callable[[Q], object]) -> None:
    """The whole life of such a process: read the question, work it out, write the answer or the refusal."""
    gc.disable()  # everything lives until the answer is out
    question = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=asks)
    try:
        reply = _ANSWER + msgspec.msgpack.encode(work_out(question))
    except errors.CallchainError as error:
        reply = _REFUSAL + msgspec.msgpack.encode(_Refusal(type(error).__name__, str(error)))
    sys.stdout.buffer.write(reply)
