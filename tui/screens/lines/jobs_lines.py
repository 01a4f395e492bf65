"""The table of jobs in lines: how far each has come and when it will be done; below it what is still to come."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from rich.text import Text

from engine.board.views import JobSummary
from tui.look.palette import BRIGHT, CURSOR, FAINT, GREY, HOT, JOB_STATES, MARK, ORANGE, PAPER, PURPLE, STRONG, Sign
from tui.panels.band import WIDE
from tui.panels.written import counted, fit, minute_of_day, share, time_of_day
from tui.screens.lines.forecast_lines import Outlook

COMING = {
    "asked": Sign("◆", "asked for", PURPLE),
    "counting": Sign("◆", "goes out", PURPLE),
    "prepared": Sign("·", "prepared", GREY),
    "scheduled": Sign("·", "scheduled", GREY),
}
"""What is no job yet: on the confirmation ladder, prepared and not sent, to be sent by a schedule."""

_MARK = "◼"
_FIXED_WIDE = 93
_FIXED_NARROW = 66


@dataclass(frozen=True, slots=True)
class JobLine:
    """One job, with what is known of its end."""

    job: JobSummary
    outlook: Outlook

    @property
    def name(self) -> tuple[str, int, int]:
        """What it is known by."""
        return "job", self.job.job_id, 0


@dataclass(frozen=True, slots=True)
class ComingLine:
    """A message that may become a job. `state` is a key of COMING."""

    state: str
    job_id: int
    """0 of a firing, which has none yet."""
    subject: str
    reason: str
    at: int
    """When it goes out, is dropped, or was prepared, ms UTC."""
    chains: int
    """-1: nobody knows yet."""
    author: str
    schedule_id: int = 0

    @property
    def name(self) -> tuple[str, int, int]:
        """What it is known by."""
        return self.state, self.schedule_id or self.job_id, self.at if self.schedule_id else 0


AnyLine = JobLine | ComingLine


def heads(width: int) -> Text:
    """The heads over the rows."""
    if width < WIDE:
        return Text(
            f" M {'JOB':<4} {fit('MESSAGE', _subject(width))} {'KIND':<9}{'CHAINS':>8}{'LIVE':>8}{'DONE':>5}{'ETA':>6}"
            f"{'LINES':>6} STATE",
            FAINT,
        )
    return Text(
        f" M {'JOB':<5} {fit('MESSAGE', _subject(width))} {'KIND':<12}{'STARTED':<8}{'CHAINS':>9}{'LIVE':>9}{'DONE':>5}"
        f"{'ETA':>7}{'LINES':>6}  {'BY':<10} STATE",
        FAINT,
    )


def job_row(line: AnyLine, now: int, zone: tzinfo, width: int, selected: bool, marked: bool) -> Text:
    """One line. Selected and marked ones have a sign, and not only a color."""
    text = Text.assemble(("▌" if selected else " ", STRONG), (f"{_MARK if marked else ' '} ", MARK))
    if isinstance(line, JobLine):
        _tell_job(text, line, zone, width)
    else:
        _tell_coming(text, line, zone, width, now)
    text.truncate(width, overflow="ellipsis", pad=True)
    if selected:
        text.stylize_before(CURSOR)
    return text


def job_sign(job: JobSummary) -> Sign:
    """Where it stands."""
    return Sign("–", "canceling", ORANGE) if job.canceling else JOB_STATES[job.state]


def title_of(lines: list[AnyLine], marked: int) -> str:
    """`Jobs · 2 open · 1 ended today · 1 to come`."""
    jobs = [line.job for line in lines if isinstance(line, JobLine)]
    open_, coming = sum(not job.ended_at for job in jobs), len(lines) - len(jobs)
    parts = ["Jobs", f"{open_} open", f"{len(jobs) - open_} ended today"]
    parts += [f"{coming} to come"] * bool(coming) + [f"{marked} marked"] * bool(marked)
    return " · ".join(parts)


def about_lines(line: AnyLine | None, zone: tzinfo, width: int) -> list[Text]:
    """Two lines about the selected one, with as much as there is room for."""
    if line is None:
        return [Text(" ↓ or a click selects a job; Enter shows its chains.", GREY), Text()]
    if isinstance(line, ComingLine):
        words = Text(f" {_coming_words(line, zone)}", PAPER)
        words.truncate(width, overflow="ellipsis")
        return [_fitted([(f" {line.subject}", STRONG), (f"  {line.reason.replace('_', ' ')}", GREY)], width), words]
    job, known = line.job, line.job.students
    window = f"  window {minute_of_day(job.opens_at, zone)}–{minute_of_day(job.closes_at, zone)}"
    sent = f"  {job.reason.replace('_', ' ')}, sent {minute_of_day(job.planned_at, zone)}"
    first = [
        (f" #{job.job_id} {job.subject or job.reason}", STRONG),
        (f"{sent} by {job.author or 'nobody named'}", GREY),
    ]
    told = f" students: {known.covered:,} covered, {known.told:,} told, {known.missed:,} missed, {known.open:,} open"
    owed = f", {counted(job.overdue, 'result')} owed" if job.overdue else ""
    second = [(f"{told}; {counted(job.attempts, 'attempt')}{owed}.", PAPER), (f" {line.outlook.basis}", GREY)]
    return [_fitted([*first, (window, GREY)], width), _fitted(second, width)]


def _fitted(parts: list[tuple[str, str]], width: int) -> Text:
    """The parts that have room, in order; only the first is ever cut."""
    line = Text(*parts[0])
    line.truncate(width, overflow="ellipsis")
    for said, style in parts[1:]:
        if line.cell_len + len(said) > width:
            break
        line.append(said, style)
    return line


def _tell_job(text: Text, line: JobLine, zone: tzinfo, width: int) -> None:
    job, wide, sign = line.job, width >= WIDE, job_sign(line.job)
    begins_at = max(job.opens_at, job.planned_at)
    late = line.outlook.verdict in ("late", "at_risk", "stalled")
    eta_at = line.outlook.likely_at
    text.append(f"{f'#{job.job_id}':<{5 if wide else 4}} ", GREY)
    text.append(fit(job.subject or job.reason, _subject(width)), STRONG if job.emergency else BRIGHT).append(" ")
    kind = fit(f"▲ {job.reason}" if job.emergency and wide else job.reason.replace("_", " "), 11 if wide else 9)
    text.append(kind, HOT if job.emergency else GREY)
    if wide:
        text.append(f" {time_of_day(begins_at, zone)}", GREY)
    text.append(f"{job.chains:>{9 if wide else 8},}{job.counts.live:>{9 if wide else 8},}", "")
    text.append(f"{share(job.ended, job.chains):>5}", BRIGHT)
    text.append(f"{minute_of_day(eta_at, zone):>{7 if wide else 6}}", ORANGE if late else GREY)
    text.append(f"{job.counts.at_carrier:>6,}", "" if job.counts.at_carrier else FAINT)
    if wide:
        text.append(f"  {fit(job.author, 10)}", GREY)
    text.append(f" {sign.glyph} {sign.word}", sign.style)


def _tell_coming(text: Text, line: ComingLine, zone: tzinfo, width: int, now: int) -> None:
    wide, sign, urgent = width >= WIDE, COMING[line.state], line.reason == "emergency"
    text.append(f"{f'#{line.job_id}' if line.job_id else '':<{5 if wide else 4}} ", GREY)
    text.append(fit(line.subject or line.reason, _subject(width)), STRONG if urgent else GREY).append(" ")
    kind = f"▲ {line.reason}" if urgent and wide else line.reason.replace("_", " ")
    text.append(fit(kind, 11 if wide else 9), HOT if urgent else GREY)
    chains = f"{line.chains:,}" if line.chains >= 0 else "—"
    when = _when(line.at, now, zone)
    if wide:
        text.append(f" {when:<9}{chains:>8}", GREY).append(" " * 27).append(f"  {fit(line.author, 10)}", GREY)
    else:
        text.append(f"{chains:>8}{when:>19}", GREY).append(" " * 6)
    text.append(f" {sign.glyph} {sign.word}", sign.style)


def _when(at: int, now: int, zone: tzinfo) -> str:
    """`17:00`; on another day than today `Sat 17:00`."""
    moment, today = (datetime.fromtimestamp(one / 1000, zone) for one in (at, now))
    return moment.strftime("%H:%M" if moment.date() == today.date() else "%a %H:%M")


def _coming_words(line: ComingLine, zone: tzinfo) -> str:
    at = minute_of_day(line.at, zone)
    return {
        "asked": f"{line.author or 'somebody'} asked for it; a second person must agree until {at}.",
        "counting": f"Everybody agreed: it goes out at {time_of_day(line.at, zone)} unless it is recalled (x).",
        "prepared": f"Prepared at {at} and not sent: nothing is dialed. `callchain send` sends it.",
        "scheduled": f"A schedule sends it at {at}; x keeps it from doing so, and the schedule goes on.",
    }[line.state]


def _subject(width: int) -> int:
    """Cells for a message's name."""
    return width - (_FIXED_WIDE if width >= WIDE else _FIXED_NARROW)
