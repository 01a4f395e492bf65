"""The files beside OneRoster: relationships, contacts, phones, households and preferences (decision 3; C055–C060)."""

import msgspec

from engine.roster.bundle import Bundle
from engine.roster.draft import RosterDraft, Span
from engine.roster.numbers import Number, read_extension
from engine.roster.oneroster import known_person, phone
from engine.roster.problems import shown
from engine.roster.row import Columns, Row, is_active, zone_name
from engine.roster.voice import Preferences, Voice
from store.documents import Point
from store.people import Household, Member, Relationship, Role
from store.records import ALL_REASONS, DeviceKind, Reason

RELATIONSHIPS = Columns(
    "relationships", ("userSourcedId", "relationshipUserSourcedId", "relationshipRole"), ("status",)
)
CONTACTS = Columns(
    "contacts",
    ("studentSourcedId", "contactSourcedId", "messenger"),
    ("status", "relationship", "guardian", "emergencyPriority", "startDate", "endDate", "mailing", "portal", "private"),
)
PHONES = Columns("phones", ("userSourcedId", "point", "phone"), ("status", "extension", "private"))
HOUSEHOLDS = Columns(
    "households",
    ("householdId", "userSourcedId"),
    ("status", "name", "phone", "extension", "startDate", "endDate", "timeZone"),
)
PREFERENCES = Columns("preferences", ("point", "device", "reason", "on"), ("userSourcedId", "householdId"))
BOXES = ("messenger", "guardian", "mailing", "portal", "private")
BEGIN, END = ("startDate",), ("endDate",)
PRIORITY_MAX = 99
"""Campus numbers a student's contacts from 1; two digits are more than any student has."""

_PHONES = {kind.word: kind for kind in DeviceKind}
_POINTS = {point.word: point for point in Point}
_DELIVERIES = ("voice", "text", "mail")
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
        boxes = _boxes(row)
        span, active = row.span(BEGIN, END), is_active(row)
        if not student or not contact or boxes is None or span is None or not active:
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
            Relationship(
                student.person_id,
                contact.person_id,
                relation,
                boxes["messenger"],
                boxes["guardian"],
                _priority(row),
                *span,
                mailing=boxes["mailing"],
                portal=boxes["portal"],
                private=boxes["private"],
            )
        )


def _boxes(row: Row) -> dict[str, bool] | None:
    """The boxes of the Relationships tab; None, and reported, where one is neither marked nor blank (C056)."""
    boxes = {box: row.truth(box, default=False) for box in BOXES}
    return None if None in boxes.values() else {box: bool(marked) for box, marked in boxes.items()}


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
            _kind(row),
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


def _kind(row: Row) -> DeviceKind | None:
    kind = _PHONES.get(row["point"].lower())
    if kind is None:
        row.bad("point", f"{shown(row['point'])} is none of {', '.join(_PHONES)}")
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
    zones: dict[str, str] = {}
    for row in bundle.rows(HOUSEHOLDS):
        household_id, active = row.identity("householdId"), is_active(row)
        if not household_id or not active:
            continue
        found = members.setdefault(household_id, {})
        names[household_id] = names.get(household_id, "") or row.words("name")
        zones[household_id] = zones.get(household_id, "") or zone_name(row, "timeZone")
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
        home = Household(household_id, name, number.e164, number.extension, 0, tuple(found.values()))
        draft.join(msgspec.structs.replace(home, time_zone=zones[household_id]))


def read_preferences(bundle: Bundle, draft: RosterDraft) -> Preferences:
    """preferences.csv: for which reasons voice, text or mail is marked, per point of a person or household (C057)."""
    marked = Preferences()
    known = {household.household_id for household in draft.households}
    for row in bundle.rows(PREFERENCES):
        point, on, masks = _point(row), row.truth("on", default=False), _reasons(row)
        delivery = _delivery(row, point)
        if delivery and point is not None and on is not None and masks:
            owner = _owner(row, point, known, draft)
            if owner and not marked.of(delivery).mark(owner, point, masks, on):
                row.bad("on", "contradicts an earlier row for the same phone and reason")
    return marked


def _point(row: Row) -> Point | None:
    point = _POINTS.get(row["point"].lower())
    if point is None:
        row.bad("point", f"{shown(row['point'])} is none of {', '.join(_POINTS)}")
    return point


def _delivery(row: Row, point: Point | None) -> str:
    """How it is delivered: blank is mail for an address; empty, and reported, where the point has none such."""
    delivery = row["device"].lower() or ("mail" if point is not None and point.is_email else "")
    if delivery not in _DELIVERIES:
        row.bad("device", f"{shown(delivery)} is none of {', '.join(_DELIVERIES)}")
    elif point == Point.PAGER and delivery == "voice":
        row.bad("device", "a pager has no voice")
    elif point is not None and point.is_email != (delivery == "mail"):
        row.bad("device", "an address has mail alone, and a phone has none")
    else:
        return delivery
    return ""


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


def _owner(row: Row, point: Point, households: set[str], draft: RosterDraft) -> str:
    """Whose phone a preference is for: a household by its id, or a person."""
    household_id = row["householdId"]
    if not household_id:
        person = known_person(row, "userSourcedId", draft)
        return person.person_id if person else ""
    if point != Point.HOUSEHOLD:
        row.bad("point", "a household has only the point household")
    elif household_id not in households:
        row.bad("householdId", f"{shown(household_id)} is not a household of this bundle")
    else:
        return Voice.household(household_id)
    return ""
