"""What the line pool takes from the settings and follows while jobs run, each time as it is now (decision 26)."""

from dataclasses import dataclass

from actors.district import DistrictHours


@dataclass(frozen=True, slots=True)
class Rules:
    """The part of the settings that may change under running jobs."""

    hours: DistrictHours
    lines: int
    emergency_lines: int
    ahead_max: int
    number_gap_ms: int = 30_000
    """Between two calls to one number; emergencies skip it (decisions 7, 19)."""
    redials_max: int = 6
    """Of one number on one day, in all routine jobs together (decision 21b)."""
    calls_per_second: float = 0.0
    """0: as fast as lines allow."""
