"""Jobs as they run on paper: their calls say nothing but how long they speak, for which phones are drawn."""

from collections.abc import Callable, Sequence
from functools import partial

from actors.gateway import Script
from actors.lines.job_run import JobRun
from engine.forecast.paper.phones import DrawnPhones, Spoken
from engine.forecast.paper.scene import Scene
from engine.running.runs import RunMaker
from store.records import Job, Plan
from store.tables import Txn
from store.vault import Vault


class PaperRuns(RunMaker):
    """Makes runs whose calls say of themselves how long they speak, so that phones can be drawn for them."""

    def __init__(self, scene: Scene, phones: DrawnPhones | None, tokens: dict[int, int]) -> None:
        self._own = Vault(scene.database)
        super().__init__(self._own, tokens)
        self._paper_tokens = tokens
        self._scene = scene
        self._phones = phones

    def make(self, txn: Txn, job_id: int) -> JobRun:
        """The run of a job; that of the scene's own as the scene has it."""
        scene = self._scene
        if job_id == scene.job.job_id:
            return PaperRun(scene.job, scene.plans, self._paper_tokens, self._phones, scene.message_ms)
        job = self._own.job(txn, job_id)
        assert job is not None, "it is in the fold"
        return PaperRun(job, partial(self._own.plans, job_id), self._paper_tokens, self._phones, 0)


class PaperRun(JobRun):
    """A job whose scripts hold no words: only their length counts."""

    def __init__(
        self,
        job: Job,
        plans: Callable[[int, int], Sequence[bytes]],
        tokens: dict[int, int],
        phones: DrawnPhones | None,
        message_ms: int,
    ) -> None:
        self._lengths: dict[int, Script] = {}
        self._phones = phones
        self._message_ms = message_ms
        self._of = job
        longest = message_ms or job.message_ms
        own = self._script(longest)
        super().__init__(job, {"": {"": own}}, lambda _plan, _index: own, tokens, plans, longest)

    def script_of(self, plan: Plan, index: int) -> Script:  # noqa: ARG002
        """One script for each length; the phones learn of the devices on the way."""
        if self._phones is not None:
            self._phones.kinds.update((step.number, step.kind) for step in plan.steps)
        return self._script(self._message_ms or plan.message_ms)

    def _script(self, message_ms: int) -> Script:
        script = self._lengths.get(message_ms)
        if script is None:
            job, name = self._of, f"{self._of.job_id}/{message_ms}"
            left = "" if job.leave_message else None
            script = Script(name, "", left, confirm_key=job.confirm_key, ring_s=job.ring_s)
            self._lengths[message_ms] = script
            if self._phones is not None:
                self._phones.spoken[name] = Spoken(job.message.reason, message_ms, job.leave_message)
        return script
