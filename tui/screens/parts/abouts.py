"""What lines of the log tell beyond their facts: the chain, the message, who gave the command; looked up and kept."""

from collections import OrderedDict

from engine.board import Board
from engine.board.reading.history import Happening
from engine.identities import name_of
from store.errors import NotFoundError
from tui.screens.lines.log_lines import About, author_of, job_id_of

ABOUT_MAX = 400
"""Rows whose chain is kept looked up: ten screens."""


class Abouts:
    """`clear` now and then: names come to be known later than rows, and jobs leave the board."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._known: OrderedDict[tuple[int, int], About] = OrderedDict()
        self._authors: dict[int, str] = {}

    def of(self, row: Happening) -> About:
        """What there is to tell of a row."""
        known = self._known.get(row.row_id)
        if known is None:
            known = self._known[row.row_id] = self._look_up(row)
            if len(self._known) > ABOUT_MAX:
                self._known.popitem(last=False)
        return known

    def clear(self) -> None:
        """Look everything up anew."""
        self._known.clear()

    def _look_up(self, row: Happening) -> About:
        author = self._author(author_of(row))
        try:
            job_id = job_id_of(row)
            subject = self._board.job(job_id).subject if job_id else ""
            return About(self._board.chain(row.chain) if row.chain else None, subject, author)
        except NotFoundError:
            return About(subject="" if row.chain else "no longer on the board", author=author)

    def _author(self, author: int) -> str:
        if author and not self._authors.get(author):
            with self._board.database.read() as txn:
                self._authors[author] = name_of(self._board.database, txn, author)
        return self._authors.get(author, "")
