"""Who a message is about or for: the students or staff its audience lets through, and the contacts of each student."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from engine.messaging.gaps import Gap, GapReason
from store.errors import AudienceError
from store.records import Audience, AudienceKind, Enrollment, Household, Member, Person, Relationship, Role, Roster

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
        self.people = {person.person_id: person for person in roster.people}
        self.school_names = {school.school_id: school.name for school in roster.schools}
        self._today = today
        self._include_inactive = include_inactive
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

    def chosen(self, audience: Audience) -> tuple[list[Person], list[Gap]]:
        """The students, or the staff, of an audience by name and id, and who was named but is left out.

        Raises `AudienceError` when the audience names a school the roster lacks, or nobody is left.
        """
        self._check_schools(audience.school_ids)
        named, gaps = self._named(audience)
        staff = audience.kind is AudienceKind.STAFF
        passes = self._staff_passes if staff else self._student_passes
        people = [person for person in named if passes(person, audience)]
        if not people:
            whom = "member of staff" if staff else "enrolled student"
            raise AudienceError(f"The audience is empty: no {whom} passes its schools, grades, types and ids.")
        return sorted(people, key=lambda person: (person.name.casefold(), id_order(person.person_id))), gaps

    def schools_of(self, person: Person, audience: Audience) -> tuple[str, ...]:
        """The schools through which somebody belongs to the audience: a student's first, all of a member of staff."""
        if audience.kind is AudienceKind.STAFF:
            return tuple(s for s in person.school_ids if not audience.school_ids or s in audience.school_ids)
        return tuple(enrollment.school_id for enrollment in self._enrollments(person, audience)[:1])

    def _named(self, audience: Audience) -> tuple[Iterable[Person], list[Gap]]:
        """The people the audience names by id, or everybody; ids that lead nowhere become gaps."""
        if not audience.person_ids:
            return self.people.values(), []
        staff = audience.kind is AudienceKind.STAFF
        people, gaps = [], []
        for person_id in sorted(set(audience.person_ids)):
            person = self.people.get(person_id)
            if person is None or not person.roles & (STAFF if staff else STUDENT):
                gaps.append(Gap(f"p:{person_id}", "", GapReason.UNKNOWN_PERSON))
            elif not staff and not self._enrolled(person):
                gaps.append(Gap(f"s:{person_id}", person.name, GapReason.NOT_ENROLLED, student_ids=(person_id,)))
            else:
                people.append(person)
        return people, gaps

    def _check_schools(self, school_ids: Iterable[str]) -> None:
        unknown = sorted(set(school_ids) - self.school_names.keys())
        if unknown:
            raise AudienceError(f"The roster has no school {unknown[0]!r}; choose among the schools it lists.")

    def _student_passes(self, person: Person, audience: Audience) -> bool:
        if not person.roles & STUDENT or not self._enrolled(person):
            return False
        if audience.grades and person.grade not in audience.grades:
            return False
        return not audience.school_ids or bool(self._enrollments(person, audience))

    def _staff_passes(self, person: Person, audience: Audience) -> bool:
        """Active staff of the schools and types asked for (C044, decision 54)."""
        if not person.roles & STAFF or not person.active:
            return False
        if audience.school_ids and not set(audience.school_ids).intersection(person.school_ids):
            return False
        return not audience.staff_types or not set(audience.staff_types).isdisjoint(person.staff_types)

    def _enrolled(self, student: Person) -> bool:
        if self._include_inactive:
            return True
        return student.active and any(is_current(enrollment, self._today) for enrollment in student.enrollments)

    def _enrollments(self, student: Person, audience: Audience) -> list[Enrollment]:
        """Those the audience asks for, the current ones first, else in roster order."""
        asked = [e for e in student.enrollments if not audience.school_ids or e.school_id in audience.school_ids]
        current = [enrollment for enrollment in asked if is_current(enrollment, self._today)]
        return current or (asked if self._include_inactive else [])

    def _active_links(self, relationships: Iterable[Relationship]) -> dict[str, list[Relationship]]:
        links: dict[str, list[Relationship]] = defaultdict(list)
        for link in relationships:
            if link.messenger and link.active and is_current(link, self._today):
                contact = self.people.get(link.contact_id)
                if contact is not None and contact.active:
                    links[link.student_id].append(link)
        return links

    def _active_homes(self, households: Iterable[Household]) -> dict[str, tuple[Household, ...]]:
        """The households each person lives in today, by id (C060)."""
        homes: dict[str, tuple[Household, ...]] = {}
        for household in sorted(households, key=lambda household: household.household_id):
            for person_id in {m.person_id for m in household.members if is_current(m, self._today)}:
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
