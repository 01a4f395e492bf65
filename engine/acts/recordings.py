"""Recordings of a district: add one, list them, remove one."""

import msgspec

from engine.acts.act import Act
from engine.acts.desk import Desk
from engine.speech.recordings import BYTES_MAX, read_recording
from engine.speech.wording import sayings_of
from store.access import Role
from store.commands import Verb
from store.documents import Recording
from store.errors import InvalidInputError, NotFoundError, RefusedError
from store.records import Message
from store.tables import Txn

BODY_BYTES = 4 * BYTES_MAX // 3 + (64 << 10)
"""Of a request at the door: the largest sound in base 64, and its name."""

NAME_MAX = 100
"""Characters of a name: it is shown in lists."""


class AddRecording(msgspec.Struct, kw_only=True, frozen=True):
    """A wav file to keep; the same file again only changes its name."""

    name: str
    content: bytes


class ListRecordings(msgspec.Struct, kw_only=True, frozen=True):
    """Which recordings there are."""


class RemoveRecording(msgspec.Struct, kw_only=True, frozen=True):
    """By id, or by a name that only one has."""

    recording: str


class RecordingView(msgspec.Struct, kw_only=True, frozen=True):
    """A recording without its sound."""

    recording_id: str
    name: str
    duration_ms: int
    size: int
    """Bytes."""
    author: str
    added_at: int
    uploaded: bool
    """The carrier has it."""


def recording_view(recording: Recording, uploaded: bool) -> RecordingView:
    """The answer for a recording."""
    return RecordingView(
        recording_id=recording.recording_id,
        name=recording.name,
        duration_ms=recording.duration_ms,
        size=len(recording.content),
        author=recording.author,
        added_at=recording.added_at,
        uploaded=uploaded,
    )


def _add(desk: Desk, request: AddRecording, author: str) -> RecordingView:
    name = request.name.strip()
    if not 0 < len(name) <= NAME_MAX:
        raise InvalidInputError(f"A recording needs a name of up to {NAME_MAX} characters.")
    recording = read_recording(request.content, name, author, desk.clock.now())
    table, key = desk.database.recordings, recording.recording_id.encode()
    desk.change(Verb.RECORDING, author, lambda txn: table.put(txn, key, recording))
    with desk.database.read() as txn:
        return recording_view(recording, bool(desk.vault.audio_id(txn, recording.recording_id)))


def _list(desk: Desk, _request: ListRecordings, _author: str) -> list[RecordingView]:
    with desk.database.read() as txn:
        views = [
            recording_view(one, bool(desk.vault.audio_id(txn, one.recording_id)))
            for _, one in desk.database.recordings.scan(txn)
        ]
    return sorted(views, key=lambda view: (view.added_at, view.recording_id))


def _remove(desk: Desk, request: RemoveRecording, author: str) -> RecordingView:
    with desk.database.read() as txn:
        recording = _found(desk, txn, request.recording)
        uploaded = bool(desk.vault.audio_id(txn, recording.recording_id))
        _refuse_in_use(desk, txn, recording.recording_id)
    table, key = desk.database.recordings, recording.recording_id.encode()

    def remove(txn: Txn) -> None:
        table.delete(txn, key)
        # Kept again, it goes up again: the way to mend a carrier that lost it.
        desk.vault.put_audio_id(txn, recording.recording_id, "", "")

    desk.change(Verb.RECORDING, author, remove)
    return recording_view(recording, uploaded)


def _found(desk: Desk, txn: Txn, wanted: str) -> Recording:
    recordings = [one for _, one in desk.database.recordings.scan(txn)]
    found = [one for one in recordings if one.recording_id == wanted] or [
        one for one in recordings if one.name == wanted
    ]
    if not found:
        raise NotFoundError(f"There is no recording {wanted}; see `callchain recording list`.")
    if len(found) > 1:
        raise InvalidInputError(f"{len(found)} recordings are called {wanted}; name one by its id.")
    return found[0]


def _refuse_in_use(desk: Desk, txn: Txn, recording_id: str) -> None:
    """What a template or a job still plays stays."""
    for _, template in desk.database.templates.scan(txn):
        if recording_id in recordings_of(template.message):
            raise RefusedError(f"The template {template.name} plays this recording; change or remove it first.")
    fold, now = desk.fold(), desk.clock.now()
    for job in desk.vault.jobs(txn):
        row = fold.jobs.get(job.job_id)
        open_still = not row.state.ended if row is not None else job.dials_until > now
        if open_still and recording_id in recordings_of(job.message):
            raise RefusedError(f"Job {job.job_id} plays this recording; remove it when that job has ended.")


def recordings_of(message: Message) -> set[str]:
    """The recordings a message plays."""
    return {saying.recording_id for saying in sayings_of(message).values() if saying.recording_id}


ADD = Act("recordings.add", AddRecording, RecordingView, _add, role=Role.SENDER, body_max=BODY_BYTES)
LIST = Act("recordings.list", ListRecordings, list[RecordingView], _list, role=Role.SENDER)
REMOVE = Act("recordings.remove", RemoveRecording, RecordingView, _remove, role=Role.SENDER)
ACTS = (ADD, LIST, REMOVE)
