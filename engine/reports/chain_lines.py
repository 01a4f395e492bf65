"""One chain as lines of a report: its attempts in order, then the numbers that another chain of the job dials."""

from collections.abc import Iterator

from engine.board.chain_view import masked
from engine.reports.report import Cell, Column, Kind, Row
from engine.reports.source.plan_parts import PlanBody, StepPart
from engine.reports.source.records import Records
from store.dispositions import Disposition, Expiry, Outcome
from store.rows import ChainRow, JobRow, Tried

DUPLICATE = "Duplicate – see owner"
"""How a number is logged that another chain dials (decision 18)."""

AT_CARRIER = "at_carrier"
IN_QUEUE = "in_queue"
NOT_TRIED = "not_tried"
NO_DEVICE = "no_device"

COLUMNS = (
    Column("chain", "Chain", Kind.ID),
    Column("contact", "Contact"),
    Column("students", "Students"),
    Column("school", "School", brief=False),
    Column("device", "Device"),
    Column("number", "Number"),
    Column("step", "Step", Kind.ID, brief=False),
    Column("round", "Round", Kind.ID),
    Column("at", "When", Kind.INSTANT),
    Column("result", "Result"),
    Column("seconds", "Seconds", Kind.COUNT),
    Column("outcome", "Outcome"),
    Column("expired_by", "Expired by", brief=False),
    Column("owner", "Owner", Kind.ID, brief=False),
    Column("owner_result", "Owner's result", brief=False),
)

_OUTCOMES = (IN_QUEUE, *(outcome.word for outcome in Outcome))
_EXPIRIES = ("", *(expiry.word for expiry in Expiry if expiry))
_RESULTS = {disposition: disposition.word for disposition in Disposition}


class ChainLines:
    """Makes the lines of one job's chains. Numbers are masked unless all of them are asked for."""

    def __init__(self, records: Records, row: JobRow, *, full_numbers: bool = False, all_devices: bool = False) -> None:
        self._records = records
        self._job_id = row.job_id
        self._dialed = row.chains
        self._shown = str if full_numbers else masked
        self._all_devices = all_devices
        """Also devices that were not tried."""

    def of(self, index: int, plan: PlanBody, row: ChainRow | None) -> Iterator[Row]:
        """At least one line: a chain that nobody dialed says why."""
        who = (index, plan.contact_name, " ".join(plan.student_ids), plan.school_id)
        end = (self._outcome(index, plan, row), _EXPIRIES[row.expiry] if row is not None else "")
        lines = 0
        for line in self._attempts(plan, row):
            lines += 1
            yield (*who, *line, *end, None, "")
        for device, result, owner, owner_result in self._moved(plan):
            lines += 1
            yield (*who, *device, None, None, 0, result, None, *end, owner, owner_result)
        if self._all_devices:
            for line in self._untried(plan, row):
                lines += 1
                yield (*who, *line, *end, None, "")
        if not lines:
            why = NOT_TRIED if plan.steps else NO_DEVICE
            yield (*who, "", "", None, None, 0, why, None, *end, None, "")

    def _outcome(self, index: int, plan: PlanBody, row: ChainRow | None) -> str:
        if index < self._dialed:
            return _OUTCOMES[row.outcome if row is not None else 0]
        return (Outcome.COVERED if plan.owner >= 0 else Outcome.UNREACHABLE).word

    def _attempts(self, plan: PlanBody, row: ChainRow | None) -> Iterator[tuple[Cell, ...]]:
        if row is None:
            return
        for tried in row.tried():
            step = plan.steps[tried.step]
            at = tried.dialed_at or tried.opened_at
            yield (
                *self._device(step),
                tried.step + 1,
                tried.round + 1,
                at,
                _RESULTS[tried.disposition],
                _seconds(tried),
            )
        if row.attempt_id:
            step = plan.steps[row.step]
            yield (*self._device(step), row.step + 1, row.round + 1, row.opened_at, AT_CARRIER, None)

    def _untried(self, plan: PlanBody, row: ChainRow | None) -> Iterator[tuple[Cell, ...]]:
        tried = {one.step for one in row.tried()} if row is not None else set()
        if row is not None and row.attempt_id:
            tried.add(row.step)
        for place, step in enumerate(plan.steps):
            if place not in tried:
                yield (*self._device(step), place + 1, None, 0, NOT_TRIED, None)

    def _moved(self, plan: PlanBody) -> Iterator[tuple[tuple[Cell, Cell], str, int, str]]:
        """Numbers that went to another chain, with what came of them there (decisions 18, 20)."""
        for number_id, owner in plan.moved:
            body = self._records.body(self._job_id, owner)
            place, step = _step_of(body, number_id)
            row = self._records.chain(self._job_id, owner)
            # Of which kind the number is to this contact the plan does not say: it may be another than its owner's.
            device = ("", self._shown(step.number) if step is not None else "")
            yield device, DUPLICATE, owner, _result_at(row, place)

    def _device(self, step: StepPart) -> tuple[str, str]:
        return step.kind.word, self._shown(step.number)


def _step_of(body: PlanBody | None, number_id: int) -> tuple[int, StepPart | None]:
    """The place and the step of a number on its owner's plan."""
    steps = body.steps if body is not None else ()
    return next(((place, step) for place, step in enumerate(steps) if step.number_id == number_id), (-1, None))


def _result_at(row: ChainRow | None, place: int) -> str:
    """How the last attempt on a step ended; where there was none, what the chain came to."""
    if row is None:
        return IN_QUEUE
    if row.attempt_id and row.step == place:
        return AT_CARRIER
    results = [tried.disposition for tried in row.tried() if tried.step == place]
    return _RESULTS[results[-1]] if results else _OUTCOMES[row.outcome]


def _seconds(tried: Tried) -> int:
    """How long the call took, ringing included."""
    return round(tried.duration_ms / 1000)
