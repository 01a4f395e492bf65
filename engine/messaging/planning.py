"""Who is called about whom, on which numbers, when: frozen plans from roster, message, settings and now."""

from collections.abc import Iterable, Iterator

from engine.messaging.audience import Directory
from engine.messaging.drafts import Draft, Drafter
from engine.messaging.duplicates import keep_once
from engine.messaging.freezer import Freezer
from engine.messaging.gaps import Gap, GapReason
from engine.messaging.settings import PlanSettings
from engine.messaging.steps import number_id
from engine.messaging.windows import Window, local_day, opening, zone_of
from engine.messaging.wording import check_text
from store.dispositions import Expiry
from store.records import Audience, Message, Plan, Reason, Record, Roster

__all__ = ["Gap", "GapReason", "PlanSettings", "Planned", "Window", "number_id", "plan"]


class Planned(Record, frozen=True):
    """A message over its audience, ready to become a job."""

    plans: list[Plan]
    """Chains to dial first, at the indexes 0 … chains-1 in queue order; then covered ones, then unreachable ones."""
    chains: int
    covered: int
    unreachable: int
    """Chains with no dialable number, and students without any messenger contact."""
    students: int
    """Different students the job is about."""
    opens_at: int
    closes_at: int
    ends_by: Expiry
    """Which clock `closes_at` is: the message's window, the district's end, or an emergency's cap."""
    gaps: tuple[Gap, ...] = ()
    """Everything that will not be dialed, to be shown before sending."""


def plan(
    roster: Roster, message: Message, audience: Audience, window: Window | None, settings: PlanSettings, now: int
) -> Planned:
    """Plan a message; the same roster in any order gives the same plans.

    `now` is ms UTC. Raises `InvalidInputError` for unknown fields and senseless windows, `RefusedError` for windows
    that leave no time, `AudienceError` for an audience without anybody, `ConfigError` for an unknown time zone.
    """
    check_text(message, audience.kind)
    when = opening(window, message.reason, settings, now)
    today = local_day(now, zone_of(settings))
    directory = Directory(roster, today, include_inactive=settings.include_inactive)
    people, left_out = directory.chosen(audience)
    drafts = Drafter(directory, message, audience, settings).draft(people)
    if message.reason is Reason.EMERGENCY:
        keep_once(drafts)
    elif message.names_recipient:
        keep_once(sorted(drafts, key=lambda draft: draft.name_order))
    return _planned(drafts, left_out, Freezer(message, settings, when, directory.school_names))


def _planned(drafts: list[Draft], left_out: list[Gap], freezer: Freezer) -> Planned:
    """Put drafts in their final order, freeze them and count."""
    dialed = [draft for draft in drafts if draft.kept]
    covered = [draft for draft in drafts if draft.moved and not draft.kept]
    unreachable = [draft for draft in drafts if not draft.numbers.steps]
    for index, draft in enumerate(dialed):
        draft.index = index
    return Planned(
        plans=[freezer.freeze(draft) for draft in (*dialed, *covered, *unreachable)],
        chains=len(dialed),
        covered=len(covered),
        unreachable=len(unreachable),
        students=len({student.person_id for draft in drafts for student in draft.students}),
        opens_at=freezer.when.opens_at,
        closes_at=freezer.when.closes_at,
        ends_by=freezer.when.ends_by,
        gaps=(*left_out, *_gaps(unreachable), *_gaps(covered), *_device_gaps(dialed)),
    )


def _gaps(drafts: Iterable[Draft]) -> Iterator[Gap]:
    """Whole chains that will not be dialed."""
    for draft in drafts:
        students = tuple(student.person_id for student in draft.students)
        why = draft.numbers.why_none or GapReason.DUPLICATE
        yield Gap(draft.contact_key, draft.contact_name, why, student_ids=students)


def _device_gaps(drafts: Iterable[Draft]) -> Iterator[Gap]:
    """Marked numbers left out of chains that dial others, once for each contact."""
    told: set[str] = set()
    for draft in drafts:
        if draft.numbers.skipped and draft.contact_key not in told:
            told.add(draft.contact_key)
            for kind, why in draft.numbers.skipped:
                yield Gap(draft.contact_key, draft.contact_name, why, kind.word)
