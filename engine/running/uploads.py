"""Gives the carrier the recordings a job plays, each once for as long as the carrier stays the same."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from hashlib import blake2b
from typing import Protocol, runtime_checkable

from actors.gateway import Failure
from engine.config import CarrierSettings
from store.database import Database
from store.documents import Recording
from store.errors import CallchainError, RefusedError
from store.records import Job
from store.tables import Txn
from store.vault import Vault

Write = Callable[[Callable[[Txn], object]], None]
"""Carries a write out, and waits until it is on disk."""


@runtime_checkable
class TakesAudio(Protocol):
    """A gateway whose carrier wants recordings before calls that play them."""

    def upload_audio(self, audio_ref: str, media_type: str, content: bytes) -> "str | Failure":
        """The carrier's name of the recording. Blocks."""


class Uploads:
    """Where recordings go up. `place` stands for the carrier: another end-point has none of them yet."""

    def __init__(self, gateway: object, database: Database, write: Write, carrier: CarrierSettings) -> None:
        self._gateway = gateway
        self._database = database
        self._vault = Vault(database)
        self._write = write
        self._place = place_of(carrier)

    def offer(self, job: Job) -> None:
        """Upload what the job plays, as far as that is possible now: its author still reads what it will say."""
        for recording_id in _played(job):
            with suppress(CallchainError):
                self._bring(recording_id)

    def bring(self, job: Job) -> None:
        """Upload what the job plays and the carrier still lacks, before the job is sent.

        Raises RefusedError where that fails. An emergency that has a text to fall back to does not wait for it.
        """
        can_speak = {spoken.recording_id for spoken in job.scripts if spoken.instead}
        for recording_id in _played(job):
            why = "" if recording_id in can_speak else self._bring(recording_id)
            if why:
                raise RefusedError(
                    f"The recording of job {job.job_id} is not with the carrier ({why}). Nothing was sent; "
                    "try again, or prepare the message with a text."
                )

    def _bring(self, recording_id: str) -> str:
        """Upload one, unless it is there. Why it could not be; empty: it is there."""
        if not isinstance(self._gateway, TakesAudio):
            return ""
        with self._database.read() as txn:
            if self._vault.audio_id(txn, recording_id, self._place):
                return ""
            recording: Recording | None = self._database.recordings.get(txn, recording_id.encode())
        if recording is None:
            return "the district does not have it any more"
        answer = self._gateway.upload_audio(recording_id, recording.media_type, recording.content)
        if isinstance(answer, Failure):
            return answer.detail.rstrip(".")
        self._write(partial(self._vault.put_audio_id, recording_id=recording_id, place=self._place, audio_id=answer))
        return ""


def _played(job: Job) -> Iterable[str]:
    return dict.fromkeys(spoken.recording_id for spoken in job.scripts if spoken.recording_id)


def place_of(carrier: CarrierSettings) -> str:
    """One word for a carrier: the same end-points and the same user are the same place, in whichever order."""
    return blake2b("|".join((carrier.user, *sorted(carrier.endpoints))).encode(), digest_size=8).hexdigest()
