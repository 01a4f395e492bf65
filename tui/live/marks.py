"""The chains an operator has marked, by id: what the list shows meanwhile changes nothing about them."""

from collections.abc import Iterable

from store.keys import job_of


class Marks:
    """`anchor` is where the last mark was set: a range goes from there to the cursor."""

    def __init__(self) -> None:
        self.chains: set[int] = set()
        self.anchor = 0

    def __len__(self) -> int:
        return len(self.chains)

    def __contains__(self, chain: int) -> bool:
        return chain in self.chains

    def turn(self, chain: int) -> None:
        """Mark a chain, or no longer."""
        self.chains ^= {chain}
        self.anchor = chain

    def add(self, chains: Iterable[int], anchor: int) -> None:
        """Mark several."""
        self.chains.update(chains)
        self.anchor = anchor

    def clear(self) -> None:
        """Mark none."""
        self.chains.clear()
        self.anchor = 0


def by_job(chains: Iterable[int]) -> dict[int, list[int]]:
    """Some chains, job by job."""
    found: dict[int, list[int]] = {}
    for chain in sorted(chains):
        found.setdefault(job_of(chain), []).append(chain)
    return found
