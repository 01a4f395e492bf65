"""What webhooks are told of: facts as events, with ids, states, counts and a job's subject; never a name or number."""

from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import Any

import msgspec

from store import facts
from store.alarms import Alarm
from store.commands import Verb
from store.dispositions import JobState
from store.keys import job_of

CHAIN_ENDED = "chain.ended"

EVENTS = (
    "job.released", "job.opened", "job.paused", "job.resumed", "job.canceled", "job.ended", "job.error",
    CHAIN_ENDED, "release.asked", "release.approved", "release.recalled", "alarm.raised", "alarm.cleared",
)  # fmt: skip
"""Every event there is."""

BY_NAME_ONLY = frozenset({CHAIN_ENDED})
"""A job of 100,000 chains makes as many: only who asks for it by name is told."""

_OF_JOBS: dict[type[facts.Fact], str] = {
    facts.JobOpened: "job.opened",
    facts.JobPaused: "job.paused",
    facts.JobResumed: "job.resumed",
    facts.JobCanceled: "job.canceled",
}

_OF_RELEASES = {Verb.ASK: "release.asked", Verb.APPROVE: "release.approved", Verb.RECALL: "release.recalled"}

Words = dict[str, Any]
"""What goes into JSON."""


class Happening(msgspec.Struct, frozen=True):
    """One event, made of one fact."""

    event: str
    seq: int
    position: int
    """Of its fact, in that block."""
    at: int
    """ms UTC."""
    job_id: int
    """0: it is of no job."""
    data: Words

    @property
    def event_id(self) -> str:
        """The same for the same fact, whoever makes it again; a store put back from a backup makes others."""
        return f"evt_{blake2b(f'{self.seq}/{self.at}/{self.position}'.encode(), digest_size=12).hexdigest()}"


def wants(events: tuple[str, ...], event: str) -> bool:
    """Whether a webhook with these events is told of one."""
    return event in events or (not events and event not in BY_NAME_ONLY)


def happenings(block: facts.Block, events: tuple[str, ...], tell_job: Callable[[int], Words]) -> Iterator[Happening]:
    """The events of a block that a webhook wants. `tell_job`: what is said of a job in each event about it."""
    for position, fact in enumerate(block.facts):
        told = _told(fact)
        if told is None or not wants(events, told[0]):
            continue
        event, job_id, data = told
        about = tell_job(job_id) if job_id and event != CHAIN_ENDED else {}
        yield Happening(event, block.seq, position, block.at, job_id, about | data)


def _told(fact: facts.AnyFact) -> tuple[str, int, Words] | None:
    """Event, job and what the fact itself says; None for what no webhook is told of."""
    match fact:
        case facts.ChainClosed():
            said = {"chain_id": fact.chain_id, "outcome": fact.outcome.word, "expiry": fact.expiry.word}
            return CHAIN_ENDED, job_of(fact.chain_id), said
        case facts.ChainCorrected():
            said = {"chain_id": fact.chain_id, "outcome": fact.outcome.word, "was": fact.was.word}
            return CHAIN_ENDED, job_of(fact.chain_id), said
        case facts.JobPlanned():
            window: Words = {"opens_at": fact.opens_at, "closes_at": fact.closes_at}
            return "job.released", fact.job_id, window
        case facts.JobEnded():
            event = "job.error" if fact.state is JobState.ERROR else "job.ended"
            return event, fact.job_id, {"state": fact.state.word}
        case facts.JobOpened() | facts.JobPaused() | facts.JobResumed() | facts.JobCanceled():
            return _OF_JOBS[type(fact)], fact.job_id, {}
        case facts.CommandTaken() if fact.verb in _OF_RELEASES:
            return _OF_RELEASES[Verb(fact.verb)], fact.job_id, {}
        case facts.AlarmRaised() if fact.code in set(Alarm):
            return "alarm.raised", 0, {"alarm": Alarm(fact.code).word, "meaning": Alarm(fact.code).meaning}
        case facts.AlarmCleared() if fact.code in set(Alarm):
            return "alarm.cleared", 0, {"alarm": Alarm(fact.code).word}
        case _:
            return None
