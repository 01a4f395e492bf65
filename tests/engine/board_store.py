"""A store written the way the engine's writer does, for tests of those who read it."""

from pathlib import Path

import msgspec

from store import facts
from store.checkpoint import Checkpoint, ended_chain
from store.database import Database
from store.dispositions import Disposition, Expiry, JobState, Outcome
from store.facts import AnyFact, Block
from store.fold import Fold
from store.journal import Journal
from store.keys import attempt_id, chain_id
from store.records import Audience, DeviceKind, Job, Message, Plan, Policy, Reason, Step
from store.vault import Vault

MORNING = 1_791_554_400_000
"""2026-10-09 14:00:00 UTC, 09:00 in Chicago."""

HOUR = 3_600_000


def plan(
    name: str,
    *students: str,
    steps: int = 2,
    owner: int = -1,
    opens_at: int = MORNING,
    closes_at: int = MORNING + 4 * HOUR,
    rounds: int = 3,
) -> Plan:
    """A plan over some numbers, cell first."""
    kinds = (DeviceKind.CELL, DeviceKind.WORK, DeviceKind.OTHER)
    number = sum(map(ord, name)) % 9_000 + 1_000
    return Plan(
        contact_key=f"p:{name}",
        contact_name=name,
        student_ids=tuple(students),
        steps=tuple(Step(kinds[i % 3], f"+1202555{number + i:04d}", number * 10 + i, name) for i in range(steps)),
        opens_at=opens_at,
        closes_at=closes_at,
        policy=Policy(rounds_max=rounds),
        owner=owner,
    )


class BoardStore:
    """Writes blocks, tables and vault. `lag_rows_max` is how many rows the checkpoint keeps back.

    Without `begun` the journal is empty: no engine ever ran.
    """

    def __init__(self, path: Path, lag_rows_max: int = 3, begun: bool = True) -> None:
        self.path = path
        self.database = Database(path, sync=False)
        self.checkpoint = Checkpoint(self.database, lag_rows_max)
        self.fold.find_chain = lambda chain: ended_chain(self.database, chain)
        self.at = MORNING
        self._journal = Journal(self.database)
        self._attempts = 0
        self._open: dict[int, int] = {}
        if begun:
            self.commit(facts.StoreOpened(1, 77, 0))

    @property
    def fold(self) -> Fold:
        return self.checkpoint.fold

    def commit(self, *committed: AnyFact, after_ms: int = 0) -> None:
        """One block, as the writer makes it."""
        self.at += after_ms
        block = Block(self.fold.seq + 1, self.at, list(committed))
        with self.database.write() as txn:
            self._journal.append(txn, block)
            self.checkpoint.write_some(txn)
        self.checkpoint.committed()
        self.fold.apply(block)

    def flush(self) -> None:
        """Bring the tables level."""
        with self.database.write() as txn:
            self.checkpoint.flush(txn)
        self.checkpoint.committed()

    def job(
        self,
        subject: str,
        reason: Reason,
        plans: list[Plan],
        opens_at: int = MORNING,
        closes_at: int = MORNING + 4 * HOUR,
        text: str = "This is a message from your school. Please press 0 to confirm that you have heard it.",
    ) -> int:
        """Prepare and release a job; plans in the order dialed, covered, unreachable."""
        vault = Vault(self.database)
        with self.database.read() as txn:
            job_id = vault.next_job_id(txn)
        covered = sum(made.owner >= 0 for made in plans)
        unreachable = sum(not made.steps and made.owner < 0 for made in plans)
        chains = len(plans) - covered - unreachable
        students = len({student for made in plans for student in made.student_ids})
        job = Job(
            job_id, Message(reason, subject, text), Audience(), self.at, opens_at, closes_at,
            chains, unreachable, covered, students,
        )  # fmt: skip
        encode = msgspec.msgpack.Encoder().encode
        with self.database.write() as txn:
            for write in vault.plan_writes(job, [encode(made) for made in plans]):
                write(txn)
        self.commit(facts.JobPlanned(job_id, reason, opens_at, closes_at, chains, unreachable, covered, students, b""))
        return job_id

    # -- in phone language

    def opens(self, job_id: int) -> None:
        self.commit(facts.JobOpened(job_id))

    def dials(self, job_id: int, *indexes: int, step: int = 0, round_: int = 0, after_ms: int = 0) -> None:
        """Chains open an attempt each, in one block."""
        self.commit(*[self.opened(chain_id(job_id, index), step, round_) for index in indexes], after_ms=after_ms)

    def opened(self, chain: int, step: int = 0, round_: int = 0) -> facts.AttemptOpened:
        self._attempts += 1
        self._open[chain] = attempt_id(1, self._attempts)
        return facts.AttemptOpened(self._open[chain], chain, step, round_, chain * 10 + step)

    def result(self, chain: int, disposition: Disposition) -> facts.AttemptClosed:
        rang = disposition not in (Disposition.BUSY, Disposition.RESULT_OVERDUE, Disposition.NETWORK_FAILURE)
        return facts.AttemptClosed(
            self._open.pop(chain), chain, disposition, self.at - 30_000 if rang else 0, 24_000 if rang else 0
        )

    def hears(
        self, job_id: int, index: int, disposition: Disposition, outcome: Outcome | None = None, after_ms: int = 20_000
    ) -> None:
        """The result of a chain's open attempt comes in, and perhaps ends it."""
        self.at += after_ms
        chain = chain_id(job_id, index)
        ends = () if outcome is None else (facts.ChainClosed(chain, outcome),)
        self.commit(self.result(chain, disposition), *ends)

    def ends(self, job_id: int, index: int, outcome: Outcome, expiry: Expiry = Expiry.NONE) -> None:
        self.commit(facts.ChainClosed(chain_id(job_id, index), outcome, expiry))

    def job_ends(self, job_id: int, state: JobState = JobState.SENT) -> None:
        self.commit(facts.JobEnded(job_id, state))

    def stops(self) -> None:
        self.commit(facts.EngineStopped())

    def close(self) -> None:
        self.database.close()


__all__ = ["HOUR", "MORNING", "BoardStore", "Reason", "plan"]
