"""Messages that tell of events, in phone language: each thing told once, to whom it concerns, in its own words."""

import msgspec
import pytest

from engine.audience.occasions import check_fresh
from engine.events.notice import Notice, message_of, prepare_notice
from engine.messaging import planner
from engine.messaging.windows import Window
from engine.views import Prepared
from store.errors import AudienceError, InvalidInputError, RefusedError
from store.records import DeviceKind, Message, Reason
from store.vault import Vault
from tests.fakes import Family, StaffMember, SteppedTown, at, one_contact, roster_of, two_families

ATTENDANCE = "studentSourcedId,schoolSourcedId,date,status,excuse,periods\n"
TODAY = "Lopez-Son,oak,2026-03-02,absent,unexcused,2\n"


def prepare(town: SteppedTown, kind: str, rows: str, **more) -> Prepared:
    """Prepare a notice of a file with these rows."""
    (town.home / f"{kind}.csv").write_text(rows)
    message = message_of(kind, more.pop("text", ""))
    return prepare_notice(town.engine, Notice(kind=kind, path=f"{kind}.csv", message=message, **more))


def notify(town: SteppedTown, kind: str, rows: str, **more) -> int:
    """Send it; the job's id."""
    prepared = prepare(town, kind, rows, **more)
    town.engine.send(prepared, expect=prepared.count)
    return prepared.job_id


def gaps(prepared: Prepared) -> list[tuple[str, str]]:
    return [(gap.contact_key or gap.contact_name, gap.reason) for gap in prepared.gaps]


def heard(town: SteppedTown, job_id: int) -> list[str]:
    return [plan.text for plan in town.plans(job_id)]


# ---------------------------------------------------------------- the four kinds


@pytest.mark.row("C198")
def test_the_family_of_an_absent_student_is_told_and_no_other(tmp_path):
    """C198: Absent or tardy"""
    adams, baker = two_families()
    adams.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, adams, baker) as town:
        rows = ATTENDANCE + "Adams-Son,oak,2026-03-02,absent,unexcused,2\nBaker-Son,oak,2026-03-01,absent,,\n"
        job_id = notify(town, "attendance", rows)
        town.wait(job_id)
        assert town.outcomes(job_id) == {"Mom > Son": "confirmed"}
        (text,) = heard(town, job_id)
        assert "Son Adams was marked absent at Oak Elementary on Monday, March 2." in text


@pytest.mark.row("C199")
def test_the_family_of_a_student_in_an_incident_is_told_of_each_event(tmp_path):
    """C199: Student involved in a behavior incident"""
    lopez = one_contact()
    lopez.mom.cell.answers().presses("0").answers().presses("0")
    with SteppedTown(tmp_path, lopez) as town:
        rows = "eventId,studentSourcedId,date,eventType,role,status\n" + "".join(
            f"EV{n},Lopez-Son,2026-03-0{n},{word},,submitted\n" for n, word in ((1, "fighting"), (2, "theft"))
        )
        job_id = notify(town, "behavior", rows)
        town.wait(job_id)
        assert [chain.outcome for chain in town.chains_of(job_id)] == ["confirmed", "confirmed"]
        said = " ".join(heard(town, job_id))
        assert "Sunday, March 1: fighting." in said
        assert "Monday, March 2: theft." in said


@pytest.mark.row("C200")
def test_the_member_of_staff_who_referred_a_student_is_told_of_the_resolution(tmp_path):
    """C200: Staff told of a resolution added to a behavior event"""
    ana, ben = StaffMember("ana", "Ana"), StaffMember("ben", "Ben")
    ana.cell.answers().presses("0")
    with SteppedTown(tmp_path, ana, ben) as town:
        rows = (
            "eventId,staffSourcedId,studentSourcedId,resolution,date\nEV7,ana,Lopez-Son,two days at home,2026-03-02\n"
        )
        job_id = notify(town, "resolutions", rows)
        town.wait(job_id)
        assert town.job(job_id).reason == "staff"
        (text,) = heard(town, job_id)
        assert "A resolution was added to your behavior referral EV7: two days at home." in text


@pytest.mark.row("C203")
def test_families_are_told_of_low_balances(tmp_path):
    """C203: Balances, low or negative"""
    adams, baker = two_families()
    adams.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, adams, baker) as town:
        rows = (
            "studentSourcedId,account,balance,date\nAdams-Son,lunch,-4.50,2026-03-01\nBaker-Son,lunch,20,2026-03-01\n"
        )
        job_id = notify(town, "balances", rows, filters=(("below", "5.00"),))
        town.wait(job_id)
        assert town.job(job_id).reason == "food_service"
        assert "The lunch account of Son Adams has a balance of minus 4 dollars and 50 cents." in heard(town, job_id)[0]


# ---------------------------------------------------------------- told once


@pytest.mark.parametrize("inline", [True, False], ids=["in the process", "in the helper process"])
def test_attendance_is_told_once_a_student_school_and_day(tmp_path, monkeypatch, inline):
    if not inline:
        monkeypatch.setattr(planner, "INLINE_PEOPLE_MAX", 0)
    lopez = one_contact()
    lopez.mom.cell.machine().answers().presses("0")
    with SteppedTown(tmp_path, lopez) as town:
        town.wait(notify(town, "attendance", ATTENDANCE + TODAY))
        again = prepare(town, "attendance", ATTENDANCE + TODAY)
        assert (again.count, gaps(again)) == (0, [("s:Lopez-Son", "already_told")])
        with pytest.raises(AudienceError, match="Nobody can be called"):
            town.engine.send(again)
        town.run(until=at("2026-03-03 10:00"))
        town.wait(notify(town, "attendance", ATTENDANCE + TODAY.replace("03-02", "03-03")))
        assert len(town.rings(lopez.mom.cell)) == 2


def test_while_a_job_tells_of_it_a_second_one_does_not(tmp_path):
    lopez = one_contact()
    lopez.mom.cell.rings_out(3)
    with SteppedTown(tmp_path, lopez) as town:
        job_id = notify(town, "attendance", ATTENDANCE + TODAY)
        town.run(minutes=5)
        assert gaps(prepare(town, "attendance", ATTENDANCE + TODAY)) == [("s:Lopez-Son", "in_hand")]
        town.wait(job_id)
        assert town.outcomes(job_id) == {"Mom > Son": "exhausted"}
        assert gaps(prepare(town, "attendance", ATTENDANCE + TODAY)) == [("s:Lopez-Son", "already_told")]


def test_a_job_canceled_before_anybody_was_told_does_not_count(tmp_path):
    lopez = one_contact()
    lopez.mom.cell.busy().answers().presses("0")
    with SteppedTown(tmp_path, lopez) as town:
        job_id = notify(town, "attendance", ATTENDANCE + TODAY)
        town.run(minutes=1)
        town.engine.cancel(job_id)
        town.wait(job_id)
        second = notify(town, "attendance", ATTENDANCE + TODAY)
        town.wait(second)
        assert town.outcomes(second) == {"Mom > Son": "confirmed"}


def test_a_job_that_expired_before_anybody_was_told_does_not_count_and_one_that_left_a_message_does(tmp_path):
    lopez, adams = one_contact(), one_contact("Adams")
    lopez.mom.cell.busy(9)
    adams.mom.cell.machine()
    late = at("2026-03-02 10:00")
    with SteppedTown(tmp_path, lopez, adams, now=late, redial={"busy_delay_minutes": 60.0}) as town:
        rows = ATTENDANCE + TODAY + TODAY.replace("Lopez", "Adams")
        window = Window(opens_minute=10 * 60, closes_minute=10 * 60 + 30)
        town.wait(notify(town, "attendance", rows, window=window))
        again = prepare(town, "attendance", rows)
        assert (again.count, gaps(again)) == (1, [("s:Adams-Son", "already_told")])


def test_what_was_only_prepared_was_not_told_and_two_prepared_at_once_are_not_both_sent(tmp_path):
    lopez = one_contact()
    lopez.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, lopez) as town:
        first, second = (prepare(town, "attendance", ATTENDANCE + TODAY) for _ in range(2))
        assert (first.count, second.count) == (1, 1)
        town.engine.send(first)
        town.wait(first.job_id)
        vault = Vault(town.database)
        with town.database.read() as txn:
            jobs = [vault.job(txn, one.job_id) for one in (first, second)]
        plans = [vault.plans(one.job_id, 0, 9) for one in (first, second)]
        assert jobs[0] is not None
        assert jobs[1] is not None
        check_fresh(town.database, jobs[0], plans[0])
        with pytest.raises(RefusedError, match="another job tells of 1 of its events"):
            check_fresh(town.database, jobs[1], plans[1])


def test_behavior_is_told_once_an_event_whatever_the_day(tmp_path):
    lopez = one_contact()
    lopez.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, lopez) as town:
        rows = "eventId,studentSourcedId,date,eventType\nEV1,Lopez-Son,2026-03-02,fighting\n"
        town.wait(notify(town, "behavior", rows))
        town.run(until=at("2026-03-04 10:00"))
        assert gaps(prepare(town, "behavior", rows.replace("03-02", "03-04"))) == [("s:Lopez-Son", "already_told")]


def test_nobody_is_told_of_a_low_balance_that_was_paid_since(tmp_path):
    adams, baker = two_families()
    with SteppedTown(tmp_path, adams, baker) as town:
        rows = (
            "studentSourcedId,balance,date\nAdams-Son,-5,2026-02-27\nAdams-Son,20,2026-03-02\nBaker-Son,-1,2026-03-02\n"
        )
        prepared = prepare(town, "balances", rows, filters=(("below", "0"),))
        assert [plan.contact_key for plan in town.plans(prepared.job_id)] == ["p:Baker-Mom"]


def test_balances_may_be_told_every_day(tmp_path):
    lopez = one_contact()
    lopez.mom.cell.answers().presses("0").answers().presses("0")
    with SteppedTown(tmp_path, lopez) as town:
        for _ in range(2):
            town.wait(notify(town, "balances", "studentSourcedId,balance,date\nLopez-Son,1,2026-03-02\n"))
        assert len(town.rings(lopez.mom.cell)) == 2


# ---------------------------------------------------------------- what is refused, and what is listed


def test_bad_rows_and_unknown_students_are_listed_and_the_others_told(tmp_path):
    lopez = one_contact()
    with SteppedTown(tmp_path, lopez) as town:
        rows = ATTENDANCE + TODAY + TODAY + "S9,,2026-03-02,tardy,,\nS8,,yesterday,tardy,,\n"
        prepared = prepare(town, "attendance", rows)
        assert prepared.count == 1
        assert gaps(prepared) == [
            ("p:S9", "unknown_person"),
            ("attendance.csv line 5, date: 'yesterday' is not a date like 2026-08-31", "bad_row"),
            ("attendance.csv line 3: says again what line 2 says", "bad_row"),
        ]


def test_a_notice_that_makes_no_sense_is_refused(tmp_path):
    with SteppedTown(tmp_path, one_contact()) as town:
        with pytest.raises(AudienceError, match=r"none of the 1 events of attendance\.csv passes the filters"):
            prepare(town, "attendance", ATTENDANCE + TODAY.replace("03-02", "02-27"))
        with pytest.raises(InvalidInputError, match="There is no file"):
            prepare_notice(town.engine, Notice(kind="attendance", path="no.csv", message=message_of("attendance")))
        with pytest.raises(InvalidInputError, match="Attendance is told in attendance messages only"):
            prepare_notice(town.engine, Notice(kind="attendance", message=Message(Reason.GENERAL, "x", "y")))
        with pytest.raises(InvalidInputError, match="which no event fills in"):
            prepare(town, "attendance", ATTENDANCE + TODAY, text="Your balance is {balance}.")
        spanish = msgspec.structs.replace(message_of("attendance"), language="es")
        with pytest.raises(InvalidInputError, match="usually said of attendance is English, not es"):
            prepare_notice(town.engine, Notice(kind="attendance", path="attendance.csv", message=spanish))
        window = Window(opens_minute=11 * 60, closes_minute=11 * 60 + 29)
        with pytest.raises(RefusedError, match="at least 30 minutes"):
            prepare(town, "attendance", ATTENDANCE + TODAY, window=window)
        assert town.engine.jobs() == []


def test_a_message_never_goes_to_everybody_because_its_events_are_gone(tmp_path):
    adams, baker = two_families()
    with SteppedTown(tmp_path, adams, baker) as town:
        with pytest.raises(AudienceError, match="none of the 0 events"):
            prepare(town, "attendance", ATTENDANCE)
        with pytest.raises(AudienceError, match="Nobody is told"):
            prepare_notice(town.engine, Notice(kind="balances", message=message_of("balances")))


def test_a_child_in_two_schools_is_told_of_at_both(tmp_path):
    family = Family("Lopez", ("Mom",), ("Son",), (DeviceKind.CELL,), household=False)
    family.mom.cell.answers().presses("0").answers().presses("0")
    with SteppedTown(tmp_path, family) as town:
        roster = roster_of(family)
        elm = msgspec.structs.replace(roster.schools[0], school_id="elm", name="Elm Middle", phone="")
        people = tuple(
            msgspec.structs.replace(one, enrollments=(*one.enrollments, type(one.enrollments[0])("elm")))
            if one.enrollments
            else one
            for one in roster.people
        )
        town.engine.replace_roster(msgspec.structs.replace(roster, schools=(*roster.schools, elm), people=people))
        job_id = notify(town, "attendance", ATTENDANCE + TODAY.replace("oak", ""))
        town.wait(job_id)
        assert sorted(plan.school_id for plan in town.plans(job_id)) == ["elm", "oak"]
        assert any("at Elm Middle" in text for text in heard(town, job_id))
