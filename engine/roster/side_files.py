"""The files beside OneRoster: relationships, contacts, phones, households and preferences (decision 3; C055–C060)."""

from engine.roster.bundle import Bundle
from engine.roster.draft import RosterDraft, Span
from engine.roster.numbers import Number, read_extension
from engine.roster.oneroster import is_active, known_person, phone
from engine.roster.problems import shown
from engine.roster.row import Columns, Row
from engine.roster.voice import Voice
from store.records import ALL_REASONS, DeviceKind, Household, Member, Reason, Relationship, Role

RELATIONSHIPS = Columns(
    "relationships", ("userSourcedId", "relationshipUserSourcedId", "relationshipRole"), ("status",)
)
CONTACTS = Columns(
    "contacts",
    ("studentSourcedId", "contactSourcedId", "messenger"),
    ("status", "relationship", "guardian", "emergencyPriority", "startDate", "endDate"),
)
PHONES = Columns("phones", ("userSourcedId", "point", "phone"), ("status", "extension", "private"))
HOUSEHOLDS = Columns(
    "households", ("householdId", "userSourcedId"), ("status", "name", "phone", "extension", "startDate", "endDate")
)
PREFERENCES = Columns("preferences", ("point", "device", "reason", "on"), ("userSourcedId", "householdId"))
BEGIN, END = ("startDate",), ("endDate",)
PRIORITY_MAX = 99
"""Campus numbers a student's contacts from 1; two digits are more than any student has."""

_POINTS = {kind.word: kind for kind in DeviceKind}
_REASONS = {reason.word: reason.mask for reason in Reason} | {"all": ALL_REASONS}


def read_relationships(bundle: Bundle, draft: RosterDraft) -> None:
    """Microsoft SDS's relationships.csv as it stands: user is the student, in either order where roles tell."""
    listed: set[tuple[str, str]] = set()
    for row in bundle.rows(RELATIONSHIPS):
        one, other = known_person(row, "userSourcedId", draft), known_person(row, "relationshipUserSourcedId", draft)
        if not one or not other or not is_active(row):
            continue
        link = draft.oriented(one, other)
        if link is None:
            row.bad("relationshipUserSourcedId", "does not link a student and an adult")
        elif link in listed:
            row.bad("relationshipUserSourcedId", f"{shown(row['relationshipUserSourcedId'])} is there twice")
        else:
            listed.add(link)
            draft.links[link] = row.words("relationshipRole").lower()


def read_contacts(bundle: Bundle, draft: RosterDraft) -> None:
    """contacts.csv: the Messenger box and its neighbours for each contact of each student (C055, C056)."""
    spans: dict[tuple[str, str], list[Span]] = {}
    for row in bundle.rows(CONTACTS):
        student, contact = known_person(row, "studentSourcedId", draft), known_person(row, "contactSourcedId", draft)
        messenger, guardian = row.truth("messenger", default=False), row.truth("guardian", default=False)
        span, active = row.span(BEGIN, END), is_active(row)
        if not student or not contact or messenger is None or guardian is None or span is None or not active:
            continue
        if not student.roles & Role.STUDENT:
            row.bad("studentSourcedId", f"{shown(student.person_id)} is no student")
            continue
        earlier = spans.setdefault((student.person_id, contact.person_id), [])
        if any(_overlap(span, known) for known in earlier):
            row.bad("contactSourcedId", f"{shown(contact.person_id)} is there twice for the same student and time")
            continue
        earlier.append(span)
        relation = row.words("relationship") or draft.links.get((student.person_id, contact.person_id), contact.word)
        draft.relationships.append(
            Relationship(student.person_id, contact.person_id, relation, messenger, guardian, _priority(row), *span)
        )


def _overlap(one: Span, other: Span) -> bool:
    return (not one[1] or other[0] <= one[1]) and (not other[1] or one[0] <= other[1])


def _priority(row: Row) -> int:
    """Emergency Priority; blank or bad (reported) is 0, which comes last and decides nothing (decision 5)."""
    text = row["emergencyPriority"]
    if text.isascii() and text.isdigit() and int(text[:3]) <= PRIORITY_MAX:
        return int(text)
    if text:
        row.bad("emergencyPriority", f"{shown(text)} is not a number from 0 to {PRIORITY_MAX}")
    return 0


def read_phones(bundle: Bundle, draft: RosterDraft) -> None:
    """phones.csv: cell, work, other and pager numbers, with extension and Private flag (C058, C059)."""
    for row in bundle.rows(PHONES):
        person, kind, private = (
            known_person(row, "userSourcedId", draft),
            _point(row),
            row.truth("private", default=False),
        )
        if not person or kind is None or private is None or not is_active(row):
            continue
        if kind == DeviceKind.HOUSEHOLD:
            row.bad("point", "a household's number stands in households.csv")
        elif not row["phone"]:
            row.bad("phone", "is blank")
        elif number := _phone_with_extension(row):
            person.listed += ((kind, number, private),)


def _point(row: Row) -> DeviceKind | None:
    kind = _POINTS.get(row["point"].lower())
    if kind is None:
        row.bad("point", f"{shown(row['point'])} is none of {', '.join(_POINTS)}")
    return kind


def _phone_with_extension(row: Row) -> Number | None:
    """A number whose extension may stand in a column of its own; without a readable extension it is not kept."""
    number, extension = phone(row, "phone"), read_extension(row["extension"])
    if extension is None:
        row.bad("extension", "is not up to 8 digits")
        return None
    return Number(number.e164, extension) if number and extension else number


def read_households(bundle: Bundle, draft: RosterDraft) -> None:
    """households.csv: a row per member; name and phone may stand on any of a household's rows (C060)."""
    names: dict[str, str] = {}
    numbers: dict[str, Number] = {}
    members: dict[str, dict[str, Member]] = {}
    for row in bundle.rows(HOUSEHOLDS):
        household_id, active = row.identity("householdId"), is_active(row)
        if not household_id or not active:
            continue
        found = members.setdefault(household_id, {})
        names[household_id] = names.get(household_id, "") or row.words("name")
        number = _phone_with_extension(row)
        if number and numbers.setdefault(household_id, number) != number:
            row.bad("phone", f"another phone than an earlier row gives household {shown(household_id)}")
        person, span = known_person(row, "userSourcedId", draft), row.span(BEGIN, END)
        if person and span is not None:
            if person.person_id in found:
                row.bad("userSourcedId", f"{shown(person.person_id)} is there twice in the same household")
            else:
                found[person.person_id] = Member(person.person_id, *span)
    for household_id, found in members.items():
        number = numbers.get(household_id, Number(""))
        name = names[household_id] or household_id
        draft.join(Household(household_id, name, number.e164, number.extension, 0, tuple(found.values())))


def read_preferences(bundle: Bundle, draft: RosterDraft) -> Voice:
    """preferences.csv: which reasons Voice is marked for, per phone of a person or household (C057)."""
    voice = Voice()
    known = {household.household_id for household in draft.households}
    for row in bundle.rows(PREFERENCES):
        kind, on, masks = _point(row), row.truth("on", default=False), _reasons(row)
        device = row["device"].lower()
        if device not in ("voice", "text"):
            row.bad("device", f"{shown(device)} is neither voice nor text")
        elif kind == DeviceKind.PAGER and device == "voice":
            row.bad("device", "a pager has no voice")
        elif kind is not None and on is not None and masks:
            owner = _owner(row, kind, known, draft)
            if owner and device == "voice" and not voice.mark(owner, kind, masks, on):
                row.bad("on", "contradicts an earlier row for the same phone and reason")
    return voice


def _reasons(row: Row) -> int:
    """The reasons a row names, one or several or `all`; 0, and reported, where one is unknown or there is none."""
    masks = 0
    words = row.items("reason")
    for word in words:
        mask = _REASONS.get(word.lower().replace(" ", "_"), 0)
        if not mask:
            row.bad("reason", f"{shown(word)} is none of {', '.join(_REASONS)}")
            return 0
        masks |= mask
    if not words:
        row.bad("reason", "is blank")
    return masks


def _owner(row: Row, kind: DeviceKind, households: set[str], draft: RosterDraft) -> str:
    """Whose phone a preference is for: a household by its id, or a person."""
    household_id = row["householdId"]
    if not household_id:
        person = known_person(row, "userSourcedId", draft)
        return person.person_id if person else ""
    if kind != DeviceKind.HOUSEHOLD:
        row.bad("point", "a household has only the point household")
    elif household_id not in households:
        row.bad("householdId", f"{shown(household_id)} is not a household of this bundle")
    else:
        return Voice.household(household_id)
    return ""
