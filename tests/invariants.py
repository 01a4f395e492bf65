"""What must always hold, as checks over a journal and a carrier's ledger. The numbers are those of the design.

Each check takes the `History` of a town whose jobs have ended and raises AssertionError saying what was broken.
"""

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from actors.district import DistrictHours
from engine.audit import Audit, audit
from engine.gateways.stand_in.ledger import LedgerEntry
from store import facts
from store.checkpoint import Checkpoint, load
from store.database import Database
from store.dispositions import Disposition, JobState, Outcome
from store.fold import Fold
from store.journal import Journal
from store.keys import attempt_id, job_of, parse_reference
from store.records import Reason

NEVER = 1 << 62
START_DELAY_MS = 200
"""The stand-in carrier's, from a line to the first ring."""


@dataclass
class History:
    """Journal and ledger of one district."""

    blocks: Sequence[facts.Block]
    ledger: Sequence[LedgerEntry]
    lines: int
    emergency_lines: int
    ahead_max: int
    hours: DistrictHours
    latency_ms: int = 0
    """How long a submission may have been on its way."""
    blocked: dict[str, int] = field(default_factory=dict)
    """number → since when routine calls to it are barred, for good."""
    moved: list[tuple[int, DistrictHours]] = field(default_factory=list)
    """When the district's hours moved, and what they were from then on."""
    redials_max: int = NEVER
    """Of one number on the one day that is looked at."""
    stopped: dict[tuple[str, str], int] = field(default_factory=dict)
    """(contact, student) → since when the one is told nothing of the other any more."""
    told: Callable[[int], tuple[str, Sequence[str]]] = lambda _chain: ("", ())
    """chain → whom it tells, and of which students."""
    recipient_hours: tuple[int, int] = (0, NEVER)
    """When routine calls may ring on the one day that is looked at, for everybody alike."""

    def all(self, *kinds: type) -> Iterator[tuple[int, Any]]:
        """(instant, fact) of some kinds, in order."""
        return ((block.at, fact) for block in self.blocks for fact in block.facts if isinstance(fact, kinds))

    def district_at(self, at: int) -> tuple[int, int]:
        """The district's hours at an instant; what was on its way when they moved may follow those before."""
        interval = self.hours.interval(at)
        for since, hours in self.moved:
            if since <= at:
                late, before = at <= since + self.latency_ms, interval
                opens_at, closes_at = hours.interval(at)
                late_span = min(opens_at, before[0]), max(closes_at, before[1])
                interval = late_span if late else (opens_at, closes_at)
        return interval

    def opened_routine(self) -> list[facts.AttemptOpened]:
        """The intents of all routine jobs, in order."""
        if not hasattr(self, "_routine"):
            jobs = self.jobs()
            opened = (fact for _, fact in self.all(facts.AttemptOpened))
            self._routine = [fact for fact in opened if jobs[job_of(fact.chain_id)].reason is not Reason.EMERGENCY]
        return self._routine

    def jobs(self) -> dict[int, facts.JobPlanned]:
        return {fact.job_id: fact for _, fact in self.all(facts.JobPlanned)}

    def attempt_of(self, entry: LedgerEntry) -> facts.AttemptOpened | None:
        """The intent behind a call at the carrier."""
        parsed = parse_reference(entry.ref)
        incarnation = self._tokens().get(parsed[0]) if parsed else None
        return self._opened().get(attempt_id(incarnation, parsed[1])) if parsed and incarnation else None

    def opened_at(self, attempt: int) -> int:
        return next(at for at, fact in self.all(facts.AttemptOpened) if fact.attempt_id == attempt)

    def _tokens(self) -> dict[int, int]:
        return {fact.token: fact.incarnation for _, fact in self.all(facts.StoreOpened)}

    def _opened(self) -> dict[int, facts.AttemptOpened]:
        if not hasattr(self, "_attempts"):
            self._attempts = {fact.attempt_id: fact for _, fact in self.all(facts.AttemptOpened)}
        return self._attempts


def check_all(history: History) -> None:
    """Everything that can be seen from journal and ledger."""
    every_call_was_on_disk_first(history)
    nobody_rings_twice(history)
    nothing_ends_another_chain(history)
    nothing_is_submitted_out_of_bounds(history)
    lines_keep_their_bounds(history)
    one_call_at_a_time(history)
    nobody_is_told_after_a_stop(history)
    every_chain_ends_once(history)
    every_attempt_is_settled(history)


def every_call_was_on_disk_first(history: History) -> None:
    """1. No call reaches the carrier whose AttemptOpened is not on disk."""
    opened = {fact.attempt_id: at for at, fact in history.all(facts.AttemptOpened)}
    for entry in history.ledger:
        intent = history.attempt_of(entry)
        assert intent is not None, f"the carrier took {entry.ref}, of which the journal knows nothing"
        assert opened[intent.attempt_id] <= entry.submitted_at, f"{entry.ref} was submitted before it was on disk"


def nobody_rings_twice(history: History) -> None:
    """2. No (chain, round, step) rings twice, and no chain rings after its confirming result was handed to us."""
    assert audit(history.ledger, history.blocks) == Audit(
        duplicate_rings=0, rings_after_confirm=0, unknown_to_journal=0
    )


def nothing_ends_another_chain(history: History) -> None:
    """3. A chain is confirmed by a key pressed in a call of its own, and by nothing else."""
    confirmed = {
        fact.chain_id
        for _, fact in history.all(facts.AttemptClosed, facts.AttemptCorrected)
        if fact.disposition is Disposition.CONFIRMED
    }
    pressed = {
        intent.chain_id
        for entry in history.ledger
        if "0" in entry.keys and (intent := history.attempt_of(entry)) is not None
    }
    for _, fact in history.all(facts.ChainClosed, facts.ChainCorrected):
        if fact.outcome is Outcome.CONFIRMED:
            assert fact.chain_id in confirmed, f"chain {fact.chain_id:x} was confirmed by no attempt"
            assert fact.chain_id in pressed, f"chain {fact.chain_id:x} was confirmed but nobody pressed the key"


def nothing_is_submitted_out_of_bounds(history: History) -> None:
    """4. No submission outside the window, after a cancel or in a pause; nothing rings at or after its windowEnd."""
    jobs = history.jobs()
    canceled = {fact.job_id: at for at, fact in history.all(facts.JobCanceled)}
    pauses = _pauses(history)
    for entry in history.ledger:
        intent = history.attempt_of(entry)
        assert intent is not None
        job = jobs[job_of(intent.chain_id)]
        emergency = job.reason is Reason.EMERGENCY
        assert entry.emergency == emergency
        assert job.opens_at <= entry.submitted_at < job.closes_at, f"{entry.ref} was submitted outside its window"
        assert entry.submitted_at <= canceled.get(job.job_id, NEVER) + history.latency_ms, (
            f"{entry.ref} was submitted after a cancel"
        )
        for since, until in pauses[job.job_id]:
            assert not since + history.latency_ms < entry.submitted_at < until, f"{entry.ref} was submitted in a pause"
        assert entry.window_end_at <= job.closes_at
        if not emergency:
            opens_at, closes_at = history.district_at(entry.submitted_at)
            assert opens_at <= entry.submitted_at < closes_at, f"{entry.ref} was submitted outside district hours"
            assert entry.window_end_at <= closes_at
            opens_at, closes_at = history.recipient_hours
            assert opens_at <= entry.submitted_at < closes_at, f"{entry.ref} was submitted outside a recipient's hours"
            assert entry.window_end_at <= closes_at
        blocked_at = history.blocked.get(entry.number, NEVER)
        assert emergency or entry.submitted_at <= blocked_at + history.latency_ms, f"{entry.ref} dials a blocked number"
        redials = sum(
            fact.round > 0 and fact.number_id == intent.number_id and fact.attempt_id < intent.attempt_id
            for fact in history.opened_routine()
        )
        assert emergency or not intent.round or redials < history.redials_max, f"{entry.ref} is beyond the retry budget"
        if entry.ringing_at is not None:
            assert entry.ringing_at < entry.window_end_at, f"{entry.ref} rang at or after its windowEnd"


def nobody_is_told_after_a_stop(history: History) -> None:
    """4b. No submission that tells somebody of a student they are told nothing of any more (decision 21d).

    An emergency says the same of everybody: it is held back only where all of its students are meant.
    """
    for entry in history.ledger if history.stopped else ():
        intent = history.attempt_of(entry)
        assert intent is not None
        contact, students = history.told(intent.chain_id)
        stops = [history.stopped.get((contact, student), NEVER) for student in students]
        since = max(stops) if entry.emergency else min(stops)
        assert entry.submitted_at <= since + history.latency_ms, f"{entry.ref} tells of somebody after a stop"


def _pauses(history: History) -> dict[int, list[tuple[int, int]]]:
    pauses: dict[int, list[tuple[int, int]]] = defaultdict(list)
    since: dict[int, int] = {}
    for at, fact in history.all(facts.JobPaused, facts.JobResumed):
        if isinstance(fact, facts.JobPaused):
            since[fact.job_id] = at
        elif fact.job_id in since:
            pauses[fact.job_id].append((since.pop(fact.job_id), at))
    for job_id, at in since.items():
        pauses[job_id].append((at, NEVER))
    return pauses


def lines_keep_their_bounds(history: History) -> None:
    """5. Handed over ≤ lines + ahead; in use ≤ lines; ordinary calls use no emergency line and yield to emergencies."""
    emergencies = {job_id for job_id, job in history.jobs().items() if job.reason is Reason.EMERGENCY}
    everything = history.lines + history.emergency_lines
    held = _most_at_once((entry.submitted_at, entry.ended_at) for entry in history.ledger)
    assert held <= everything + history.ahead_max, f"{held} calls were handed over at once"
    rung = [entry for entry in history.ledger if entry.ringing_at is not None]
    assert _most_at_once((entry.ringing_at, entry.ended_at) for entry in rung) <= everything
    ordinary = ((entry.ringing_at, entry.ended_at) for entry in rung if not entry.emergency)
    assert _most_at_once(ordinary) <= history.lines
    _emergencies_go_first(history.ledger)
    assert emergencies or not any(entry.emergency for entry in history.ledger)


def _most_at_once(spans: Iterable[tuple[int | None, int | None]]) -> int:
    """How many half-open spans of time overlap at most; one without an end goes on for ever."""
    events = []
    for since, until in spans:
        assert since is not None
        events.append((since, 1))
        events.append((NEVER if until is None else until, -1))
    most = busy = 0
    for _, change in sorted(events):
        busy += change
        most = max(most, busy)
    return most


def _emergencies_go_first(ledger: Iterable[LedgerEntry]) -> None:
    """No ordinary call starts to ring while an emergency waits at the carrier without a line."""
    waits = []
    ordinary = []
    for entry in ledger:
        if not entry.emergency and entry.ringing_at is not None:
            ordinary.append(entry.ringing_at)
        elif entry.emergency and (entry.ringing_at is not None or entry.end is None):
            # One that ended without a ring may have had its line: the ledger does not say.
            waits.append((entry.submitted_at, (entry.ringing_at or NEVER) - START_DELAY_MS))
    for since, until in waits:
        rude = [rang for rang in ordinary if since < rang < until]
        assert not rude, f"an ordinary call rang at {rude[0]} while an emergency waited from {since} to {until}"


def one_call_at_a_time(history: History) -> None:
    """5b. The carrier never holds two calls to one number, nor two of one chain, whatever jobs they are of."""
    numbers: dict[str, list[LedgerEntry]] = defaultdict(list)
    chains: dict[int, list[LedgerEntry]] = defaultdict(list)
    for entry in history.ledger:
        numbers[entry.number].append(entry)
        intent = history.attempt_of(entry)
        if intent is not None:
            chains[intent.chain_id].append(entry)
    for of_whom, entries in itertools.chain(numbers.items(), chains.items()):
        most = _most_at_once((entry.submitted_at, entry.ended_at) for entry in entries)
        assert most <= 1, f"the carrier held {most} calls of {of_whom} at once: {[entry.ref for entry in entries]}"


def no_ordinary_call_rings_while_an_emergency_waits_for_a_line(history: History) -> None:
    """5c. From the release of an emergency until its last contact is on its first call no ordinary call begins to ring.

    Only where nothing gets lost or takes long on the way, and where no emergency waits for its number or for a restart.
    A call that has its line already is left to ring: that takes the carrier START_DELAY_MS.
    """
    emergencies = {job_id for job_id, job in history.jobs().items() if job.reason is Reason.EMERGENCY}
    released = {fact.job_id: at for at, fact in history.all(facts.JobOpened) if fact.job_id in emergencies}
    first: dict[int, int] = {}
    for at, fact in history.all(facts.AttemptOpened):
        if job_of(fact.chain_id) in emergencies:
            first.setdefault(fact.chain_id, at)
    dialed = {job_of(chain): at for chain, at in first.items()}
    ordinary = [entry.ringing_at for entry in history.ledger if not entry.emergency and entry.ringing_at is not None]
    for job_id, until in dialed.items():
        since = released[job_id] + START_DELAY_MS
        rude = [rang for rang in ordinary if since < rang < until]
        assert not rude, f"an ordinary call rang at {rude[0]} while contacts of emergency {job_id} waited until {until}"


def every_chain_ends_once(history: History) -> None:
    """6. Every chain of a job that has ended has exactly one outcome."""
    outcomes = Counter(fact.chain_id for _, fact in history.all(facts.ChainClosed))
    per_job = Counter(job_of(chain) for chain in outcomes)
    assert set(outcomes.values()) <= {1}, "a chain ended twice"
    ended = {fact.job_id for _, fact in history.all(facts.JobEnded)}
    for job_id, job in history.jobs().items():
        assert job_id in ended, f"job {job_id} has not ended"
        assert per_job[job_id] == job.chains, f"{per_job[job_id]} of {job.chains} chains of job {job_id} ended"


def every_attempt_is_settled(history: History) -> None:
    """Each intent has one result, and what was owed has come in."""
    opened = Counter(fact.attempt_id for _, fact in history.all(facts.AttemptOpened))
    closed = Counter(fact.attempt_id for _, fact in history.all(facts.AttemptClosed))
    assert set(opened.values()) <= {1}, "an attempt was opened twice"
    assert opened == closed, f"{len(opened - closed)} attempts have no result, {len(closed - opened)} too many"
    overdue = [fact.attempt_id for _, fact in history.all(facts.AttemptClosed) if fact.disposition is _OVERDUE]
    corrected = [fact.attempt_id for _, fact in history.all(facts.AttemptCorrected)]
    assert len(corrected) == len(set(corrected))
    assert set(corrected) <= set(overdue)


_OVERDUE = Disposition.RESULT_OVERDUE


def tables_equal_a_fresh_fold(database: Database) -> None:
    """7. What the tables and the blocks after their low-water mark say is what a fold of the whole journal says."""
    with database.read() as txn:
        loaded = load(database, Checkpoint(database), txn)
        whole = Fold()
        for block in Journal(database).since(txn, 0):
            whole.apply(block)
        ended = {row.chain_id: row for _, row in database.ended_chains.scan(txn)}
    assert loaded.jobs == whole.jobs
    assert loaded.rest == whole.rest
    assert _counts(loaded) == _counts(whole)
    assert {**ended, **loaded.chains} == whole.chains


def _counts(fold: Fold) -> dict[int, int]:
    """What counts of today's redials."""
    return {number: times for row in fold.redials.values() for number, times in row.counts.items()}


def nothing_rings_after(history: History, at: int, job_id: int) -> None:
    """8. A canceled job never dials again."""
    for entry in history.ledger:
        intent = history.attempt_of(entry)
        if intent is not None and job_of(intent.chain_id) == job_id and entry.ringing_at is not None:
            assert entry.ringing_at <= at


def all_is_over(history: History) -> bool:
    """Whether every released job has ended for good."""
    state: dict[int, JobState] = {fact.job_id: fact.state for _, fact in history.all(facts.JobEnded)}
    return set(history.jobs()) == set(state) and JobState.ERROR not in state.values()
