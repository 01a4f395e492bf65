"""Who is called about whom, on which numbers, when: frozen plans from roster, message, settings and now."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from engine.audience.directory import Directory
from engine.audience.gaps import Gap, GapReason
from engine.audience.rights import check_number, check_rights
from engine.audience.selection import Selection
from engine.audience.tellings import Seen, tellings
from engine.messaging.drafts import Draft, Drafter
from engine.messaging.duplicates import keep_once
from engine.messaging.freezer import Freezer
from engine.messaging.recipient_hours import RecipientHours
from engine.messaging.steps import number_id
from engine.messaging.windows import Opening, Window, local_day, opening, zone_of
from engine.plan_settings import PlanSettings
from engine.speech.wording import check_text
from store.dispositions import Expiry
from store.errors import AudienceError
from store.people import Roster
from store.records import Audience, Detail, Message, Plan, Reason, Record, Spoken

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
    """As the district's hours are now."""
    ends_by: Expiry
    """Which clock `closes_at` is: the message's window, the district's end, or an emergency's cap."""
    message_end_at: int
    """Of the message's own window, or the end of the local day: the plans' `closes_at`."""
    district_end_at: int
    """The district's end on that day; 0 for an emergency."""
    gaps: tuple[Gap, ...] = ()
    """Everything that will not be dialed, to be shown before sending."""
    scripts: tuple[Spoken, ...] = ()
    """What the plans' calls play that have no words of their own."""


def plan(
    roster: Roster,
    message: Message,
    audience: Audience,
    window: Window | None,
    settings: PlanSettings,
    now: int,
    details: Sequence[Detail] = (),
    seen: Seen = lambda _: None,
) -> Planned:
    """Plan a message; the same roster in any order gives the same plans.

    `now` is ms UTC. With `details` it is told of their people only; `seen` says what need not be told again. Raises
    `InvalidInputError` for unknown fields and senseless windows, `RefusedError` for windows that leave no time and for
    teachers without rights, `AudienceError` for an audience without anybody, `ConfigError` for an unknown time zone.
    """
    check_text(message, audience.kind, details, example=bool(audience.number))
    when = opening(window, message.reason, settings, now)
    today = local_day(now, zone_of(settings))
    directory = Directory(roster, today, include_inactive=settings.include_inactive)
    freezer = Freezer(message, settings, when, directory.school_names)
    if audience.number:
        return _planned(_test_call(directory, message, audience, settings), [], freezer)
    check_rights(message, audience, directory, settings)
    drafts, left_out = _drafts(directory, message, audience, settings, when, details, seen)
    if message.reason is Reason.EMERGENCY:
        keep_once(drafts)
    elif message.names_recipient:
        keep_once(sorted(drafts, key=lambda draft: draft.name_order))
    return _planned(drafts, left_out, freezer)


def _drafts(
    directory: Directory, message: Message, audience: Audience, settings: PlanSettings, when: Opening,
    details: Sequence[Detail], seen: Seen,
) -> tuple[list[Draft], list[Gap]]:  # fmt: skip
    """The chains of an audience, and who of it is left out. Raises `AudienceError` for nobody."""
    if details:
        audience = _of_details(audience, details)
    selection = Selection(directory, audience)
    people, left_out = selection.people()
    told, skipped = tellings(people, audience.kind, details, selection, seen)
    hours = RecipientHours.of(settings, message.reason, when)
    drafts = Drafter(directory, selection, message, audience, settings, hours).draft(told)
    gone = selection.missing({draft.contact_key for draft in drafts})
    # Where everything was told before there is nobody left to call, and the list of gaps says so.
    if not drafts and not skipped:
        raise AudienceError(_nobody(audience, directory, gone))
    return drafts, [*left_out, *skipped, *gone]


def _test_call(directory: Directory, message: Message, audience: Audience, settings: PlanSettings) -> list[Draft]:
    """The one chain of a test call: its author's own number, and nobody else's."""
    check_number(audience)
    drafter = Drafter(directory, Selection(directory, Audience()), message, audience, settings)
    return drafter.draft_test_call(audience.number, number_id(audience.number, settings.number_key))


def _of_details(audience: Audience, details: Iterable[Detail]) -> Audience:
    """The audience, narrowed to whom the events are about."""
    about = {detail.person_id for detail in details}
    if audience.person_ids:
        about.intersection_update(audience.person_ids)
    if not about:
        raise AudienceError("The audience is empty: the events are about nobody on the list of people.")
    return msgspec.structs.replace(audience, person_ids=tuple(sorted(about)))


def _nobody(audience: Audience, directory: Directory, gone: Sequence[Gap]) -> str:
    """Why an audience that has people has no contacts."""
    if gone:
        return "The audience is empty: none of the contacts asked for is one of its students any more."
    if audience.languages:
        spoken = ", ".join(sorted({person.language for person in directory.people.values()}))
        return (
            f"The audience is empty: none of its contacts speaks {', '.join(audience.languages)}. Spoken are {spoken}."
        )
    return "The audience is empty: nobody passes its filters. Choose other filters."


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
        message_end_at=freezer.when.message_end_at,
        district_end_at=freezer.when.district_end_at,
        gaps=(*left_out, *_gaps(unreachable), *_gaps(covered), *_device_gaps(dialed)),
        scripts=freezer.scripts,
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
