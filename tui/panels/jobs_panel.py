"""The jobs: how far each has come, and what its students' families know."""

from datetime import tzinfo

from rich.text import Text

from engine.board.views import JobSummary
from tui.look.palette import BRIGHT, FAINT, GREY, HOT, JOB_STATES, ORANGE, REACHES, SKY, STRONG, Sign
from tui.panels.band import WIDE
from tui.panels.text_lines import rule
from tui.panels.written import bar, fit, minute_of_day, share

ROWS_WIDE = 6
ROWS_NARROW = 3
_REACH_WIDTH = 8


def jobs_lines(jobs: list[JobSummary], zone: tzinfo, width: int) -> list[Text]:
    """Title, column heads and a line for each of the first jobs."""
    rows = ROWS_WIDE if width >= WIDE else ROWS_NARROW
    running = sum(not job.ended_at for job in jobs)
    more = f"{len(jobs) - rows} more" if len(jobs) > rows else ""
    title = rule(f"Jobs · {running} open · {len(jobs) - running} ended today", width, more)
    if not jobs:
        return [title, Text(" Nothing to call. `n` or `callchain send` sends a message.", GREY)]
    return [title, _heads(width), *(_job(job, zone, width) for job in jobs[:rows])]


def _heads(width: int) -> Text:
    subject, bar_width = _widths(width)
    heads = f" {'STATE':<13}{'JOB':>4} {fit('MESSAGE', subject)} {'DONE':<{bar_width + 5}}{'CHAINS':>9}{_lines(width)} "
    heads += "".join(f"{word.upper():>{_REACH_WIDTH}}" for word in _reaches(width))
    return Text(heads + ("  CLOSES" if width >= WIDE else ""), FAINT)


def _job(job: JobSummary, zone: tzinfo, width: int) -> Text:
    subject, bar_width = _widths(width)
    sign = Sign("–", "canceling", ORANGE) if job.canceling else JOB_STATES[job.state]
    mark = "▲" if job.emergency else " "
    full, empty = bar(job.ended, job.chains, bar_width)
    line = Text.assemble(
        (mark, HOT),
        (f"{sign.glyph} {sign.word:<11}", sign.style),
        (f"{'#' + str(job.job_id):>4} ", GREY),
        (fit(job.subject or job.reason, subject), STRONG if job.emergency else BRIGHT),
        " ",
        (full, SKY),
        (empty, FAINT),
        (f" {share(job.ended, job.chains):>4}", BRIGHT),
        (f"{job.chains:>9,}", GREY),
        (f"{job.counts.at_carrier:>6,} " if width >= WIDE else " ", GREY),
    )
    for word in _reaches(width):
        count = int(getattr(job.students, word))
        shown = f"{REACHES[word].glyph} {count:,}" if job.complete else "…"
        line.append(f"{shown:>{_REACH_WIDTH}}", REACHES[word].style if count else FAINT)
    if width >= WIDE:
        line.append(f"   {minute_of_day(job.closes_at, zone)}", GREY)
    return line


def _widths(width: int) -> tuple[int, int]:
    """Cells for a job's message and for its bar."""
    return (width - 97, 14) if width >= WIDE else (width - 65, 6)


def _lines(width: int) -> str:
    """The head over a job's lines, which a narrow screen does without."""
    return " LINES" if width >= WIDE else ""


def _reaches(width: int) -> list[str]:
    return list(REACHES)[: 4 if width >= WIDE else 3]
