"""What is looked at before anything is sent: what forbids it, and what must be accepted first."""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.district.permission import check_permitted
from engine.forecast.views import Forecast, Verdict
from engine.orders import Health
from engine.views import Prepared
from store.errors import RefusedError
from tui.panels.sight import Sight
from tui.panels.vitals import Freshness
from tui.panels.written import minute_of_day, seconds
from tui.screens.compose.work import Work

FINE, WARNING, STOP = "fine", "warning", "stop"

MOVED_SHARE = 20
"""A twentieth more or fewer than were counted while choosing is worth a second look."""

MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    state: str
    """fine; warning: it must be accepted; stop: nothing can be sent."""
    words: str


def checks_of(work: Work, prepared: Prepared | None, forecast: Forecast | None) -> list[Check]:
    """In the order in which they are shown; of what is only scheduled nothing is frozen."""
    sight = work.place.sight
    checks = [*_engine(sight), *_carrier(sight, drill=work.drill), *_permission(sight.health)]
    if prepared is not None:
        checks += [*_audience(work, prepared), *_window(sight, prepared, forecast), *_twins(sight, prepared)]
    return checks


def _engine(sight: Sight) -> Iterator[Check]:
    vitals = sight.vitals
    if vitals.no_commands:
        yield Check(STOP, f"no command can be given: {vitals.no_commands}")
    elif vitals.freshness is Freshness.AGING:
        yield Check(WARNING, f"the engine was last heard {seconds(vitals.age_ms)} ago")
    else:
        yield Check(FINE, f"engine {seconds(vitals.age_ms)}")


def _carrier(sight: Sight, *, drill: bool) -> Iterator[Check]:
    for alarm in sight.board.alarms:
        yield Check(WARNING, f"{alarm.word.replace('_', ' ')}: {alarm.meaning}")
    if not sight.board.alarms:
        yield Check(FINE, "make-believe carrier" if drill else "carrier, no alarm")


def _permission(health: Health | None) -> Iterator[Check]:
    if health is None or health.standing is None:
        return
    try:
        check_permitted(health.standing)
    except RefusedError as error:
        yield Check(STOP, str(error))
    else:
        yield Check(FINE, "voice on")


def _audience(work: Work, prepared: Prepared) -> Iterator[Check]:
    if not prepared.count:
        yield Check(STOP, "nobody can be called: no chain has a number to dial")
    elif work.count is not None and abs(work.count.chains - prepared.count) * MOVED_SHARE > work.count.chains:
        yield Check(WARNING, f"{prepared.count:,} calls begin, {work.count.chains:,} were counted while choosing")


def _window(sight: Sight, prepared: Prepared, forecast: Forecast | None) -> Iterator[Check]:
    now = sight.now()
    if now >= prepared.closes_at:
        yield Check(STOP, f"its window closed at {minute_of_day(prepared.closes_at, sight.zone)}: go back and on again")
        return
    least = least_minutes(sight.health, prepared)
    left = (prepared.closes_at - max(now, prepared.opens_at)) / MINUTE_MS
    if forecast is not None and forecast.verdict in (Verdict.AT_RISK, Verdict.LATE):
        yield Check(WARNING, f"{forecast.verdict.shown}: its window may end before everybody was tried")
    elif forecast is None and least > left:
        yield Check(WARNING, f"it needs {least:,} min of all lines, and its window leaves {left:,.0f}")
    else:
        yield Check(FINE, f"open until {minute_of_day(prepared.closes_at, sight.zone)}")


def _twins(sight: Sight, prepared: Prepared) -> Iterator[Check]:
    for job in sight.jobs:
        if job.subject == prepared.subject and not job.ended_at and job.job_id != prepared.job_id:
            yield Check(WARNING, f"job {job.job_id} with the same subject runs already")


def lines_of(health: Health | None, *, emergency: bool) -> int:
    """Lines a job may use at most, 0 where nobody knows."""
    if health is None:
        return 0
    return health.lines + (health.emergency_lines if emergency else 0)


def least_minutes(health: Health | None, prepared: Prepared) -> int:
    """How long it takes with one call per chain and every line to itself."""
    lines = lines_of(health, emergency=prepared.reason == "emergency")
    return -(-prepared.line_minutes // lines) if lines else 0
