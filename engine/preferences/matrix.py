"""The preferences of one person or household: contact point × delivery × reason, as they hold now (C057, C058)."""

from collections.abc import Iterable, Iterator

import msgspec

from engine.audience.directory import is_current
from engine.preferences.choices import reason_words
from store.documents import Mark, Point
from store.people import Household, Person, Relationship, Role, Roster
from store.records import DeviceKind


class MatrixRow(msgspec.Struct, kw_only=True, frozen=True):
    """One delivery of one contact point."""

    point: str
    delivery: str
    """voice, text, or mail."""
    address: str
    """Masked, as it is shown."""
    extension: str = ""
    private: bool = False
    household_id: str = ""
    """Whose number it is where it is a household's: it holds for all members (C060)."""
    on: tuple[str, ...] = ()
    """Reasons it gets messages for."""
    set_here: tuple[str, ...] = ()
    """Reasons set here, on or off, which an import does not change (decision 21c)."""
    author: str = ""
    """Who set them last, and when (ms UTC)."""
    at: int = 0


class Link(msgspec.Struct, kw_only=True, frozen=True):
    """A relationship with its boxes (C056). Days are ordinals, 0 for open."""

    student_id: str
    contact_id: str
    name: str
    """Of the other one of the two."""
    relation: str
    begins_on: int
    ends_on: int
    emergency_priority: int
    guardian: bool
    mailing: bool
    portal: bool
    messenger: bool
    private: bool
    stopped: bool = False
    """Stopped here, whatever the roster says (decision 21d)."""


class Matrix(msgspec.Struct, kw_only=True, frozen=True):
    """One person or household."""

    who: str
    name: str
    roles: tuple[str, ...]
    rows: tuple[MatrixRow, ...]
    links: tuple[Link, ...] = ()


def matrix_of(
    one: Person | Household, roster: Roster, marks: Iterable[Mark], imported: Roster, names: dict[str, str], today: int
) -> Matrix:
    """What is shown of somebody. `roster` is the one in force, `imported` the one without what was set here."""
    found = {(mark.owner, mark.point, mark.text): mark for mark in marks}
    if isinstance(one, Household):
        return Matrix(who=one.household_id, name=one.name, roles=("household",), rows=tuple(_home_rows(one, found)))
    homes = homes_of(one, roster, today)
    rows = (*_email_rows(one, found), *(row for home in homes for row in _home_rows(home, found)), *_rows(one, found))
    roles = tuple(role.name.lower() for role in Role if role.name and one.roles & role)
    links = tuple(_links(one, roster, imported, names))
    return Matrix(who=one.person_id, name=one.name, roles=roles, rows=rows, links=links)


def homes_of(person: Person, roster: Roster, today: int) -> list[Household]:
    """Where somebody lives today."""
    return [
        home
        for home in roster.households
        if any(member.person_id == person.person_id and is_current(member, today) for member in home.members)
    ]


Found = dict[tuple[str, Point, bool], Mark]


def _rows(person: Person, marks: Found) -> Iterator[MatrixRow]:
    owner = f"p:{person.person_id}"
    for device in person.devices:
        point, shown = Point(device.kind), masked_number(device.number)
        deliveries = [("text", device.text_reasons)]
        if device.kind is not DeviceKind.PAGER:
            deliveries.insert(0, ("voice", device.voice_reasons))
        for delivery, reasons in deliveries:
            mark = marks.get((owner, point, delivery == "text"))
            yield _row(point, delivery, shown, reasons, mark, extension=device.extension, private=device.private)


def _home_rows(home: Household, marks: Found) -> Iterator[MatrixRow]:
    if home.number:
        for delivery, reasons in (("voice", home.voice_reasons), ("text", home.text_reasons)):
            mark = marks.get((f"h:{home.household_id}", Point.HOUSEHOLD, delivery == "text"))
            shown = masked_number(home.number)
            yield _row(
                Point.HOUSEHOLD, delivery, shown, reasons, mark, extension=home.extension, home=home.household_id
            )


def _email_rows(person: Person, marks: Found) -> Iterator[MatrixRow]:
    for email in person.emails:
        point = Point.SECONDARY_EMAIL if email.secondary else Point.EMAIL
        mark = marks.get((f"p:{person.person_id}", point, False))
        yield _row(point, "mail", masked_address(email.address), email.reasons, mark)


def _row(
    point: Point,
    delivery: str,
    shown: str,
    reasons: int,
    mark: Mark | None,
    *,
    extension: str = "",
    private: bool = False,
    home: str = "",
) -> MatrixRow:
    said = mark or Mark("", point)
    return MatrixRow(
        point=point.word, delivery=delivery, address=shown, extension=extension, private=private, household_id=home,
        on=reason_words(reasons), set_here=reason_words(said.on | said.off), author=said.author, at=said.at,
    )  # fmt: skip


def _links(person: Person, roster: Roster, imported: Roster, names: dict[str, str]) -> Iterator[Link]:
    """Relationships of a student or a contact, those stopped here among them."""
    held = set(roster.relationships)
    for one in imported.relationships:
        if person.person_id in (one.student_id, one.contact_id):
            other = one.contact_id if person.person_id == one.student_id else one.student_id
            yield _link(one, names.get(other, ""), stopped=one not in held)


def _link(one: Relationship, name: str, *, stopped: bool) -> Link:
    return Link(
        student_id=one.student_id, contact_id=one.contact_id, name=name, relation=one.relation,
        begins_on=one.begins_on, ends_on=one.ends_on, emergency_priority=one.emergency_priority,
        guardian=one.guardian, mailing=one.mailing, portal=one.portal, messenger=one.messenger, private=one.private,
        stopped=stopped,
    )  # fmt: skip


def masked_number(number: str) -> str:
    """A phone number of which only the last four digits are shown."""
    return f"•••-•••-{number[-4:]}"


def masked_address(address: str) -> str:
    """An e-mail address of which only the first letter and the domain are shown."""
    name, at, domain = address.partition("@")
    return f"{name[:1]}•••{at}{domain}"
