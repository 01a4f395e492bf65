"""What a fact says in one line that can be read aloud: no columns, no glyphs, no color."""

from collections.abc import Callable

from engine.board import Board
from store import facts
from store.alarms import Alarm
from store.commands import Verb
from store.dispositions import Outcome
from store.errors import NotFoundError
from store.keys import index_of, job_of

Sentence = str | None


def sentence_of(fact: facts.AnyFact, board: Board, *, of_chains: bool) -> Sentence:
    """The line for a fact, None for one that nobody needs to hear. With `of_chains` each chain's end is told too."""
    match fact:
        case facts.ChainClosed():
            return _chain_ended(fact, board) if of_chains else None
        case facts.CommandTaken():
            return _command(fact)
        case facts.AlarmRaised():
            return f"Alarm: {Alarm(fact.code).word.replace('_', ' ')}. {Alarm(fact.code).meaning}"
        case facts.AlarmCleared():
            return f"Alarm over: {Alarm(fact.code).word.replace('_', ' ')}."
        case facts.StoreOpened():
            return f"The engine started, incarnation {fact.incarnation}." + fact.restored * " The store is a backup."
        case facts.EngineStopped():
            return "The engine stopped in good order."
        case facts.CommandRefused():
            return "A command was refused: who gave it has no right to it."
        case facts.DistrictMoved():
            return "The district's hours of today were changed."
    said = _JOBS.get(type(fact))
    return said(fact, board) if said is not None else None


def job_words(board: Board, job_id: int) -> str:
    """A job as it is spoken of: `Job 3, emergency, Gas leak at Lincoln Elementary`."""
    try:
        job = board.job(job_id)
    except NotFoundError:
        return f"Job {job_id}"
    return ", ".join(filter(None, (f"Job {job_id}", job.reason, job.subject)))


def _chain_ended(fact: facts.ChainClosed, board: Board) -> Sentence:
    chain = fact.chain_id
    try:
        name = board.chain(chain).contact_name
    except NotFoundError:
        name = f"chain {index_of(chain)}"
    return f"Job {job_of(chain)}, {name}: {Outcome(fact.outcome).word.replace('_', ' ')}."


def _command(fact: facts.CommandTaken) -> Sentence:
    what = f" job {fact.job_id}" if fact.job_id else ""
    return f"Command taken: {Verb(fact.verb).word.replace('_', ' ')}{what}."


def _planned(fact: facts.JobPlanned, board: Board) -> str:
    return f"{job_words(board, fact.job_id)}: released with {fact.chains:,} chains about {fact.students:,} students."


def _job(word: str) -> Callable[[facts.AnyFact, Board], str]:
    def said(fact: facts.AnyFact, board: Board) -> str:
        return f"{job_words(board, getattr(fact, 'job_id', 0))}: {word}."

    return said


def _ended(fact: facts.JobEnded, board: Board) -> str:
    return f"{job_words(board, fact.job_id)}: ended, {fact.state.word.replace('_', ' ')}."


_JOBS: dict[type, Callable[..., str]] = {
    facts.JobPlanned: _planned,
    facts.JobOpened: _job("its calls begin"),
    facts.JobPaused: _job("paused"),
    facts.JobResumed: _job("goes on"),
    facts.JobCanceled: _job("canceled"),
    facts.JobEnded: _ended,
}
