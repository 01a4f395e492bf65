"""Marks over time: set one by one, set by batches, batches taken back."""

from hypothesis import given
from hypothesis import strategies as st

from engine.preferences.in_force import without
from engine.preferences.marks import set_by_batch, set_by_hand
from store.documents import Mark, Point
from store.records import ALL_REASONS

masks = st.integers(0, ALL_REASONS).map(lambda bits: bits & ALL_REASONS)
BLANK = Mark("p:mom", Point.CELL)
Hand = tuple[int, bool | None]
hands = st.lists(st.tuples(masks, st.sampled_from([True, False, None])), max_size=4)


def by_hands(mark: Mark, hands: list[Hand]) -> Mark:
    for bits, on in hands:
        mark = set_by_hand(mark, bits, on, "ann", 1)
    return mark


def says(mark: Mark) -> tuple[int, int, int]:
    return mark.on, mark.off, mark.by_hand


@given(hands, masks, masks)
def test_a_batch_taken_back_leaves_everything_as_it_was(hands, on, off):
    before = by_hands(BLANK, hands)
    after = set_by_batch(before, on, off & ~on, 7, "ann", 2)
    assert says(without(after, frozenset({7}))) == says(before)
    assert says(without(after, frozenset({8}))) == says(after)


@given(hands, masks, masks, hands)
def test_what_was_set_since_stays_when_the_batch_is_taken_back(hands, on, off, later):
    before = by_hands(BLANK, hands)
    after = by_hands(set_by_batch(before, on, off & ~on, 7, "ann", 2), later)
    assert says(without(after, frozenset({7}))) == says(by_hands(before, later))


@given(hands, st.lists(st.tuples(masks, masks), min_size=1, max_size=4))
def test_on_and_off_never_share_a_reason_and_the_last_word_counts(hands, batches):
    mark = by_hands(BLANK, hands)
    for number, (on, off) in enumerate(batches, 1):
        mark = set_by_batch(mark, on, off & ~on, number, "ann", 2)
        assert not mark.on & mark.off
        assert mark.on & on == on
        assert mark.off & off & ~on == off & ~on


@given(hands, masks, masks)
def test_a_batch_that_was_broken_off_changes_nothing_even_under_a_later_one(hands, on, other):
    before = by_hands(BLANK, hands)
    broken = set_by_batch(before, on, 0, 7, "ann", 2)
    void = frozenset({7})
    later = set_by_batch(without(broken, void), other, 0, 8, "ann", 3)
    assert says(without(later, void)) == says(set_by_batch(before, other, 0, 8, "ann", 3))
