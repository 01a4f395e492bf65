"""The roster with what was set here laid over it, whatever an import brings."""

from hypothesis import given
from hypothesis import strategies as st

from engine.preferences.in_force import in_force
from store.documents import ContactStop, Mark, Point
from store.people import Device, Email, Household, Person, Role, Roster
from store.records import ALL_REASONS, DeviceKind, Reason
from tests.engine.preferences.neighborhood import ROSTER, link, person

masks = st.integers(0, ALL_REASONS).map(lambda bits: bits & ALL_REASONS)
owners = st.sampled_from(["a", "b"])


@st.composite
def rosters(draw) -> Roster:
    """Two people and two households as an import may bring them."""
    people = tuple(
        Person(
            person_id, person_id, "Lee", Role.CONTACT,
            tuple(Device(kind, f"+161255501{kind:02d}", "", draw(masks), False, draw(masks)) for kind in kinds),
            emails=tuple(Email("a@example.org", secondary, draw(masks)) for secondary in (False, True)),
        )
        for person_id in ("a", "b")
        for kinds in [draw(st.lists(st.sampled_from(list(DeviceKind)[1:]), max_size=3))]
    )  # fmt: skip
    homes = tuple(Household(one, one, "+16125550199", "", draw(masks), (), draw(masks)) for one in ("a", "b"))
    return Roster(people=people, households=homes)


@st.composite
def marks(draw) -> list[Mark]:
    """At most one mark for each owner, point and delivery; on and off never share a bit."""
    found = {}
    for _ in range(draw(st.integers(0, 8))):
        owner = draw(st.sampled_from("ph")) + ":" + draw(owners)
        point, text, on = draw(st.sampled_from(Point)), draw(st.booleans()), draw(masks)
        found[owner, point, text] = Mark(owner, point, text, on, draw(masks) & ~on)
    return list(found.values())


@given(rosters(), marks())
def test_what_is_set_here_holds_over_any_import_bit_by_bit_and_nothing_else_changes(roster, marks):
    said = {(mark.owner, mark.point, mark.text): mark for mark in marks}

    def expected(owner: str, point: int, text: bool, imported: int) -> int:
        mark = said.get((owner, Point(point), text))
        return imported if mark is None else (imported | mark.on) & ~mark.off

    held = in_force(roster, marks, [])
    for before, after in zip(roster.people, held.people, strict=True):
        owner = f"p:{before.person_id}"
        for imported, device in zip(before.devices, after.devices, strict=True):
            voice = expected(owner, device.kind, False, imported.voice_reasons)
            assert device.voice_reasons == (0 if said_pager(device, said, owner) else voice)
            assert device.text_reasons == expected(owner, device.kind, True, imported.text_reasons)
            assert (device.number, device.private) == (imported.number, imported.private)
        for imported, email in zip(before.emails, after.emails, strict=True):
            point = Point.SECONDARY_EMAIL if email.secondary else Point.EMAIL
            assert email.reasons == expected(owner, point, False, imported.reasons)
    for home, now in zip(roster.households, held.households, strict=True):
        owner = f"h:{home.household_id}"
        assert now.voice_reasons == expected(owner, Point.HOUSEHOLD, False, home.voice_reasons)
        assert now.text_reasons == expected(owner, Point.HOUSEHOLD, True, home.text_reasons)


def said_pager(device: Device, said: dict[tuple[str, Point, bool], Mark], owner: str) -> bool:
    """A marked pager: it has no voice whatever is said of it."""
    marked = any((owner, Point.PAGER, text) in said for text in (False, True))
    return device.kind is DeviceKind.PAGER and marked


@given(rosters(), marks())
def test_laying_it_over_twice_changes_nothing_more(roster, marks):
    once = in_force(roster, marks, [])
    assert in_force(once, marks, []) == once


def test_a_stopped_contact_has_no_relationship_to_that_student_any_more_and_keeps_the_others():
    stop = ContactStop("mom", "son", "court order", "ann", 1)
    held = in_force(ROSTER, [], [stop])
    assert held.relationships == (link("son", "dad"), link("daughter", "mom"), link("neighbor", "aunt"))
    assert held.people == ROSTER.people


def test_marks_of_people_the_roster_lacks_wait_for_them():
    mark = Mark("p:ghost", Point.CELL, on=Reason.GENERAL.mask)
    assert in_force(ROSTER, [mark], []) == ROSTER
    assert (
        person(in_force(ROSTER, [Mark("p:mom", Point.CELL, off=ALL_REASONS)], []), "mom").devices[0].voice_reasons == 0
    )


def test_what_the_roster_marks_off_stays_refused_until_it_is_switched_on_here():
    off = Reason.GENERAL.mask | Reason.PRIORITY.mask
    cell = Device(DeviceKind.CELL, "+16125550155", refused_reasons=off)
    roster = Roster(people=(Person("kid", "Kid", "Lee", Role.STUDENT, (cell,)),))

    def refused(*marks: Mark) -> int:
        return in_force(roster, marks, ()).people[0].devices[0].refused_reasons

    assert refused() == off
    assert refused(Mark("p:kid", Point.CELL, on=Reason.GENERAL.mask)) == Reason.PRIORITY.mask
    assert refused(Mark("p:kid", Point.CELL, off=Reason.STAFF.mask)) == off | Reason.STAFF.mask
