"""Chains and rings in few words, the same on the command line and on the screens."""

from datetime import tzinfo

from engine.why.cause import Basis
from engine.why.chain.moments import clock
from store.keys import index_of, job_of

BASES: dict[str, str] = {
    Basis.LINE: "a line is free",
    Basis.QUEUE: "by its place in the queue",
    Basis.DUE: "its delay is over then",
    Basis.WINDOW: "the window opens",
    Basis.DISTRICT: "the district opens",
    Basis.RECIPIENT: "the recipient's hours begin",
    Basis.NUMBER_GAP: "its number has rested then",
    Basis.COUNTDOWN: "it goes out then",
    Basis.RESULT: "unknown, the call that is out decides",
    Basis.NUMBER: "unknown, another call to its number must end first",
    Basis.RESUME: "unknown, somebody must resume the job",
    Basis.SEND: "unknown, somebody must send it",
    Basis.REPAIR: "unknown, what stands in the way must be mended",
    Basis.CLOSES: "never, the window closes first",
    Basis.NEVER: "never",
    Basis.UNKNOWN: "unknown",
}
"""What the instant is read off, in words."""


def chain_word(chain: int) -> str:
    """A chain's id for people: job 3's 17th chain is `3-17`."""
    return f"{job_of(chain)}-{index_of(chain)}"


def ring_words(at: int | None, basis: str, zone: tzinfo, now: int) -> str:
    """`about 10:15:30, by its place in the queue`; `never`."""
    words = BASES.get(basis, basis)
    if at is None:
        return words
    about = "about " if basis == Basis.QUEUE else ""
    return f"{'now' if at <= now else about + clock(at, zone, now)}, {words}"
