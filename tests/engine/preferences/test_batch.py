"""What a batch comes to: it counts what it changes, and changes what it counts."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.preferences.batch import Batch, by_hand_of, work_out
from engine.preferences.choices import Choices, Mode, read_choices
from engine.preferences.in_force import Said, in_force
from engine.preferences.scope import ScopeRequest, scope_of
from store.documents import Mark, Point
from store.people import Roster
from store.records import ALL_REASONS, Reason
from tests.engine.preferences.neighborhood import GENERAL, ROSTER, TODAY, person

masks = st.integers(0, ALL_REASONS).map(lambda bits: bits & ALL_REASONS)
POINTS = [point for point in Point if point is not Point.PAGER]


@st.composite
def choices(draw) -> Choices:
    """On and off for some points."""
    points = draw(st.lists(st.sampled_from(POINTS), min_size=1, unique=True))
    return {point: Said(on, draw(masks) & ~on) for point in points for on in [draw(masks)]}


def batch_of(asked: Choices, roster: Roster = ROSTER, marks: tuple[Mark, ...] = ()) -> Batch:
    return work_out(scope_of(roster, ScopeRequest(Mode.CONTACTS), TODAY), asked, by_hand_of(marks))


def applied(batch: Batch) -> list[Mark]:
    return [Mark(change.owner, change.point, on=change.on, off=change.off) for change in batch.changes]


def bits(roster: Roster) -> dict[tuple[str, int], list[int]]:
    """Voice and mail of every point, by owner and point."""
    found: dict[tuple[str, int], list[int]] = {}
    for one in roster.people:
        for device in one.devices:
            found.setdefault((f"p:{one.person_id}", device.kind), []).append(device.voice_reasons)
        for email in one.emails:
            point = Point.SECONDARY_EMAIL if email.secondary else Point.EMAIL
            found.setdefault((f"p:{one.person_id}", point), []).append(email.reasons)
    found.update({(f"h:{home.household_id}", Point.HOUSEHOLD): [home.voice_reasons] for home in roster.households})
    return found


@pytest.mark.row("C213")
@given(choices())
def test_the_number_reported_is_the_number_of_preferences_that_are_others_afterwards(asked):
    """C213: Apply Changes reports how many preferences changed"""
    batch = batch_of(asked)
    before, after = bits(ROSTER), bits(in_force(ROSTER, applied(batch), []))
    changed = sum(
        any((one ^ other) & reason.mask for one, other in zip(before[key], after[key], strict=True))
        for key in before
        for reason in Reason
    )
    assert batch.changed == changed


@given(choices())
def test_applied_again_it_changes_nothing(asked):
    held = in_force(ROSTER, applied(batch_of(asked)), [])
    assert batch_of(asked, held).changed == 0


@given(choices())
def test_texts_are_never_touched(asked):
    assert not any(mark.text for mark in applied(batch_of(asked)))


@pytest.mark.row("C195")
def test_only_points_on_record_are_set():
    """C195: Guardian must have a phone or e-mail for a reason to be enabled"""
    batch = batch_of(read_choices(("*.general=off",), Mode.CONTACTS))
    assert {(change.owner, change.point) for change in batch.changes} == {
        ("p:mom", Point.CELL), ("p:mom", Point.WORK), ("p:mom", Point.EMAIL), ("p:mom", Point.SECONDARY_EMAIL),
        ("p:dad", Point.CELL), ("h:home", Point.HOUSEHOLD),
    }  # fmt: skip
    rows = {row.point: (row.on_record, row.changes) for row in batch.rows}
    assert rows == {
        "household": (1, 1), "cell": (2, 2), "work": (1, 1), "other": (0, 0), "email": (1, 1),
        "secondary_email": (1, 0),
    }  # fmt: skip


@pytest.mark.row("C207")
@pytest.mark.parametrize(("mode", "expression"), [("contacts", ""), ("students", "grade=3"), ("staff", "id=mom")])
def test_a_household_phone_changes_for_every_member_whatever_the_mode(mode, expression):
    """C207: Household phone change hits every household member in any mode"""
    mother = msgspec.structs.replace(person(ROSTER, "mom"), roles=6, school_ids=("oak",))
    people = tuple(mother if one.person_id == "mom" else one for one in ROSTER.people)
    roster = msgspec.structs.replace(ROSTER, people=people)
    scope = scope_of(roster, ScopeRequest(Mode(mode), expression=expression), TODAY)
    batch = work_out(scope, read_choices(("household.general=off",), Mode(mode)), {})
    held = in_force(roster, applied(batch), [])
    assert [member.person_id for member in held.households[0].members] == ["mom", "dad", "son"]
    assert held.households[0].voice_reasons == 0
    assert batch.changed == 1


@pytest.mark.row("C190")
def test_what_people_chose_one_by_one_is_counted_before_it_is_overwritten():
    """C190: May overwrite what parents set in the Portal"""
    chosen = Mark("p:mom", Point.CELL, off=GENERAL, by_hand=GENERAL)
    held = in_force(ROSTER, [chosen], [])
    batch = batch_of(read_choices(("cell.general=on",), Mode.CONTACTS), held, (chosen,))
    assert [(row.changes, row.by_hand) for row in batch.rows] == [(1, 1)]
    same = batch_of(read_choices(("cell.general=off",), Mode.CONTACTS), held, (chosen,))
    assert [(row.changes, row.by_hand) for row in same.rows] == [(1, 0)]
