"""Numbers that several chains share: emergencies (decisions 17-19) and name-insert tools (decisions 20, 21)."""

from typing import Any

import pytest

from store.people import Roster
from store.records import AudienceKind, DeviceKind, Reason
from tests.engine.messaging.district import (
    MONDAY_TEN,
    chain_of,
    device,
    dialed,
    district,
    family,
    phone,
    send,
    staff,
    told,
    walk,
)

CELL, WORK = DeviceKind.CELL, DeviceKind.WORK
DESK = phone(700)


@pytest.mark.row("C042")
def test_an_emergency_is_not_grouped_but_has_one_chain_per_contact_about_all_children():
    """Message grouping option does not apply to it."""
    roster = district(family("Alisa"))
    on, off = (send(roster, Reason.EMERGENCY, grouping=grouping) for grouping in (True, False))
    assert on == off
    assert told(on.plans) == ["home > Daughter and Son", "Dad > Daughter and Son", "Mom > Daughter and Son"]


@pytest.mark.row("C043")
def test_an_emergency_dials_each_distinct_number_in_one_chain_only():
    """Duplicate phone numbers are filtered (each number dialed once per emergency)."""
    alisa, ben = family("Alisa"), family("Ben")
    shared = alisa.number("Mom")
    ben.devices("Dad", device(CELL, shared), device(WORK, phone(800))).home(number=alisa.household.number)
    planned = send(district(alisa, ben), Reason.EMERGENCY, grouping=True)
    numbers = [step.number for chain in planned.plans for step in chain.steps]
    assert len(numbers) == len(set(numbers))
    dad = chain_of(planned, "Ben-Dad")
    assert walk(dad) == ["work"]
    ((_, owner),) = dad.moved
    assert planned.plans[owner].contact_key == "p:Alisa-Mom"
    assert dad.owner == -1


def test_a_chain_whose_every_number_is_dialed_elsewhere_is_covered_and_not_unreachable():
    """Decision 8 (f)."""
    alisa, ben = family("Alisa"), family("Ben")
    ben.home(number=alisa.household.number)
    planned = send(district(alisa, ben), Reason.EMERGENCY)
    covered = chain_of(planned, "Ben-home")
    assert (planned.chains, planned.covered, planned.unreachable) == (5, 1, 0)
    assert planned.plans.index(covered) == 5
    assert covered.steps == ()
    assert planned.plans[covered.owner].contact_key == "h:Alisa-home"
    assert [(gap.contact_key, gap.reason) for gap in planned.gaps] == [("h:Ben-home", "duplicate")]


def test_the_household_keeps_a_shared_number_then_the_contact_with_the_best_priority_then_the_lowest_id():
    alisa = family("Alisa", parents=("Aunt", "Dad", "Mom"), students=("Son",))
    home, shared, other = alisa.household.number, phone(701), phone(702)
    alisa.devices("Aunt", device(CELL, shared), device(WORK, other))
    alisa.devices("Dad", device(CELL, home), device(WORK, other))
    alisa.devices("Mom", device(CELL, home), device(WORK, shared))
    alisa.link("Son", "Mom", emergency_priority=1)
    planned = send(district(alisa), Reason.EMERGENCY)
    assert [(chain.contact_key, [step.number for step in chain.steps]) for chain in planned.plans] == [
        ("h:Alisa-home", [home]),
        ("p:Alisa-Mom", [shared]),
        ("p:Alisa-Aunt", [other]),
        ("p:Alisa-Dad", []),
    ]


def test_others_who_share_a_number_keep_their_own_in_an_emergency():
    """Decision 18."""
    alisa = family("Alisa", students=("Son",))
    alisa.devices("Dad", device(CELL, alisa.number("Mom")), device(WORK, phone(703)))
    alisa.link("Son", "Mom", emergency_priority=1)
    assert walk(chain_of(send(district(alisa), Reason.EMERGENCY), "Dad")) == ["work"]


@pytest.mark.row("C037", "C038", "C039")
def test_an_emergency_opens_now_at_two_at_night_and_ends_at_its_cap():
    """Delivered instantly. No user scheduling; sent immediately.

    No delivery window and not bound by the district dialing window.
    """
    night = MONDAY_TEN - 8 * 3_600_000
    planned = send(district(family("Alisa")), Reason.EMERGENCY, now=night)
    assert {(chain.opens_at, chain.closes_at) for chain in planned.plans} == {(night, night + 4 * 3_600_000)}


def test_an_emergency_has_redials_of_its_own_and_ends_on_the_key_alone():
    """Decision 19."""
    ends: dict[str, Any] = {"voicemail_ends_chain": True, "live_ends_chain": True}
    emergency = send(district(family("Alisa")), Reason.EMERGENCY, **ends).plans[0].policy
    routine = send(district(family("Alisa")), **ends, rounds_max=5, leave_message=False).plans[0].policy
    assert (emergency.rounds_max, emergency.redial_ms, emergency.busy_redial_ms) == (3, 120_000, 60_000)
    assert not emergency.voicemail_ends_chain
    assert not emergency.live_ends_chain
    assert (routine.rounds_max, routine.redial_ms, routine.busy_redial_ms) == (5, 600_000, 300_000)
    assert routine.voicemail_ends_chain
    assert routine.live_ends_chain
    assert not routine.leave_message


def three_at_a_desk() -> Roster:
    return district(
        *(staff(name, device(WORK, DESK), device(CELL, phone(710 + n))) for n, name in enumerate(("cy", "ana", "ben")))
    )


@pytest.mark.row("C073", "C074")
def test_a_desk_shared_by_three_rings_once_with_one_name_and_each_cell_still_rings():
    """Tools that insert recipient-name Campus Fields ignore unique recipients when the phone number is the same.

    Shared number → one bundled call with one recipient's name.
    """
    planned = send(three_at_a_desk(), names=True, to=AudienceKind.STAFF, text="Hello {recipient}.")
    desk = [chain for chain in planned.plans if DESK in [step.number for step in chain.steps]]
    assert [chain.machine_text for chain in desk] == ["This is a message from Oak Elementary. Hello Ana Staff."]
    assert [walk(chain) for chain in dialed(planned)] == [["cell", "work"], ["cell"], ["cell"]]
    assert [chain.moved for chain in planned.plans[1:]] == [((desk[0].steps[1].number_id, 0),)] * 2


def test_without_names_a_staff_message_rings_the_desk_for_each():
    planned = send(three_at_a_desk(), to=AudienceKind.STAFF)
    assert [walk(chain) for chain in planned.plans] == [["cell", "work"]] * 3


def test_with_names_the_lowest_person_id_keeps_a_number_whatever_the_priority():
    """Decision 20: the household speaks to its contact with the lowest id."""
    alisa = family("Alisa")
    alisa.devices("Dad", device(CELL, alisa.number("Mom"))).link("Son", "Mom", emergency_priority=1)
    planned = send(district(alisa), names=True, text="Dear {recipient}, about {students}.")
    assert [(chain.contact_key, chain.machine_text) for chain in planned.plans] == [
        ("h:Alisa-home", "This is a message from Oak Elementary. Dear Dad Alisa, about Daughter Alisa and Son Alisa."),
        ("p:Alisa-Mom", "This is a message from Oak Elementary. Dear Mom Alisa, about Daughter Alisa and Son Alisa."),
        ("p:Alisa-Dad", "This is a message from Oak Elementary. Dear Dad Alisa, about Daughter Alisa and Son Alisa."),
    ]
    assert walk(chain_of(planned, "Mom")) == ["work", "other"]
    assert chain_of(planned, "Mom").moved[0][1] == 2
