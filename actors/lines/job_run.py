"""A released job while it runs: what its chains share, and how far it has come."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from actors.gateway import Script
from actors.lines.line_ledger import OVERDUE_AFTER_MS
from store.dispositions import JobState, Outcome
from store.keys import incarnation_of, reference
from store.records import Job, Plan
from store.rows import ChainRow

if TYPE_CHECKING:
    from actors.messages import CloseChain
    from actors.runtime.mailbox import Mailbox


class JobRun:
    """Kept by the line pool. `plans(start, count)` gives encoded plans from the vault, in order of index."""

    def __init__(
        self,
        job: Job,
        scripts: dict[str, dict[str, Script]],
        own_script: Callable[[Plan, int], Script],
        tokens: dict[int, int],
        plans: Callable[[int, int], Sequence[bytes]],
        message_ms: int,
    ) -> None:
        self.job = job
        self.script = script = scripts[""][""]
        """What is played where nothing more fitting is."""
        self.plans = plans
        self.message_ms = message_ms
        """Estimated length of the speech."""
        self.emergency = job.emergency
        self.patience_ms = script.ring_s * 1000 + message_ms + OVERDUE_AFTER_MS
        """Until a call without a result is overdue."""
        self.job_id = job.job_id
        self._scripts = scripts
        """By language and school, both as plans name them."""
        self._own_script = own_script
        self._caller_ids = dict(job.caller_ids)
        self._customer_ids = dict(job.school_customer_ids)
        self._tokens = tokens
        self.chains: dict[int, Mailbox] = {}
        """index → the mailbox of the chain's actor, while it lives: a chain has no need of a ref."""
        self.started = 0
        """Indexes below this have an actor or have ended."""
        self.ended: set[int] = set()
        """Indexes at or above `started` that have ended: before a restart, or resumed after it."""
        self.stopping: set[int] = set()
        """Indexes of chains that were told to end, whatever the others do: they get no line any more."""
        self.live = job.chains
        """Chains that have not ended."""
        self.opened = False
        self.paused = False
        self.canceled = False
        self.closing: CloseChain | None = None
        """What every chain is told from the moment the job is canceled or its window has closed."""
        self.to_close: deque[Mailbox] = deque()
        """Chains that have not been told `closing` yet."""
        self.to_resume: dict[int, ChainRow] = {}
        """index → chains that had begun before a restart and are not alive again yet."""
        self.dialed = False
        """Some attempt of it was ever opened."""
        self.state: JobState | None = None
        """How it ended, once it has."""
        self.unreported: dict[int, Outcome] = {}
        """The outcome of ended chains that are still owed a result."""
        self.orphans = 0
        """Calls whose chain's actor has died and whose result is not on disk yet."""
        self.overdue = 0
        """Results still owed after their attempt was given up."""

    def reference(self, attempt_id: int) -> str:
        """What the carrier knows an attempt by, whichever incarnation opened it."""
        return reference(self._tokens[incarnation_of(attempt_id)], attempt_id)

    def caller_id(self, school_id: str) -> str:
        """The number shown to who is called: the school's, else the district's (decision 58)."""
        return self._caller_ids.get(school_id) or self.job.caller_id

    def customer_id(self, school_id: str) -> str | None:
        """The carrier's id of a school, for its recognition only; None where it is not known (C028)."""
        return self._customer_ids.get(school_id)

    def script_of(self, plan: Plan, index: int) -> Script:
        """What a chain's calls play: that of its language and school, unless the chain has words of its own."""
        if plan.text or plan.machine_text:
            return self._own_script(plan, index)
        return self._scripts.get(plan.language, self._scripts[""]).get(plan.school_id, self.script)
