"""Every message of one person: whom they mean, what is theirs, and why they are in no chain of what runs."""

from pathlib import Path

import msgspec
import pytest

from engine.acts.catalog import ACTS
from engine.acts.contact_stops import STOP, Stopping
from engine.acts.desk import LiveDesk
from engine.why.cause import Basis, Cause
from engine.why.person.finder import Question, found_in
from engine.why.view import WhyMessage
from store.access import Role
from store.errors import NotFoundError
from store.people import Roster, School
from store.records import Audience, AudienceKind, DeviceKind, Reason
from tests.engine.why.asking import why_person
from tests.fakes import Family, StaffMember, SteppedTown, one_contact, roster_of


def quiet(*families: Family) -> None:
    for family in families:
        for phone in family.phones:
            phone.rings_out().always()


def the_message(town: SteppedTown, who: str) -> WhyMessage:
    (message,) = why_person(town, who).messages
    return message


def test_a_student_a_contact_and_a_household_each_have_their_chains(tmp_path: Path) -> None:
    family, other = Family("Lopez", kinds=(DeviceKind.CELL,)), one_contact("Kim")
    quiet(family, other)
    with SteppedTown(tmp_path, family, other) as town:
        job = town.send()
        about_her = the_message(town, "Lopez-Daughter")
        assert {chain.contact_key for chain in about_her.chains} == {"h:Lopez-home", "p:Lopez-Dad", "p:Lopez-Mom"}
        to_mom = the_message(town, "Lopez-Mom")
        assert {chain.contact_key for chain in to_mom.chains} == {"h:Lopez-home", "p:Lopez-Mom"}
        home = the_message(town, "h:Lopez-home")
        assert {chain.contact_key for chain in home.chains} == {"h:Lopez-home"}
        assert about_her.job_id == job
        town.engine.cancel(job)


def test_a_part_of_a_name_lists_whom_it_may_mean_and_a_whole_one_finds_them(tmp_path: Path) -> None:
    families = [Family("Lopez"), Family("Lopezowski")]
    quiet(*families)
    with SteppedTown(tmp_path, *families) as town:
        found = why_person(town, "dad lopez")
        assert found.person is not None
        assert found.person.person_id == "Lopez-Dad"
        several = why_person(town, "dad")
        assert several.person is None
        assert [match.person_id for match in several.matches] == ["Lopez-Dad", "Lopezowski-Dad"]
        assert several.matches_in_all == 2
        with pytest.raises(NotFoundError, match="Nobody is called 'Nemo'"):
            why_person(town, "Nemo")


def test_a_prepared_message_is_named_as_not_sent(tmp_path: Path) -> None:
    family = one_contact()
    with SteppedTown(tmp_path, family) as town:
        town.prepare()
        message = the_message(town, "Lopez-Mom")
        assert (message.state, message.cause, message.next_ring_basis) == ("prepared", Cause.PREPARED, Basis.SEND)
        assert "It would call Mom Lopez" in message.sentence


def test_a_prepared_message_whose_window_is_over_was_never_sent(tmp_path: Path) -> None:
    family = one_contact()
    with SteppedTown(tmp_path, family) as town:
        town.prepare()
        town.run(minutes=11 * 60)
        assert the_message(town, "Lopez-Mom").cause == Cause.NEVER_SENT


@pytest.mark.parametrize(
    ("audience", "words"),
    [
        (Audience(school_ids=("elm",)), "is at Oak"),
        (Audience(grades=("5",)), "Son Lopez is in grade 3"),
        (Audience(person_ids=("Kim-Son",)), "certain people by name"),
        (Audience(languages=("es",)), "contacts who speak es"),
        (Audience(AudienceKind.STUDENTS, person_ids=("Kim-Son",)), "students themselves"),
        (Audience(AudienceKind.STAFF), "The message is for staff"),
    ],
)
def test_whoever_is_not_in_the_audience_is_told_by_which_filter(tmp_path: Path, audience: Audience, words: str) -> None:
    lopez, kim, teacher = one_contact("Lopez"), one_contact("Kim"), StaffMember("t1", "Ms Gray")
    kim.school = "elm"
    for phone in (*lopez.phones, *kim.phones, *teacher.phones):
        phone.rings_out().always()
    with SteppedTown(tmp_path, lopez, kim, teacher) as town:
        town.engine.replace_roster(_changed(roster_of(lopez, kim, teacher)))
        job = town.send(audience=audience)
        message = the_message(town, "Lopez-Mom")
        assert message.chains == ()
        assert message.cause == Cause.NOT_IN_AUDIENCE, message.sentence
        assert words in message.sentence
        town.engine.cancel(job)


def _changed(roster: Roster) -> Roster:
    """Kim's son is in grade 5 at Elm and has his mother's phone; she speaks Spanish."""
    grades = {"Kim-Son": {"grade": "5"}, "Kim-Mom": {"language": "es"}}
    devices = {one.person_id: one.devices for one in roster.people}
    grades["Kim-Son"]["devices"] = devices["Kim-Mom"]  # type: ignore[assignment]
    people = tuple(msgspec.structs.replace(one, **grades.get(one.person_id, {})) for one in roster.people)
    return msgspec.structs.replace(roster, people=people, schools=(*roster.schools, School("elm", "Elm Elementary")))


def test_a_stopped_contact_is_told_so(tmp_path: Path) -> None:
    lopez, kim = one_contact("Lopez"), one_contact("Kim")
    quiet(lopez, kim)
    with SteppedTown(tmp_path, lopez, kim) as town:
        stopping = Stopping(person_id="Lopez-Mom", student_id="Lopez-Son", reason="court order")
        STOP.carry_out(LiveDesk(town.engine), stopping, "anna")
        job = town.send()
        message = the_message(town, "Lopez-Mom")
        assert (message.cause, message.chains) == (Cause.CONTACT_STOPPED, ())
        town.engine.cancel(job)


def test_the_acts_take_a_sender_and_are_in_the_catalog(tmp_path: Path) -> None:
    assert {ACTS[name].role for name in ("why.person", "why.chain")} == {Role.SENDER}


def test_the_newest_message_comes_first_and_an_emergency_is_among_them(tmp_path: Path) -> None:
    family = one_contact()
    family.mom.cell.answers().presses("0").always()
    with SteppedTown(tmp_path, family) as town:
        first = town.wait(town.send()).job_id
        second = town.wait(town.send(Reason.EMERGENCY)).job_id
        found = why_person(town, "Lopez-Mom")
        assert [message.job_id for message in found.messages] == [second, first]
        assert {chain.cause for message in found.messages for chain in message.chains} == {Cause.CONFIRMED}
        assert found.looked_back_to == 0


def test_a_large_district_is_looked_through_in_a_process_of_its_own_with_the_same_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    family, other = one_contact("Lopez"), one_contact("Kim")
    quiet(family, other)
    with SteppedTown(tmp_path, family, other) as town:
        town.wait(town.send())
        here = why_person(town, "Mom Lopez")
        monkeypatch.setattr("engine.why.person.finder.INLINE_RECORDS_MAX", -1)
        assert why_person(town, "Mom Lopez") == here
        assert here.messages[0].chains[0].cause == Cause.EXHAUSTED


def test_jobs_beyond_what_is_looked_through_are_named(tmp_path: Path) -> None:
    family = one_contact()
    quiet(family)
    with SteppedTown(tmp_path, family) as town:
        jobs = [town.wait(town.send()).job_id for _ in range(3)]
        found = found_in(Question(str(town.database.path), "Lopez-Mom", plans_max=2), town.database)
        assert [job for job, _ in found.places] == jobs[:0:-1]
        assert found.looked_back_to == jobs[1]
