"""Group commit: facts from many actors in one block, on disk before anybody acts on them."""

import logging
from collections.abc import Callable
from time import monotonic_ns
from typing import Any

from actors.messages import FlushDue, FlushTables, Record, Write
from actors.runtime.actor import PooledActor
from actors.runtime.clock import Clock
from actors.runtime.dispatcher import Dispatcher
from actors.runtime.mailbox import Mailbox
from actors.runtime.timer import Due
from store.checkpoint import FLUSH_ROWS_MAX, Checkpoint
from store.database import Database
from store.errors import StoreError
from store.facts import AnyFact, Block
from store.journal import Journal

BLOCK_FACTS_MAX = 2_000
"""Facts in one block: encoding and folding them takes 5 ms, the longest slice the loop allows."""

SMALL_BLOCK_FACTS = 32
"""Facts after which a block is committed while the loop keeps up: a commit costs as much as gathering so many."""

RETRY_MS = 1_000
"""After a commit that failed for want of room, until it is tried again. Nothing is released meanwhile."""

log = logging.getLogger(__name__)


class Writer(PooledActor):
    """The only one who writes the store while an engine runs.

    The first record of a batch makes the writer send itself `FlushDue`; its mailbox is first in, first out, so all that
    already waits goes into the same commit, without a timer. Urgent records have their own `FlushDue` on the urgent
    level: they are on disk before anything ordinary that waits here, however much that is.
    """

    vital = True

    def __init__(self, dispatcher: Dispatcher, clock: Clock, database: Database, checkpoint: Checkpoint) -> None:
        super().__init__(dispatcher)
        self._clock = clock
        self._database = database
        self._journal = Journal(database)
        self._checkpoint = checkpoint
        self._facts: list[AnyFact] = []
        self._writes: list[Write] = []
        self._effects: dict[Mailbox, list[Any]] = {}
        """What is told to whom after the commit."""
        self._enough = SMALL_BLOCK_FACTS
        """Facts from which on it is asked whether they are enough for a block."""
        self._flush_due = self._urgent_flush_due = False
        self._failing = False
        self.commits = 0
        """Since the start, those without facts too."""
        self.commit_ns = 0
        """The time they took, on disk and all."""
        self._retry: Due | None = None
        """The next try of a commit that failed."""
        self.on_commit: Callable[[Block], None] = lambda _block: None
        """Called after every commit that holds facts, on the loop's thread."""
        self.on_failing: Callable[[bool], None] = lambda _failing: None
        """Called when the store stops and starts taking writes."""

    def _record(self, letter: Record) -> None:
        """Gather facts, and what follows from them."""
        self._facts.extend(letter.facts)
        if letter.to is not None:
            mailbox = letter.to.actor_inbox
            effects = self._effects.get(mailbox)
            if effects is None:
                self._effects[mailbox] = [letter.letter]
            else:
                effects.append(letter.letter)
        if not self._flush_due or letter.urgent or len(self._facts) >= self._enough:
            self._ask_for_flush(letter.urgent)

    def _write(self, letter: Write) -> None:
        """Gather a write that is no fact, and the facts that go with it."""
        self._writes.append(letter)
        self._facts.extend(letter.facts)
        if not letter.may_wait:
            self._ask_for_flush(letter.urgent)

    def _ask_for_flush(self, urgent: bool) -> None:
        if self._failing:
            return
        if self._has_enough():
            self._flush()
        elif urgent and not self._urgent_flush_due:
            self._urgent_flush_due = True
            self.actor_inbox.put_at(FlushDue(urgent=True), urgent=True)
        elif not urgent and not self._flush_due:
            self._flush_due = True
            self.actor_inbox.put(FlushDue())

    def _has_enough(self) -> bool:
        """Whether a block is worth its commit: much waits, or what waits need not, since the loop has time for it."""
        gathered = len(self._facts)
        if gathered < self._enough:
            return False
        self._enough = min(gathered + SMALL_BLOCK_FACTS, BLOCK_FACTS_MAX)
        return gathered >= BLOCK_FACTS_MAX or self._dispatcher.keeps_up

    def _flush_is_due(self, letter: FlushDue) -> None:
        if not letter.urgent:
            self._flush_due = False
            self._flush()
            return
        if not letter.last:
            # What urgent actors do in the turns they have already been promised goes into the same commit.
            self.actor_inbox.put_at(FlushDue(urgent=True, last=True), urgent=True)
            return
        self._urgent_flush_due = False
        if not self._failing:
            self._flush()

    def _flush(self) -> None:
        """Commit what has gathered, then release its effects; a commit that fails is tried again, whole."""
        if not self._facts and not self._writes:
            return
        block = Block(self._checkpoint.fold.seq + 1, self._clock.now(), self._facts)
        began = monotonic_ns()
        try:
            self._commit(block)
        except StoreError as error:
            self._wait_for_room(error)
            return
        self.commits += 1
        self.commit_ns += monotonic_ns() - began
        self._release(block)

    def _commit(self, block: Block) -> None:
        with self._database.write() as txn:
            for write in self._writes:
                write.apply(txn)
            if block.facts:
                self._journal.append(txn, block)
            # Also without facts: what counts as written is then always what this very transaction wrote.
            self._checkpoint.write_some(txn)

    def _release(self, block: Block) -> None:
        effects, writes = self._effects, self._writes
        self._facts, self._writes, self._effects = [], [], {}
        self._enough = SMALL_BLOCK_FACTS
        if self._retry is not None:
            self._retry.cancel()
            self._retry, self._flush_due = None, False
        self._checkpoint.committed()
        if block.facts:
            self._checkpoint.fold.apply(block)
            self.on_commit(block)
        self._note_failing(False)
        for write in writes:
            if write.done is not None:
                write.done()
        for mailbox, letters in effects.items():
            mailbox.put_all(letters)

    def _flush_tables(self, letter: FlushTables) -> None:
        """Bring the tables level with all that was recorded before, in slices, unless the store takes no writes."""
        if not letter.seq:
            self._flush()
        seq = letter.seq or self._checkpoint.fold.seq
        if self._failing or not self._flush_slice() or self._checkpoint.reflects(seq):
            letter.done()
        else:
            self.ref.tell_patiently(FlushTables(letter.done, seq))

    def _flush_slice(self) -> bool:
        """Whether the oldest rows that waited are in their tables now."""
        try:
            with self._database.write() as txn:
                self._checkpoint.flush(txn, FLUSH_ROWS_MAX)
        except StoreError as error:
            log.error("%s The tables are brought level later.", error)  # noqa: TRY400
            return False
        self._checkpoint.committed()
        return True

    def _wait_for_room(self, error: StoreError) -> None:
        log.error("%s Trying again in %d ms.", error, RETRY_MS)
        self._note_failing(True)
        self._flush_due = True
        if self._retry is not None:
            self._retry.cancel()
        self._retry = self._dispatcher.timer.after(RETRY_MS, self.ref, FlushDue())

    def _note_failing(self, failing: bool) -> None:
        if failing != self._failing:
            self._failing = failing
            self.on_failing(failing)


Writer.handlers = {
    Record: Writer._record,
    Write: Writer._write,
    FlushDue: Writer._flush_is_due,
    FlushTables: Writer._flush_tables,
}
