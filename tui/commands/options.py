"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from actors.runtime.clock import Clock, FastClock, WallClock

Home = Annotated[
    Path, typer.Option("--home", "-d", envvar="CALLCHAIN_HOME", help="The district's folder.", show_default=True)
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
ClockSpec = Annotated[
    str, typer.Option("--clock", hidden=True, help="ORIGIN_MS:START_MS:SPEED, the same for all programs of one drill.")
]
HOME = Path()

JOB_ID_MAX = 999_999_999
"""What the door reads as a job's number."""

JobId = Annotated[
    int, typer.Argument(min=1, max=JOB_ID_MAX, help="The job's number, as `callchain jobs` shows it, like 12.")
]

SPEED_MAX = 10_000.0
"""Of a drill's clock: a whole school day in three seconds; no machine keeps up with more."""


def clock_of(spec: str) -> Clock:
    """The clock a program was given, else the wall clock."""
    return FastClock.parse(spec) if spec else WallClock()
