"""The orders an engine was given: each is carried out once, whoever repeats it."""

from dataclasses import dataclass, field
from threading import Lock

from engine.orders import Order
from engine.service import Engine
from engine.views import JobView
from store.commands import Verb
from store.errors import RefusedError

REMEMBERED_MAX = 10_000
"""Orders whose answers are kept, so that the same one twice acts once."""


@dataclass(slots=True)
class _Given:
    """What an id was used for. The lock is its own: an order that waits for its commit holds back no other."""

    verb: Verb
    job_id: int
    lock: Lock = field(default_factory=Lock)
    answer: JobView | None = None


class OrderBook:
    """Carries orders out on one engine; any thread may ask."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._given: dict[int, _Given] = {}
        self._writing = Lock()

    def carry_out(self, order: Order, verb: Verb, job_id: int, author: str) -> JobView:
        """Carry an order out unless it was before, is too old, or is meant for another incarnation.

        An order that failed is tried again when repeated. Raises RefusedError for an id that meant something else.
        """
        given = self._enter(order.command_id, verb, job_id)
        with given.lock:
            if given.answer is None:
                self._check(order)
                given.answer = self._obey(order, verb, job_id, author)
            return given.answer

    def _enter(self, command_id: int, verb: Verb, job_id: int) -> _Given:
        with self._writing:
            given = self._given.setdefault(command_id, _Given(verb, job_id))
            if len(self._given) > REMEMBERED_MAX:
                del self._given[next(iter(self._given))]
        if (given.verb, given.job_id) != (verb, job_id):
            raise RefusedError(
                f"The command id {command_id} was used to {given.verb.word} job {given.job_id}; draw another."
            )
        return given

    def _check(self, order: Order) -> None:
        if order.incarnation != self._engine.incarnation:
            raise RefusedError("The engine was started anew since this command was given; look again, then repeat.")
        if order.expires_at <= self._engine.clock.now():
            raise RefusedError("This command came too late and was not carried out; look again, then repeat.")

    def _obey(self, order: Order, verb: Verb, job_id: int, author: str) -> JobView:
        if verb is Verb.SEND:
            return self._engine.send(job_id, expect=order.expect, command_id=order.command_id, author=author)
        return self._engine.command(verb, job_id, command_id=order.command_id, author=author)
