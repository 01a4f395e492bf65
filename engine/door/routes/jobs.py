"""Jobs at the door: seen, prepared, sent up the ladder, and commanded while they run."""

from collections.abc import Callable

import msgspec

from engine.acts.notices import role_to_send
from engine.door.endpoint import Asked, Crew, Endpoint
from engine.door.orders.order_book import OrderBook
from engine.orders import CommandView, Order, PrepareRequest
from engine.service import Engine
from engine.views import JobView, Prepared, ReleaseView, StudentCounts, job_view
from store.access import Role
from store.commands import Verb
from store.errors import InvalidInputError, NotFoundError
from store.records import Reason
from store.rows import JobRow

JOB = "/jobs/{job_id}"

REMEMBERED_MAX = 10_000
"""Jobs whose words are kept in memory, so that looking at one reads nothing of the store."""

SUMMARIES = {
    Verb.SEND: "Want a prepared job sent; it is released at once where the ladder has no rungs for it.",
    Verb.APPROVE: "Agree that a job is sent, as the second person.",
    Verb.RECALL: "Take a job off the ladder before it has gone out.",
    Verb.PAUSE: "No further call until it is resumed; answered calls play out.",
    Verb.RESUME: "Let a paused job go on.",
    Verb.CANCEL: "No further call, ever; answered calls play out.",
    Verb.REFRESH: "Ask the carrier for results that are overdue.",
}

LADDER = (Verb.SEND, Verb.APPROVE, Verb.RECALL)
"""These answer where the job stands on the ladder, the others the job."""


class ShownJobs:
    """Jobs as they are seen: what a job was sent as never changes, so it is read once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._words: dict[int, tuple[str, str, int]] = {}
        """Job → subject, author, when it was prepared."""

    def one(self, job_id: int) -> JobView:
        """One released job. Raises NotFoundError."""
        row = self._engine.station.fold.jobs.get(job_id)
        return self._engine.job(job_id) if row is None else self._shown(row)

    def all(self) -> list[JobView]:
        """Every job ever released, oldest first."""
        rows = self._engine.station.fold.jobs
        return [self._shown(rows[job_id]) for job_id in sorted(rows)]

    def _shown(self, row: JobRow) -> JobView:
        words = self._words.get(row.job_id)
        if words is None:
            view = self._engine.job(row.job_id)
            if len(self._words) >= REMEMBERED_MAX:
                self._words.clear()
            self._words[row.job_id] = view.subject, view.author, view.prepared_at
            return view
        subject, author, prepared_at = words
        return msgspec.structs.replace(job_view(row, None), subject=subject, author=author, prepared_at=prepared_at)


def routes(engine: Engine) -> list[Endpoint]:
    """The rows of this matter."""
    orders, shown = OrderBook(engine), ShownJobs(engine)
    return [
        Endpoint(
            method="GET", path="/jobs", summary="Every job ever released, oldest first.", role=Role.VIEWER,
            answers=list[JobView], carry_out=lambda _asked: shown.all(),
        ),
        Endpoint(
            method="GET", path=JOB, summary="One released job.", role=Role.VIEWER,
            answers=JobView, carry_out=lambda asked: shown.one(asked.number("job_id")),
        ),
        Endpoint(
            method="GET", path=f"{JOB}/students", summary="Students a job covers, and has told and missed.",
            role=Role.VIEWER, answers=StudentCounts, crew=Crew.WORK,
            carry_out=lambda asked: engine.students(asked.number("job_id")),
        ),
        Endpoint(
            method="POST", path="/jobs", summary="Prepare a message: freeze its audience. Nothing is dialed.",
            role=Role.SENDER, needs=lambda asked: role_to_send(asked.body.reason), asks=PrepareRequest,
            answers=Prepared, crew=lambda asked: Crew.URGENT if _is_emergency(asked.body.reason) else Crew.WORK,
            carry_out=lambda asked: prepare(engine, asked),
        ),
        *(_command(engine, orders, verb) for verb in SUMMARIES),
        Endpoint(
            method="GET", path="/releases", summary="What is on the ladder now, oldest first.", role=Role.VIEWER,
            answers=list[ReleaseView], carry_out=lambda _asked: engine.releases(),
        ),
        Endpoint(
            method="GET", path="/commands/{command_id}", summary="What became of a command.", role=Role.VIEWER,
            answers=CommandView, crew=Crew.WORK, carry_out=lambda asked: orders.view(asked.number("command_id")),
        ),
    ]  # fmt: skip


def _command(engine: Engine, orders: OrderBook, verb: Verb) -> Endpoint:
    return Endpoint(
        method="POST", path=f"{JOB}/{verb.word}", summary=SUMMARIES[verb], role=Role.SENDER, verb=verb, asks=Order,
        needs=_for_job(engine), answers=ReleaseView if verb in LADDER else JobView, crew=Crew.COMMAND,
        carry_out=lambda asked: orders.carry_out(asked.body, verb, asked.number("job_id"), asked.caller.name),
    )  # fmt: skip


def prepare(engine: Engine, asked: Asked) -> Prepared:
    """Freeze an audience. Raises InvalidInputError for a reason or a class of people there is not."""
    request: PrepareRequest = asked.body
    try:
        message, audience, window = request.message(), request.whom(), request.window()
    except KeyError as error:
        raise InvalidInputError(f"There is no {error.args[0].lower()}; see `callchain send --help`.") from None
    return engine.prepare(message, audience, window, origin=request.origin(asked.caller.name))


def reason_of(engine: Engine, job_id: int) -> Reason | None:
    """Why a job was prepared, None where there is none."""
    row = engine.station.fold.jobs.get(job_id)
    if row is not None:
        return row.reason
    with engine.station.database.read() as txn:
        job = engine.station.vault.job(txn, job_id)
    return None if job is None else job.message.reason


def _for_job(engine: Engine) -> Callable[[Asked], Role]:
    def needed(asked: Asked) -> Role:
        reason = reason_of(engine, asked.number("job_id"))
        if reason is None:
            # Said here: by the time it is carried out there may be an emergency of that number.
            raise NotFoundError(f"There is no job {asked.number('job_id')}; see `callchain jobs`.")
        return role_to_send(reason.name)

    return needed


def _is_emergency(word: str) -> bool:
    return word.upper() == Reason.EMERGENCY.name
