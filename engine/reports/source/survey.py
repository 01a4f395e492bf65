"""A first look over a job's chains: what each came to, which were attempted, and what its students know."""

from engine.reports.source.plan_parts import decode_head
from engine.reports.source.records import Records
from store.dispositions import Disposition, Outcome, Reach, reach_of
from store.rows import ChainRow, JobRow

_MISSED, _OPEN, _TOLD, _COVERED = range(4)
"""What a student's family knows, worst first: while a chain about them goes on it is not yet missed (21a)."""

_KNOWS = {Reach.MISSED: _MISSED, Reach.TOLD: _TOLD, Reach.COVERED: _COVERED}
_MEANS = bytes([_OPEN, *(_KNOWS[reach_of(outcome)] for outcome in Outcome)])
"""By a chain's outcome, 0 for one that goes on."""

PASSED_OVER = frozenset({Disposition.BLOCKED, Disposition.RETRY_BUDGET, Disposition.RECIPIENT_HOURS})
"""Lines of a chain's history that are no attempt: its number could not be called then, and was not."""


class Survey:
    """One byte a chain and one entry a student; everything else is counted and let go."""

    def __init__(self, records: Records, row: JobRow) -> None:
        self.outcomes = bytearray()
        """What each chain came to: an `Outcome`, 0 while it goes on. A covered chain has its owner's."""
        self.attempted = 0
        """Chains with at least one attempt."""
        knows: dict[str, int] = {}
        for index, data, chain in records.chains(row):
            head = decode_head(data)
            self.outcomes.append(self._outcome(index < row.chains, head.owner, chain.outcome if chain else 0))
            self.attempted += chain is not None and _is_attempted(chain)
            means = _MEANS[self.outcomes[index]]
            for student in head.student_ids:
                if means > knows.get(student, -1):
                    knows[student] = means
        counts = [0, 0, 0, 0]
        for means in knows.values():
            counts[means] += 1
        self.missed, self.waiting, self.told, self.covered = counts

    def not_reached(self, index: int) -> bool:
        """Whether a chain has ended, or never began, and nobody heard its message."""
        return _MEANS[self.outcomes[index]] == _MISSED

    def _outcome(self, dialed: bool, owner: int, own: int) -> int:
        """Chains that are dialed stand before all others, so an owner's outcome is known here."""
        if dialed:
            return own
        return self.outcomes[owner] if owner >= 0 else int(Outcome.UNREACHABLE)


def _is_attempted(chain: ChainRow) -> bool:
    return bool(chain.attempt_id) or any(tried.disposition not in PASSED_OVER for tried in chain.tried())
