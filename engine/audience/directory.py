"""The people of a roster as they stand on one day: who is enrolled where, and who is whose messenger contact."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from store.people import Enrollment, Household, Member, Person, Relationship, Role, Roster

PRIORITY_LAST = 1 << 30
"""Where an Emergency Priority of 0 or less, which means none, stands in the order (decision 5)."""

STUDENT, STAFF = int(Role.STUDENT), int(Role.STAFF)
"""As plain integers: an enum's `&` is ten times slower, and it is asked of everybody."""


class Contact(NamedTuple):
    """A messenger contact of one student; `priority` has `PRIORITY_LAST` for none."""

    person: Person
    priority: int
    households: tuple[Household, ...]


class Directory:
    """The roster, indexed once, as it stands on one local day (ordinal)."""

    def __init__(self, roster: Roster, today: int, *, include_inactive: bool = False) -> None:
        self.today = today
        self.include_inactive = include_inactive
        """Students who are inactive or not enrolled today count too (decision 4)."""
        self.people = {person.person_id: person for person in roster.people}
        self.school_names = {school.school_id: school.name for school in roster.schools}
        self.calendars = {calendar.calendar_id: calendar for calendar in roster.calendars}
        self.classes = {one.class_id: one for one in roster.classes}
        self._links = self._active_links(roster.relationships)
        self._homes = self._active_homes(roster.households)

    def contacts_of(self, student_id: str) -> list[Contact]:
        """Everybody whose Messenger box is marked for the student, each once, by id (C055, decision 4).

        A relationship, a membership or a contact that has ended stays out whatever `include_inactive` says: the end of
        a custody must hold.
        """
        best: dict[str, int] = {}
        for link in self._links.get(student_id, ()):
            priority = link.emergency_priority if link.emergency_priority > 0 else PRIORITY_LAST
            best[link.contact_id] = min(priority, best.get(link.contact_id, PRIORITY_LAST))
        return [
            Contact(self.people[contact_id], best[contact_id], self._homes.get(contact_id, ()))
            for contact_id in sorted(best)
        ]

    def is_enrolled(self, student: Person) -> bool:
        """Whether a student counts today (decision 4)."""
        if self.include_inactive:
            return True
        return student.active and any(is_current(enrollment, self.today) for enrollment in student.enrollments)

    def staff_types(self) -> list[str]:
        """Every type a member of staff has."""
        return sorted({word for person in self.people.values() if person.roles & STAFF for word in person.staff_types})

    def grades(self) -> list[str]:
        """Every grade a student is in."""
        return sorted({person.grade for person in self.people.values() if person.roles & STUDENT and person.grade})

    def _active_links(self, relationships: Iterable[Relationship]) -> dict[str, list[Relationship]]:
        links: dict[str, list[Relationship]] = defaultdict(list)
        for link in relationships:
            if link.messenger and link.active and is_current(link, self.today):
                contact = self.people.get(link.contact_id)
                if contact is not None and contact.active:
                    links[link.student_id].append(link)
        return links

    def _active_homes(self, households: Iterable[Household]) -> dict[str, tuple[Household, ...]]:
        """The households each person lives in today, by id (C060)."""
        homes: dict[str, tuple[Household, ...]] = {}
        for household in sorted(households, key=lambda household: household.household_id):
            for person_id in {m.person_id for m in household.members if is_current(m, self.today)}:
                homes[person_id] = (*homes.get(person_id, ()), household)
        return homes


def is_current(span: Enrollment | Relationship | Member, today: int) -> bool:
    """Whether a day lies within a span's dates, the last day included; 0 leaves an end open."""
    return span.begins_on <= today and (not span.ends_on or today <= span.ends_on)


def id_order(some_id: str) -> tuple[int, int, str]:
    """Sorts ids that are figures by value, before all others: 9 comes before 10."""
    if some_id.isdecimal() and len(some_id) <= 18:
        return (0, int(some_id), some_id)
    return (1, 0, some_id)
