"""What can be chosen in a batch, and what is refused."""

import pytest

from engine.preferences.choices import BATCH_POINTS, Mode, is_text, read_choices, read_mode
from engine.preferences.in_force import Said
from store.documents import Point
from store.errors import InvalidInputError, RefusedError
from store.records import ALL_REASONS, Reason


@pytest.mark.row("C210", "C211", "C212")
def test_a_choice_is_on_off_or_no_change_for_each_point_and_reason():
    """C210: No Change keeps the current setting. C211: On = point on record will receive. C212: Off = nothing sent to
    that contact type.
    """
    choices = read_choices(("cell.emergency=on", "cell.general=off", "work.priority=no-change"), Mode.CONTACTS)
    assert choices == {Point.CELL: Said(Reason.EMERGENCY.mask, Reason.GENERAL.mask)}


def test_a_star_means_all_points_or_all_reasons_of_the_mode():
    choices = read_choices(("*.*=on",), Mode.STAFF)
    assert choices == dict.fromkeys(BATCH_POINTS, Said(ALL_REASONS))
    assert read_choices(("cell.voice.*=off",), Mode.STUDENTS)[Point.CELL].off == ALL_REASONS & ~Reason.STAFF.mask


@pytest.mark.row("C191", "C192")
@pytest.mark.parametrize("choice", ["cell.text.general=on", "text.general=on", "*.text.*=off"])
def test_texts_are_refused_in_a_batch_with_the_reason(choice):
    """C191: Text preferences cannot be set here. C192: Reason: people could be charged for unwanted texts."""
    with pytest.raises(InvalidInputError, match="people could be charged for texts they do not want"):
        read_choices((choice,), Mode.CONTACTS)


@pytest.mark.row("C201")
def test_the_reason_staff_is_only_for_people_with_a_district_assignment():
    """C201: Only people with a District Assignments record"""
    with pytest.raises(InvalidInputError, match="district assignment"):
        read_choices(("cell.staff=on",), Mode.CONTACTS)
    assert read_choices(("cell.staff=on",), Mode.STAFF)[Point.CELL].on == Reason.STAFF.mask


@pytest.mark.parametrize(
    "choice",
    ["cell", "cell.general", "cell=on", "cell.general=maybe", "ear.general=on", "cell.gossip=on", "pager.general=on",
     "cell.smoke.general=on"],
)  # fmt: skip
def test_what_is_not_understood_is_refused(choice):
    with pytest.raises(InvalidInputError):
        read_choices((choice,), Mode.CONTACTS)


def test_contradictions_and_choices_that_change_nothing_are_refused():
    with pytest.raises(InvalidInputError, match="contradicts"):
        read_choices(("cell.general=on", "cell.*=off"), Mode.CONTACTS)
    with pytest.raises(InvalidInputError, match="Nothing would change"):
        read_choices(("cell.general=no-change",), Mode.CONTACTS)
    with pytest.raises(InvalidInputError, match="is no mode"):
        read_mode("parents")


@pytest.mark.row("C058")
def test_each_phone_has_voice_and_text_but_a_pager_no_voice_and_an_address_only_mail():
    """C058: Contact points: Email, Secondary Email, Household phone, Cell, Other, Work, Pager; each phone has a Voice
    and a Text row and a Private flag
    """
    assert [point.word for point in Point] == [
        "household", "cell", "work", "other", "pager", "email", "secondary_email",
    ]  # fmt: skip
    for point in (Point.HOUSEHOLD, Point.CELL, Point.OTHER, Point.WORK):
        assert [is_text(delivery, point) for delivery in ("voice", "text")] == [False, True]
    assert is_text("text", Point.PAGER)
    with pytest.raises(RefusedError, match="A pager has no voice"):
        is_text("voice", Point.PAGER)
    with pytest.raises(RefusedError, match="neither voice nor text"):
        is_text("voice", Point.EMAIL)
    with pytest.raises(RefusedError, match="gets no mail"):
        is_text("mail", Point.CELL)
    with pytest.raises(InvalidInputError):
        is_text("smoke", Point.CELL)
