"""Reports for whoever must not wait: read beside the screens where a board is small, else in a process of its own."""

from pathlib import Path

import msgspec

from engine.board import Board
from engine.elsewhere import answer_here, ask_elsewhere
from engine.reports.delivery import delivery_report
from engine.reports.formats.catalog import writer_of
from engine.reports.formats.new_file import new_file
from engine.reports.groups.grouped import By, Grouped, group_jobs, jobs_of
from engine.reports.groups.log_rows import log_report
from engine.reports.source.records import Records
from store.database import Database

INLINE_CHAINS_MAX = 3_000
"""Chains on the board up to which reading them all takes some 30 ms and stays in the process."""

SECONDS_MAX = 120
"""For the helper process: ten times what a job of a million chains takes."""


class GroupJobs(msgspec.Struct, frozen=True, kw_only=True, tag="group"):
    """How some jobs went, by what."""

    job_id: int
    by: By
    days: int = 0
    """Instead of that job all that were sent or dialed on the last so many days, today included."""


class WriteReport(msgspec.Struct, frozen=True, kw_only=True, tag="write"):
    """A delivery report as a file; what the format is, the file's name says."""

    job_id: int
    file: str
    not_reached: bool = False


class WriteLog(msgspec.Struct, frozen=True, kw_only=True, tag="log"):
    """Rows of the log as CSV, by commit and place."""

    rows: tuple[tuple[int, int], ...]
    file: str


Writing = WriteReport | WriteLog


class _Asked(msgspec.Struct, frozen=True, array_like=True):
    """A question with all that its answer depends on."""

    store: str
    time_zone: str
    now: int
    what: GroupJobs | WriteReport | WriteLog


def grouped(board: Board, time_zone: str, now: int, what: GroupJobs) -> Grouped:
    """How some jobs went. Raises NotFoundError for one there is not."""
    if board.columns.size <= INLINE_CHAINS_MAX:
        return _group(board.database, time_zone, now, what)
    return ask_elsewhere("engine.reports.groups.apart", _asked(board, time_zone, now, what), Grouped, SECONDS_MAX)


def written(board: Board, time_zone: str, now: int, what: Writing) -> int:
    """Write a report; the number of its rows. Raises InvalidInputError where the file cannot be written."""
    if board.columns.size <= INLINE_CHAINS_MAX:
        return _write(board.database, time_zone, now, what)
    return ask_elsewhere("engine.reports.groups.apart", _asked(board, time_zone, now, what), int, SECONDS_MAX)


def _asked(board: Board, time_zone: str, now: int, what: GroupJobs | Writing) -> _Asked:
    return _Asked(str(board.database.path), time_zone, now, what)


def _group(database: Database, time_zone: str, now: int, what: GroupJobs) -> Grouped:
    with database.read() as txn:
        records = Records(database, txn, time_zone, now)
        return group_jobs(records, jobs_of(records, what.days) if what.days else [what.job_id], what.by)


def _write(database: Database, time_zone: str, now: int, what: Writing) -> int:
    file = Path(what.file)
    with new_file(file) as out, database.read() as txn:
        records = Records(database, txn, time_zone, now)
        if isinstance(what, WriteLog):
            report = log_report(records, what.rows)
        else:
            report = delivery_report(records, what.job_id, not_reached=what.not_reached)
        return writer_of(file.suffix[1:])(report, out)


def _answer(asked: _Asked) -> Grouped | int:
    database = Database(Path(asked.store), readonly=True)
    work = (database, asked.time_zone, asked.now)
    return _group(*work, asked.what) if isinstance(asked.what, GroupJobs) else _write(*work, asked.what)


if __name__ == "__main__":
    answer_here(_Asked, _answer)
