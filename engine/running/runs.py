"""Makes a running job of a stored one: what is played, which number is shown, where its plans come from."""

from functools import partial

from actors.gateway import Script
from actors.lines.job_run import JobRun
from engine.messaging.wording import announce, speech_ms
from store.errors import NotFoundError
from store.records import Job, Plan
from store.tables import Txn
from store.vault import Vault


class RunMaker:
    """A job is run as it was prepared: settings and roster that change later change nothing of it (decision 31)."""

    def __init__(self, vault: Vault, tokens: dict[int, int]) -> None:
        self._vault = vault
        self._tokens = tokens

    def make(self, txn: Txn, job_id: int) -> JobRun:
        """The run of a job in the vault; NotFoundError when there is none."""
        job = self._vault.job(txn, job_id)
        if job is None:
            raise NotFoundError(f"There is no job {job_id}; see `callchain jobs`.")
        script = _script(job, f"job-{job_id}", job.message.text, job.message.machine_text)
        plans = partial(self._vault.plans, job_id)
        return JobRun(job, script, partial(_own_script, job), self._tokens, plans, speech_ms(script.text))


def _own_script(job: Job, plan: Plan, index: int) -> Script:
    """What a chain's calls say whose text has names in it: a script of its own, for people and for machines."""
    return _script(job, f"job-{job.job_id}-{index}", plan.text, plan.machine_text)


def _script(job: Job, script_id: str, text: str, machine_text: str) -> Script:
    said = partial(announce, school=job.spoken_name, callback_number=job.callback_number)
    return Script(
        script_id=script_id,
        text=said(text),
        machine_text=said(machine_text or text) if job.leave_message else None,
        language=job.message.language,
        ring_s=job.ring_s,
    )
