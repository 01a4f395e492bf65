"""Works something out in a process of its own: a busy Python thread would slow the engine's loop down."""

import gc
import subprocess
import sys
from collections.abc import Callable
from typing import TypeVar

import msgspec

from store import errors

Q = TypeVar("Q")
A = TypeVar("A")

_ANSWER, _REFUSAL = b"A", b"R"
"""The first byte of a reply says which of the two it is."""


class _Refusal(msgspec.Struct, array_like=True):
    """The name of an error of `store.errors`, and its sentence."""

    error: str
    sentence: str


def ask_elsewhere(module: str, question: object, answers: type[A], seconds_max: float) -> A:
    """Have `python -m module`, which calls `answer_here`, work a question out; bytes in, bytes out.

    Raises the error of ours it was refused with, CallchainError where the process failed.
    """
    reply = subprocess.run(  # noqa: S603 - a module of our own
        [sys.executable, "-m", module],
        input=msgspec.msgpack.encode(question),
        capture_output=True,
        timeout=seconds_max,
        check=False,
    )
    if reply.returncode:
        said = reply.stderr.decode(errors="replace").strip()[-500:]
        raise errors.CallchainError(f"A helper process of the engine failed ({module}): {said}")
    kind, data = reply.stdout[:1], reply.stdout[1:]
    if kind == _REFUSAL:
        refusal = msgspec.msgpack.decode(data, type=_Refusal)
        raise getattr(errors, refusal.error)(refusal.sentence)
    return msgspec.msgpack.decode(data, type=answers)


def answer_here(asks: type[Q], work_out: Callable[[Q], object]) -> None:
    """The whole life of such a process: read the question, work it out, write the answer or the refusal."""
    gc.disable()  # everything lives until the answer is out
    question = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=asks)
    try:
        reply = _ANSWER + msgspec.msgpack.encode(work_out(question))
    except errors.CallchainError as error:
        reply = _REFUSAL + msgspec.msgpack.encode(_Refusal(type(error).__name__, str(error)))
    sys.stdout.buffer.write(reply)
