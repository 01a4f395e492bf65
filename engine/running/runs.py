"""Makes a running job of a stored one: what is played, which number is shown, where its plans come from."""

from functools import partial

from actors.gateway import Script
from actors.lines.job_run import JobRun
from engine.config import Settings
from engine.messaging.wording import announce, speech_ms
from engine.roster.numbers import Number, read_number
from store.errors import ConfigError, NotFoundError
from store.records import Job
from store.tables import Txn
from store.vault import Vault


class RunMaker:
    """Knows the district's settings and its vault."""

    def __init__(self, settings: Settings, vault: Vault, tokens: dict[int, int]) -> None:
        self._settings = settings
        self._vault = vault
        self._tokens = tokens

    def make(self, txn: Txn, job_id: int) -> JobRun:
        """The run of a job in the vault; NotFoundError when there is none."""
        job = self._vault.job(txn, job_id)
        if job is None:
            raise NotFoundError(f"There is no job {job_id}; see `callchain jobs`.")
        script = self._script(job)
        return JobRun(
            job,
            script,
            {school.school_id: school.phone for school in self._vault.schools(txn) if school.phone},
            caller_number(self._settings.district.caller_id),
            self._tokens,
            partial(self._vault.plans, job_id),
            speech_ms(script.text),
            self._announce,
        )

    def _script(self, job: Job) -> Script:
        message, voice = job.message, self._settings.voice
        left = self._announce(message.machine_text or message.text) if voice.leave_message else None
        return Script(
            script_id=f"job-{job.job_id}",
            text=self._announce(message.text),
            machine_text=left,
            language=message.language,
            ring_s=voice.ring_seconds,
        )

    def _announce(self, text: str) -> str:
        district = self._settings.district
        return announce(text, district.name, district.callback_number)


def caller_number(text: str) -> str:
    """A caller ID setting as E.164, empty when it is not set. Raises ConfigError for anything but ten digits."""
    if not text:
        return ""
    number = read_number(text)
    if not isinstance(number, Number):
        raise ConfigError(f"district.caller_id is not a number that can be shown ({number}); give ten digits.")
    return number.e164
