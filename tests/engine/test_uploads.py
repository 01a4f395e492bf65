"""Recordings on their way to the carrier: each once, to each carrier."""

import pytest
from msgspec.structs import replace

from actors.gateway import Failure, FailureKind
from engine.config import CarrierSettings
from engine.running.uploads import Uploads, place_of
from engine.speech.recordings import read_recording
from store.database import Database
from store.errors import RefusedError, StoreError
from store.records import Audience, Job, Message, Reason, Spoken
from store.vault import Vault
from tests.engine.messaging.wav import wav

RECORDING = read_recording(wav(), "snow")
ROUTINE = Job(
    1, Message(Reason.GENERAL, "", "", recording_id=RECORDING.recording_id), Audience(), 0, 0, 1, 1, 0, 0, 1,
    scripts=tuple(Spoken("en", school, "", recording_id=RECORDING.recording_id) for school in ("", "oak", "elm")),
)  # fmt: skip
URGENT = replace(ROUTINE, scripts=tuple(replace(spoken, instead="Stay inside.") for spoken in ROUTINE.scripts))
HERE = CarrierSettings(user="oak", endpoints=("https://ca.example/soap", "https://ny.example/soap"))
AWAY = Failure(FailureKind.UNREACHABLE, True, "No connection to the carrier could be made.")


class Carrier:
    """Takes recordings, unless it is away."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str, bytes]] = []
        self.away = False

    def upload_audio(self, audio_ref: str, media_type: str, content: bytes) -> str | Failure:
        if self.away:
            return AWAY
        self.taken.append((audio_ref, media_type, content))
        return f"A-{len(self.taken)}"


class Scene:
    """A store with the recording in it, and the carrier."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.carrier = Carrier()
        with database.write() as txn:
            database.recordings.put(txn, RECORDING.recording_id.encode(), RECORDING)

    def uploads(self, carrier: CarrierSettings = HERE, gateway: object = None) -> Uploads:
        return Uploads(gateway or self.carrier, self.database, self._write, carrier)

    def known_as(self, place: str = "") -> str:
        with self.database.read() as txn:
            return Vault(self.database).audio_id(txn, RECORDING.recording_id, place)

    def _write(self, apply) -> None:
        with self.database.write() as txn:
            apply(txn)


@pytest.fixture
def scene(tmp_path):
    database = Database(tmp_path / "store", sync=False)
    yield Scene(database)
    database.close()


def test_a_recording_goes_up_once_however_many_schools_and_jobs_play_it(scene):
    scene.uploads().offer(ROUTINE)
    scene.uploads().bring(ROUTINE)
    scene.uploads().bring(replace(ROUTINE, job_id=2))
    assert scene.carrier.taken == [(RECORDING.recording_id, "audio/wav", RECORDING.content)]
    assert scene.known_as() == "A-1"


def test_another_carrier_gets_it_anew(scene):
    scene.uploads().bring(ROUTINE)
    elsewhere = replace(HERE, endpoints=("https://tx.example/soap",))
    scene.uploads(elsewhere).bring(ROUTINE)
    assert len(scene.carrier.taken) == 2
    assert scene.known_as(place_of(elsewhere)) == "A-2"
    assert scene.known_as(place_of(HERE)) == ""


def test_the_same_end_points_in_another_order_are_the_same_carrier():
    assert place_of(replace(HERE, endpoints=HERE.endpoints[::-1])) == place_of(HERE)
    assert place_of(replace(HERE, user="elm")) != place_of(HERE)


def test_while_a_message_is_prepared_a_carrier_that_is_away_stops_nothing(scene):
    scene.carrier.away = True
    scene.uploads().offer(ROUTINE)
    assert scene.known_as() == ""


def test_a_job_whose_recording_cannot_go_up_is_not_sent(scene):
    scene.carrier.away = True
    with pytest.raises(RefusedError, match=r"not with the carrier \(No connection to the carrier could be made\)\."):
        scene.uploads().bring(ROUTINE)


def test_an_emergency_with_a_text_is_sent_at_once_though_the_carrier_lacks_its_recording(scene):
    scene.uploads().bring(URGENT)
    assert scene.carrier.taken == []
    scene.uploads().offer(URGENT)
    assert len(scene.carrier.taken) == 1


def test_a_recording_that_was_removed_meanwhile_is_told(scene):
    with scene.database.write() as txn:
        scene.database.recordings.delete(txn, RECORDING.recording_id.encode())
    with pytest.raises(RefusedError, match="the district does not have it any more"):
        scene.uploads().bring(ROUTINE)


def test_a_gateway_that_plays_from_our_own_store_needs_no_upload(scene):
    scene.uploads(gateway=object()).bring(ROUTINE)
    assert scene.known_as() == ""


def test_a_store_that_cannot_be_written_spoils_no_preparation(scene):
    def broken(_apply) -> None:
        raise StoreError("The disk is full.")

    Uploads(scene.carrier, scene.database, broken, HERE).offer(ROUTINE)
    assert scene.known_as() == ""
