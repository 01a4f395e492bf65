"""Chains before they are frozen: who is called about which students, over which numbers (decisions 2-4, 16, 17)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.messaging.audience import PRIORITY_LAST, Contact, Directory, id_order
from engine.messaging.gaps import GapReason
from engine.messaging.settings import PlanSettings
from engine.messaging.steps import Numbers, StepMaker
from store.records import Audience, AudienceKind, Household, Message, Person, Reason, Step


@dataclass(slots=True)
class Draft:
    """One chain in the making."""

    contact_key: str
    contact_name: str
    numbers: Numbers
    is_household: bool = False
    priority: int = PRIORITY_LAST
    speaker: Person | None = None
    """Whose name a name-insert tool speaks; of a household, its contact with the lowest id (decision 20)."""
    students: list[Person] = field(default_factory=list)
    school_ids: tuple[str, ...] = ()
    kept: tuple[Step, ...] = ()
    moved: tuple[tuple[int, "Draft"], ...] = ()
    """(number_id, the chain that dials it) of every number taken away as a duplicate."""
    index: int = -1

    def __post_init__(self) -> None:
        self.kept = self.numbers.steps

    @property
    def queue_order(self) -> tuple[bool, int, tuple[int, int, str]]:
        """Households first, then by Emergency Priority, then by id (decisions 5, 17)."""
        return (not self.is_household, self.priority, id_order(self.contact_key[2:]))

    @property
    def name_order(self) -> tuple[tuple[int, int, str], bool]:
        """The lowest person id first, their household before their own numbers (decision 20)."""
        return (id_order(self.speaker.person_id if self.speaker else ""), not self.is_household)


class Drafter:
    """Drafts the chains of one message; the people are handed in by name and id, so students stand in that order."""

    def __init__(self, directory: Directory, message: Message, audience: Audience, settings: PlanSettings) -> None:
        self._directory = directory
        self._audience = audience
        self._names_recipient = message.names_recipient
        self._emergency = message.reason is Reason.EMERGENCY
        self._grouping = settings.grouping
        self._maker = StepMaker(message.reason, audience.kind, settings)
        self._drafts: dict[tuple[str, str], Draft] = {}

    def draft(self, people: Iterable[Person]) -> list[Draft]:
        """All chains about or to these people, in queue order; those without steps say why in their numbers."""
        about = self._about_student if self._audience.kind is AudienceKind.CONTACTS else self._to_person
        for person in people:
            about(person)
        return sorted(self._drafts.values(), key=lambda draft: draft.queue_order)

    def _about_student(self, student: Person) -> None:
        """One household chain per home of the contacts, one chain per contact (C061-C064)."""
        contacts = self._directory.contacts_of(student.person_id)
        school_id = next(iter(self._directory.schools_of(student, self._audience)), "")
        if not contacts:
            nobody = Draft(f"s:{student.person_id}", student.name, Numbers((), GapReason.NO_CONTACT))
            self._drafts[nobody.contact_key, ""] = nobody
            self._join(nobody, student, school_id, ())
        for household, members in _homes_of(contacts):
            self._household(household, members, student, school_id)
        for contact in contacts:
            key = f"p:{contact.person.person_id}"
            identity = self._identity(key, student, school_id)
            draft = self._drafts.get(identity)
            if draft is None:
                numbers = self._maker.of_person(contact.person)
                draft = self._drafts[identity] = Draft(key, contact.person.name, numbers)
            self._join(draft, student, school_id, (contact,))

    def _household(self, household: Household, members: list[Contact], student: Person, school_id: str) -> None:
        key = f"h:{household.household_id}"
        identity = self._identity(key, student, school_id)
        draft = self._drafts.get(identity)
        if draft is None:
            numbers = self._maker.of_household(household)
            if numbers is None:
                return
            draft = self._drafts[identity] = Draft(key, household.name, numbers, is_household=True)
        self._join(draft, student, school_id, members)

    def _join(self, draft: Draft, student: Person, school_id: str, contacts: Iterable[Contact]) -> None:
        """Add a student, and the contacts through whom they belong, to a chain."""
        draft.students.append(student)
        if school_id and school_id not in draft.school_ids:
            draft.school_ids = (*draft.school_ids, school_id)
        for person, priority, _ in contacts:
            draft.priority = min(draft.priority, priority)
            if draft.speaker is None or id_order(person.person_id) < id_order(draft.speaker.person_id):
                draft.speaker = person
        if self._names_recipient and draft.speaker is not None:
            draft.contact_name = draft.speaker.name

    def _identity(self, contact_key: str, student: Person, school_id: str) -> tuple[str, str]:
        """What makes one chain (decisions 2, 16, 17, 20).

        One per contact for emergencies and name-insert tools; one per contact and school when grouping, since calls are
        never grouped across schools; else one per contact and student.
        """
        if self._emergency or self._names_recipient:
            return (contact_key, "")
        return (contact_key, school_id if self._grouping else student.person_id)

    def _to_person(self, person: Person) -> None:
        """A student's or a member of staff's own chain."""
        students = [person] if self._audience.kind is AudienceKind.STUDENTS else []
        numbers = self._maker.of_person(person)
        if self._audience.kind is AudienceKind.STAFF and self._emergency and not person.staff_types:
            numbers = Numbers((), GapReason.NO_STAFF_TYPE)
        key = f"p:{person.person_id}"
        schools = self._directory.schools_of(person, self._audience)
        self._drafts[key, ""] = Draft(key, person.name, numbers, False, PRIORITY_LAST, person, students, schools)


def _homes_of(contacts: Iterable[Contact]) -> Iterable[tuple[Household, list[Contact]]]:
    """The homes of some contacts with who of them lives there: two parents under one roof share one (decision 4)."""
    homes: dict[str, tuple[Household, list[Contact]]] = {}
    for contact in contacts:
        for household in contact.households:
            homes.setdefault(household.household_id, (household, []))[1].append(contact)
    return homes.values()
