"""Proofs about the make-believe district."""

import csv
import hashlib
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from engine.roster.importer import import_bundle
from engine.roster.numbers import is_fictional, read_number
from engine.roster.sample import write_sample
from engine.roster.sample.names import AREA_CODES
from engine.roster.sample.phone_book import FICTIONAL, PhoneBook
from store.errors import RosterError
from store.people import Role
from store.records import DeviceKind

ROWS = 200_000
FAMILIES = 600


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample") / "district"
    return folder, write_sample(folder, FAMILIES, 11), import_bundle(folder)


def digest(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_the_same_seed_gives_the_same_bytes_whatever_the_hash_seed(tmp_path):
    write_sample(tmp_path / "one", 40, 5)
    code = "import pathlib, sys, engine.roster.sample as sample; sample.write_sample(pathlib.Path(sys.argv[1]), 40, 5)"
    environment = os.environ | {"PYTHONHASHSEED": "77"}
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "two")], env=environment, check=True)
    assert digest(tmp_path / "one") == digest(tmp_path / "two")
    write_sample(tmp_path / "three", 40, 6)
    assert digest(tmp_path / "one") != digest(tmp_path / "three")


def test_only_the_dirty_rows_are_reported_and_they_are_about_one_in_a_hundred(made):
    _, summary, found = made
    assert len(found.problems) == summary.dirty_rows
    assert 0.004 < summary.dirty_rows / summary.rows < 0.015
    assert len(Counter((problem.file, problem.column) for problem in found.problems)) == 5


def test_the_summary_counts_what_an_import_finds(made):
    folder, summary, found = made
    roles = Counter(role for person in found.roster.people for role in Role if person.roles & role)
    assert (roles[Role.STUDENT], roles[Role.STAFF]) == (summary.students, summary.staff)
    assert len(found.roster.schools) == summary.schools
    assert len(found.roster.households) == summary.households
    unread = sum(len(path.read_text().splitlines()) - 1 for path in folder.iterdir() if path.name not in found.rows)
    assert sum(found.rows.values()) + unread == summary.rows
    assert found.roster.fictional
    assert found.roster.defaults_used == ()


def test_it_has_the_families_a_district_has(made):
    """Some students have no messenger contact, on purpose: tools that report the gap need one to report."""
    roster = made[2].roster
    homes = Counter(member.person_id for household in roster.households for member in household.members)
    students = [person for person in roster.people if person.roles & Role.STUDENT]
    contacts = Counter(link.student_id for link in roster.relationships if link.messenger)
    devices = [device for person in roster.people for device in person.devices]
    people = {person.person_id: person for person in roster.people}
    assert any(homes[student.person_id] == 2 for student in students), "split households"
    assert any(contacts[student.person_id] == 1 for student in students), "single parents"
    assert any(contacts[student.person_id] == 0 for student in students), "students without contacts"
    assert any(link.messenger and link.ends_on for link in roster.relationships), "links that have ended"
    assert any(student.enrollments[0].ends_on for student in students), "students who have left"
    assert {DeviceKind.CELL, DeviceKind.WORK, DeviceKind.OTHER} <= {device.kind for device in devices}
    assert any(device.extension for device in devices)
    assert any(device.kind == DeviceKind.CELL and not device.voice_reasons for device in devices), "marked off"
    assert len({person.language for person in roster.people}) > 2
    siblings = [
        {
            people[member.person_id].enrollments[0].school_id
            for member in household.members
            if member.person_id[0] == "s"
        }
        for household in roster.households
    ]
    assert any(len(schools) > 1 for schools in siblings), "siblings in different schools"
    shared = [
        household
        for household in roster.households
        for member in household.members
        for device in people[member.person_id].devices
        if device.number == household.number
    ]
    assert shared, "a cell that is the household's number"


def test_every_number_is_make_believe(made):
    roster = made[2].roster
    numbers = {device.number for person in roster.people for device in person.devices}
    numbers |= {household.number for household in roster.households if household.number}
    numbers |= {school.phone for school in roster.schools}
    assert len(numbers) > 1500
    assert all(is_fictional(number) for number in numbers)


def test_beyond_the_fictional_numbers_the_555_exchange_goes_on_without_repeats():
    book = PhoneBook()
    count = len(AREA_CODES) * len(FICTIONAL) + 20_000
    numbers = [book.number() for _ in range(count)]
    assert len(set(numbers)) == count == book.handed_out
    assert all(number[3:6] == "555" for number in numbers)
    assert not {"5551212", "5554334"} & {number[3:] for number in numbers}
    assert all(not isinstance(read_number(number), str) for number in numbers[-20_000::500])


def test_more_families_mean_more_schools_and_no_crash_at_one(tmp_path):
    one = write_sample(tmp_path / "one", 1, 1)
    many = write_sample(tmp_path / "many", 3000, 1)
    assert one.schools == 3
    assert many.schools > 3
    assert import_bundle(tmp_path / "one").roster.people


def test_a_folder_of_somebodys_files_is_never_written_into(tmp_path):
    (tmp_path / "manifest.csv").write_text("propertyName,value\n")
    with pytest.raises(RosterError, match="is not empty"):
        write_sample(tmp_path, 5, 1)
    write_sample(tmp_path / "mine", 5, 1)
    write_sample(tmp_path / "mine", 6, 1)
    with pytest.raises(RosterError, match="ask for 1 to"):
        write_sample(tmp_path / "none", 0, 1)


def test_progress_is_told_up_to_the_last_family(tmp_path):
    seen: list[tuple[int, int]] = []
    write_sample(tmp_path / "d", 501, 1, lambda done, total: seen.append((done, total)))
    assert seen == [(500, 501), (501, 501)]


def test_two_hundred_thousand_users_import_in_seconds(tmp_path):
    write_sample(tmp_path, 2, 1)
    with (tmp_path / "users.csv").open(newline="") as stream:
        header = next(csv.reader(stream))
    with (tmp_path / "users.csv").open("a", newline="") as stream:
        writer = csv.DictWriter(stream, header, restval="")
        for index in range(ROWS):
            writer.writerow({"sourcedId": f"x{index}", "enabledUser": "true", "givenName": "Ann", "familyName": "Lee"})
    started = time.monotonic()
    found = import_bundle(tmp_path)
    assert time.monotonic() - started < 20
    assert found.rows["users.csv"] > ROWS
    assert sum(problem.column == "role" for problem in found.problems) == ROWS
