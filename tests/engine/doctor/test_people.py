"""The doctor about the roster: who would not be reached whatever is sent."""

from pathlib import Path

import msgspec
import pytest

from engine.district.permission import change_permission
from engine.home import STORE_FOLDER, replace_roster_offline
from store.database import Database
from store.people import Roster
from store.records import DeviceKind
from tests.engine.doctor.districts import bad, findings, sound_district, the_problem
from tests.fakes import Family, Phone, one_contact, roster_of


@pytest.fixture
def home(tmp_path) -> Path:
    return sound_district(tmp_path / "district")


def family(**more) -> Family:
    found = Family(**more)
    for n, phone in enumerate(found.phones):
        phone.number = f"+1612555010{n}"
    return found


def put_in_force(home: Path, roster: Roster) -> None:
    replace_roster_offline(home, roster, accept_loss_percent=100)


@pytest.mark.row("C085")
def test_students_without_any_messenger_contact_are_counted(home):
    """C085: Every student needs at least one messenger contact, or the message may not reach anyone (report the
    gap).
    """
    roster = roster_of(family())
    mine = tuple(link for link in roster.relationships if link.student_id != "Lopez-Son")
    put_in_force(home, msgspec.structs.replace(roster, relationships=mine))
    (said,) = bad(findings(home, "roster"))
    assert said == "1 student of 2 without any messenger contact (Lopez-Son): no message about them reaches anybody."


def test_a_roster_that_lost_its_links_is_not_a_sound_one(home):
    put_in_force(home, msgspec.structs.replace(roster_of(family()), relationships=()))
    assert bad(findings(home, "roster"))[0].startswith("2 students of 2 without any messenger contact")


def test_an_empty_roster_is_a_problem(home):
    put_in_force(home, Roster())
    assert "has no students" in the_problem(findings(home, "roster")).says


@pytest.mark.row("C080", "C082")
def test_messenger_contacts_without_any_phone_are_told(home):
    """C080: A person needs at least one phone number to get voice. C082: Guardian must have a phone number in a phone
    field.
    """
    put_in_force(home, roster_of(family(kinds=(), household=False)))
    (said,) = bad(findings(home, "roster"))
    assert said == "2 messenger contacts without any phone (Lopez-Dad, Lopez-Mom)."


@pytest.mark.row("C077", "C078")
def test_numbers_without_area_code_are_counted_and_never_shown(home):
    """C077: Existing and new numbers must be 10 digits. C078: No area code → cannot be delivered."""
    short = family()
    short.mom.shares(DeviceKind.CELL, Phone("seven digits", "5557735"))
    put_in_force(home, roster_of(short))
    (said,) = bad(findings(home, "roster"))
    assert said == "1 phone number that cannot be dialed (7 digits: no area code), of Lopez-Mom."
    assert "5557735" not in "".join(f"{finding}" for finding in findings(home))


def test_a_make_believe_roster_at_a_real_carrier_is_a_problem(home):
    put_in_force(home, roster_of(family(), fictional=True))
    assert not bad(findings(home, "roster")), "a stand-in may ring anybody"
    toml = home / "callchain.toml"
    toml.write_text(toml.read_text().replace("stand_in = true", "stand_in = false"))
    assert "the numbers belong to strangers" in the_problem(findings(home, "roster")).says


def test_schools_without_a_caller_id_are_named_where_the_district_has_none(home):
    roster = roster_of(one_contact())
    bare = tuple(msgspec.structs.replace(school, phone="") for school in roster.schools)
    put_in_force(home, msgspec.structs.replace(roster, schools=bare))
    assert not bad(findings(home, "caller ID"))
    toml = home / "callchain.toml"
    toml.write_text(toml.read_text().replace('caller_id = "6125550100"', 'caller_id = ""'))
    assert the_problem(findings(home, "caller ID")).says.startswith("1 school (oak) without a caller ID")


@pytest.mark.row("C174")
def test_messenger_and_voice_that_are_off_are_told_with_who_can_enable_them(home):
    """C174: Off by default."""
    database = Database(home / STORE_FOLDER)
    with database.write() as txn:
        change_permission(database, voice=None, messenger=None)(txn)
    database.close()
    toml = home / "callchain.toml"
    toml.write_text(toml.read_text().replace("stand_in = true", "stand_in = false"))
    messenger, voice = (finding for finding in findings(home, "messenger") if finding.todo)
    assert "Messenger is not enabled" in messenger.says
    assert "the operator enables it" in messenger.todo
    assert "the carrier has not verified this district's credentials" in voice.says
