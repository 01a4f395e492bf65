"""How far forecasts of a job can be trusted: what was predicted of it, and what came to pass."""

from collections.abc import Iterator
from typing import NamedTuple

from engine.forecast.course import Course, Use, course_of
from engine.forecast.happened import Happened
from engine.forecast.kept import predictions
from engine.reports.report import Column, Figure, Kind, Report, Row
from engine.reports.source.plan_parts import decode_head
from engine.reports.source.records import Records
from store.errors import NotFoundError
from store.forecasts import Prediction
from store.rows import JobRow

COLUMNS = (
    Column("made_at", "Predicted at", Kind.INSTANT),
    Column("what", "What"),
    Column("p50", "P50", Kind.INSTANT),
    Column("p90", "P90", Kind.INSTANT),
    Column("happened_at", "Happened", Kind.INSTANT),
    Column("error_percent", "Error %", Kind.DECIMAL),
    Column("p90_held", "P90 held"),
)


class Score(NamedTuple):
    """One prediction of one thing. Instants are ms UTC, 0: never."""

    made_at: int
    what: str
    p50: int
    p90: int
    happened_at: int
    error: float | None
    """How far off P50 was, as a part of the time from the first call to the last; None: only one of the two came."""
    held: bool
    """It was over by P90."""


def forecast_report(records: Records, job_id: int) -> Report:
    """Every prediction kept of a job against what came to pass. Raises NotFoundError where none was kept."""
    row, job = records.job(job_id)
    made = predictions(records.database, records.txn, job_id)
    if not made:
        raise NotFoundError(f"Nothing was predicted of job {job_id}; it is while `callchain serve` runs.")
    happened = what_happened(records, row)
    scores = [score for one in made for score in scores_of(one, happened, over=row.state.ended)]
    known = [score.error for score in scores if score.error is not None]
    held = [score.held for score in scores]
    figures = (
        Figure("predictions", "Predictions", len(made)),
        Figure("mean_error_percent", "Mean error, % of the duration", _percent(known), Kind.DECIMAL),
        Figure("p90_held_percent", "Over by P90, % of all", _percent([float(one) for one in held]), Kind.DECIMAL),
    )
    title = f"Forecasts of job {job_id}, {job.message.subject}"
    notes = () if row.state.ended else ("The job still goes on; what has not happened yet is left out.",)
    rows = (_row(score) for score in scores)
    return Report("forecast", title, COLUMNS, rows, records.local.name, records.now, figures, None, notes)


def what_happened(records: Records, row: JobRow) -> Course:
    """How a job really went, as far as it has."""
    so_far, schools = Happened(), dict[int, str]()
    for index, data, chain in records.chains(row):
        if index >= row.chains:
            break
        schools[index] = decode_head(data).school_id
        if chain is not None:
            so_far.note(index, chain)
    return course_of(so_far, schools, Use())


def scores_of(prediction: Prediction, happened: Course, *, over: bool) -> Iterator[Score]:
    """Half, nine in ten and the last call, each unless it was over when it was predicted, or may still come."""
    duration_ms = max(1, happened.last_call_at - prediction.starts_at)
    for what, (p50, p90), came_at in (
        ("half reached", prediction.half_at, happened.half_at),
        ("nine in ten reached", prediction.nine_in_ten_at, happened.nine_in_ten_at),
        ("last call", prediction.last_call_at, happened.last_call_at if over else 0),
    ):
        if 0 < came_at <= prediction.made_at or (not came_at and not over):
            continue
        error = abs(p50 - came_at) / duration_ms if p50 and came_at else None if p50 or came_at else 0.0
        held = came_at <= p90 if came_at and p90 else not p90
        yield Score(prediction.made_at, what, p50, p90, came_at, error, held)


def _row(score: Score) -> Row:
    error = None if score.error is None else round(100 * score.error, 2)
    return (score.made_at, score.what, score.p50, score.p90, score.happened_at, error, "yes" if score.held else "no")


def _percent(parts: list[float]) -> float | None:
    return round(100 * sum(parts) / len(parts), 2) if parts else None
