"""What was predicted of a job while it ran, and what its calls taught: the memory of forecasts."""

from store.records import Reason, Record


class Prediction(Record, frozen=True):
    """A job's course as it was foreseen at one instant. Pairs are P50 and P90, ms UTC; 0: not before its end."""

    job_id: int
    made_at: int
    starts_at: int
    """When its first call could go: durations count from here."""
    half_at: tuple[int, int]
    nine_in_ten_at: tuple[int, int]
    last_call_at: tuple[int, int]
    reached: int
    """Chains it was expected to reach."""
    lines: int
    calls: int
    """Of the district's own that it rests on; 0: on stated priors alone."""
    runs: int
    """How often the job was walked on paper for it."""


class Tally(Record, frozen=True):
    """How the calls of one ended job ended, and how long they kept a line. Tallies add up; nobody is known in them.

    Keys are packed by `engine.forecast.past.cells`.
    """

    job_id: int
    reason: Reason
    day: int
    """The district's local day of its first call, an ordinal; 0: it made none."""
    calls: int
    ends: dict[int, int]
    """Device, hour, what the number did before, disposition → calls."""
    holds: dict[int, tuple[int, int]]
    """Device, disposition, whether the message was played to its end, span → calls, and the sum of their lengths."""
