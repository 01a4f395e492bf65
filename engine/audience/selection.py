"""Whom an audience lets through: people by school, calendar, grade, class, type and id, contacts by language.

Filters narrow each other. A filter that names what the roster does not have is refused, never read as "nobody".
"""

from collections.abc import Callable, Collection, Container, Iterable
from datetime import date

from engine.audience.directory import STAFF, STUDENT, Contact, Directory, id_order, is_current
from engine.audience.gaps import Gap, GapReason
from store.errors import AudienceError
from store.people import Calendar, Enrollment, Person, SchoolClass
from store.records import Audience, AudienceKind

NAMED_MAX = 12
"""So many names a refusal lists: enough to see the mistake, few enough to read."""

PAIR = "\n"
"""Between contact and student in `Audience.contact_keys`: no id holds control characters."""


class Selection:
    """An audience over a directory. Raises `AudienceError` when it names what the roster lacks."""

    def __init__(self, directory: Directory, audience: Audience) -> None:
        self._directory = directory
        self._audience = audience
        self._staff = audience.kind is AudienceKind.STAFF
        _check_known("school", audience.school_ids, directory.school_names)
        _check_known("calendar", audience.calendar_ids, directory.calendars)
        _check_known("class", audience.class_ids, directory.classes)
        if audience.staff_types:
            _check_known("staff type", audience.staff_types, directory.staff_types())
        self._grades = frozenset(map(grade_word, audience.grades))
        grades = directory.grades() if self._grades else []
        # Where none of them is there, the audience is empty and refused as that.
        if not self._grades.isdisjoint(map(grade_word, grades)):
            _check_known("grade", audience.grades, grades, grade_word)
        self._languages = tuple(word.casefold() for word in audience.languages)
        self._calendars = self._open_calendars()
        self._classes_of = self._seats()
        self._keys = _keys(audience.contact_keys)

    def people(self) -> tuple[list[Person], list[Gap]]:
        """The students, or the staff, by name and id, and who was named but is left out.

        Raises `AudienceError` when nobody is left.
        """
        named, gaps = self._named()
        passes = self._staff_passes if self._staff else self._student_passes
        people = [person for person in named if passes(person)]
        if not people:
            whom = "member of staff" if self._staff else "enrolled student"
            lost = (
                f" {len(gaps)} of those named by id are not there, such as {gaps[0].contact_key[2:]!r}." if gaps else ""
            )
            raise AudienceError(
                f"The audience is empty: no {whom} passes its schools, grades, types and ids.{lost} "
                "Choose other filters."
            )
        return sorted(people, key=lambda person: (person.name.casefold(), id_order(person.person_id))), gaps

    def schools_of(self, person: Person) -> tuple[str, ...]:
        """The schools through which somebody belongs to the audience: all that count, a student's in roster order."""
        asked = self._audience.school_ids
        if self._staff:
            return tuple(school_id for school_id in person.school_ids if not asked or school_id in asked)
        return tuple(dict.fromkeys(enrollment.school_id for enrollment in self._enrollments(person)))

    def takes_school(self, school_id: str) -> bool:
        """Whether what happened at a school is told of: at any, unless schools are asked for."""
        return not self._audience.school_ids or school_id in self._audience.school_ids

    def lets_through(self, contact_key: str, student_id: str) -> bool:
        """Whether a contact may be called about a student; "" for nobody in particular."""
        if self._keys is None:
            return True
        students = self._keys.get(contact_key)
        if students is not None and (not students or student_id in students):
            return True
        # A student who had no contact at all: whoever is theirs today.
        return f"s:{student_id}" in self._keys

    def missing(self, found: Container[str]) -> list[Gap]:
        """The contacts asked for by key who are contacts of these people no more."""
        lost = sorted(key for key in self._keys or () if key not in found and not key.startswith("s:"))
        return [Gap(key, self._name(key), GapReason.GONE) for key in lost]

    def _name(self, contact_key: str) -> str:
        person = self._directory.people.get(contact_key[2:])
        return person.name if person is not None and contact_key.startswith("p:") else ""

    def speakers(self, contacts: list[Contact]) -> list[Contact]:
        """Those who speak one of the languages asked for ("Limit Delivery to contacts that speak")."""
        return [contact for contact in contacts if self.speaks(contact.person)] if self._languages else contacts

    def speaks(self, person: Person) -> bool:
        """Whether somebody speaks one of the languages asked for; `es` takes in `es-MX`."""
        own = person.language.casefold()
        return not self._languages or any(own == word or own.startswith(f"{word}-") for word in self._languages)

    def _named(self) -> tuple[Iterable[Person], list[Gap]]:
        """The people the audience names by id, or everybody; ids that lead nowhere become gaps."""
        if not self._audience.person_ids:
            return self._directory.people.values(), []
        people, gaps = [], []
        for person_id in sorted(set(self._audience.person_ids)):
            person = self._directory.people.get(person_id)
            if person is None or not person.roles & (STAFF if self._staff else STUDENT):
                gaps.append(Gap(f"p:{person_id}", "", GapReason.UNKNOWN_PERSON))
            elif not self._staff and not self._directory.is_enrolled(person):
                gaps.append(Gap(f"s:{person_id}", person.name, GapReason.NOT_ENROLLED, student_ids=(person_id,)))
            else:
                people.append(person)
        return people, gaps

    def _student_passes(self, person: Person) -> bool:
        audience = self._audience
        if not person.roles & STUDENT or not self._directory.is_enrolled(person):
            return False
        if self._grades and grade_word(person.grade) not in self._grades:
            return False
        if self._classes_of is not None and person.person_id not in self._classes_of:
            return False
        # A message to students themselves is limited by what they speak; one to contacts by what those speak.
        if audience.kind is AudienceKind.STUDENTS and not self.speaks(person):
            return False
        return not (audience.school_ids or audience.calendar_ids) or bool(self._enrollments(person))

    def _staff_passes(self, person: Person) -> bool:
        """Active staff of the schools and types asked for (C044, decision 54)."""
        audience = self._audience
        if not person.roles & STAFF or not person.active or not self.speaks(person):
            return False
        if audience.school_ids and not set(audience.school_ids).intersection(person.school_ids):
            return False
        if self._calendars is not None and not {one.school_id for one in self._calendars}.intersection(
            person.school_ids
        ):
            return False
        return not audience.staff_types or not set(audience.staff_types).isdisjoint(person.staff_types)

    def _enrollments(self, student: Person) -> list[Enrollment]:
        """The enrollments through which a student belongs to the audience; those at the school of a class first."""
        schools, calendars = self._audience.school_ids, self._calendars
        asked = [
            one
            for one in student.enrollments
            if (not schools or one.school_id in schools)
            and (calendars is None or any(_in_calendar(one, calendar) for calendar in calendars))
        ]
        found = [one for one in asked if is_current(one, self._directory.today)]
        if not found and self._directory.include_inactive:
            found = asked
        if self._classes_of is not None:
            at = self._classes_of.get(student.person_id, ())
            found.sort(key=lambda enrollment: enrollment.school_id not in at)
        return found

    def _open_calendars(self) -> list[Calendar] | None:
        """The calendars asked for that are not over; None where none is asked for (decision 4)."""
        if not self._audience.calendar_ids:
            return None
        asked = [self._directory.calendars[calendar_id] for calendar_id in self._audience.calendar_ids]
        still_open = [one for one in asked if one.ends_on >= self._directory.today]
        if still_open or self._directory.include_inactive:
            return still_open or asked
        last = max(asked, key=lambda calendar: calendar.ends_on)
        raise AudienceError(
            f"Calendar {last.calendar_id!r} ended on {date.fromordinal(last.ends_on)}: nobody is enrolled in it any "
            f"more. {listed('calendar', self._current_calendars())}"
        )

    def _current_calendars(self) -> list[str]:
        return [key for key, one in self._directory.calendars.items() if one.ends_on >= self._directory.today]

    def _seats(self) -> dict[str, set[str]] | None:
        """Student → schools of the classes asked for that they sit in; None where no class is asked for (C205)."""
        audience, today = self._audience, self._directory.today
        if not audience.class_ids and not audience.teacher_id:
            return None
        classes = taught_classes(self._directory, audience.teacher_id) if audience.teacher_id else None
        if classes is None:
            classes = list(self._directory.classes.values())
        if audience.class_ids:
            classes = [one for one in classes if one.class_id in audience.class_ids]
        seats: dict[str, set[str]] = {}
        for one in classes:
            for student_id in one.students_on(today):
                seats.setdefault(student_id, set()).add(one.school_id)
        return seats


def taught_classes(directory: Directory, teacher_id: str) -> list[SchoolClass]:
    """The classes somebody teaches today."""
    return [one for one in directory.classes.values() if teacher_id in one.teachers_on(directory.today)]


def pair_key(contact_key: str, student_id: str) -> str:
    """How `Audience.contact_keys` names a contact about one student only: `p:7`, a line end, `12`."""
    return f"{contact_key}{PAIR}{student_id}"


def _keys(contact_keys: Iterable[str]) -> dict[str, set[str]] | None:
    """Contact → the students they may be called about, empty for all; None where nothing is asked for."""
    found: dict[str, set[str]] = {}
    plain: set[str] = set()
    for entry in contact_keys:
        key, pair, student_id = entry.partition(PAIR)
        students = found.setdefault(key, set())
        if pair:
            students.add(student_id)
        else:
            plain.add(key)
    for key in plain:
        found[key] = set()
    return found or None


def _in_calendar(enrollment: Enrollment, calendar: Calendar) -> bool:
    """Whether an enrollment is at the calendar's school and in its days."""
    return (
        enrollment.school_id == calendar.school_id
        and enrollment.begins_on <= calendar.ends_on
        and (not enrollment.ends_on or enrollment.ends_on >= calendar.begins_on)
    )


def grade_word(grade: str) -> str:
    """A grade as it is compared: `03` is 3, `k` is K, whoever wrote it."""
    word = grade.strip().casefold()
    return word.lstrip("0") or word[:1]


def _check_known(what: str, asked: Iterable[str], known: Collection[str], compared: Callable[[str], str] = str) -> None:
    there = set(map(compared, known))
    unknown = sorted(one for one in asked if compared(one) not in there)
    if unknown:
        raise AudienceError(f"The roster has no {what} {unknown[0]!r}. {listed(what, known)}")


def listed(what: str, known: Iterable[str]) -> str:
    """What there is to choose from, as a sentence."""
    names = sorted(known)
    plural = "classes" if what == "class" else f"{what}s"
    if not names:
        return f"It has no {plural} at all; import a roster that lists them."
    more = f" and {len(names) - NAMED_MAX} more" if len(names) > NAMED_MAX else ""
    return f"Choose among its {plural}: {', '.join(names[:NAMED_MAX])}{more}."
