"""Facts: their bytes stay what they were, and nothing in them names anybody."""

import enum
import random
import typing
from pathlib import Path

import msgspec
import pytest

from store import facts
from store.dispositions import Disposition, Expiry, JobState, Outcome
from store.facts import AnyFact, Block, decode_block, encode_block
from store.records import Reason
from tests.store.lives import life

GOLDEN = Path(__file__).parent / "golden"
KINDS: tuple[type[msgspec.Struct], ...] = AnyFact.__args__

VERSION_1: tuple[AnyFact, ...] = (
    facts.StoreOpened(3, 0x1234567890ABCDEF, 2, True),
    facts.JobPlanned(7, Reason.EMERGENCY, 1_700_000_000_000, 1_700_014_400_000, 812, 3, 40, 700, bytes(range(32))),
    facts.JobOpened(7),
    facts.JobPaused(7),
    facts.JobResumed(7),
    facts.JobCanceled(7),
    facts.JobEnded(7, JobState.CANCELED_IN_PROGRESS),
    facts.AttemptOpened(3 << 40 | 26, 7 << 24 | 5, 1, 2, 0x7EDCBA9876543210),
    facts.AttemptClosed(3 << 40 | 26, 7 << 24 | 5, Disposition.LIVE_NO_CONFIRM, 1_700_000_021_000, 33_400),
    facts.StepBarred(7 << 24 | 5, 1, 0, Disposition.BLOCKED),
    facts.AttemptCorrected(3 << 40 | 26, 7 << 24 | 5, Disposition.CONFIRMED, 1_700_000_021_000, 12_000),
    facts.ChainClosed(7 << 24 | 5, Outcome.EXPIRED, Expiry.DISTRICT_END),
    facts.ChainCorrected(7 << 24 | 5, Outcome.CONFIRMED, Outcome.EXHAUSTED),
    facts.AlarmRaised(6),
    facts.AlarmCleared(6),
    facts.CommandTaken(991, 4, 7, 0x0FEDCBA987654321),
    facts.EngineStopped(),
)
"""One of each, with every field filled. What these lines say is what the bytes in `golden/version_1.txt` mean."""

SINCE_VERSION_2: tuple[AnyFact, ...] = (
    facts.JobPlanned(7, Reason.GENERAL, 1_700_000_000_000, 1_700_014_400_000, 812, 3, 40, 700, bytes(range(32)),
                     1_700_010_000_000),
    facts.DayBegan(739_000),
    facts.DistrictMoved(1_700_000_000_000, 1_700_010_000_000, 1_699_980_000_000, 1_700_066_400_000),
)  # fmt: skip
"""What version 2 writes differently, or anew; every other fact it writes as version 1 did."""

SINCE_VERSION_3: tuple[AnyFact, ...] = (facts.CommandRefused(3, 7, 0x0FEDCBA98765432, 1, 2, 500),)
"""What is new in version 3."""


def golden(version: int) -> dict[str, bytes]:
    """Name of the fact → its bytes, as that version wrote them."""
    lines = (GOLDEN / f"version_{version}.txt").read_text().splitlines()
    rows = (line.split(maxsplit=1) for line in lines if line and not line.startswith("#"))
    return {name: bytes.fromhex(octets) for name, octets in rows}


def block_around(fact: bytes) -> bytes:
    """A block of one fact that is already encoded."""
    return msgspec.msgpack.encode([1, 2, [msgspec.Raw(fact)]])


@pytest.mark.parametrize("fact", VERSION_1, ids=lambda fact: type(fact).__name__)
def test_bytes_of_version_1_still_say_what_they_said(fact: AnyFact):
    assert decode_block(block_around(golden(1)[type(fact).__name__])).facts == [fact]


CHANGED = {type(fact) for fact in SINCE_VERSION_2}


@pytest.mark.parametrize(
    "fact", [fact for fact in VERSION_1 if type(fact) not in CHANGED], ids=lambda fact: type(fact).__name__
)
def test_most_facts_are_written_as_version_1_wrote_them(fact: AnyFact):
    assert msgspec.msgpack.encode(fact).hex(" ") == golden(1)[type(fact).__name__].hex(" ")


@pytest.mark.parametrize("fact", SINCE_VERSION_2, ids=lambda fact: type(fact).__name__)
def test_bytes_of_version_2_say_what_they_said_and_are_written_so(fact: AnyFact):
    written = golden(2)[type(fact).__name__]
    assert decode_block(block_around(written)).facts == [fact]
    assert msgspec.msgpack.encode(fact).hex(" ") == written.hex(" ")


@pytest.mark.parametrize("fact", SINCE_VERSION_3, ids=lambda fact: type(fact).__name__)
def test_bytes_of_version_3_say_what_they_said_and_are_written_so(fact: AnyFact):
    written = golden(3)[type(fact).__name__]
    assert decode_block(block_around(written)).facts == [fact]
    assert msgspec.msgpack.encode(fact).hex(" ") == written.hex(" ")


def test_the_golden_files_hold_every_fact_there_is():
    assert set(golden(1)) == {type(fact).__name__ for fact in VERSION_1}
    assert set(golden(2)) == {type(fact).__name__ for fact in SINCE_VERSION_2}
    assert set(golden(3)) == {type(fact).__name__ for fact in SINCE_VERSION_3}
    assert set(golden(1)) | set(golden(2)) | set(golden(3)) == {kind.__name__ for kind in KINDS}


def test_a_block_is_its_seq_its_instant_and_its_facts():
    assert encode_block(Block(1, 2, [facts.JobOpened(7)])).hex(" ") == "93 01 02 91 92 03 07"


def test_every_fact_has_a_tag_of_its_own_from_1_on_without_a_gap():
    tags = [kind.__struct_config__.tag for kind in KINDS]
    assert tags == list(range(1, len(KINDS) + 1))


def test_an_unknown_tag_is_refused():
    unknown = msgspec.msgpack.encode([len(KINDS) + 1, 7])
    with pytest.raises(msgspec.ValidationError):
        decode_block(block_around(unknown))


def test_an_unknown_code_is_refused():
    unheard_of = msgspec.msgpack.encode([12, 5, 99])
    with pytest.raises(msgspec.ValidationError):
        decode_block(block_around(unheard_of))


def test_fields_that_were_appended_later_take_their_default():
    closed = decode_block(block_around(msgspec.msgpack.encode([9, 26, 5, int(Disposition.BUSY)]))).facts[0]
    assert closed == facts.AttemptClosed(26, 5, Disposition.BUSY, 0, 0)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_fact_holds_only_ids_instants_and_codes(kind: type[msgspec.Struct]):
    for name, annotation in typing.get_type_hints(kind).items():
        is_code = isinstance(annotation, type) and issubclass(annotation, enum.IntEnum)
        assert annotation in (int, bool, bytes) or is_code, f"{kind.__name__}.{name} is {annotation}"


def test_only_the_hash_of_the_plans_is_bytes():
    fields = [
        (kind.__name__, name) for kind in KINDS for name, hint in typing.get_type_hints(kind).items() if hint is bytes
    ]
    assert fields == [("JobPlanned", "plans_hash")]


def test_facts_cannot_be_changed():
    with pytest.raises(AttributeError):
        facts.JobOpened(1).job_id = 2  # type: ignore[misc]


def test_whatever_an_engine_commits_comes_back_the_same():
    for seed in range(40):
        for block in life(random.Random(seed).getrandbits(32), 20):
            assert decode_block(encode_block(block)) == block
