"""Which school each chain of a job is of, and how far each school has come."""

from collections.abc import Collection, Iterable

import numpy as np
from numpy.typing import NDArray

from engine.board.state import State
from engine.board.views import ChainCounts, View
from engine.tame import tame
from store.database import Database
from store.vault import Vault


class SchoolCounts(View, frozen=True):
    """The chains of one school. A chain about students of several schools belongs to `""`."""

    school_id: str
    counts: ChainCounts

    @property
    def chains(self) -> int:
        """All but those another chain dials."""
        return self.reached + self.missed + self.counts.live + self.counts.canceled

    @property
    def reached(self) -> int:
        """Somebody heard the message, or a machine took it."""
        return self.counts.confirmed + self.counts.delivered_unconfirmed

    @property
    def missed(self) -> int:
        """Ended, or never begun, and nobody heard it."""
        counts = self.counts
        return counts.exhausted + counts.expired + counts.error + counts.unreachable


class SchoolCodes:
    """A small number for each chain, in the order of chains; `note` them slice by slice."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._parts: list[NDArray[np.uint16]] = []

    def note(self, school_ids: Iterable[str]) -> None:
        """The schools of the next chains."""
        codes = self._codes
        self._parts.append(np.array([codes.setdefault(one, len(codes)) for one in school_ids], np.uint16))

    @property
    def ids(self) -> list[str]:
        """The schools that were noted."""
        return list(self._codes)

    def among(self, school_ids: Collection[str]) -> NDArray[np.bool_]:
        """Which chains are of one of some schools, as far as plans were read."""
        codes = [code for school_id, code in self._codes.items() if school_id in school_ids]
        return np.isin(np.concatenate(self._parts or [np.zeros(0, np.uint16)]), codes)

    def counts(self, states: NDArray[np.uint8]) -> list[SchoolCounts]:
        """The chains of each school by state; of chains whose plan was not read yet nothing is known."""
        if len(self._parts) > 1:
            self._parts = [np.concatenate(self._parts)]
        if not self._parts:
            return []
        codes = self._parts[0][: len(states)]
        cells = codes.astype(np.int64) * len(State) + states[: len(codes)]
        table = np.bincount(cells, minlength=len(self._codes) * len(State)).reshape(-1, len(State))
        return [
            SchoolCounts(school_id, ChainCounts(*(int(count) for count in table[code])))
            for school_id, code in self._codes.items()
        ]


def school_names(database: Database) -> dict[str, str]:
    """Names of the schools of the roster in force, by id; a short transaction."""
    with database.read() as txn:
        return {school.school_id: tame(school.name) for school in Vault(database).schools(txn)}
