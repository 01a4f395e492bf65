"""The journal in pages of ready-made events: each block is encoded once for all readers of a sight."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock

import msgspec

from engine.door.telling.told_facts import Sight, told
from store.database import Database
from store.facts import Block
from store.journal import Journal

PAGE_BLOCKS = 64
"""Blocks of a page: it begins behind a multiple of so many, so that readers who began apart share it."""

FACTS_MAX = 4_000
"""Encoded in one go: 20 ms of a thread beside the loop, from which the loop takes its turn back at any time."""

BYTES_KEPT = 16 << 20
"""Of pages in memory; older ones are read anew by whoever resumes from far back."""

_encode = msgspec.json.encode

Key = tuple[Sight, int]


@dataclass(frozen=True, slots=True)
class Wish:
    """What one reader wants to hear of; empty: everything."""

    job_id: int = 0
    kinds: frozenset[str] = frozenset()

    def wants(self, kind: str, job_id: int) -> bool:
        """Whether a fact is for them."""
        return (not self.job_id or job_id == self.job_id) and (not self.kinds or kind in self.kinds)


@dataclass(frozen=True, slots=True)
class Event:
    """One block, encoded."""

    seq: int
    at: int
    facts: tuple[tuple[str, int, bytes], ...]
    """Kind, job and JSON of each fact."""
    whole: bytes
    """The event of those who want everything; empty where the block tells nobody of this sight anything."""

    def for_wish(self, wish: Wish) -> bytes:
        """The event as one reader gets it, empty where it tells them nothing."""
        if not (wish.job_id or wish.kinds):
            return self.whole
        return _event_bytes(self.seq, self.at, (data for kind, job, data in self.facts if wish.wants(kind, job)))


class StreamPages:
    """Pages are read on threads beside the loop, never on it; each read is a short transaction."""

    def __init__(self, database: Database, bytes_kept: int = BYTES_KEPT) -> None:
        self._database = database
        self._journal = Journal(database)
        self._bytes_kept = bytes_kept
        self._bytes = 0
        self._pages: OrderedDict[Key, tuple[Event, ...]] = OrderedDict()
        """By sight and number; those that were used last stand last."""
        self._reading = Lock()
        """What many wait for is read once."""

    def ready(self, sight: Sight, seq: int) -> list[Event]:
        """The next events behind a block, at most a page of them and only such as were read before."""
        return [event for event in self._pages.get((sight, seq // PAGE_BLOCKS), ()) if event.seq > seq]

    def after(self, sight: Sight, seq: int) -> list[Event]:
        """The next events behind a block, at most a page of them; none where the journal ends there."""
        key = sight, seq // PAGE_BLOCKS
        with self._reading:
            while not (events := self.ready(sight, seq)) and self._read_on(key):
                pass
            if key in self._pages:
                self._pages.move_to_end(key)
            self._let_go()
        return events

    def bounds(self) -> tuple[int, int]:
        """The first and the last block there is, 0 where there is none."""
        with self._database.read() as txn:
            first = next(iter(self._journal.since(txn, 0, None)), None)
            return first.seq if first is not None else 0, self._journal.last_seq(txn)

    def _read_on(self, key: Key) -> bool:
        """Whether there was more of a page."""
        sight, number = key
        page = self._pages.get(key, ())
        last, facts, new = (page[-1].seq if page else number * PAGE_BLOCKS), 0, list[Event]()
        with self._database.read() as txn:
            for block in self._journal.since(txn, last, (number + 1) * PAGE_BLOCKS - last):
                new.append(_event_of(block, sight))
                facts += len(block.facts)
                if facts >= FACTS_MAX:
                    break
        if new:
            self._pages[key] = page + tuple(new)
            self._bytes += _size(new)
        return bool(new)

    def _let_go(self) -> None:
        while self._bytes > self._bytes_kept and len(self._pages) > 1:
            self._bytes -= _size(self._pages.popitem(last=False)[1])


def _size(events: Iterable[Event]) -> int:
    """Every fact is kept twice: alone and in its event."""
    return sum(2 * len(event.whole) for event in events)


def _event_of(block: Block, sight: Sight) -> Event:
    facts = tuple((kind, job_id, _encode(words)) for kind, job_id, words in told(block, sight))
    return Event(block.seq, block.at, facts, _event_bytes(block.seq, block.at, (data for _, _, data in facts)))


def _event_bytes(seq: int, at: int, facts: Iterable[bytes]) -> bytes:
    """An event of facts that are encoded already; empty where there are none."""
    joined = b",".join(facts)
    if not joined:
        return b""
    return b'id: %d\nevent: block\ndata: {"seq":%d,"at":%d,"facts":[%b]}\n\n' % (seq, seq, at, joined)
