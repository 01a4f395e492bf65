"""The schools of a make-believe district by its size, their staff and their homeroom classes."""

import random
from dataclasses import dataclass

from engine.roster.sample.family import GRADES
from engine.roster.sample.files import SampleFiles
from engine.roster.sample.names import FAMILY_NAMES, FEATURES, GIVEN_NAMES, PLACES
from engine.roster.sample.phone_book import PhoneBook, written

DISTRICT_ID = "org-district"
TERM_ID, COURSE_ID = "term-1", "course-homeroom"
SINCE = "2025-08-25"
"""Since when everybody sits in their class."""
SCHOOL_YEARS = range(2026, 2032)
"""By the year in which they end: the district is of use for some years without being made anew."""
STUDENTS_PER_TEACHER = 18
OTHER_STAFF = ("principal", "counselor", "aide", "aide", "siteAdministrator")
"""Besides the teachers, at every school."""
STAFF_SINCE = "2019-08-12"


@dataclass(frozen=True)
class Level:
    """A kind of school: which grades it has and how many students it is built for."""

    word: str
    first_grade: int
    last_grade: int
    size: int


LEVELS = (Level("Elementary", 0, 5, 450), Level("Middle", 6, 8, 650), Level("High", 9, 12, 1100))


@dataclass(frozen=True)
class SampleSchool:
    """One school and how many homerooms it has."""

    school_id: str
    name: str
    level: Level
    homerooms: int
    phone: str


class SchoolMap:
    """Which school a child goes to: every neighborhood has one of each level."""

    def __init__(self, students: int, book: PhoneBook) -> None:
        self.schools: list[SampleSchool] = []
        self._by_level: list[list[SampleSchool]] = []
        for level in LEVELS:
            expected = students * (level.last_grade - level.first_grade + 1) / GRADES
            count = max(1, round(expected / level.size))
            homerooms = max(1, round(expected / count / STUDENTS_PER_TEACHER))
            self._by_level.append([self._found(level, homerooms, book) for _ in range(count)])

    def school(self, grade: int, neighborhood: float) -> SampleSchool:
        """The school of a grade (0 is kindergarten) in a neighborhood, 0 ≤ neighborhood < 1."""
        schools = next(
            schools for level, schools in zip(LEVELS, self._by_level, strict=True) if grade <= level.last_grade
        )
        return schools[int(neighborhood * len(schools))]

    def _found(self, level: Level, homerooms: int, book: PhoneBook) -> SampleSchool:
        index = len(self.schools)
        place, feature = PLACES[index % len(PLACES)], FEATURES[index // len(PLACES) % len(FEATURES)]
        turn = index // (len(PLACES) * len(FEATURES))
        name = f"{place} {feature} {level.word} School" + (f" {turn + 1}" if turn else "")
        school = SampleSchool(f"org-{index + 1:03d}", name, level, homerooms, book.number())
        self.schools.append(school)
        return school


def class_id(school: SampleSchool, homeroom: int) -> str:
    """The id of a homeroom class."""
    return f"class-{school.school_id}-{homeroom}"


def write_schools(files: SampleFiles, schools: list[SampleSchool], book: PhoneBook) -> None:
    """The district, its term, its one course, its schools."""
    files.add_active("orgs", DISTRICT_ID, "Prairie Lakes Public Schools", "district", "9999", "", book.number())
    for number, year in enumerate(SCHOOL_YEARS, 1):
        days = f"{year - 1}-08-25", f"{year}-06-10"
        files.add_active("academicSessions", f"term-{number}", "School year", "schoolYear", *days, "", str(year))
    files.add_active("courses", COURSE_ID, TERM_ID, "Homeroom", "HR", "", DISTRICT_ID)
    for number, school in enumerate(schools, 1):
        phone = written(school.phone, 0)
        files.add_active("orgs", school.school_id, school.name, "school", f"{number:04d}", DISTRICT_ID, phone)


def write_staff(files: SampleFiles, schools: list[SampleSchool], rng: random.Random, book: PhoneBook) -> int:
    """A teacher and a class per homeroom, and the office; returns how many people that is."""
    count = 0
    for school in schools:
        for place in range(school.homerooms + len(OTHER_STAFF)):
            count += 1
            person_id = f"t{count:06d}"
            teaches = place < school.homerooms
            role = "teacher" if teaches else OTHER_STAFF[place - school.homerooms]
            _write_member(files, person_id, role, school, rng, book)
            if teaches:
                _write_homeroom(files, person_id, school, place)
    return count


def _write_member(
    files: SampleFiles, person_id: str, role: str, school: SampleSchool, rng: random.Random, book: PhoneBook
) -> None:
    names = rng.choice(GIVEN_NAMES), rng.choice(FAMILY_NAMES)
    cell = written(book.number(), rng.randrange(6))
    files.add_active("users", person_id, "true", person_id, "", *names, "", person_id, "", cell, "", "")
    files.add_active("roles", f"r-{person_id}", person_id, "primary", role, STAFF_SINCE, "", school.school_id)
    files.add("phones", person_id, "work", written(school.phone, 1), str(rng.randrange(100, 999)), "false")
    files.add("preferences", person_id, "", "cell", "voice", "emergency,general,priority,staff", "true")
    files.add("preferences", person_id, "", "work", "voice", "emergency,staff", rng.random() < 0.3)


def _write_homeroom(files: SampleFiles, person_id: str, school: SampleSchool, homeroom: int) -> None:
    class_ = class_id(school, homeroom)
    files.add_active(
        "classes", class_, f"Homeroom {homeroom + 1}", "", COURSE_ID, "", "homeroom", "", school.school_id, TERM_ID
    )
    files.add_active("enrollments", f"e-{person_id}", class_, school.school_id, person_id, "teacher", "true", SINCE)
