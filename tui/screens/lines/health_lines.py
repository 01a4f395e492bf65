"""How the engine is, in lines: each part with its figures, and only what is not as it should be in color."""

import textwrap
from datetime import UTC, tzinfo

from rich.text import Text

from engine.acts.health import CarrierHealth, HealthDetails
from engine.board.views import LinesInUse, RaisedAlarm
from engine.doctor.finding import Finding, Grade
from tui.look.palette import ALERT, BRIGHT, FAINT, GREEN, GREY, ORANGE, PAPER, SKY, STRONG, Sign
from tui.panels.text_lines import rule
from tui.panels.vitals import Vitals
from tui.panels.written import age, bar, counted, fit, minute_of_day, seconds, time_of_day

GRADES = {
    Grade.PROBLEM: Sign("!", "problem", ALERT),
    Grade.WARNING: Sign("▲", "warning", ORANGE),
    Grade.NOTE: Sign("·", "note", SKY),
    Grade.OK: Sign("✓", "ok", GREEN),
}

LAG_MAX = 50_000
"""Commits a start would replay: more takes it seconds."""

READER_LAG_MAX = 10_000
"""Commits a reader may hold back before it is worth a look."""

BEAT_MS_MAX = 5_000
"""A loop beats every second."""

LOW_BYTES = 1 << 30
"""Of free disk; below 64 MiB the gate closes."""

_LABEL = 12


def engine_lines(vitals: Vitals, known: HealthDetails | None, alarms: int, width: int) -> list[Text]:
    """Who runs, since when, and how fresh his word is."""
    health = vitals.health
    if health is None:
        return [rule("Engine", width), Text(" No engine has answered yet. Start one with `callchain serve`.", ORANGE)]
    lines = [rule("Engine", width)]
    state = f"{health.engine}, incarnation {health.incarnation}"
    if vitals.old:
        lines.append(_line("state", f"■ silent; its last word was {state}", ORANGE))
    else:
        lines.append(_line("state", f"● {state}", GREEN))
    lines.append(_line("data", f"{seconds(vitals.age_ms)} old, {vitals.freshness}", ORANGE if vitals.old else ""))
    if known is not None and known.process.pid:
        who = known.process
        lines.append(_line("process", f"{who.pid} on {who.host}, up {_span(who.machine_at - who.since_at)}"))
        silent = max(0, who.machine_at - who.beat_at)
        lines.append(_line("lease", f"last beat {seconds(silent)} ago", ORANGE if silent > BEAT_MS_MAX else ""))
    speed = f"×{health.speed:g}, a drill" if health.speed != 1 else "×1, real time"
    lines.append(_line("speed", speed, SKY if health.speed != 1 else ""))
    lines.append(_line("alarms", f"{alarms} stand" if alarms else "none", ALERT if alarms else ""))
    return lines


def store_lines(known: HealthDetails | None, seq: int, behind: int, width: int) -> list[Text]:
    """What is on disk, and how far this screen has read."""
    lines = [rule("Store", width)]
    if known is not None:
        store = known.store
        free = ORANGE if store.free_bytes < LOW_BYTES else ""
        lines.append(_line("size", f"{_bytes(store.bytes)}, {_bytes(store.free_bytes)} free", free))
        lag = f"{store.lag:,} of {store.seq:,} commits to replay"
        lines.append(_line("checkpoint", lag, ORANGE if store.lag > LAG_MAX else ""))
        oldest = f"the oldest {store.reader_lag:,} commits back" if store.reader_lag else "none holds it back"
        lines.append(_line("readers", oldest, ORANGE if store.reader_lag > READER_LAG_MAX else ""))
    read = f"commit {seq:,}" + (f", {behind:,} behind" if behind else "")
    return [*lines, _line("this screen", read, ORANGE if behind else "")]


def carrier_lines(vitals: Vitals, known: HealthDetails | None, width: int) -> list[Text]:
    """Where calls go, and what it owes."""
    lines = [rule("Carrier", width)]
    if known is None:
        return [*lines, _unknown(vitals)]
    carrier = known.carrier
    for place, url in enumerate(carrier.endpoints or ("none is set",)):
        lines.append(_line("end-points" if not place else "", fit(url, max(8, width - _LABEL - 2)).rstrip()))
    if carrier.stand_in:
        lines.append(_line("", "make-believe: nobody is called", SKY))
    lines.append(_line("call log", _reading(carrier, vitals.now), ORANGE if carrier.readings_failed else ""))
    owed = f"{counted(carrier.owed, 'result')} overdue" if carrier.owed else "none is owed"
    return [*lines, _line("results", owed, ORANGE if carrier.owed else "")]


def _reading(carrier: CarrierHealth, now: int) -> str:
    """How the call log is read, how long ago it was, and what failed."""
    read = f"read {age(now - carrier.read_at)} ago, " if carrier.read_at else ""
    failed = f", {carrier.readings_failed:,} readings failed" if carrier.readings_failed else ""
    return f"{read}every {carrier.poll_seconds:g} s while a job is open{failed}"


def ledger_lines(known: HealthDetails | None, lines_in_use: LinesInUse, vitals: Vitals, width: int) -> list[Text]:
    """Both ledgers of lines."""
    lines = [rule("Lines, two ledgers", width)]
    if known is None:
        return [*lines, _line("in use", f"{lines_in_use.all:,} by the journal"), _unknown(vitals)]
    ledger = known.ledger
    whole = ledger.lines + ledger.emergency_lines
    lines.append(_meter("handed over", ledger.out, whole + ledger.ahead_max, width))
    lines.append(_meter("in use", ledger.out - ledger.ahead, whole, width))
    lines.append(
        _line("", f"{ledger.emergencies:,} of emergencies, {ledger.ahead:,} ahead, peak {ledger.peak:,}", GREY)
    )
    kept = f"{ledger.lines:,} and {ledger.emergency_lines:,} for emergencies, {ledger.ahead_max:,} ahead at most"
    return [*lines, _line("there are", kept)]


def gate_lines(known: HealthDetails | None, vitals: Vitals, zone: tzinfo, width: int) -> list[Text]:
    """Open or closed, for whom, and why."""
    lines = [rule("Gate", width)]
    if known is None:
        return [*lines, _unknown(vitals)]
    gate = known.gate
    open_now = gate.opens_at <= vitals.now < gate.closes_at
    whys = ["the call log is not read yet"] * (not gate.log_is_read) + ["a clock is unsound"] * (
        not gate.clock_is_sound
    )
    whys += ["the disk is full"] * (not gate.store_has_room) + ["outside the district's hours"] * (not open_now)
    if not whys:
        lines.append(_line("state", "● open", GREEN))
    else:
        shut = "closed for all" if not gate.log_is_read else "emergencies only"
        lines += _wrapped("state", f"■ {shut}: {', '.join(whys)}", width, ORANGE)
    lines.append(_line("hours", f"{minute_of_day(gate.opens_at, zone)}–{minute_of_day(gate.closes_at, zone)} today"))
    return [*lines, _line("numbers", f"{gate.in_use:,} being called, {gate.blocked:,} blocked")]


def clock_lines(vitals: Vitals, known: HealthDetails | None, zone: tzinfo, width: int) -> list[Text]:
    """Which time it is where."""
    lines = [rule("Clocks", width)]
    lines.append(_line("district", f"{time_of_day(vitals.now, zone)}  ({time_of_day(vitals.now, UTC)} UTC)"))
    if known is None:
        return lines
    sound = "trusted" if known.gate.clock_is_sound else "NOT TRUSTED: it jumped, or the carrier's is far from it"
    return [*lines, *_wrapped("engine", sound, width, "" if known.gate.clock_is_sound else ORANGE)]


def telling_lines(known: HealthDetails | None, width: int) -> list[Text]:
    """What waits to be told to others."""
    if known is None:
        return []
    telling = known.telling
    mails = f"{telling.mails:,} not taken by a server yet" if telling.mails else "nothing waits"
    heard = f"{telling.deliveries:,} deliveries not heard yet" if telling.deliveries else "nothing waits"
    hooks = f"{counted(telling.webhooks, 'program')} told, {heard}" if telling.webhooks else "none is set"
    return [rule("Told to others", width), _line("mail", mails), _line("webhooks", hooks)]


def alarm_lines(alarms: list[RaisedAlarm], zone: tzinfo, width: int) -> list[Text]:
    """Every alarm that stands, with what to do, in full."""
    lines = [rule("Alarms", width, f"{len(alarms)} stand" if alarms else "none")]
    for alarm in alarms:
        lines.append(
            Text(f" ! {alarm.word.replace('_', ' ').upper()} since {time_of_day(alarm.since_at, zone)} ", ALERT)
        )
        lines += [Text(f"   {told}", PAPER) for told in textwrap.wrap(alarm.meaning, width - 4)]
    return lines


def finding_lines(findings: list[Finding], at: int, zone: tzinfo, width: int) -> list[Text]:
    """What the doctor found, the worst first; what is well in one line."""
    worst = [finding for grade in reversed(Grade) for finding in findings if finding.grade is grade]
    well = [finding for finding in worst if finding.grade is Grade.OK]
    lines = [rule(f"Doctor at {time_of_day(at, zone)}", width, counted(len(findings), "finding"))]
    for finding in worst[: len(worst) - len(well)]:
        sign = GRADES[finding.grade]
        head = Text.assemble((f" {sign.glyph} {sign.word} ", sign.style), (f" {finding.topic}", STRONG))
        lines.append(head)
        lines += [Text(f"   {told}", PAPER) for told in textwrap.wrap(finding.says, width - 4)]
        lines += [Text(f"   → {told}", ORANGE) for told in textwrap.wrap(finding.todo, width - 6)]
    topics = ", ".join(dict.fromkeys(finding.topic for finding in well))
    lines += [
        Text(f" ✓ well: {told}" if not n else f"   {told}", GREEN)
        for n, told in enumerate(textwrap.wrap(topics, width - 11))
    ]
    return lines


def beside(left: list[Text], right: list[Text], width: int) -> list[Text]:
    """Two columns of so many cells each, with a gap between them."""
    lines = []
    for place in range(max(len(left), len(right))):
        line = left[place].copy() if place < len(left) else Text()
        line.truncate(width, overflow="ellipsis", pad=True)
        if place < len(right):
            tail = right[place].copy()
            tail.truncate(width, overflow="ellipsis")
            line = line + Text("  ") + tail
        lines.append(line)
    return lines


def _line(label: str, said: str, style: str = "") -> Text:
    return Text.assemble((f" {label:<{_LABEL}}", GREY), (said, style or BRIGHT))


def _wrapped(label: str, said: str, width: int, style: str) -> list[Text]:
    """The same, in as many lines as it takes."""
    told = textwrap.wrap(said, max(20, width - _LABEL - 2))
    return [_line(label if not place else "", line, style) for place, line in enumerate(told)]


def _meter(label: str, part: int, whole: int, width: int) -> Text:
    cells = max(6, width - _LABEL - 18)
    full, empty = bar(part, whole, cells)
    return Text.assemble((f" {label:<{_LABEL}}", GREY), (full, SKY), (empty, FAINT), (f" {part:,}/{whole:,}", BRIGHT))


def _unknown(vitals: Vitals) -> Text:
    said = "asking the engine …" if not vitals.no_commands else f"not known: {vitals.no_commands}"
    return Text(f" {said}", FAINT)


def _bytes(count: int) -> str:
    for unit, size in (("GB", 1 << 30), ("MB", 1 << 20)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count / 1024:,.0f} kB"


def _span(ms: int) -> str:
    """`14 d 02:11`, or hours and minutes."""
    days, rest = divmod(max(0, ms), 86_400_000)
    return f"{days} d {rest // 3_600_000:02d}:{rest % 3_600_000 // 60_000:02d}" if days else age(rest)
