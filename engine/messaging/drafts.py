"""Chains before they are frozen: who is called about which students, over which numbers (decisions 2-4, 16, 17)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.audience.directory import PRIORITY_LAST, Contact, Directory, id_order
from engine.audience.gaps import GapReason
from engine.audience.selection import Selection
from engine.audience.tellings import Telling
from engine.messaging.recipient_hours import RecipientHours
from engine.messaging.steps import Numbers, StepMaker
from engine.plan_settings import PlanSettings
from store.people import Household, Person
from store.records import Audience, AudienceKind, Detail, Message, Reason, Step

TEST_CALL = "Test call"
"""The name of the one contact of a test call."""


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
    details: list[tuple[Person, Detail]] = field(default_factory=list)
    """What events say, in the order in which it is said, and of whom: a student, or of a resolution the member of
    staff. Empty: the message tells of no events."""
    kept: tuple[Step, ...] = ()
    moved: tuple[tuple[int, "Draft"], ...] = ()
    """(number_id, the chain that dials it) of every number taken away as a duplicate."""
    index: int = -1
    language: str = ""
    """Of its first contact, by Emergency Priority, then by id (decision 56)."""
    first: tuple[int, tuple[int, int, str]] = (PRIORITY_LAST, (0, 0, ""))
    """Who that is: priority and id."""

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

    def __init__(
        self,
        directory: Directory,
        selection: Selection,
        message: Message,
        audience: Audience,
        settings: PlanSettings,
        hours: RecipientHours | None = None,
    ) -> None:
        self._directory = directory
        self._selection = selection
        self._kind = audience.kind
        self._reason = message.reason
        self._names_recipient = message.names_recipient
        self._emergency = message.reason is Reason.EMERGENCY
        self._grouping = settings.grouping
        self._maker = StepMaker(message.reason, audience.kind, settings, hours)
        self._drafts: dict[tuple[str, str], Draft] = {}

    def draft(self, people: Iterable[tuple[Person, tuple[Telling, ...]]]) -> list[Draft]:
        """All chains about or to these people, in queue order; those without steps say why in their numbers."""
        about = self._about_student if self._kind is AudienceKind.CONTACTS else self._to_person
        for person, tellings in people:
            about(person, tellings)
        return sorted(self._drafts.values(), key=lambda draft: draft.queue_order)

    def _about_student(self, student: Person, tellings: tuple[Telling, ...]) -> None:
        """One household chain per home of the contacts, one chain per contact (C061-C064)."""
        contacts = self._directory.contacts_of(student.person_id)
        speakers = self._selection.speakers(contacts)
        for telling in tellings:
            if not contacts:
                self._nobody(student, telling)
            for household, members in _homes_of(speakers):
                self._household(household, members, student, telling)
            for contact in speakers:
                self._contact(contact, student, telling)

    def _nobody(self, student: Person, telling: Telling) -> None:
        """A student without any messenger contact is listed, never left out in silence (C085)."""
        key = f"s:{student.person_id}"
        if self._selection.lets_through(key, student.person_id):
            nobody = self._drafts.setdefault((key, ""), Draft(key, student.name, Numbers((), GapReason.NO_CONTACT)))
            self._join(nobody, student, telling, ())

    def _household(self, household: Household, members: list[Contact], student: Person, telling: Telling) -> None:
        key = f"h:{household.household_id}"
        if not self._selection.lets_through(key, student.person_id):
            return
        identity = self._identity(key, student, telling)
        draft = self._drafts.get(identity)
        if draft is None:
            numbers = self._maker.of_household(household)
            if numbers is None:
                return
            draft = self._drafts[identity] = Draft(key, household.name, numbers, is_household=True)
        self._join(draft, student, telling, members)

    def _contact(self, contact: Contact, student: Person, telling: Telling) -> None:
        key = f"p:{contact.person.person_id}"
        if not self._selection.lets_through(key, student.person_id):
            return
        identity = self._identity(key, student, telling)
        draft = self._drafts.get(identity)
        if draft is None:
            numbers = self._maker.of_person(contact.person)
            draft = self._drafts[identity] = Draft(key, contact.person.name, numbers)
        self._join(draft, student, telling, (contact,))

    def _join(self, draft: Draft, student: Person, telling: Telling, contacts: Iterable[Contact]) -> None:
        """Add a student, and the contacts through whom they belong, to a chain."""
        if not draft.students or draft.students[-1] is not student:
            draft.students.append(student)
        if telling.detail is not None:
            draft.details.append((student, telling.detail))
        if telling.school_id and telling.school_id not in draft.school_ids:
            draft.school_ids = (*draft.school_ids, telling.school_id)
        for person, priority, _ in contacts:
            draft.priority = min(draft.priority, priority)
            rank = (priority, id_order(person.person_id))
            if not draft.language or rank < draft.first:
                draft.language, draft.first = person.language, rank
            if draft.speaker is None or id_order(person.person_id) < id_order(draft.speaker.person_id):
                draft.speaker = person
        if self._names_recipient and draft.speaker is not None:
            draft.contact_name = draft.speaker.name

    def _identity(self, contact_key: str, student: Person, telling: Telling) -> tuple[str, str]:
        """What makes one chain (decisions 2, 16, 17, 20).

        One per contact for emergencies and name-insert tools; one per contact and school when grouping, since calls are
        never grouped across schools; else one per contact and student, and of events one for each of them.
        """
        if self._emergency or self._names_recipient:
            return (contact_key, "")
        if self._grouping:
            return (contact_key, telling.school_id)
        return (contact_key, f"{student.person_id}\n{telling.place}")

    def _to_person(self, person: Person, tellings: tuple[Telling, ...]) -> None:
        """A student's or a member of staff's own chain, of events one for each of them unless they are grouped."""
        key = f"p:{person.person_id}"
        if not self._selection.lets_through(key, person.person_id):
            return
        numbers = self._own_numbers(person)
        students = [person] if self._kind is AudienceKind.STUDENTS else []
        apart = any(telling.detail for telling in tellings) and not self._grouping and not self._names_recipient
        for telling in tellings:
            identity = (key, str(telling.place) if apart else "")
            draft = self._drafts.get(identity)
            if draft is None:
                schools = self._schools_of(person, telling)
                draft = Draft(key, person.name, numbers, speaker=person, students=students, school_ids=schools)
                self._drafts[identity] = draft
            if telling.detail is not None:
                draft.details.append((person, telling.detail))

    def _own_numbers(self, person: Person) -> Numbers:
        """Staff without a District Assignment are told neither of emergencies nor of resolutions (C044, C201)."""
        assigned = person.staff_types or self._kind is not AudienceKind.STAFF
        if not assigned and self._reason in (Reason.EMERGENCY, Reason.STAFF):
            return Numbers((), GapReason.NO_STAFF_TYPE)
        return self._maker.of_person(person)

    def _schools_of(self, person: Person, telling: Telling) -> tuple[str, ...]:
        if telling.detail is not None or self._kind is AudienceKind.STUDENTS:
            return (telling.school_id,) if telling.school_id else ()
        return self._selection.schools_of(person)

    def draft_test_call(self, number: str, number_id: int) -> list[Draft]:
        """The one chain of a test call."""
        key = f"n:{number_id:x}"
        return [Draft(key, TEST_CALL, self._maker.of_number(number, key))]


def _homes_of(contacts: Iterable[Contact]) -> Iterable[tuple[Household, list[Contact]]]:
    """The homes of some contacts with who of them lives there: two parents under one roof share one (decision 4)."""
    homes: dict[str, tuple[Household, list[Contact]]] = {}
    for contact in contacts:
        for household in contact.households:
            homes.setdefault(household.household_id, (household, []))[1].append(contact)
    return homes.values()
