"""A whole make-believe district: schools, staff and families, with the dirt of real exports, the same for each seed."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.roster.sample.family import CHILDREN_MEAN, Adult, Child, Family, draw_family, drawn
from engine.roster.sample.files import SampleFiles
from engine.roster.sample.phone_book import PhoneBook, written
from engine.roster.sample.schools import SINCE, SchoolMap, class_id, write_schools, write_staff
from store.errors import RosterError

FAMILIES_MAX = 500_000
"""Beyond that the make-believe numbers run out; the largest district of the country has about as many."""
PROGRESS_EVERY = 500
"""Families between two reports of progress."""
DIRTY = 0.2
"""Share of families with one bad row: with about twenty rows a family, one row in a hundred."""
ENROLLED_SINCE, LEFT_ON = "2020-08-24", "2022-06-10"
ENDED = ("2015-09-01", "2021-06-30")
"""A relationship that is over."""
MARKS = (
    (("emergency,attendance,behavior,priority,general", "true"), 0.70),
    (("all", "true"), 0.10),
    (("emergency,attendance", "true"), 0.10),
    (("emergency", "true"), 0.05),
    (("all", "false"), 0.05),
)
"""How families mark Voice, and how many do so."""


@dataclass(frozen=True)
class SampleSummary:
    """What was written. `dirty_rows` is how many problems an import will report."""

    families: int
    schools: int
    students: int
    contacts: int
    staff: int
    households: int
    phones: int
    rows: int
    """In all files, headers aside."""
    dirty_rows: int


def write_sample(
    folder: Path, families: int, seed: int, progress: Callable[[int, int], None] | None = None
) -> SampleSummary:
    """Write a district of `families` families into `folder` as a OneRoster 1.2 bundle with all side files.

    The same seed gives the same bytes everywhere. `progress` is told (families done, families in all). All numbers are
    make-believe and the bundle is stamped fictional. Raises RosterError where the folder is taken or cannot be written.
    """
    if not 1 <= families <= FAMILIES_MAX:
        raise RosterError(f"{families} families cannot be made up: ask for 1 to {FAMILIES_MAX}.")
    rng, book = random.Random(seed), PhoneBook()
    schools = SchoolMap(round(families * CHILDREN_MEAN), book)
    with SampleFiles(folder) as files:
        files.add_manifest()
        write_schools(files, schools.schools, book)
        staff = write_staff(files, schools.schools, rng, book)
        writer = FamilyWriter(files, schools, rng)
        for index in range(families):
            writer.write(draw_family(rng, book), index / families)
            if progress and (index + 1) % PROGRESS_EVERY == 0:
                progress(index + 1, families)
        if progress:
            progress(families, families)
        counts = (writer.students, writer.contacts, staff, writer.households, book.handed_out)
        return SampleSummary(families, len(schools.schools), *counts, files.rows, writer.dirty_rows)


class FamilyWriter:
    """Turns families into rows, one after the other, and counts them."""

    def __init__(self, files: SampleFiles, schools: SchoolMap, rng: random.Random) -> None:
        self.students = self.contacts = self.households = self.dirty_rows = 0
        self._files = files
        self._schools = schools
        self._rng = rng
        self._family = 0

    def write(self, family: Family, neighborhood: float) -> None:
        """All rows of one family."""
        self._family += 1
        stem = f"{self._family:07d}"
        child_ids = [f"s{stem}{letter}" for letter in "abcd"[: len(family.children)]]
        adult_ids = [f"c{stem}{letter}" for letter in "abcd"[: len(family.adults)]]
        dirt = self._draw_dirt(bool(adult_ids))
        agents_on_children = self._family % 2 == 0
        for person_id, child in zip(child_ids, family.children, strict=True):
            agents = ",".join(adult_ids) if agents_on_children else ""
            self._write_child(person_id, child, family, agents, neighborhood, dirt == "blank name")
            dirt = "" if dirt == "blank name" else dirt
        for person_id, adult in zip(adult_ids, family.adults, strict=True):
            agents = "" if agents_on_children else ",".join(child_ids)
            self._write_adult(person_id, adult, family, agents, child_ids, dirt == "short phone")
            dirt = "" if dirt == "short phone" else dirt
        for home, number in enumerate(family.homes):
            members = [
                person_id for person_id, adult in zip(adult_ids, family.adults, strict=True) if adult.home == home
            ]
            self._write_home(f"h{stem}{home}", family, number, members + child_ids)
        self._write_dirt(dirt, child_ids, adult_ids)

    def _write_child(
        self, person_id: str, child: Child, family: Family, agents: str, neighborhood: float, nameless: bool
    ) -> None:
        self.students += 1
        school = self._schools.school(child.grade, neighborhood)
        grade = f"{child.grade:02d}" if child.grade else "KG"
        name = "" if nameless else family.name
        sms = self._written(child.cell)
        self._user(person_id, child.given_name, name, sms, "", agents, grade, school.school_id, family.language)
        span = (ENROLLED_SINCE, LEFT_ON if child.former else "")
        self._files.add_active("roles", f"r-{person_id}", person_id, "primary", "student", *span, school.school_id)
        if not child.former:
            class_ = class_id(school, self.students % school.homerooms)
            self._files.add_active(
                "enrollments", f"e-{person_id}", class_, school.school_id, person_id, "student", "false", SINCE
            )
        if child.cell:
            self._mark(person_id, "", "cell")

    def _write_adult(
        self, person_id: str, adult: Adult, family: Family, agents: str, child_ids: list[str], short: bool
    ) -> None:
        self.contacts += 1
        home = family.homes[adult.home] if adult.home >= 0 else ""
        sms = "555-0123" if short else self._written(adult.cell)
        phone = self._written(home)
        self._user(person_id, adult.given_name, adult.family_name, sms, phone, agents, "", "", family.language)
        self._files.add_active(
            "roles", f"r-{person_id}", person_id, "primary", adult.role, ENROLLED_SINCE, "", "org-district"
        )
        span = ENDED if adult.former else ("", "")
        guardian = adult.role != "relative"
        for child_id in child_ids:
            priority = ord(person_id[-1]) - ord("a") + 1
            self._files.add("contacts", child_id, person_id, adult.relation, adult.messenger, guardian, priority, *span)
        if adult.cell:
            self._mark(person_id, "", "cell")
        for point, number, extension, private in adult.phones:
            self._files.add("phones", person_id, point, self._written(number), extension, private)
            if point != "pager":
                self._mark(person_id, "", point)

    def _write_home(self, household_id: str, family: Family, number: str, member_ids: list[str]) -> None:
        self.households += 1
        name, phone = f"{family.name} household", self._written(number)
        for person_id in member_ids:
            self._files.add("households", household_id, name, phone, "", person_id)
        if number:
            self._mark("", household_id, "household")

    def _user(
        self,
        person_id: str,
        given: str,
        family: str,
        sms: str,
        phone: str,
        agents: str,
        grade: str,
        org: str,
        lang: str,
    ) -> None:
        self._files.add_active(
            "users", person_id, "true", person_id, "", given, family, "", "", "", sms, phone, agents, grade,
            "", "", "", "", "", org, "", lang,
        )  # fmt: skip

    def _mark(self, person_id: str, household_id: str, point: str) -> None:
        self._files.add("preferences", person_id, household_id, point, "voice", *drawn(self._rng, MARKS))

    def _written(self, number: str) -> str:
        return written(number, self._family)

    def _draw_dirt(self, has_adults: bool) -> str:
        """What is wrong with this family's rows, if anything."""
        if self._rng.random() >= DIRTY:
            return ""
        self.dirty_rows += 1
        kinds = ("blank name", "short phone", "unknown contact", "slash date", "unknown point")
        return self._rng.choice(kinds) if has_adults else "blank name"

    def _write_dirt(self, kind: str, child_ids: list[str], adult_ids: list[str]) -> None:
        if kind == "unknown contact":
            self._files.add("contacts", child_ids[0], f"{adult_ids[0]}-lost", "Aunt", "true", "false")
        elif kind == "slash date":
            self._files.add("contacts", child_ids[0], adult_ids[0], "Sitter", "false", "false", "", "8/31/2019", "")
        elif kind == "unknown point":
            self._files.add("phones", adult_ids[0], "fax", "612-555-0100", "", "false")
