"""All that actors say to each other, in the order of a call's life. Commands are imperative, news is past tense."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from actors.gateway import Call, CallRow, Cancellation, Failure, LineStatus, LogPage, Lookup, Script, Submitted
from store.commands import Verb
from store.dispositions import Disposition, Expiry, Outcome
from store.errors import CallchainError
from store.facts import AnyFact
from store.rows import ChainRow
from store.tables import Txn

if TYPE_CHECKING:
    from actors.lines.job_run import JobRun
    from actors.lines.line_queue import Waiting
    from actors.lines.rules import Rules
    from actors.lines.whereabouts import Whereabouts
    from actors.runtime.actor import PooledRef
    from actors.runtime.mailbox import Mailbox


class Letter(msgspec.Struct, frozen=True, gc=False):
    """Base of all letters: never part of a reference cycle, so the garbage collector need not look at them."""


# ---------------------------------------------------------------- jobs, to the line pool


class RunJob(Letter, frozen=True):
    """Take a released job in: wait for its window, then let its chains walk."""

    run: "JobRun"
    begun: tuple[ChainRow, ...] = ()
    """Chains that had begun before a restart."""
    ended: frozenset[int] = frozenset()
    """Indexes of chains that had ended before a restart."""
    done: Callable[[], None] = lambda: None
    """Called when the job is taken in."""


class GoOn(Letter, frozen=True):
    """After a restart: take in all jobs that are open, before any line is granted."""

    jobs: Sequence[RunJob]


class Command(Letter, frozen=True):
    """Pause, resume, cancel or refresh a job. It becomes a fact before it is obeyed; `done` is then called once."""

    verb: Verb
    job_id: int
    command_id: int
    author_id: int
    done: Callable[[CallchainError | None], None]


class CommandTaken(Letter, frozen=True):
    """To the line pool, after the commit: the command is a fact; obey it."""

    command: Command


class JobDue(Letter, frozen=True):
    """The opening or the closing instant of a job has come, or its chains want their next slice."""

    job_id: int


class DistrictDue(Letter, frozen=True):
    """The district opened, closed, or a new local day began."""


class BlockNumber(Letter, frozen=True):
    """From now on nobody calls a number; what is out to it and not answered is withdrawn (decision 21d)."""

    number_id: int
    except_emergency: bool


class UnblockNumber(Letter, frozen=True):
    """A number may be called again."""

    number_id: int


class StopChains(Letter, frozen=True):
    """These chains of running jobs end now, as canceled: somebody may no longer be told (decision 21d)."""

    chain_ids: tuple[int, ...]


class RulesChanged(Letter, frozen=True):
    """The settings that may change while jobs run are others now (decision 26)."""

    rules: "Rules"


class FindChains(Letter, frozen=True):
    """To the line pool: tell where these chains stand among those that want a line. Nothing changes by it."""

    chains: "tuple[Waiting, ...]"
    """Each with the number it would dial next, as far as the facts tell."""
    tell: "Callable[[Whereabouts], None]"
    """Called on the loop: it must only take note."""


# ---------------------------------------------------------------- lines and chains


class LineGranted(Letter, frozen=True):
    """To a chain: a line is yours; dial your next step as this attempt, under this reference."""

    attempt_id: int
    ref: str


class AdoptAttempt(Letter, frozen=True):
    """To a chain after a restart: this attempt of yours is open; settle it."""

    attempt_id: int


class StepRefused(Letter, frozen=True):
    """To a chain: the number of your next step may not be called; go on without it."""

    disposition: Disposition


class CloseChain(Letter, frozen=True):
    """To a chain: end now, or as soon as the call you have out is settled."""

    outcome: Outcome
    expiry: Expiry = Expiry.NONE


class ChainMoved(Letter, frozen=True):
    """To the line pool, after the commit: what a chain did, and what it wants next."""

    chain_id: int
    attempt_id: int
    """The attempt that was settled, 0 for none."""
    number_id: int
    """The number it wants to dial next, 0 when it ended."""
    due_at: int
    """From when on, 0: at once."""
    outcome: Outcome | None
    redial: bool = False
    """It was dialed for this chain before."""


class ChainsClosed(Letter, frozen=True):
    """To the line pool, after the commit: chains of a job that ended before they had begun."""

    job_id: int
    chains: int


class AttemptSettled(Letter, frozen=True):
    """To the line pool, after the commit: the attempt of a chain whose actor died has its result."""

    attempt_id: int
    job_id: int


class ChainFailed(Letter, frozen=True):
    """To the line pool: a chain's actor died of an error."""

    chain_id: int


class LinesDue(Letter, frozen=True):
    """To the line pool: somebody's instant has come, or a number has cooled down."""


class StoreFailing(Letter, frozen=True):
    """To the line pool: the store stopped taking writes, or takes them again."""

    failing: bool


class WatchDue(Letter, frozen=True):
    """To the line pool, every few seconds: look for overdue results, a full disk and a clock that jumped."""


# ---------------------------------------------------------------- the writer


class Record(Letter, frozen=True):
    """Commit facts, then tell `letter` to `to`."""

    facts: tuple[AnyFact, ...]
    to: "PooledRef | None" = None
    letter: Any = None
    urgent: bool = False
    """Commit before ordinary actors have their next turns."""


class Write(Letter, frozen=True):
    """Write something that is no fact in the next commit, with the facts that go with it, then call `done`."""

    apply: Callable[[Txn], object]
    done: Callable[[], None] | None = None
    urgent: bool = False
    may_wait: bool = False
    """It asks for no commit of its own."""
    facts: tuple[AnyFact, ...] = ()
    """Committed with it, or neither is."""


class FlushDue(Letter, frozen=True):
    """To the writer, from itself: commit what has gathered. An urgent one lets others have a turn, then is the last."""

    urgent: bool = False
    last: bool = False


class FlushTables(Letter, frozen=True):
    """To the writer: bring the tables level with the fold, then call `done`."""

    done: Callable[[], None]
    seq: int = 0
    """From itself: up to this block, of which some slices are done."""


# ---------------------------------------------------------------- the dialer


class Dial(Letter, frozen=True):
    """Hand one call over. Its AttemptOpened is on disk."""

    attempt_id: int
    job_id: int
    number_id: int
    chain: "Mailbox"
    call: Call
    script: Script
    maybe_sent: bool = False
    """The carrier may have heard of it already: it is taken back at the carrier, not only here."""


class Withdraw(Letter, frozen=True):
    """Take calls back that nobody has answered: attempt, reference and chain of each."""

    calls: "Sequence[tuple[int, str, Mailbox]]"


class LookUp(Letter, frozen=True):
    """Ask the carrier where calls are, by attempt and reference."""

    calls: Sequence[tuple[int, str]]


class SendDue(Letter, frozen=True):
    """To the dialer, from itself: send what has gathered."""


class ResendDue(Letter, frozen=True):
    """To the dialer, from its timer: try a batch again."""

    batch: Sequence[Dial]


class CallsSubmitted(Letter, frozen=True):
    """The carrier's answer to a batch."""

    batch: Sequence[Dial]
    answer: Sequence[Submitted] | Failure


class CallsWithdrawn(Letter, frozen=True):
    """The carrier's answer to a withdrawal."""

    calls: "Sequence[tuple[int, str, Mailbox]]"
    answer: Sequence[Cancellation] | Failure


class CallsGoOn(Letter, frozen=True):
    """To the line pool: calls that could not be withdrawn, since somebody had answered."""

    attempts: Sequence[int]


class CallsLookedUp(Letter, frozen=True):
    """To the line pool: the carrier's answer to a look-up."""

    calls: Sequence[tuple[int, str]]
    answer: Sequence[Lookup] | Failure


# ---------------------------------------------------------------- results


class PollDue(Letter, frozen=True):
    """To the status poller: read the call log."""


class PollSooner(Letter, frozen=True):
    """To the status poller, when it has just read the call log: read it again after this long."""

    delay_ms: int


class PollWhileOpen(Letter, frozen=True):
    """To the status poller: jobs are open, or none is any more."""

    open: bool


class PageRead(Letter, frozen=True):
    """The carrier's answer to a reading of its call log."""

    answer: LogPage | Failure


class LineStatusRead(Letter, frozen=True):
    """The carrier's answer about its lines."""

    answer: LineStatus | Failure


class CallsEnded(Letter, frozen=True):
    """To the line pool: calls have ended, whoever fetched the news."""

    rows: Sequence[CallRow]
    page: int = 0
    """Tell the poller when all of them are settled; 0: nobody waits for it."""


class PageSettled(Letter, frozen=True):
    """To the status poller: the results of a page are on disk."""

    page: int


class CallEnded(Letter, frozen=True):
    """To a chain: how the call of its attempt ended."""

    attempt_id: int
    row: CallRow


class CallFailed(Letter, frozen=True):
    """To a chain: its attempt ended without a call."""

    attempt_id: int
    disposition: Disposition


class ResultArrivedLate(Letter, frozen=True):
    """To a chain: the result of an attempt that had been given up. The record is corrected already."""

    attempt_id: int
    disposition: Disposition


class LogRead(Letter, frozen=True):
    """To the line pool: the call log has been read to its end."""


class CarrierCounted(Letter, frozen=True):
    """To the line pool: how many lines the carrier has for us, and how far its clock is from ours."""

    lines: int
    emergency_lines: int
    skew_ms: int


class AlarmChanged(Letter, frozen=True):
    """To the line pool: raise or clear an alarm, once."""

    alarm: int
    raised: bool
