"""The doctor as an act: a running engine examines its own district for whoever asks at its door."""

import msgspec

from engine.acts.act import Act
from engine.acts.desk import Desk
from engine.doctor.examine import examine
from engine.doctor.finding import Finding
from store.access import Role


class Examine(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be examined."""

    network: bool = True
    """Ask the carrier and the mail server, which takes seconds where they do not answer."""


def _examine(desk: Desk, asked: Examine, _author: str) -> tuple[Finding, ...]:
    found = examine(
        desk.home, settings=desk.settings, database=desk.database, now=desk.clock.now(), network=asked.network
    )
    return tuple(found)


EXAMINE: Act[Examine, tuple[Finding, ...]] = Act(
    "doctor.examine", Examine, tuple[Finding, ...], _examine, role=Role.SENDER
)
ACTS = (EXAMINE,)
"""`callchain doctor` itself does not ask at the door: an engine that hangs would keep it waiting."""
