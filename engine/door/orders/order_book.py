"""The orders an engine was given: each is carried out once, whoever repeats it, and says what became of it."""

from dataclasses import dataclass, field
from threading import Lock

import msgspec

from engine.door.orders.past_commands import past_command
from engine.orders import CommandState, CommandView, Order
from engine.service import Engine
from engine.views import JobView, ReleaseView
from store.commands import Verb
from store.errors import CallchainError, InvalidInputError, NotFoundError, RefusedError

REMEMBERED_MAX = 10_000
"""Orders whose answers are kept, so that the same one twice acts once."""

LADDER = frozenset({Verb.SEND, Verb.ASK, Verb.APPROVE, Verb.RECALL})
"""Steps of the confirmation ladder: they answer where the job stands on it."""

REFUSALS = (RefusedError, InvalidInputError, NotFoundError)
"""The engine said no. After another error the order may still be carried out, so that only its fact can tell."""

Answer = JobView | ReleaseView


@dataclass(slots=True)
class _Given:
    """What an id was used for. The lock is its own: an order that waits for its commit holds back no other."""

    verb: Verb
    job_id: int
    author: str
    became: tuple[CommandState, int, str]
    """State, since when, and why; replaced as a whole, so that it is read without the lock."""
    lock: Lock = field(default_factory=Lock)
    answer: Answer | None = None

    @property
    def unanswered(self) -> bool:
        """The engine had it and gave no clear answer."""
        state, _, why = self.became
        return state is CommandState.ACCEPTED and bool(why)


class OrderBook:
    """Carries orders out on one engine; any thread may ask."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._given: dict[int, _Given] = {}
        self._writing = Lock()

    def carry_out(self, order: Order, verb: Verb, job_id: int, author: str) -> Answer:
        """Carry an order out unless it was before, is too old, or is meant for another incarnation.

        An order that failed is tried again when repeated. Raises RefusedError for an id that meant something else.
        """
        given = self._enter(order.command_id, verb, job_id, author)
        with given.lock:
            if given.answer is None:
                self._check(order, given)
                given.answer = self._obey(order, given)
            return given.answer

    def view(self, command_id: int) -> CommandView:
        """What became of a command, also of one that an engine before this one obeyed. Raises NotFoundError."""
        given = self._given.get(command_id)
        if given is not None and not given.unanswered:
            return self._view(command_id, given)
        past = past_command(self._engine.station.database, command_id)
        if past is not None:
            return self._as_it_stands(past)
        if given is not None:
            return self._view(command_id, given)
        raise NotFoundError(
            f"No command {command_id} is known: it was never received, was refused by an engine that has ended, or is "
            "long past. Look at its job."
        )

    def _enter(self, command_id: int, verb: Verb, job_id: int, author: str) -> _Given:
        with self._writing:
            received = (CommandState.QUEUED, self._engine.clock.now(), "")
            given = self._given.setdefault(command_id, _Given(verb, job_id, author, received))
            if len(self._given) > REMEMBERED_MAX:
                del self._given[next(iter(self._given))]
        if (given.verb, given.job_id) != (verb, job_id):
            raise RefusedError(
                f"The command id {command_id} was used to {given.verb.word} job {given.job_id}; draw another."
            )
        if given.author != author:  # what one may not do alone, nobody does under another's id
            raise RefusedError(f"The command id {command_id} was used by somebody else; draw another.")
        return given

    def _check(self, order: Order, given: _Given) -> None:
        why = ""
        if order.incarnation != self._engine.incarnation:
            why = "The engine was started anew since this command was given; look again, then repeat."
        elif order.expires_at <= self._engine.clock.now():
            why = "This command came too late and was not carried out; look again, then repeat."
        if why:
            self._note(given, CommandState.EXPIRED, why)
            raise RefusedError(why)

    def _obey(self, order: Order, given: _Given) -> Answer:
        self._note(given, CommandState.ACCEPTED)
        try:
            answer = self._carried_out(order, given)
        except REFUSALS as error:
            self._note(given, CommandState.REJECTED, str(error))
            raise
        except CallchainError as error:
            self._note(given, CommandState.ACCEPTED, str(error))
            raise
        self._note(given, CommandState.APPLIED)
        return answer

    def _carried_out(self, order: Order, given: _Given) -> Answer:
        engine, job_id, verb, command_id = self._engine, given.job_id, given.verb, order.command_id
        if verb in (Verb.SEND, Verb.ASK):
            return engine.ask_to_send(job_id, expect=order.expect, command_id=command_id, author=given.author)
        if verb is Verb.APPROVE:
            return engine.approve(job_id, expect=order.expect, command_id=command_id, author=given.author)
        if verb is Verb.RECALL:
            return engine.recall(job_id, command_id=command_id, author=given.author)
        return engine.command(verb, job_id, command_id=command_id, author=given.author)

    def _note(self, given: _Given, state: CommandState, why: str = "") -> None:
        given.became = (state, self._engine.clock.now(), why)

    def _view(self, command_id: int, given: _Given) -> CommandView:
        (state, at, why), answer = given.became, given.answer
        return CommandView(
            command_id=command_id, verb=given.verb.word, job_id=given.job_id, state=state, author=given.author, at=at,
            why=why, job=answer if isinstance(answer, JobView) else None,
            release=answer if isinstance(answer, ReleaseView) else None,
        )  # fmt: skip

    def _as_it_stands(self, past: CommandView) -> CommandView:
        """A command of the past, with its job as it is now."""
        engine, job_id = self._engine, past.job_id
        if not job_id:
            return past
        job = engine.job(job_id) if job_id in engine.station.fold.jobs else None
        release = None
        if past.verb in {verb.word for verb in LADDER}:
            release = next((one for one in engine.releases() if one.job_id == job_id), None)
        return msgspec.structs.replace(past, job=job, release=release)
