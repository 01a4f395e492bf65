"""The carrier's ledger: what it knows of every reference it ever accepted, and when each phone rang."""

from collections.abc import Iterable, Iterator
from io import BufferedWriter
from pathlib import Path

import msgspec

from actors.gateway import CallEnd, CallRow, Script, Value
from engine.gateways.stand_in.phone_network import Pickup

QUEUED = 0
"""Waits for a line."""
STARTING = 1
"""Has a line, does not ring yet; an emergency may still take the line away."""
LIVE = 2
"""Rings or talks."""
ENDED = 3
"""Has its row in the call log."""


class LedgerEntry(Value, frozen=True):
    """One call as the carrier saw it, instants in ms UTC. `ringing_at` is None when no phone rang."""

    ref: str
    number: str
    emergency: bool
    submitted_at: int
    ringing_at: int | None
    answered_at: int | None = None
    ended_at: int | None = None
    end: CallEnd | None = msgspec.field(default=None, name="result")
    keys: str = ""
    center: str = ""
    """The call center that took the submission."""
    window_end_at: int = 0


class HeldCall(msgspec.Struct, gc=False):
    """The carrier's working record of one accepted reference; `state` is QUEUED, STARTING, LIVE or ENDED."""

    ref: str
    number: str
    emergency: bool
    window_end_at: int
    submitted_at: int
    provider_id: str
    center: str
    script: Script | None
    """Let go, like `text` and `pickup`, when it is no longer needed."""
    text: str | None
    state: int = QUEUED
    dedicated: bool = False
    """It holds an emergency line."""
    rings_at: int = -1
    """When the phone rings or rang; -1 without a line. It has rung only if `rang`."""
    rang: bool = False
    answered_at: int | None = None
    """Known from the first ring on, so it may lie in the future."""
    pickup: Pickup | None = None
    row: CallRow | None = None

    def answered_by(self, now: int) -> bool:
        """Whether somebody or something has taken the call."""
        return self.answered_at is not None and self.answered_at <= now

    def entry(self, now: int) -> LedgerEntry:
        """The call as far as it has come by `now`."""
        row = self.row
        return LedgerEntry(
            ref=self.ref,
            number=self.number,
            emergency=self.emergency,
            submitted_at=self.submitted_at,
            ringing_at=self.rings_at if self.rang else None,
            answered_at=self.answered_at if self.answered_by(now) else None,
            ended_at=None if row is None else row.dialed_at + row.duration_ms,
            end=None if row is None else row.end,
            keys="" if row is None else row.keys,
            center=self.center,
            window_end_at=self.window_end_at,
        )


class Ledger:
    """Every accepted reference for ever; with a `path`, ended calls go there as JSON lines, batch by batch.

    The file is begun anew. What has not ended stands at the end of it once the ledger is closed.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.calls: dict[str, HeldCall] = {}
        """By reference, in order of acceptance."""
        self.now = 0
        """The carrier's time, ms UTC."""
        self._rung: list[HeldCall] = []
        self._ended: list[HeldCall] = []
        self._file: BufferedWriter | None = None if path is None else path.open("wb")

    def rings(self) -> Iterator[LedgerEntry]:
        """Every ring so far, in the order the phones rang."""
        return (call.entry(self.now) for call in self._rung)

    def entries(self) -> Iterator[LedgerEntry]:
        """Every accepted call, rung or not, in order of acceptance."""
        return (call.entry(self.now) for call in self.calls.values())

    def note_ring(self, call: HeldCall) -> None:
        """Enter a phone that begins to ring."""
        self._rung.append(call)

    def note_end(self, call: HeldCall) -> None:
        """Enter a call that has ended; it is written with its batch."""
        if self._file is not None:
            self._ended.append(call)

    def flush(self) -> None:
        """Write the calls that ended since the last time."""
        if self._file is not None and self._ended:
            self._write(call.entry(self.now) for call in self._ended)
            self._ended.clear()

    def close(self) -> None:
        """Write what is left, calls that still ring, talk or wait included, and give up the file."""
        if self._file is not None:
            self.flush()
            self._write(call.entry(self.now) for call in self.calls.values() if call.state != ENDED)
            self._file.close()
            self._file = None

    def _write(self, entries: Iterable[LedgerEntry]) -> None:
        assert self._file is not None
        self._file.write(b"".join(to_json_line(entry) for entry in entries))
        self._file.flush()


def to_json_line(entry: LedgerEntry) -> bytes:
    """One entry as a JSON object and a line feed."""
    return msgspec.json.encode(entry) + b"\n"


def read_ledger(path: Path) -> Iterator[LedgerEntry]:
    """The entries of a ledger's file, in the order they were written. Raises msgspec.DecodeError on a broken line."""
    with path.open("rb") as lines:
        for line in lines:
            yield msgspec.json.decode(line, type=LedgerEntry)
