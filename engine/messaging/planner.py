"""Plans a message, in a process of its own where that takes long: a busy Python thread would slow the loop down."""

from pathlib import Path

import msgspec

from engine.audience.gaps import Gap
from engine.audience.occasions import Told
from engine.elsewhere import answer_here, ask_elsewhere
from engine.messaging.encoding import encode_plans
from engine.messaging.planning import PlanSettings, Window, plan
from engine.preferences.blocked import blocked_gaps
from engine.preferences.in_force import roster_in_force
from engine.speech.length import LineMinutes, line_minutes, longest_by_language
from store.database import Database
from store.records import Audience, Detail, Message, Origin, Reason, Spoken
from store.vault import Vault

INLINE_PEOPLE_MAX = 2_000
"""People in a roster up to which planning takes a few milliseconds and stays in the process."""

PLANNING_SECONDS_MAX = 300
"""For the helper process: twenty times what 100,000 families take."""


class PlanRequest(msgspec.Struct, array_like=True):
    """What the helper process is asked."""

    store_path: str
    message: Message
    audience: Audience
    window: Window | None
    settings: PlanSettings
    now: int
    origin: Origin = Origin()
    details: tuple[Detail, ...] = ()
    """What events say of each student, for messages that tell of events."""


class EncodedPlans(msgspec.Struct, array_like=True):
    """A planned message, its plans encoded as the vault keeps them."""

    plans: list[bytes]
    chains: int
    covered: int
    unreachable: int
    students: int
    opens_at: int
    closes_at: int
    gaps: tuple[Gap, ...] = ()
    message_ms: int = 0
    """Estimated length of the longest chain's speech."""
    fictional: bool = False
    message_end_at: int = 0
    """Of the message's own window, or the end of the local day; see `planning.Planned`."""
    district_end_at: int = 0
    scripts: tuple[Spoken, ...] = ()
    """What the calls play, see `Job.scripts`."""
    speech: tuple[tuple[str, int], ...] = ()
    """Language, and how long its longest chain's speech is, ms."""
    line_minutes: LineMinutes = LineMinutes(0, 0)
    """What the job needs of the district's lines."""


def plan_message(request: PlanRequest, database: Database, people: int) -> EncodedPlans:
    """Plan; raises what `planning.plan` raises."""
    if people <= INLINE_PEOPLE_MAX:
        return _planned(request, database)
    return ask_elsewhere("engine.messaging.planner", request, EncodedPlans, PLANNING_SECONDS_MAX)


def _planned(request: PlanRequest, database: Database) -> EncodedPlans:
    vault = Vault(database)
    with database.read() as txn:
        roster = roster_in_force(database, txn)
        blocks = [block for _, block in database.blocks.scan(txn)]
        settings = msgspec.structs.replace(request.settings, recordings=vault.recording_lengths(txn))
    # Whoever sends a job again means those it did not reach, whatever they were told of it.
    seen = _never if request.origin.follows else Told(database)
    planned = plan(
        roster, request.message, request.audience, request.window, settings, request.now, request.details, seen
    )
    blocked = blocked_gaps(planned.plans, blocks, emergency=request.message.reason is Reason.EMERGENCY)
    return EncodedPlans(
        encode_plans(planned.plans),
        planned.chains,
        planned.covered,
        planned.unreachable,
        planned.students,
        planned.opens_at,
        planned.closes_at,
        (*planned.gaps, *blocked),
        max((one.message_ms for one in planned.plans), default=0),
        roster.fictional,
        planned.message_end_at,
        planned.district_end_at,
        planned.scripts,
        longest_by_language(planned.plans, request.message.language),
        line_minutes(planned.plans, settings.ring_ms),
    )


def _never(_occasion: str) -> None:
    """Nothing was told before."""


def _planned_here(request: PlanRequest) -> EncodedPlans:
    return _planned(request, Database(Path(request.store_path), readonly=True))


if __name__ == "__main__":
    answer_here(PlanRequest, _planned_here)
