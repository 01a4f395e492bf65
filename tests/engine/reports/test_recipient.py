"""The recipient log: every message one person was eligible for, device by device."""

import pytest

from engine.reports.recipient import recipient_log
from engine.reports.source.local_time import Days
from store.errors import NotFoundError
from store.records import Audience, AudienceKind, DeviceKind, Reason
from tests.engine.reports.conftest import records_of
from tests.engine.reports.reading import rows, summary
from tests.engine.reports.two_days import day
from tests.fakes import Family, Phone, StaffMember, SteppedTown, one_contact, roster_of

MONDAY, TUESDAY = day("2026-03-02"), day("2026-03-03")


def log(records, person: str, days: Days | None = None, **more) -> list[tuple[int, str, str]]:
    """Job, device and result."""
    return [(row["job_id"], row["device"], row["result"]) for row in rows(recipient_log(records, person, days, **more))]


def test_a_contacts_log_has_all_their_messages_device_by_device(life, records):
    assert log(records, "Adams-Mom") == [(life.snow, "cell", "busy"), (life.snow, "cell", "confirmed")]
    assert [entry for entry in log(records, "Cole-Mom") if entry[0] == life.absent] == [
        (life.absent, device, "no_answer") for device in ("cell", "work") * 2
    ]
    assert log(records, "Cole-Mom")[-1] == (life.trip, "work", "no_answer")


def test_somebody_who_could_not_be_called_has_a_log_too(life, records):
    assert log(records, "Dunn-Mom") == [(life.snow, "", "no_device")]
    assert log(records, "Ford-Mom") == [(life.snow, "cell", "confirmed"), (life.alarm, "", "Duplicate – see owner")]


def test_a_students_log_has_all_chains_about_them(life, records):
    assert log(records, "Ford-Son") == log(records, "Ford-Mom")
    report = recipient_log(records, "Baker-Son")
    assert summary(report) == {"person_id": "Baker-Son", "person": "Son Baker"}
    assert [(row["job_id"], row["state"], row["result"]) for row in rows(report)] == [
        (life.snow, "Sent", "machine_message_left"),
        (life.menu, "Canceled", "not_tried"),
    ]


def test_a_range_of_days_may_be_asked_for(life, records):
    assert {job for job, *_ in log(records, "Cole-Mom", Days(MONDAY, MONDAY))} == {life.snow}
    assert {job for job, *_ in log(records, "Cole-Mom", Days(TUESDAY, TUESDAY))} == {life.absent, life.trip}


def test_a_name_that_begins_like_another_is_not_mistaken_for_it(life, records):
    with pytest.raises(NotFoundError, match="There is no person Cole"):
        recipient_log(records, "Cole")


@pytest.mark.parametrize(
    ("person", "days", "sentence"),
    [
        ("nobody", None, "There is no person nobody, neither in the roster in force nor among those called"),
        ("Adams-Mom", Days(TUESDAY, TUESDAY), "Mom Adams was in no message on 2026-03-03."),
    ],
)
def test_where_there_is_nothing_a_sentence_says_so(records, person, days, sentence):
    with pytest.raises(NotFoundError, match=sentence):
        recipient_log(records, person, days)


def test_the_households_phone_belongs_to_the_log_of_its_members_and_untried_devices_are_shown(tmp_path):
    family = Family(parents=("Mom",), students=("Son",))
    family.home.answers().presses("0")
    family.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        town.wait(job)
        with records_of(town) as records:
            found = sorted(log(records, "Lopez-Mom"))
            assert found == [
                (job, "cell", "confirmed"),
                (job, "household", "confirmed"),
                (job, "other", "not_tried"),
                (job, "work", "not_tried"),
            ]
            assert sorted(log(records, "Lopez-Son")) == found


def test_staff_have_a_log_and_a_shared_desk_shows_its_owner(tmp_path):
    desk = Phone("the desk")
    ada, bob = StaffMember("staff-1", "Ada", desk), StaffMember("staff-2", "Bob", desk)
    desk.answers().presses("0")
    for one in (ada, bob):
        one.cell.rings_out().always()
    with SteppedTown(tmp_path, ada, bob, redial={"max_attempts": 1}) as town:
        job = town.send(Reason.GENERAL, audience=Audience(kind=AudienceKind.STAFF), names_recipient=True)
        town.wait(job)
        with records_of(town) as records:
            assert log(records, "staff-1") == [(job, "cell", "no_answer"), (job, "work", "confirmed")]
            bobs = rows(recipient_log(records, "staff-2"))
            assert [(row["device"], row["result"]) for row in bobs] == [
                (DeviceKind.CELL.word, "no_answer"),
                ("", "Duplicate – see owner"),
            ]
            assert bobs[-1]["owner_result"] == "confirmed"


def test_somebody_who_left_the_roster_is_known_from_what_was_sent(tmp_path):
    gone, stays = one_contact("Gone"), one_contact("Stays")
    gone.mom.cell.answers().presses("0")
    stays.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, gone, stays) as town:
        job = town.send()
        town.wait(job)
        town.engine.replace_roster(roster_of(stays), accept_loss_percent=100)
        with records_of(town) as records:
            report = recipient_log(records, "Gone-Mom", full_numbers=True)
            assert report.notes == ("Not in the roster in force; known from what was sent.",)
            assert [row["number"] for row in rows(report)] == [gone.mom.cell.number]
