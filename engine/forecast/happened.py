"""What has really come of a job's chains so far: when each was reached, and when its last call ended."""

from dataclasses import dataclass, field

from store.rows import ChainRow


@dataclass
class Happened:
    """By index, ms UTC. Instants are those of the calls themselves, not of when their results were read."""

    reached: dict[int, int] = field(default_factory=dict)
    last_calls: dict[int, int] = field(default_factory=dict)

    def note(self, index: int, row: ChainRow) -> None:
        """One chain as the facts tell it."""
        for tried in row.tried():
            if tried.dialed_at:
                self.call(index, tried.dialed_at + tried.duration_ms, tried.disposition.flags.delivered)

    def call(self, index: int, ended_at: int, delivered: bool) -> None:
        """One call of a chain; the first that delivers the message reaches it."""
        self.last_calls[index] = max(self.last_calls.get(index, 0), ended_at)
        if delivered:
            self.reached.setdefault(index, ended_at)
