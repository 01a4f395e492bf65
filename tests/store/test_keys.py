"""Keys: order on disk is order in meaning, and every id can be taken apart again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store import keys

u32 = st.integers(0, 2**32 - 1)
u64 = st.integers(0, 2**64 - 1)
indexes = st.integers(0, 2**keys.CHAIN_BITS - 1)
counters = st.integers(1, 2**keys.COUNTER_BITS - 1)
incarnations = st.integers(1, 2**22)
tokens = st.integers(0, 2**63 - 1)


def test_keys_look_as_their_examples_say():
    assert keys.seq_key(258).hex(" ") == "00 00 00 00 00 00 01 02"
    assert keys.id_key(3).hex(" ") == "00 00 00 03"
    assert keys.pair_key(3, 1).hex() == "0000000300000001"
    assert keys.chain_id(3, 5) == 3 * 2**24 + 5
    assert keys.attempt_id(2, 7) == 2 * 2**40 + 7
    assert keys.reference(0x9F31C2, keys.attempt_id(2, 0x1A)) == "00000000009f31c2-1a"


@given(u64, u64)
def test_seqs_sort_on_disk_as_they_do_in_meaning(one: int, other: int):
    assert (keys.seq_key(one) < keys.seq_key(other)) == (one < other)
    assert keys.seq_of(keys.seq_key(one)) == one


@given(u32, u32)
def test_ids_sort_on_disk_as_they_do_in_meaning(one: int, other: int):
    assert (keys.id_key(one) < keys.id_key(other)) == (one < other)
    assert keys.id_of(keys.id_key(one)) == one


@given(st.tuples(u32, u32), st.tuples(u32, u32))
def test_pairs_sort_by_owner_then_by_index(one: tuple[int, int], other: tuple[int, int]):
    assert (keys.pair_key(*one) < keys.pair_key(*other)) == (one < other)


@given(st.integers(1, 2**32 - 1), indexes)
def test_a_chain_knows_its_job_and_its_index_and_sorts_with_its_job(job: int, index: int):
    chain = keys.chain_id(job, index)
    assert (keys.job_of(chain), keys.index_of(chain)) == (job, index)
    assert keys.chain_id(job, 0) <= chain < keys.chain_id(job + 1, 0)
    assert keys.seq_of(keys.seq_key(chain)) == chain


@given(incarnations, counters)
def test_an_attempt_knows_its_incarnation_and_fits_a_signed_64_bit_integer(incarnation: int, counter: int):
    attempt = keys.attempt_id(incarnation, counter)
    assert keys.incarnation_of(attempt) == incarnation
    assert attempt < 2**63


@given(tokens, incarnations, counters)
def test_a_reference_gives_back_token_and_counter(token: int, incarnation: int, counter: int):
    ref = keys.reference(token, keys.attempt_id(incarnation, counter))
    assert keys.parse_reference(ref) == (token, counter)


@given(st.tuples(tokens, counters), st.tuples(tokens, counters))
def test_no_two_attempts_share_a_reference(one: tuple[int, int], other: tuple[int, int]):
    assert (keys.reference(*one) == keys.reference(*other)) == (one == other)


@pytest.mark.parametrize(
    "foreign",
    ["", "-", "call 17", "00000000009f31c2", "9f31c2-1a", "00000000009F31C2-1a", "00000000009f31c2-1A",
     "00000000009f31c2-", "00000000009f31c2--1", "00000000009f31c2-+1a", " 0000000009f31c2-1a", "0x000000009f31c2-1a",
     "00000000009f31c2-01a", "00000000009f31c2-1a ", "0000000_009f31c2-1a", "00000000009f31c2-10000000001",
     "-0000000009f31c2-1a", "zzzzzzzzzzzzzzzz-1a"],
)  # fmt: skip
def test_a_reference_of_others_is_none_of_ours(foreign: str):
    assert keys.parse_reference(foreign) is None


@given(st.text(max_size=30))
def test_whatever_parses_is_written_in_the_one_way(text: str):
    parsed = keys.parse_reference(text)
    assert parsed is None or keys.reference(*parsed) == text
