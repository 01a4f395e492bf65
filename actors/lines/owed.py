"""Results the carrier still owes us after their attempt was given up."""

from collections.abc import Iterator, Mapping

from store.keys import job_of


class OwedResults:
    """Which attempts are owed a result, and of which chains and jobs they are."""

    def __init__(self) -> None:
        self._chains: dict[int, int] = {}
        """attempt → chain."""
        self._counts: dict[int, int] = {}
        """chain → how many results it is owed."""

    def __len__(self) -> int:
        """How many results are owed."""
        return len(self._chains)

    def __contains__(self, attempt: int) -> bool:
        """Whether an attempt's result is owed."""
        return attempt in self._chains

    def of_job(self, job_id: int) -> Iterator[int]:
        """The attempts of a job that are owed a result."""
        return (attempt for attempt, chain in self._chains.items() if job_of(chain) == job_id)

    def of_chain(self, chain: int) -> bool:
        """Whether a chain is owed a result."""
        return chain in self._counts

    def add(self, attempt: int, chain: int) -> None:
        """An attempt was given up."""
        self._chains[attempt] = chain
        self._counts[chain] = self._counts.get(chain, 0) + 1

    def add_all(self, chains: Mapping[int, int]) -> None:
        """Attempts an earlier incarnation gave up, with their chains."""
        for attempt, chain in chains.items():
            self.add(attempt, chain)

    def came(self, attempt: int) -> int:
        """A result came after all: the chain it is of, 0 when none was owed."""
        chain = self._chains.pop(attempt, 0)
        if chain:
            left = self._counts.pop(chain) - 1
            if left:
                self._counts[chain] = left
        return chain
