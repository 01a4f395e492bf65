"""The answers: why one chain, one message, one person was or was not called. Instants are ms UTC, 0 for none."""

from engine.views import View


class WhyChain(View, frozen=True):
    """One chain: its one cause, in a word and as a sentence, and when its next phone rings."""

    chain_id: int
    job_id: int
    index: int
    contact_key: str
    """`p:` and a person's id, `h:` and a household's, `s:` and that of a student nobody is called about."""
    contact_name: str
    student_ids: tuple[str, ...]
    state: str
    """As on the board: pending, waiting, at_carrier, confirmed, …"""
    cause: str
    """A word of `Cause`."""
    sentence: str
    """The cause for people; instants are the district's clock."""
    next_ring_at: int | None = None
    """None: nobody can tell, or never; the basis says which."""
    next_ring_basis: str = ""
    """A word of `Basis`."""
    device: str = ""
    """The kind of the number that is dialed next."""
    number: str = ""
    """Masked."""
    position: int | None = None
    """Its place in the queue for lines, 1 for the next; None where it waits for none, or nobody knows."""
    since: int = 0
    """Since when the cause holds, 0 where nobody knows."""
    holder: int = 0
    """The chain that keeps it waiting or dials for it, 0 for none."""
    attempts: int = 0
    """Calls that were made, an open one included."""
    last_result: str = ""
    last_at: int = 0


class WhyMessage(View, frozen=True):
    """One message and the person: the chains about or to them, or why there is none."""

    job_id: int
    subject: str
    reason: str
    state: str
    """The job's, or `prepared`."""
    author: str
    prepared_at: int
    opens_at: int
    closes_at: int
    chains: tuple[WhyChain, ...] = ()
    cause: str = ""
    """Where there is no chain of theirs, or nothing was sent."""
    sentence: str = ""
    next_ring_at: int | None = None
    next_ring_basis: str = ""


class Match(View, frozen=True):
    """Somebody who may be meant."""

    person_id: str
    name: str
    roles: tuple[str, ...]
    """student, contact, staff."""
    about: str = ""
    """A student's grade and schools, where a member of staff works."""


class WhyPerson(View, frozen=True):
    """Somebody's messages, the newest first; or, where several may be meant, who."""

    at: int
    """When it was looked."""
    running: bool
    """Whether an engine runs."""
    person: Match | None = None
    messages: tuple[WhyMessage, ...] = ()
    matches: tuple[Match, ...] = ()
    matches_in_all: int = 0
    looked_back_to: int = 0
    """Jobs before this one were not looked through, 0: all were. `callchain report recipient` reads every one."""
