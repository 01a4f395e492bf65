"""Which numbers are dialed: marked, well formed, each once (decisions 3, 50-52)."""

from typing import Any

import pytest

from engine.messaging.planning import number_id
from store.people import Device
from store.records import DeviceKind, Plan, Reason
from tests.engine.messaging.district import chain_of, device, district, family, phone, send, settings, walk

CELL, WORK, OTHER, PAGER = DeviceKind.CELL, DeviceKind.WORK, DeviceKind.OTHER, DeviceKind.PAGER


def moms(*devices: Device, reason: Reason = Reason.GENERAL, **changes: Any) -> tuple[Plan, list[tuple[str, str]]]:
    """The plan of a mother with these devices, and what is said about her."""
    alisa = family("Alisa", parents=("Mom",), students=("Son",)).devices("Mom", *devices)
    planned = send(district(alisa), reason, **changes)
    said = [(str(gap.reason), gap.device) for gap in planned.gaps if gap.contact_key == "p:Alisa-Mom"]
    return chain_of(planned, "Mom"), said


@pytest.mark.row("C057", "C084")
def test_a_number_is_dialed_only_for_the_reasons_voice_is_marked_for():
    """Per contact point and device: Emergency, Attendance, Behavior Messenger, General, Food Service, Priority, Teacher

    Guardian needs a phone number and marked checkboxes per message type.
    """
    for reason in Reason:
        chain, _ = moms(device(CELL, phone(1), reason.mask), device(WORK, phone(2), ~reason.mask), reason=reason)
        assert walk(chain) == ["cell"]


def test_a_pager_is_never_called():
    chain, said = moms(device(PAGER, phone(1)), device(CELL, phone(2)))
    assert walk(chain) == ["cell"]
    assert said == []


def test_a_number_given_twice_keeps_its_first_place():
    chain, _ = moms(device(OTHER, phone(1)), device(WORK, phone(2)), device(CELL, phone(1)), device(CELL, phone(3)))
    assert [(step.kind, step.number) for step in chain.steps] == [(CELL, phone(1)), (CELL, phone(3)), (WORK, phone(2))]


@pytest.mark.row("C080", "C082")
def test_a_contact_without_a_phone_is_listed_as_unreachable():
    """A person needs at least one phone number to get voice. Guardian must have a phone number in a phone field."""
    chain, said = moms()
    assert chain.steps == ()
    assert said == [("no_phone", "")]


def test_a_contact_with_nothing_marked_is_listed_as_unreachable():
    chain, said = moms(device(CELL, phone(1), Reason.EMERGENCY.mask))
    assert chain.steps == ()
    assert said == [("no_preference", "")]


@pytest.mark.row("C077", "C078")
def test_a_number_of_seven_digits_is_not_dialed_but_reported():
    """Existing and new numbers must be 10 digits. No area code → cannot be delivered."""
    chain, said = moms(device(CELL, "5550134"), device(WORK, phone(1)))
    assert walk(chain) == ["work"]
    assert said == [("bad_format", "cell")]
    chain, said = moms(device(CELL, "5550134"))
    assert chain.steps == ()
    assert said == [("bad_format", "")]


@pytest.mark.row("C059")
def test_a_number_behind_an_extension_is_kept_but_not_dialed():
    """Phone fields carry an extension box."""
    chain, said = moms(device(WORK, phone(1), extension="12"), device(OTHER, phone(2)))
    assert walk(chain) == ["other"]
    assert said == [("extension", "work")]


def test_private_numbers_are_dialed_unless_the_setting_says_otherwise():
    cell = device(CELL, phone(1), private=True)
    assert walk(moms(cell)[0]) == ["cell"]
    chain, said = moms(cell, private_blocks_voice=True)
    assert chain.steps == ()
    assert said == [("private", "")]


def test_a_marked_household_number_that_cannot_be_dialed_is_an_unreachable_chain():
    alisa = family("Alisa", parents=("Mom",), students=("Son",)).home(number="5550134")
    planned = send(district(alisa))
    assert (planned.chains, planned.unreachable) == (1, 1)
    assert [(gap.contact_key, str(gap.reason)) for gap in planned.gaps] == [("h:Alisa-home", "bad_format")]


def test_a_number_id_has_63_bits_and_needs_the_key():
    ids = [number_id(phone(n), key) for n in range(100) for key in (b"one", b"two")]
    assert len(set(ids)) == 200
    assert all(0 <= each < 1 << 63 for each in ids)
    assert number_id(phone(1), b"one") == 5314477814698653558


def test_the_key_is_not_shown():
    assert "secret" not in repr(settings())
