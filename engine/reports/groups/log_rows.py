"""Rows of the log as a report: what happened, in words a spreadsheet can sort; no full phone number."""

from collections.abc import Iterable, Iterator

from engine.board.chain_view import masked
from engine.board.reading.history import Happening, happenings_of
from engine.reports.report import Column, Kind, Report, Row
from engine.reports.source.records import Records
from engine.tame import tame
from store.journal import Journal
from store.keys import index_of, job_of
from store.rows import ChainRow, Tried

COLUMNS = (
    Column("seq", "Commit", Kind.ID, brief=False),
    Column("at", "When", Kind.INSTANT),
    Column("what", "What"),
    Column("result", "Result"),
    Column("ends", "Chain ends"),
    Column("job", "Job", Kind.ID),
    Column("chain", "Chain", Kind.ID),
    Column("contact", "Contact"),
    Column("device", "Device"),
    Column("number", "Number"),
    Column("seconds", "Seconds", Kind.COUNT),
)


def log_report(records: Records, wanted: Iterable[tuple[int, int]]) -> Report:
    """The rows with these identities (commit and place in it), in the order given."""
    rows = (_row(records, happening) for happening in _read(records, wanted))
    return Report("log", "Log", COLUMNS, rows, records.local.name, records.now)


def _read(records: Records, wanted: Iterable[tuple[int, int]]) -> Iterator[Happening]:
    """Neighboring rows share their block."""
    journal, seq, found = Journal(records.database), 0, {}
    for row_id in wanted:
        if row_id[0] != seq:
            seq = row_id[0]
            blocks = journal.since(records.txn, seq - 1, 1)
            found = {one.row_id: one for block in blocks for one in happenings_of(block)}
        if row_id in found:
            yield found[row_id]


def _row(records: Records, happening: Happening) -> Row:
    fact, chain = happening.fact, happening.chain
    result = getattr(fact, "disposition", None) or getattr(fact, "outcome", None) or getattr(fact, "state", None)
    job_id = job_of(chain) if chain else int(getattr(fact, "job_id", 0))
    what = (happening.seq, happening.at, _words(type(fact).__name__), result.word if result is not None else "")
    ends = happening.end.outcome.word if happening.end is not None else ""
    if not chain:
        return (*what, ends, job_id or None, None, "", "", "", None)
    body = records.body(job_id, index_of(chain))
    tried = _tried(happening, records.chain(job_id, index_of(chain)))
    step = body.steps[tried.step] if body is not None and tried is not None and tried.step < len(body.steps) else None
    return (
        *what, ends, job_id, index_of(chain), tame(body.contact_name) if body is not None else "",
        step.kind.word if step is not None else "", masked(step.number) if step is not None else "",
        round(tried.duration_ms / 1000) if tried is not None and tried.dialed_at else None,
    )  # fmt: skip


def _tried(happening: Happening, chain: ChainRow | None) -> Tried | None:
    """The attempt a result is of: the last with that result that began before it."""
    disposition = getattr(happening.fact, "disposition", None)
    if disposition is None or chain is None:
        return None
    before = [tried for tried in chain.tried() if tried.opened_at <= happening.at and tried.disposition == disposition]
    return before[-1] if before else None


def _words(name: str) -> str:
    """`AttemptClosed` as `attempt closed`."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()
