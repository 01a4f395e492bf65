"""What the board keeps of a job's plans: every contact's name, and which students each chain is about."""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.board.schools import SchoolCodes
from engine.board.students import StudentTally
from store.vault import Vault

KIND_BITS = 4
"""Bits of a device's kind in a word that tells the kinds of all steps."""

STEPS_TOLD = 15
"""Steps of a plan whose kinds fit into one signed word of 64 bits; no contact has as many numbers."""


class Glance(NamedTuple):
    """What is told of some neighboring plans, a value for each."""

    students: list[int]
    """How many students each is about."""
    kinds: list[int]
    """The kind of each step's device, `KIND_BITS` a step, the first step lowest."""
    closes_at: list[int]
    """When its window closes, ms UTC."""


class _StepHead(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A step's first field."""

    kind: int


class _Head(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A plan's first fields: the rest of its array is skipped, which is five times faster."""

    contact_key: str
    contact_name: str
    student_ids: tuple[str, ...]
    steps: tuple[_StepHead, ...]
    opens_at: msgspec.Raw
    closes_at: int
    policy: msgspec.Raw
    text: msgspec.Raw
    machine_text: msgspec.Raw
    message_ms: msgspec.Raw
    school_id: str
    owner: int


_decode_head = msgspec.msgpack.Decoder(_Head).decode


class _Names:
    """The names of some neighboring chains in one string, folded for searching."""

    def __init__(self, start: int, names: list[str]) -> None:
        self._start = start
        self._folded = "\n".join(name.casefold() for name in names)

    def find(self, folded: str) -> Iterator[int]:
        if folded in self._folded:
            lines = self._folded.split("\n")
            yield from (self._start + place for place, name in enumerate(lines) if folded in name)


class JobPlans:
    """Read slice by slice with `read`; students are known once all is read."""

    def __init__(self, job_id: int, chains: int, count: int) -> None:
        self.job_id = job_id
        self.count = count
        """Plans in all: those with something to dial, covered ones, unreachable ones."""
        self.read_count = 0
        self.tally: StudentTally | None = None
        self.schools = SchoolCodes()
        self._chains = chains
        self._names: list[_Names] = []
        self._known: dict[str, int] = {}
        self._pairs: tuple[list[int], list[int]] = ([], [])

    @property
    def left(self) -> int:
        """Plans not read yet."""
        return self.count - self.read_count

    def read(self, vault: Vault, count: int) -> Glance:
        """Read the next plans in a short transaction."""
        start = self.read_count
        heads = [_decode_head(data) for data in vault.plans(self.job_id, start, min(count, self.left))]
        if not heads:
            self.count = self.read_count
            return Glance([], [], [])
        self.schools.note(head.school_id for head in heads)
        self._names.append(_Names(start, [head.contact_name.replace("\n", " ") for head in heads]))
        for index, head in enumerate(heads, start):
            self._relate(index if index < self._chains else head.owner, head.student_ids)
        self.read_count += len(heads)
        return Glance(
            [len(head.student_ids) for head in heads],
            [_kinds(head.steps) for head in heads],
            [head.closes_at for head in heads],
        )

    def _relate(self, chain: int, student_ids: tuple[str, ...]) -> None:
        for student_id in student_ids:
            student = self._known.setdefault(student_id, len(self._known))
            if chain >= 0:
                self._pairs[0].append(chain)
                self._pairs[1].append(student)

    def finish(self, states: NDArray[np.uint8]) -> None:
        """All is read: count students from here on; `states` are those of the chains with something to dial."""
        self.tally = StudentTally(*self._pairs, len(self._known), states)
        self._known, self._pairs = {}, ([], [])

    def find(self, word: str) -> NDArray[np.int64]:
        """Indexes of the chains whose contact's name has a word in it, whatever its case."""
        folded = word.casefold()
        return np.array([index for names in self._names for index in names.find(folded)], np.int64)


def _kinds(steps: tuple[_StepHead, ...]) -> int:
    word = 0
    for step in reversed(steps[:STEPS_TOLD]):
        word = word << KIND_BITS | step.kind
    return word
