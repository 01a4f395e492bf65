"""Recordings of a district: added, listed, removed."""

import pytest
from msgspec.structs import replace

from engine.acts.desk import Desk, LiveDesk
from engine.acts.recordings import ADD, LIST, REMOVE, AddRecording, ListRecordings, RecordingView, RemoveRecording
from engine.acts.templates import REMOVE as REMOVE_TEMPLATE
from engine.acts.templates import SAVE, NamedTemplate, SaveTemplate
from engine.orders import PrepareRequest
from store import facts
from store.commands import Verb
from store.errors import InvalidInputError, NotFoundError, RefusedError
from store.records import Message, Reason
from tests.engine.messaging.wav import wav
from tests.fakes import SteppedTown, one_contact


@pytest.fixture
def town(tmp_path):
    family = one_contact()
    family.mom.cell.answers().presses("0").always()
    with SteppedTown(tmp_path, family) as town:
        yield town


@pytest.fixture
def desk(town):
    return LiveDesk(town.engine)


def add(desk: Desk, name: str = "snow", content: bytes | None = None, author: str = "ada") -> RecordingView:
    return ADD.carry_out(desk, AddRecording(name=name, content=content or wav(3)), author)


def names(desk: Desk) -> list[str]:
    return [one.name for one in LIST.carry_out(desk, ListRecordings(), "ada")]


def test_a_recording_is_kept_once_under_an_id_that_says_what_is_in_it(desk, town):
    first, other = add(desk), add(desk, "fire", wav(4))
    again = add(desk, "snow day")
    assert first.recording_id == again.recording_id != other.recording_id
    assert (first.duration_ms, first.author, first.uploaded) == (3_000, "ada", False)
    assert sorted(names(desk)) == ["fire", "snow day"]
    verbs = [taken.verb for taken in town.facts(facts.CommandTaken)]
    assert verbs == [Verb.RECORDING] * 3


def test_a_recording_goes_by_its_id_or_by_a_name_that_only_one_has(desk):
    one = add(desk, "a")
    add(desk, "b", wav(4))
    add(desk, "b", wav(5))
    assert REMOVE.carry_out(desk, RemoveRecording(recording=one.recording_id), "ada").name == "a"
    with pytest.raises(InvalidInputError, match="2 recordings are called b; name one by its id"):
        REMOVE.carry_out(desk, RemoveRecording(recording="b"), "ada")
    with pytest.raises(NotFoundError, match="There is no recording a; see"):
        REMOVE.carry_out(desk, RemoveRecording(recording="a"), "ada")
    assert names(desk) == ["b", "b"]


def test_a_recording_that_is_removed_and_kept_again_goes_up_again(desk, town):
    one = add(desk)
    town.engine.station.write(lambda txn: desk.vault.put_audio_id(txn, one.recording_id, "here", "A-1"))
    assert LIST.carry_out(desk, ListRecordings(), "ada")[0].uploaded
    REMOVE.carry_out(desk, RemoveRecording(recording="snow"), "ada")
    assert not add(desk).uploaded


def test_what_a_template_plays_stays(desk):
    one = add(desk)
    request = PrepareRequest(reason="general", subject="", text="", recording_id=one.recording_id)
    SAVE.carry_out(desk, SaveTemplate(name="Snow", request=request), "ada")
    with pytest.raises(RefusedError, match="The template Snow plays this recording"):
        REMOVE.carry_out(desk, RemoveRecording(recording="snow"), "ada")
    REMOVE_TEMPLATE.carry_out(desk, NamedTemplate(name="SNOW"), "ada")
    REMOVE.carry_out(desk, RemoveRecording(recording="snow"), "ada")
    with pytest.raises(NotFoundError, match="There is no recording"):
        SAVE.carry_out(desk, SaveTemplate(name="Snow", request=replace(request)), "ada")


def test_what_an_open_job_plays_stays_until_it_has_ended(desk, town):
    one = add(desk)
    job = town.engine.prepare(Message(Reason.GENERAL, "", "", recording_id=one.recording_id)).job_id
    with pytest.raises(RefusedError, match="Job 1 plays this recording"):
        REMOVE.carry_out(desk, RemoveRecording(recording="snow"), "ada")
    town.engine.send(job)
    town.wait(job)
    assert REMOVE.carry_out(desk, RemoveRecording(recording="snow"), "ada").recording_id == one.recording_id


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [("", None, "needs a name"), ("n" * 101, None, "needs a name"), ("x", b"no wav", "is no wav file")],
)
def test_what_cannot_be_kept_is_refused(desk, name, content, says):
    with pytest.raises(InvalidInputError, match=says):
        add(desk, name, content)
    assert names(desk) == []
