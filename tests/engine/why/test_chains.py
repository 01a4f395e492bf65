"""Chains as they are read at the door: pages, states, one in full, and nobody's name for who may not see it."""

from pathlib import Path

import pytest

from engine.acts.desk import LiveDesk
from engine.why.chains import LOOKED_AT_MAX, PAGE_MAX, chain_in_full, chain_page
from store.errors import InvalidInputError, NotFoundError
from tests.fakes import SteppedTown, one_contact


def town_of(home: Path, count: int = 7) -> SteppedTown:
    families = [one_contact(f"Family{n}") for n in range(count)]
    for family in families:
        family.mom.cell.rings_out().always()
    return SteppedTown(home, *families, lines=2)


def test_pages_follow_each_other_by_index_and_the_last_says_so(tmp_path: Path) -> None:
    with town_of(tmp_path) as town:
        job, desk = town.send(), LiveDesk(town.engine)
        town.run(seconds=1)
        seen, first = [], 0
        while True:
            page = chain_page(desk, job, first=first, count=3)
            seen += [line.index for line in page.chains]
            if page.next is None:
                break
            first = page.next
        assert seen == list(range(7))


def test_a_state_filters_and_ended_chains_are_found_in_their_table(tmp_path: Path) -> None:
    with town_of(tmp_path) as town:
        job, desk = town.send(), LiveDesk(town.engine)
        town.run(seconds=1)
        assert [line.index for line in chain_page(desk, job, state="at_carrier").chains] == [0, 1]
        assert [line.index for line in chain_page(desk, job, state="pending").chains] == [2, 3, 4, 5, 6]
        town.wait(job)
        page = chain_page(desk, job, state="exhausted", count=4)
        assert [line.index for line in page.chains] == [0, 1, 2, 3]
        assert page.next == 4
        assert {line.attempts for line in page.chains} == {3}
        assert chain_page(desk, job, state="confirmed").chains == ()


def test_names_are_shown_only_to_who_may_see_them(tmp_path: Path) -> None:
    with town_of(tmp_path, 1) as town:
        job, desk = town.send(), LiveDesk(town.engine)
        town.run(seconds=50)
        shown, hidden = chain_in_full(desk, job, 0, names=True), chain_in_full(desk, job, 0)
        assert shown.line.contact_name == shown.why.contact_name == "Mom Family0"
        assert shown.steps[0].number.startswith("•••")
        assert "Family0" not in repr(hidden)
        assert hidden.attempts == shown.attempts
        assert hidden.attempts[0].disposition == "no_answer"
        assert hidden.why.cause == "between_rounds"
        town.engine.cancel(job)


def test_what_there_is_not_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with town_of(tmp_path, 1) as town:
        job, desk = town.send(), LiveDesk(town.engine)
        with pytest.raises(NotFoundError, match="There is no job 99"):
            chain_page(desk, 99)
        with pytest.raises(NotFoundError, match="has no chain 5"):
            chain_in_full(desk, job, 5)
        with pytest.raises(InvalidInputError, match="no state 'sleeping'"):
            chain_page(desk, job, state="sleeping")
        with pytest.raises(InvalidInputError, match="1 to 500"):
            chain_page(desk, job, count=PAGE_MAX + 1)
        assert LOOKED_AT_MAX > PAGE_MAX
        town.engine.cancel(job)
        town.run(minutes=2)
