"""What the operator wants to see: words of a name, `state:…`, `job:…`, and `-` before what is not wanted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.board import Board
from engine.board.state import FAULTS, State

_WORDS = {state.word: state for state in State} | {"unconfirmed": State.DELIVERED_UNCONFIRMED}
_LIVE = (State.PENDING, State.WAITING, State.AT_CARRIER)
_GROUPS: dict[str, tuple[State, ...]] = {"fault": FAULTS, "live": _LIVE}


@dataclass(frozen=True, slots=True)
class Term:
    """One part of a filter: a field, what it must be, and whether that is unwanted."""

    field: str
    value: str
    unwanted: bool = False


@dataclass(frozen=True, slots=True)
class ChainFilter:
    """All terms must hold. `trouble` says what was not understood, in a few words."""

    terms: tuple[Term, ...] = ()
    trouble: str = ""

    def mask(self, board: Board) -> NDArray[np.bool_] | None:
        """Which slots pass; None when all do."""
        if not self.terms:
            return None
        passing = np.ones(board.columns.size, np.bool_)
        for term in self.terms:
            found = _MASKS[term.field](board, term.value)
            passing &= ~found if term.unwanted else found
        return passing


def parse(text: str) -> ChainFilter:
    """Read what was typed. What cannot be understood is left out and named."""
    terms: list[Term] = []
    trouble = ""
    for part in text.split():
        unwanted = part.startswith("-") and len(part) > 1
        field, colon, value = part.removeprefix("-").partition(":")
        if not colon:
            terms.append(Term("name", field, unwanted))
        elif field not in _MASKS:
            trouble = f"no field {field}: (there are state:, job:)"
        elif field == "state" and not _states(value):
            trouble = f"no state {value}" if value else trouble
        elif value:
            terms.append(Term(field, value, unwanted))
    return ChainFilter(tuple(terms), trouble)


def _states(value: str) -> tuple[State, ...]:
    """States whose word, or group, begins with one of some words split by commas."""
    found: list[State] = []
    for start in filter(None, value.lower().replace("-", "_").split(",")):
        found += _GROUPS.get(start, ())
        found += [state for word, state in _WORDS.items() if word.startswith(start)]
    return tuple(found)


def _by_state(board: Board, value: str) -> NDArray[np.bool_]:
    return np.isin(board.columns.states, np.array(_states(value), np.uint8))


def _by_job(board: Board, value: str) -> NDArray[np.bool_]:
    """Jobs with a number, or with a word in their subject."""
    found = np.zeros(board.columns.size, np.bool_)
    for job_id, subject, start, count in board.spans():
        if value.removeprefix("#") == str(job_id) or value.casefold() in subject.casefold():
            found[start : start + count] = True
    return found


def _by_name(board: Board, value: str) -> NDArray[np.bool_]:
    found = np.zeros(board.columns.size, np.bool_)
    found[board.named(value)] = True
    return found


_MASKS = {"state": _by_state, "job": _by_job, "name": _by_name}
"""Fields of a term; bare words look at the contact's name."""
