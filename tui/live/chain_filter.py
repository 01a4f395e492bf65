"""Which chains the operator wants to see, worked out over the board's columns and never chain by chain."""

import re
from collections.abc import Callable
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from engine.board import Board
from engine.board.shown_job import JobSpan
from engine.board.state import State
from store.keys import chain_id
from store.records import Reason
from store.vault import Vault
from tui.live.filter_grammar import Term, read
from tui.live.filter_words import Field, codes_of, like

Mask = NDArray[np.bool_]

_CHAIN = re.compile(r"(\d+)-(\d+)")
_JOBS = re.compile(r"#?(\d+)(?:-#?(\d+))?")

_LASTING = (Field.NAME, Field.JOB, Field.REASON, Field.SCHOOL, Field.ID)
"""What never changes about a chain, so that it is looked up once and kept."""


class ChainFilter:
    """What a text means. `trouble` says what was not understood, in a few words."""

    def __init__(self, text: str = "") -> None:
        self.text = text.strip()
        understood = read(self.text)
        self._alternatives = understood.alternatives
        self.trouble = understood.trouble
        self._kept: dict[Term, tuple[tuple[int, int], Mask]] = {}

    def __bool__(self) -> bool:
        return bool(self._alternatives)

    def mask(self, board: Board, now: int) -> Mask | None:
        """Which slots pass at an instant, ms UTC; None when all do."""
        passing: Mask | None = None
        for terms in self._alternatives:
            mine = np.ones(board.columns.size, np.bool_)
            for term in terms:
                found = self._found(term, board, now)
                mine &= ~found if term.unwanted else found
            passing = mine if passing is None else passing | mine
        return passing

    def _found(self, term: Term, board: Board, now: int) -> Mask:
        if term.field not in _LASTING:
            return _MASKS[term.field](board, term, now)
        stamp = board.columns.layout, board.columns.told
        kept = self._kept.get(term)
        if kept is None or kept[0] != stamp:
            kept = self._kept[term] = stamp, _MASKS[term.field](board, term, now)
        return kept[1]

    def doubt(self, board: Board) -> str:
        """A job or a school that no chain has, and which may have been meant; empty where there is none."""
        for terms in self._alternatives:
            for term in terms:
                if term.field in _KNOWN and not self._found(term, board, 0).any():
                    meant = like(term.value, _KNOWN[term.field](board))
                    return f"no {term.field} {term.value}" + (f"; {meant} perhaps" if meant else "")
        return ""


def subjects(board: Board) -> list[str]:
    """What the jobs on the board are called."""
    return list(dict.fromkeys(span.subject for span in board.spans() if span.subject))


def schools(board: Board) -> dict[str, str]:
    """The schools that chains on the board are of, by id, with their names."""
    shapes = [board.shape(span.job_id) for span in board.spans()]
    ids = {one for shape in shapes if shape is not None for one in shape.codes.ids if one}
    if not ids:
        return {}
    with board.database.read() as txn:
        names = {school.school_id: school.name for school in Vault(board.database).schools(txn)}
    return {one: names.get(one, "") for one in sorted(ids)}


def _school_words(board: Board) -> list[str]:
    known = schools(board)
    return [*known, *(name for name in known.values() if name)]


_KNOWN: dict[Field, Callable[[Board], list[str]]] = {Field.JOB: subjects, Field.SCHOOL: _school_words}


# -- a mask for each field


def _by_code(board: Board, term: Term, _now: int) -> Mask:
    columns, codes = board.columns, list(codes_of(term.field, term.value))
    if term.field is Field.DEVICE:
        return np.isin(columns.devices, codes)
    return np.isin(columns.column("state" if term.field is Field.STATE else "disposition"), codes)


def _by_reason(board: Board, term: Term, _now: int) -> Mask:
    words = {Reason(code).word for code in codes_of(term.field, term.value)}
    return _of_jobs(board, lambda span: span.reason in words)


def _by_job(board: Board, term: Term, _now: int) -> Mask:
    """Jobs with one of some numbers, or with some words in their subject."""
    wanted = [word for word in term.value.casefold().split(",") if word]
    return _of_jobs(board, lambda span: any(_is_job(span, word) for word in wanted))


def _is_job(span: JobSpan, word: str) -> bool:
    match = _JOBS.fullmatch(word)
    if match and int(match[1]) <= span.job_id <= int(match[2] or match[1]):
        return True
    return (not match or match[2] is None) and says(span.subject, word)


def says(text: str, word: str) -> bool:
    """Whether a text has a word in it, or is as a pattern with stars says, whatever its case."""
    folded, sought = text.casefold(), word.casefold()
    return fnmatchcase(folded, sought) if "*" in sought else sought in folded


def _by_school(board: Board, term: Term, _now: int) -> Mask:
    words = [word for word in term.value.split(",") if word]
    wanted = {one for one, name in schools(board).items() if any(says(one, word) or says(name, word) for word in words)}
    found = np.zeros(board.columns.size, np.bool_)
    for span in board.spans():
        shape = board.shape(span.job_id)
        if shape is not None:
            own = shape.codes.among(wanted)[: span.slots]
            found[span.start : span.start + len(own)] = own
    return found


def _by_id(board: Board, term: Term, _now: int) -> Mask:
    found = np.zeros(board.columns.size, np.bool_)
    for word in term.value.split(","):
        match = _CHAIN.fullmatch(word)
        slot = board.columns.slot(chain_id(int(match[1]), int(match[2]))) if match else None
        if slot is not None:
            found[slot] = True
    return found


def _by_name(board: Board, term: Term, now: int) -> Mask:
    """A bare word: a contact's name, what a job is called, `#3`, or a chain's id."""
    found = _of_jobs(board, lambda span: says(span.subject, term.value) or term.value == f"#{span.job_id}")
    found[board.named(term.value)] = True
    return found | _by_id(board, term, now)


def _by_tries(board: Board, term: Term, _now: int) -> Mask:
    return _within(board.columns.column("tries").astype(np.int64), term)


def _by_due(board: Board, term: Term, now: int) -> Mask:
    columns = board.columns
    closes_at = columns.closes
    return (columns.states < State.CONFIRMED) & (closes_at > 0) & _within(closes_at - now, term)


def _by_age(board: Board, term: Term, now: int) -> Mask:
    since = board.columns.since
    return (since > 0) & _within(now - since, term)


def _within(values: NDArray[np.int64], term: Term) -> Mask:
    low, high = term.bounds
    found: Mask = (values >= low) & (values <= high)
    return found


def _of_jobs(board: Board, wanted: Callable[[JobSpan], bool]) -> Mask:
    found = np.zeros(board.columns.size, np.bool_)
    for span in board.spans():
        if wanted(span):
            found[span.here] = True
    return found


_MASKS: dict[Field, Callable[[Board, Term, int], Mask]] = {
    Field.STATE: _by_code, Field.DISP: _by_code, Field.DEVICE: _by_code, Field.REASON: _by_reason, Field.JOB: _by_job,
    Field.SCHOOL: _by_school, Field.ID: _by_id, Field.NAME: _by_name, Field.TRY: _by_tries, Field.DUE: _by_due,
    Field.AGE: _by_age,
}  # fmt: skip
