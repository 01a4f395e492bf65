"""Results that are owed, against a plain dict: which attempts, of which chains and of which jobs."""

from hypothesis import given
from hypothesis import strategies as st

from actors.lines.owed import OwedResults
from store.keys import chain_id, job_of

CHAINS = [chain_id(job, index) for job in (1, 2) for index in range(3)]

acts = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from(CHAINS)),
        st.tuples(st.just("came"), st.integers(0, 40)),
    ),
    max_size=80,
)


@given(acts)
def test_what_is_owed_is_what_was_given_up_and_has_not_come(told: list[tuple[str, int]]):
    owed, plain, attempts = OwedResults(), dict[int, int](), 0
    for act, figure in told:
        if act == "add":
            attempts += 1
            owed.add(attempts, figure)
            plain[attempts] = figure
        else:
            # Also one that was never given up, or has come before.
            assert owed.came(figure) == plain.pop(figure, 0)
        assert (len(owed), bool(owed)) == (len(plain), bool(plain))
        assert [attempt for attempt in range(50) if attempt in owed] == sorted(plain)
        assert {chain for chain in CHAINS if owed.of_chain(chain)} == set(plain.values())
        for job in (1, 2, 3):
            assert list(owed.of_job(job)) == [attempt for attempt, chain in plain.items() if job_of(chain) == job]


def test_a_chain_is_owed_until_the_last_of_its_results_has_come():
    owed = OwedResults()
    owed.add_all({1: CHAINS[0], 2: CHAINS[0], 3: CHAINS[1]})
    assert owed.came(1) == CHAINS[0]
    assert owed.of_chain(CHAINS[0])
    assert owed.came(2) == CHAINS[0]
    assert not owed.of_chain(CHAINS[0])
    assert (owed.of_chain(CHAINS[1]), len(owed)) == (True, 1)


def test_a_result_counts_once_however_often_it_comes():
    owed = OwedResults()
    owed.add(1, CHAINS[0])
    owed.add(2, CHAINS[0])
    assert [owed.came(1), owed.came(1)] == [CHAINS[0], 0]
    assert owed.of_chain(CHAINS[0]), "the other result is owed still"
