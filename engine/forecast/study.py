"""A question worked out in a process of its own, with better answers from second to second; it may be called off."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from threading import Timer
from types import TracebackType
from typing import IO, Self

import msgspec

from engine.forecast.course import Course
from engine.forecast.helper import Basis, Frame, Refused
from engine.forecast.outlook import outlook
from engine.forecast.question import Question
from engine.forecast.views import Forecast
from store import errors

SECONDS_MAX = 60.0
"""A study that takes longer answers with what it has by then."""

WHOLE_MIN = 3
"""Whole runs that make an answer by themselves."""

_decode = msgspec.msgpack.Decoder(Frame).decode


class Study:
    """Use it as a context manager: whoever leaves ends the process. After `seconds_max` it ends by itself."""

    def __init__(self, question: Question, *, seconds_max: float = SECONDS_MAX) -> None:
        self._question = question
        self._process = subprocess.Popen(
            [sys.executable, "-m", "engine.forecast.helper"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self._deadline = Timer(seconds_max, self._process.kill)
        self._deadline.daemon = True
        self._deadline.start()

    def __enter__(self) -> Self:
        """It runs already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        self.close()

    def answers(self) -> Iterator[Forecast]:
        """The first answer, then a better one after every run; once.

        Raises the error of ours it was refused with, RefusedError where there was no answer in time, CallchainError
        where the process failed before any.
        """
        rests: Basis | None = None
        sampled, whole, given = list[Course](), list[Course](), 0
        for frame in self._frames():
            if isinstance(frame, Refused):
                raise getattr(errors, frame.error)(frame.sentence)
            if isinstance(frame, Basis):
                rests = frame
                continue
            (sampled if frame.sampled else whole).append(frame.course)
            if frame.is_answer and rests is not None:
                given += 1
                yield self._answer(rests, sampled, whole)
        if rests is None or not (given or sampled or whole):
            raise errors.RefusedError("The forecast took too long; ask for a smaller job, or when less goes on.")
        if not given:
            yield self._answer(rests, sampled, whole)

    def _answer(self, rests: Basis, sampled: list[Course], whole: list[Course]) -> Forecast:
        """Samples count until there are enough whole runs to see how far they lie apart."""
        courses = whole if len(whole) >= WHOLE_MIN or not sampled else [*sampled, *whole]
        return outlook(rests, courses, self._question.now, sampled=not whole)

    def _frames(self) -> Iterator[Frame]:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        with suppress(BrokenPipeError):  # it has ended already; what it said about that follows
            process.stdin.write(msgspec.msgpack.encode(self._question))
            process.stdin.close()
        while (data := _frame(process.stdout)) is not None:
            yield _decode(data)
        if process.wait() > 0:
            said = process.stderr.read().decode(errors="replace").strip()[-500:]
            raise errors.CallchainError(f"The forecast's helper process failed: {said}")

    def close(self) -> None:
        """End the process; again it does nothing."""
        self._deadline.cancel()
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        self._process.wait()


def _frame(out: IO[bytes]) -> bytes | None:
    """The next frame; None when there is no whole one any more."""
    head = out.read(4)
    if len(head) < 4:
        return None
    size = int.from_bytes(head)
    data = out.read(size)
    return data if len(data) == size else None


def foresee(question: Question, *, seconds_max: float = SECONDS_MAX) -> Forecast:
    """The best answer there is after all runs, or after `seconds_max`. Raises as `Study.answers` does."""
    with Study(question, seconds_max=seconds_max) as study:
        *_, best = study.answers()
    return best
