"""Which chains a message becomes: the worked example of the documents, and decisions 2-6 and 16."""

import pytest

from store.people import Household, Member, Relationship, Roster
from store.records import ALL_REASONS, DeviceKind, Reason
from tests.engine.messaging.district import device, dialed, district, family, phone, send, told, walk

SIX = ["home > Daughter", "home > Son", "Dad > Daughter", "Dad > Son", "Mom > Daughter", "Mom > Son"]


@pytest.mark.row("C061", "C063", "C071")
def test_a_message_about_two_children_of_two_parents_becomes_six_chains():
    """Worked example: 2 parents, 2 students, ungrouped → 6 default chains.

    Household number is its own chain, one per student.
    Full ungrouped list: household×2, Dad×2, Mom×2 (one per student).
    """
    planned = send(district(family("Alisa")))
    assert told(planned.plans) == SIX
    assert (planned.chains, planned.covered, planned.unreachable, planned.students) == (6, 0, 0, 2)


@pytest.mark.row("C062")
def test_all_six_chains_open_at_the_same_instant():
    """All chains may start at the same time."""
    assert len({chain.opens_at for chain in send(district(family("Alisa"))).plans}) == 1


@pytest.mark.row("C064")
def test_a_contact_is_called_on_cell_work_other_whatever_the_order_of_the_roster():
    """Each contact has one chain per student over personal numbers in order cell, work, other."""
    planned = send(district(family("Alisa")))
    walks = [walk(chain) for chain in planned.plans]
    assert walks == [["household"]] * 2 + [["cell", "work", "other"]] * 4


@pytest.mark.row("C065")
def test_a_message_about_the_daughter_alone_becomes_three_chains():
    """One student only → 3 chains (household, Dad, Mom)."""
    planned = send(district(family("Alisa")), about=["Alisa-Daughter"])
    assert told(planned.plans) == ["home > Daughter", "Dad > Daughter", "Mom > Daughter"]
    assert planned.students == 1


@pytest.mark.row("C069", "C070", "C072")
def test_with_grouping_the_same_family_gets_three_chains_about_both_children():
    """Grouping switch: "Allow multiple Messages in a Single Call". With grouping the same example makes 3 chains.

    A grouped chain carries all the students' messages in one call.
    """
    planned = send(district(family("Alisa")), grouping=True, text="About {students}.")
    assert told(planned.plans) == ["home > Daughter and Son", "Dad > Daughter and Son", "Mom > Daughter and Son"]
    assert {chain.machine_text for chain in planned.plans} == {
        "This is a message from Oak Elementary. About Daughter Alisa and Son Alisa."
    }


def test_grouping_never_crosses_schools():
    alisa = family("Alisa")
    elsewhere = family("Alisa", students=("Big",), school="elm")
    alisa.people["Big"] = elsewhere.people["Big"]
    alisa.links += elsewhere.links
    planned = send(district(alisa), grouping=True)
    both = [f"{contact} > {students}" for contact in ("home", "Dad", "Mom") for students in ("Big", "Daughter and Son")]
    assert told(planned.plans) == both
    assert [chain.school_id for chain in planned.plans] == ["elm", "oak"] * 3


def test_students_stand_by_name_then_by_id():
    twins = family("Alisa", parents=("Mom",), students=("Z", "B", "A"))
    twins.change("B", given_name="Ana").change("A", given_name="Ben").change("Z", given_name="Ana")
    (household, _) = send(district(twins), grouping=True).plans
    assert household.student_ids == ("Alisa-B", "Alisa-Z", "Alisa-A")


def test_two_households_make_two_household_chains_and_two_parents_under_one_roof_make_one():
    apart = family("Alisa", students=("Son",))
    apart.home(members=tuple(m for m in apart.household.members if not m.person_id.endswith("Dad")))
    roster = district(apart)
    dads = Household("Alisa-flat", "Dad's flat", phone(900), "", ALL_REASONS, (Member("Alisa-Dad"),))
    planned = send(Roster(roster.schools, roster.people, (*roster.households, dads), roster.relationships))
    assert told(planned.plans) == ["flat > Son", "home > Son", "Dad > Son", "Mom > Son"]


def test_a_household_whose_number_is_not_marked_for_the_reason_has_no_chain():
    alisa = family("Alisa", students=("Son",)).home(voice_reasons=Reason.EMERGENCY.mask)
    assert told(send(district(alisa)).plans) == ["Dad > Son", "Mom > Son"]
    assert told(send(district(alisa), Reason.EMERGENCY).plans) == ["home > Son", "Dad > Son", "Mom > Son"]


@pytest.mark.row("C060")
def test_the_household_rings_for_its_active_members_alone():
    """Household phone preferences apply to all active members of the household."""
    alisa = family("Alisa", parents=("Mom",), students=("Son",))
    assert told(send(district(alisa)).plans) == ["home > Son", "Mom > Son"]
    alisa.home(members=(Member("Alisa-Mom", ends_on=1), Member("Alisa-Son")))
    assert told(send(district(alisa)).plans) == ["Mom > Son"]


def test_nothing_is_filtered_between_the_chains_of_a_message_that_is_no_emergency():
    """Decision 7: the household's number is Mom's cell too, and both of her chains keep it."""
    alisa = family("Alisa", students=("Son",))
    alisa.devices("Mom", device(DeviceKind.CELL, alisa.household.number))
    planned = send(district(alisa))
    assert planned.chains == 3
    assert planned.plans[0].steps[0].number_id == planned.plans[2].steps[0].number_id


def test_emergency_priority_orders_the_queue_within_households_and_within_contacts():
    """Decision 5: households first, then by priority, none last, then by id."""
    alisa, ben = family("Alisa", students=("Son",)), family("Ben", students=("Son",))
    ben.link("Son", "Mom", emergency_priority=1).link("Son", "Dad", emergency_priority=2)
    planned = send(district(alisa, ben))
    assert [chain.contact_key for chain in dialed(planned)] == [
        "h:Ben-home", "h:Alisa-home", "p:Ben-Mom", "p:Ben-Dad", "p:Alisa-Dad", "p:Alisa-Mom",
    ]  # fmt: skip


def test_two_rows_about_one_relationship_make_one_chain():
    alisa = family("Alisa", parents=("Mom",), students=("Son",))
    alisa.links.append(Relationship("Alisa-Son", "Alisa-Mom", "guardian", messenger=True, emergency_priority=1))
    assert told(send(district(alisa)).plans) == ["home > Son", "Mom > Son"]


def test_ids_that_are_figures_stand_by_value():
    nine, ten = family("Nine", ("9",), ("Son",)), family("Ten", ("10",), ("Son",))
    nine.change("9", person_id="9").home(number="")
    ten.change("10", person_id="10").home(number="")
    nine.links = [Relationship("Nine-Son", "9", messenger=True)]
    ten.links = [Relationship("Ten-Son", "10", messenger=True)]
    assert [chain.contact_key for chain in send(district(ten, nine)).plans] == ["p:9", "p:10"]
