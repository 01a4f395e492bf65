"""The crier: makes deliveries of what the journal says, keeps them, and posts them until each webhook has heard."""

import logging
import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from engine.hooks.hook_book import HookBook
from engine.hooks.hook_secrets import read_secret
from engine.hooks.posting import Answer, HttpPost, Post, host_of
from engine.hooks.retelling import GIVEN_UP_AFTER_MS, given_up, heard, put_off
from engine.hooks.signature import headers
from engine.hooks.unfolding import Unfolding
from engine.running.faults import log_fault
from engine.service import Engine
from store.errors import CallchainError
from store.hooks import Delivery, Webhook
from store.tables import Txn

LOOK_SECONDS = 1.0
"""Between two looks at the journal, while nothing waits that could be told."""

STOP_SECONDS_MAX = 5.0
"""For noting what was heard. A receiver that is still being told is cut off: what it heard, it may hear once more."""

THREADS = 8
"""Webhooks that are posted to at once."""

BACKLOG_MAX = 200
"""Deliveries kept for one webhook; what comes after them waits in the journal, which is there anyway."""

ROUND_MAX = 50
"""Deliveries of one webhook in one round, so that new webhooks and pauses are noticed between."""

log = logging.getLogger(__name__)

Tried = tuple[bytes, Delivery]
"""A delivery under its key."""


class Crier:
    """Live it works on a thread of its own, between `start` and `stop`; stepped, `gather` and `deliver` are called.

    Deliveries and the block up to which they were made are one write, so a crash loses none and makes none twice; what
    was posted and not noted is posted again under the same id.
    """

    def __init__(self, engine: Engine, post: Post | None = None, chance: random.Random | None = None) -> None:
        self._engine = engine
        self._http = HttpPost()
        self._post: Post = post or self._http
        self._chance = chance or random.Random()
        self._book = HookBook(engine.station.database)
        self._unfolding = Unfolding(engine.station)
        self._rests_until: dict[int, int] = {}
        """Webhook → until when it is left alone: it could not hear the last delivery, so it will not hear others."""
        self._unnoted: dict[bytes, Delivery] = {}
        """What was posted and is not on disk as such yet: it is not posted again meanwhile."""
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="webhook")

    # -- live

    def start(self) -> None:
        """Work from now on."""
        self._thread = threading.Thread(target=self._work_for_ever, name="webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop; what waits stays in its table. Again it does nothing."""
        self._stop.set()
        self._http.close()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS_MAX)
            self._thread = None
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _work_for_ever(self) -> None:
        while not self._stop.is_set() and not self._engine.failed:
            more = False
            try:
                more = self.gather()
                self.deliver()
            except CallchainError as error:
                log.error("Webhooks cannot be told (%s); it is tried again.", error)  # noqa: TRY400
            except Exception as error:
                log_fault(log, "Telling the webhooks, which is tried again,", error)
            if not more:
                self._stop.wait(LOOK_SECONDS)

    # -- gathering

    def gather(self) -> bool:
        """Make deliveries of the next blocks, for each webhook within bounds. Returns whether there are more blocks."""
        more = [self._gather(hook) for hook in self._hooks()]
        return any(more)

    def _gather(self, hook: Webhook) -> bool:
        with self._engine.station.database.read() as txn:
            room = BACKLOG_MAX - sum(1 for _ in self._book.waiting(txn, hook.webhook_id))
        if room <= 0:
            return False
        now = self._engine.clock.now()
        seq, new, more = self._unfolding.next_of(hook, now, now - GIVEN_UP_AFTER_MS)
        if new or self._unfolding.is_worth_keeping(hook, seq):
            self._engine.station.write(lambda txn: self._book.add(txn, hook.webhook_id, seq, new))
        return more and len(new) < room

    def _hooks(self) -> list[Webhook]:
        with self._engine.station.database.read() as txn:
            return [hook for hook in self._book.hooks(txn) if not hook.paused]

    # -- delivering

    def deliver(self) -> int:
        """Post what is due, one delivery of each webhook at a time and in order. Returns how many were posted."""
        self._noted([])
        posted, done = 0, set[bytes]()
        for _ in range(ROUND_MAX):
            picked = [pick for hook in self._hooks() if (pick := self._pick(hook, done)) is not None]
            if not picked or self._stop.is_set():
                break
            answers = self._threads.map(lambda pick: self._tell(*pick), picked)
            self._settle([(hook, key, one, answer) for (hook, key, one), answer in zip(picked, answers, strict=True)])
            done.update(key for _, key, _ in picked)
            posted += len(picked)
        return posted

    def _pick(self, hook: Webhook, done: set[bytes]) -> tuple[Webhook, bytes, Delivery] | None:
        """The first delivery that is due of a webhook that does not rest."""
        now = self._engine.clock.now()
        if self._rests_until.get(hook.webhook_id, 0) > now:
            return None
        with self._engine.station.database.read() as txn:
            for key, one in self._book.waiting(txn, hook.webhook_id):
                if one.due_at <= now and key not in self._unnoted and key not in done:
                    return hook, key, one
        return None

    def _tell(self, hook: Webhook, _key: bytes, delivery: Delivery) -> Answer:
        """Sign and post one delivery."""
        try:
            secret = read_secret(self._engine.home, self._engine.station.database, hook.webhook_id)
        except CallchainError as error:
            return Answer(of_receiver=True, note=str(error))
        seconds = self._engine.clock.now() // 1000
        return self._post(hook.url, headers(secret, delivery.delivery_id, seconds, delivery.body), delivery.body)

    def _settle(self, told: Sequence[tuple[Webhook, bytes, Delivery, Answer]]) -> None:
        """Write down, in one commit, what came of one delivery of each webhook."""
        now, tried, gone = self._engine.clock.now(), list[Tried](), set[int]()
        for hook, key, delivery, answer in told:
            if answer.heard:
                self._rests_until.pop(hook.webhook_id, None)
                tried.append((key, heard(delivery, answer.note, now)))
                continue
            after = put_off(delivery, answer, now, self._chance.random())
            tried.append((key, after))
            self._say(hook, after, answer)
            if answer.gone:
                gone.add(hook.webhook_id)
            elif answer.of_receiver:
                self._rests_until[hook.webhook_id] = after.due_at
                tried += self._too_old(hook, key, now)
        self._noted(tried, *(self._pausing(webhook_id) for webhook_id in gone))

    def _pausing(self, webhook_id: int) -> Callable[[Txn], None]:
        return lambda txn: self._book.pause(txn, webhook_id, True)

    def _too_old(self, hook: Webhook, tried: bytes, now: int) -> list[Tried]:
        """What waits behind a delivery that failed and is as old as one may be: a dead receiver is not tried for it."""
        with self._engine.station.database.read() as txn:
            waiting = [(key, one) for key, one in self._book.waiting(txn, hook.webhook_id) if key != tried]
        return [(key, given_up(one, now)) for key, one in waiting if now - one.made_at >= GIVEN_UP_AFTER_MS]

    def _noted(self, tried: Sequence[Tried], *writes: Callable[[Txn], None]) -> None:
        """Write down what came of deliveries. It is known from then on even where the disk takes nothing."""
        self._unnoted.update(tried)
        if not self._unnoted and not writes:
            return
        notes = list(self._unnoted.items())

        def note(txn: Txn) -> None:
            self._book.note(txn, notes)
            for write in writes:
                write(txn)

        self._engine.station.write(note)
        self._unnoted.clear()

    def _say(self, hook: Webhook, delivery: Delivery, answer: Answer) -> None:
        level = logging.ERROR if delivery.failed or answer.gone else logging.WARNING
        what = "was given up" if delivery.failed else "is paused: it wants no more" if answer.gone else "waits"
        log.log(
            level, "Webhook %d at %s %s (%s).", hook.webhook_id, host_of(hook.url), what, answer.note,
            extra={"event": "webhook_failed", "webhook_id": hook.webhook_id, "delivery_id": delivery.delivery_id},
        )  # fmt: skip
