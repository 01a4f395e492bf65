"""What an author sees before anything is sent: the live count, what is heard, the very chains."""

from typing import Any

import msgspec
import pytest

from engine.acts.audience import COUNT, HEAR, PREVIEW, CountAsked, PreviewAsked
from engine.acts.recordings import ADD, AddRecording
from engine.messaging import counting
from engine.messaging.counting import AudienceCount
from engine.orders import PrepareRequest
from store.access import Role
from store.errors import InvalidInputError, NotFoundError
from store.people import SchoolClass
from store.records import AudienceKind, DeviceKind, Reason, Saying
from tests.engine.acts.asking import ask
from tests.engine.messaging.wav import wav
from tests.fakes import Family, StaffMember, SteppedTown, roster_of


@pytest.fixture
def town(tmp_path):
    """Two families of two parents, a student nobody is to be told of, and a teacher with a class."""
    parts = (Family("Adams"), Family("Baker"), StaffMember("t1", "Tina"))
    orphan = Family("Quinn", parents=(), students=("Quentin",), household=False)
    algebra = SchoolClass("c1", "oak", "Algebra", ("t1",), ("Adams-Son",))
    with SteppedTown(tmp_path, *parts) as town:
        town.engine.replace_roster(msgspec.structs.replace(roster_of(*parts, orphan), classes=(algebra,)))
        yield town


def request(reason: str = "emergency", text: str = "Gas leak.", **more: Any) -> PrepareRequest:
    return PrepareRequest(reason=reason, subject="Gas leak", text=text, **more)


def count(town: SteppedTown, asked: PrepareRequest, **more: Any) -> AudienceCount:
    counted: AudienceCount = ask(town, COUNT, CountAsked(request=asked, **more))
    return counted


@pytest.mark.parametrize("reason", [Reason.EMERGENCY, Reason.GENERAL])
@pytest.mark.parametrize("filters", [{}, {"person_ids": ("Adams-Son",)}, {"class_ids": ("c1",)}, {"grades": ("3",)}])
def test_the_live_count_is_what_is_prepared(town, reason, filters):
    asked = request(reason.word, **filters)
    counted = count(town, asked)
    prepared = town.engine.prepare(asked.message(), asked.whom())
    assert (counted.chains, counted.students, counted.covered, counted.unreachable) == (
        prepared.count, prepared.students, prepared.covered, prepared.unreachable,
    )  # fmt: skip
    assert counted.devices == sum(len(plan.steps) for plan in town.plans(prepared.job_id))
    unreachable = [gap for gap in counted.gaps if not gap.device]
    assert [gap.contact_name for gap in unreachable] == ["Quentin Quinn"] * counted.unreachable


def test_who_cannot_be_reached_is_listed_with_the_reason_and_counted_by_reason(town):
    counted = count(town, request())
    assert [(gap.contact_name, gap.reason) for gap in counted.gaps] == [("Quentin Quinn", "no_contact")]
    assert counted.gap_totals == (("no_contact", 1),)


def test_a_contact_whose_every_number_is_blocked_is_among_those_not_reached(tmp_path):
    family = Family("Adams", parents=("Mom",), students=("Son",), kinds=(DeviceKind.CELL,), household=False)
    with SteppedTown(tmp_path, family) as town:
        town.block_number(family.mom.cell)
        assert [gap.reason for gap in count(town, request()).gaps] == ["blocked"]


def test_an_audience_that_cannot_be_asked_for_is_an_answer_too(town):
    assert "staff types" in count(town, request(audience="staff"), choices=True).why_none
    counted = count(town, request(school_ids=("elm",)), choices=True)
    assert "no school 'elm'" in counted.why_none
    assert counted.choices


def test_what_there_is_to_choose_from_comes_with_how_many_are_in_it(town):
    counted = count(town, request(), count=False, choices=True)
    found = {(one.kind, one.key): (one.name, one.people) for one in counted.choices}
    assert found["school", "oak"] == ("Oak Elementary", 5)
    assert found["grade", "3"] == ("3", 5)
    assert found["class", "c1"] == ("Algebra", 1)
    assert found["staff_type", "teacher"] == ("teacher", 1)
    assert counted.chains == 0


def test_students_or_staff_are_found_by_the_beginnings_of_their_names(town):
    def found(words: str, audience: AudienceKind = AudienceKind.CONTACTS) -> list[str]:
        asked = request(audience=audience.name.lower())
        return [one.name for one in count(town, asked, count=False, find=words).found]

    assert found("da ad") == ["Daughter Adams"]
    assert found("dam") == []
    assert found("tina") == []
    assert found("tina", AudienceKind.STAFF) == ["Tina Staff"]


def test_a_large_roster_is_counted_in_a_process_of_its_own_with_the_same_answer(town, monkeypatch):
    here = count(town, request(), choices=True, find="da")
    monkeypatch.setattr(counting, "INLINE_PEOPLE_MAX", 0)
    assert count(town, request(), choices=True, find="da") == here


def test_what_is_heard_is_told_for_people_and_machines_in_every_language(town):
    asked = request(text="Leak at {school}.", school_ids=("oak",), sayings=(Saying("es", "Fuga."),))
    heard = ask(town, HEAR, asked)
    english, spanish = heard.sayings
    assert "Leak at Oak Elementary." in english.people
    assert "press 0" in english.people
    assert "press 0" not in english.machines
    assert english.people_ms > english.machines_ms > 0
    assert (spanish.language, "Fuga." in spanish.people) == ("es", True)
    assert heard.legal_class == "emergency_purposes"


def test_a_recording_is_heard_between_the_prompts_with_its_own_length(town):
    kept = ask(town, ADD, AddRecording(name="bell", content=wav(5.0)))
    (heard,) = ask(town, HEAR, request(text="", recording_id=kept.recording_id)).sayings
    assert "♪" in heard.people
    assert "♪" in heard.machines
    assert heard.people_ms > 5_000


@pytest.mark.parametrize("text", ["Leak at {scool}.", "", "{students} is absent."])
def test_what_cannot_be_said_is_refused_before_anybody_is_called(town, text):
    with pytest.raises(InvalidInputError):
        ask(town, HEAR, request(text=text, audience="staff", staff_types=("teacher",)))


def test_the_very_chains_of_a_prepared_job_are_paged_in_the_order_in_which_they_ring(town):
    asked = request()
    job = town.engine.prepare(asked.message(), asked.whom())
    plans = town.plans(job.job_id)
    first = ask(town, PREVIEW, PreviewAsked(job_id=job.job_id, count=2))
    rest = ask(town, PREVIEW, PreviewAsked(job_id=job.job_id, first=2, count=200))
    rows = (*first.page, *rest.page)
    assert [row.contact for row in rows] == [plan.contact_name for plan in plans]
    assert [len(row.devices) for row in rows] == [len(plan.steps) for plan in plans]
    assert (first.chains, first.total) == (job.count, len(plans))
    assert set(rows[0].students) <= {"Daughter Adams", "Son Adams", "Daughter Baker", "Son Baker"}
    assert all(device.number.startswith("•••") for row in rows for device in row.devices)


def test_there_is_no_preview_of_a_job_that_was_never_prepared(town):
    with pytest.raises(NotFoundError, match="There is no job 99"):
        ask(town, PREVIEW, PreviewAsked(job_id=99))


def test_whoever_sees_names_must_be_a_sender():
    assert {act.role for act in (COUNT, HEAR, PREVIEW)} == {Role.SENDER}
