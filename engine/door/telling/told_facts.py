"""Facts in words, as much of each as a role may know: what the live stream is made of."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, get_args

from store import facts
from store.access import Role
from store.alarms import Alarm
from store.commands import Verb
from store.keys import index_of, job_of

Words = dict[str, Any]
"""A fact as it goes into JSON."""


class Sight(IntEnum):
    """How much of the facts is shown; each shows more than the ones before it."""

    COUNTS = 1
    """Jobs, alarms, and how many attempts and chains of each job began and ended: no chain, no number, no author."""
    CHAINS = 2
    """Every attempt and chain by its id, without the number it dialed and without authors."""
    ALL = 3
    """Numbers and authors too, as the keyed hashes they are in the journal."""


def sight_of(role: Role) -> Sight:
    """What a role is shown."""
    if role >= Role.ADMINISTRATOR:
        return Sight.ALL
    return Sight.CHAINS if role >= Role.SENDER else Sight.COUNTS


_OF_CHAINS: tuple[type[facts.Fact], ...] = (
    facts.AttemptOpened, facts.AttemptClosed, facts.AttemptCorrected, facts.StepBarred,
    facts.ChainClosed, facts.ChainCorrected,
)  # fmt: skip

_OF_JOBS: tuple[type[facts.Fact], ...] = (
    facts.StoreOpened, facts.JobPlanned, facts.JobOpened, facts.JobPaused, facts.JobResumed, facts.JobCanceled,
    facts.JobEnded, facts.AlarmRaised, facts.AlarmCleared, facts.CommandTaken, facts.EngineStopped, facts.DayBegan,
    facts.DistrictMoved,
)  # fmt: skip
"""What everybody is told of; a kind of fact that stands in neither list is for administrators."""

_NEVER = frozenset({"token", "plans_hash"})
"""A token is part of every reference at the carrier; a hash of plans tells nobody anything."""

_HIDDEN = frozenset({"number_id", "author_id", "author"})
"""Shown to administrators only."""

_CODES: dict[tuple[type[facts.Fact], str], type[Verb] | type[Alarm] | type[Role]] = {
    (facts.AlarmRaised, "code"): Alarm,
    (facts.AlarmCleared, "code"): Alarm,
    (facts.CommandTaken, "verb"): Verb,
    (facts.CommandRefused, "verb"): Verb,
    (facts.CommandRefused, "role"): Role,
    (facts.CommandRefused, "needed"): Role,
}
"""Fields that hold a code as a plain number."""


def kind_of(fact: type[facts.Fact]) -> str:
    """`attempt_closed` for AttemptClosed."""
    name = fact.__name__
    return name[0].lower() + "".join(f"_{char.lower()}" if char.isupper() else char for char in name[1:])


COUNTS = "counts"
"""The kind of what is told of chains where no chain is shown."""

KINDS = frozenset({COUNTS, *map(kind_of, get_args(facts.AnyFact))})
"""Every kind there is."""


def told(block: facts.Block, sight: Sight) -> Iterator[tuple[str, int, Words]]:
    """Kind, job (0 for none) and words of what a block tells at a sight."""
    if sight is Sight.COUNTS:
        yield from _counted(fact for fact in block.facts if isinstance(fact, _OF_CHAINS))
    for fact in block.facts:
        of_chain = isinstance(fact, _OF_CHAINS)
        if sight is Sight.ALL or (of_chain and sight is Sight.CHAINS) or isinstance(fact, _OF_JOBS):
            yield _told(fact, sight)


def _told(fact: facts.Fact, sight: Sight) -> tuple[str, int, Words]:
    kind = kind_of(type(fact))
    words: Words = {"type": kind}
    for name in fact.__struct_fields__:
        if name not in _NEVER and (sight is Sight.ALL or name not in _HIDDEN):
            words[name] = _word(type(fact), name, getattr(fact, name))
    chain = words.get("chain_id")
    if chain is not None:
        words |= {"job_id": job_of(chain), "index": index_of(chain)}
    return kind, words.get("job_id", 0), words


def _word(kind: type[facts.Fact], name: str, value: Any) -> Any:  # noqa: ANN401
    codes = _CODES.get((kind, name))
    if codes is not None:
        return codes(value).word if value in set(codes) else value
    return getattr(value, "word", value)


@dataclass(slots=True)
class _Count:
    opened: int = 0
    closed: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    corrected: int = 0


def _counted(of_chains: Iterable[facts.Fact]) -> Iterator[tuple[str, int, Words]]:
    """What happened to chains, as numbers for each job."""
    counts: dict[int, _Count] = {}
    for fact in of_chains:
        chain: int = getattr(fact, "chain_id")  # noqa: B009 - all of these kinds have one
        count = counts.setdefault(job_of(chain), _Count())
        match fact:
            case facts.AttemptOpened():
                count.opened += 1
            case facts.AttemptClosed() | facts.StepBarred():
                count.closed[fact.disposition.word] += 1
            case facts.ChainClosed():
                count.outcomes[fact.outcome.word] += 1
            case _:
                count.corrected += 1
    for job_id, count in counts.items():
        words: Words = {"type": COUNTS, "job_id": job_id, "attempts_opened": count.opened}
        words |= {"attempts_closed": count.closed, "chains_closed": count.outcomes, "corrected": count.corrected}
        yield COUNTS, job_id, words
