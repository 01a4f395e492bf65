"""Makes a running job of a stored one: what is played, which number is shown, where its plans come from."""

from collections.abc import Callable
from functools import partial

import msgspec

from actors.gateway import Script
from actors.lines.job_run import JobRun
from engine.speech.length import speech_ms
from engine.speech.wording import announce
from store.errors import NotFoundError
from store.records import Job, Plan, Spoken
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
        scripts = scripts_of(job, partial(self._vault.audio_id, txn))
        script = scripts[""][""]
        plans = partial(self._vault.plans, job_id)
        own = partial(_own_script if job.scripts else _announced_script, job, scripts)
        return JobRun(job, scripts, own, self._tokens, plans, job.message_ms or speech_ms(script.text))


Scripts = dict[str, dict[str, Script]]
"""By language and school, both as plans name them: empty for the message's own, and for no single school."""


def scripts_of(job: Job, audio_id: Callable[[str], str]) -> Scripts:
    """What the job's calls play; `audio_id` says under which name the carrier has a recording, empty: it has it not."""
    if not job.scripts:
        return {"": {"": _announced(job, f"job-{job.job_id}", job.message.text, job.message.machine_text)}}
    scripts: Scripts = {}
    for index, spoken in enumerate(job.scripts):
        script_id = f"job-{job.job_id}-s{index}" if index else f"job-{job.job_id}"
        language = "" if spoken.language == job.message.language else spoken.language
        scripts.setdefault(language, {})[spoken.school_id] = _script(job, script_id, spoken, audio_id)
    return scripts


def _script(job: Job, script_id: str, spoken: Spoken, audio_id: Callable[[str], str]) -> Script:
    audio = audio_id(spoken.recording_id) if spoken.recording_id else ""
    usual = partial(
        Script, script_id=script_id, language=spoken.language, confirm_key=job.confirm_key, ring_s=job.ring_s
    )
    if spoken.recording_id and not audio and spoken.instead:
        return usual(text=spoken.instead, machine_text=spoken.machine_instead if job.leave_message else None)
    # A gateway that was never asked to store it knows a recording by our own name for it, or refuses the call.
    return usual(
        text=spoken.text,
        machine_text=spoken.machine_text if job.leave_message else None,
        before=spoken.before,
        audio_id=audio or spoken.recording_id,
        machine_before=spoken.machine_before,
        machine_audio_id=(audio or spoken.recording_id) if spoken.machine_recording_id else "",
    )


def _own_script(job: Job, scripts: Scripts, plan: Plan, index: int) -> Script:
    """What a chain's calls say that has words of its own, complete in its plan, for people and for machines."""
    shared = scripts.get(plan.language, scripts[""]).get(plan.school_id, scripts[""][""])
    own = msgspec.structs.replace(shared, script_id=f"job-{job.job_id}-{index}")
    if plan.text:
        own = msgspec.structs.replace(own, text=plan.text, before="", audio_id="")
    if plan.machine_text and job.leave_message:
        own = msgspec.structs.replace(own, machine_text=plan.machine_text, machine_before="", machine_audio_id="")
    return own


# ---------------------------------------------------------------- jobs prepared before scripts were frozen with them


def _announced_script(job: Job, _scripts: Scripts, plan: Plan, index: int) -> Script:
    return _announced(job, f"job-{job.job_id}-{index}", plan.text or job.message.text, plan.machine_text)


def _announced(job: Job, script_id: str, text: str, machine_text: str) -> Script:
    said = partial(announce, school=job.spoken_name, callback_number=job.callback_number)
    return Script(
        script_id=script_id,
        text=said(text),
        machine_text=said(machine_text or text) if job.leave_message else None,
        language=job.message.language,
        ring_s=job.ring_s,
    )
