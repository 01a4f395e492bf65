"""Stopped contacts in phone language: a relationship that ends now, whatever the roster and running jobs say."""

from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest

from actors.messages import StopChains
from engine.acts.contact_stops import ALLOW, LIST, STOP, Allowing, Contact, Listing, Stopping
from engine.acts.desk import LiveDesk
from engine.acts.notices import RESEND, ResendRequest
from engine.messaging.windows import local_day
from engine.preferences.stopped_chains import overlooked
from engine.running.station import Station
from store.errors import InvalidInputError, NotFoundError, RefusedError
from store.records import DeviceKind, Reason
from tests.engine.acts.asking import AUTHOR, ask, stopped
from tests.fakes import ZONE, Family, SteppedTown, roster_of

COURT = "court order"


def stop(town: SteppedTown, person: str = "Lopez-Dad", student: str = "Lopez-Son") -> Contact:
    answer = ask(town, STOP, Stopping(person_id=person, student_id=student, reason=COURT))
    assert isinstance(answer, Contact)
    return answer


def family_of(*parents: str, household: bool = False, students: tuple[str, ...] = ("Daughter", "Son")) -> Family:
    return Family(parents=parents, students=students, kinds=(DeviceKind.CELL,), household=household)


def everybody_answers(family: Family) -> None:
    for phone in family.phones:
        phone.answers().presses("0").always()


def test_nobody_is_told_of_a_student_after_the_contact_was_stopped_not_even_after_an_import(tmp_path):
    family = family_of("Dad", "Mom")
    everybody_answers(family)
    with SteppedTown(tmp_path, family) as town:
        assert stop(town).withdrawn == 0
        town.engine.replace_roster(roster_of(family))
        job = town.send()
        town.wait(job)
        assert set(town.outcomes(job)) == {"Dad > Daughter", "Mom > Daughter", "Mom > Son"}


def test_chains_of_running_jobs_about_the_student_stop_at_once_and_no_others(tmp_path):
    family = family_of("Dad", "Mom")
    family.dad.cell.rings_out(2)
    family.mom.cell.rings_out(2)
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        town.run(minutes=3)
        assert len(town.rings(family.dad.cell)) == 2
        assert stop(town).withdrawn == 1
        family.dad.cell.answers().presses("0")
        family.mom.cell.answers().presses("0").always()
        town.wait(job)
        assert town.outcomes(job) == {
            "Dad > Daughter": "confirmed",
            "Dad > Son": "canceled",
            "Mom > Daughter": "confirmed",
            "Mom > Son": "confirmed",
        }


def test_a_chain_that_was_confirmed_is_not_counted_as_withdrawn(tmp_path):
    family = family_of("Dad", "Mom", students=("Son",))
    family.dad.cell.answers().presses("0")
    family.mom.cell.rings_out().always()
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        town.run(minutes=3)
        assert town.outcomes(job) == {"Dad > Son": "confirmed", "Mom > Son": ""}
        assert stop(town).withdrawn == 0
        assert stop(town, "Lopez-Mom").withdrawn == 1
        town.wait(job)
        assert town.outcomes(job) == {"Dad > Son": "confirmed", "Mom > Son": "canceled"}


def test_a_stopped_chain_stays_stopped_after_a_crash(tmp_path):
    family = family_of("Dad")
    family.dad.cell.rings_out(2)
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        town.run(minutes=3)
        stop(town)
        town.restart()
        family.dad.cell.answers().presses("0").always()
        town.wait(job)
        assert town.outcomes(job) == {"Dad > Daughter": "confirmed", "Dad > Son": "canceled"}


def test_the_household_goes_on_while_another_contact_of_the_student_lives_there(tmp_path):
    family = family_of("Dad", "Mom", household=True)
    with SteppedTown(tmp_path, family, lines=1) as town:
        job = town.send()
        assert stop(town).withdrawn == 1
        everybody_answers(family)
        town.wait(job)
        assert town.outcomes(job)["Household > Son"] == "confirmed"


def test_the_household_stops_with_the_last_contact_of_the_student_who_lives_there(tmp_path):
    family = family_of("Dad", household=True)
    with SteppedTown(tmp_path, family, lines=1) as town:
        job = town.prepare()
        town.engine.send(job)
        assert stop(town).withdrawn == 2
        everybody_answers(family)
        town.wait(job)
        outcomes = town.outcomes(job)
        assert outcomes["Dad > Son"] == outcomes["Household > Son"] == "canceled"
        assert outcomes["Dad > Daughter"] == outcomes["Household > Daughter"] == "confirmed"


def test_a_grouped_call_that_tells_of_the_student_is_withdrawn_whole_and_said_so(tmp_path):
    family = family_of("Dad", "Mom")
    with SteppedTown(tmp_path, family, voice={"grouping": True}, lines=1) as town:
        job = town.send()
        answer = stop(town)
        assert (answer.withdrawn, answer.of_other_students) == (1, 1)
        everybody_answers(family)
        town.wait(job)
        outcomes = town.outcomes(job)
        assert [outcome for label, outcome in outcomes.items() if label.startswith("Dad")] == ["canceled"]
        assert [outcome for label, outcome in outcomes.items() if label.startswith("Mom")] == ["confirmed"]


def test_an_emergency_goes_on_to_somebody_who_has_other_children_in_it(tmp_path):
    family = family_of("Dad")
    family.dad.cell.rings_out()
    with SteppedTown(tmp_path, family) as town:
        job = town.send(Reason.EMERGENCY)
        town.run(seconds=30)
        assert stop(town).withdrawn == 0
        family.dad.cell.answers().presses("0")
        assert town.wait(job).confirmed == 1


def test_an_emergency_stops_with_the_last_student_of_it_whichever_stop_took_the_others(tmp_path):
    family = family_of("Dad")
    family.dad.cell.rings_out(1)
    with SteppedTown(tmp_path, family) as town:
        job = town.send(Reason.EMERGENCY)
        town.run(minutes=1)
        assert stop(town).withdrawn == 0
        assert stop(town, student="Lopez-Daughter").withdrawn == 1
        town.wait(job)
        assert set(town.outcomes(job).values()) == {"canceled"}
        assert len(town.rings(family.dad.cell)) == 1


def test_an_emergency_to_somebody_without_other_children_in_it_stops(tmp_path):
    family = family_of("Dad", students=("Son",))
    family.dad.cell.rings_out()
    with SteppedTown(tmp_path, family) as town:
        job = town.send(Reason.EMERGENCY)
        town.run(seconds=45)
        assert stop(town).withdrawn == 1
        town.wait(job)
        assert len(town.rings(family.dad.cell)) == 1


def test_an_emergency_goes_on_where_every_number_of_the_chain_is_somebody_elses_too(tmp_path):
    """Decisions 17, 21d: the phone is Mom's as much as Dad's, and she must be told."""
    family = family_of("Dad", "Mom", students=("Son",))
    family.mom.shares(DeviceKind.CELL, family.dad.cell)
    family.dad.cell.rings_out()
    with SteppedTown(tmp_path, family) as town:
        job = town.send(Reason.EMERGENCY)
        town.run(seconds=45)
        answer = stop(town)
        assert (answer.withdrawn, answer.silent) == (0, 0)
        family.dad.cell.answers().presses("0")
        assert town.wait(job).confirmed == 1
        assert stop(town, "Lopez-Mom").withdrawn == 0
        ask(town, ALLOW, Allowing(person_id="Lopez-Mom", student_id="Lopez-Son"))
        again = town.prepare(Reason.EMERGENCY)
        assert [plan.contact_key for plan in town.plans(again)] == ["p:Lopez-Mom"]


def test_a_shared_number_that_falls_silent_with_a_stopped_chain_is_counted_and_can_be_rung_again(tmp_path):
    family = Family(
        parents=("Dad", "Mom"), students=("Son",), kinds=(DeviceKind.CELL, DeviceKind.WORK), household=False
    )
    family.mom.shares(DeviceKind.CELL, family.dad.cell)
    family.mom.shares(DeviceKind.WORK, family.dad.cell)
    family.dad.cell.rings_out()
    family.dad.work.rings_out()
    with SteppedTown(tmp_path, family) as town:
        job = town.send(Reason.EMERGENCY)
        town.run(seconds=45)
        answer = stop(town)
        assert (answer.withdrawn, answer.silent) == (1, 1)
        town.wait(job)
        again = RESEND.carry_out(LiveDesk(town.engine), ResendRequest(job_id=job), AUTHOR)
        assert [plan.contact_key for plan in town.plans(again.job_id)] == ["p:Lopez-Mom"]


def test_a_contact_stopped_while_no_engine_runs_is_on_record(tmp_path):
    family = family_of("Dad", "Mom", students=("Son",))
    everybody_answers(family)
    with SteppedTown(tmp_path, family) as town:
        with stopped(town) as ask_store:
            request = Stopping(person_id="Lopez-Dad", student_id="Lopez-Son", reason=COURT)
            assert ask_store(STOP, request).withdrawn == 0
        (listed,) = ask(town, LIST, Listing())
        assert (listed.person, listed.student, listed.reason) == ("Dad Lopez", "Son Lopez", COURT)
        assert (listed.author, listed.at) == (AUTHOR, town.now)
        job = town.send()
        town.wait(job)
        assert set(town.outcomes(job)) == {"Mom > Son"}


def test_an_allowed_contact_is_told_again(tmp_path):
    family = family_of("Dad", students=("Son",))
    everybody_answers(family)
    with SteppedTown(tmp_path, family) as town:
        stop(town)
        ask(town, ALLOW, Allowing(person_id="Lopez-Dad", student_id="Lopez-Son"))
        assert ask(town, LIST, Listing()) == ()
        assert town.wait(town.send()).confirmed == 1


def test_what_makes_no_sense_is_refused(tmp_path):
    with SteppedTown(tmp_path, family_of("Dad")) as town:
        with pytest.raises(InvalidInputError, match="is no student"):
            stop(town, "Lopez-Son", "Lopez-Dad")
        with pytest.raises(NotFoundError, match="no person 'ghost'"):
            stop(town, "ghost")
        with pytest.raises(NotFoundError, match="is not stopped"):
            ask(town, ALLOW, Allowing(person_id="Lopez-Dad", student_id="Lopez-Son"))
        stop(town)
        with pytest.raises(RefusedError, match="stopped already"):
            stop(town)


def today(town: SteppedTown) -> int:
    return local_day(town.now, ZoneInfo(ZONE))


def test_a_job_that_was_prepared_before_a_contact_was_stopped_is_seen_to_tell_them(tmp_path):
    family = family_of("Dad", "Mom")
    with SteppedTown(tmp_path, family) as town:
        before = town.prepare()
        town.run(minutes=1)
        stop(town)
        town.run(minutes=1)
        after = town.prepare()
        with town.database.read() as txn:
            jobs = {job.job_id: job for job in town.engine.station.vault.jobs(txn)}
        assert [one.contact_key for one in overlooked(town.database, [jobs[before]], today(town))] == ["p:Lopez-Dad"]
        assert overlooked(town.database, [jobs[after]], today(town)) == []


def test_a_contact_stopped_while_no_engine_runs_is_found_in_the_jobs_that_are_open(tmp_path):
    family = family_of("Dad", "Mom", students=("Son",))
    family.mom.cell.answers().presses("0")
    family.dad.cell.rings_out()
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        town.run(minutes=2)
        with stopped(town) as ask_store:
            request = Stopping(person_id="Lopez-Dad", student_id="Lopez-Son", reason=COURT)
            assert ask_store(STOP, request).withdrawn == 1
        with town.database.read() as txn:
            open_job = town.engine.station.vault.job(txn, job)
        assert open_job is not None
        found = overlooked(town.database, [open_job], today(town))
        assert [one.chain_id for one in found] == [town.chain_id_of_plan(job, "Dad > Son")]
        town.tell_line_pool(StopChains(tuple(one.chain_id for one in found)))
        town.wait(job)
        assert town.outcomes(job) == {"Dad > Son": "canceled", "Mom > Son": "confirmed"}


def test_who_is_stopped_between_prepare_and_send_is_never_called(tmp_path):
    family = family_of("Dad", "Mom")
    everybody_answers(family)
    with SteppedTown(tmp_path, family) as town:
        job = town.prepare()
        stop(town)
        town.engine.send(job)
        assert town.wait(job).state == "sent"
        assert town.outcomes(job) == {
            "Dad > Daughter": "confirmed",
            "Dad > Son": "canceled",
            "Mom > Daughter": "confirmed",
            "Mom > Son": "confirmed",
        }
        assert len(town.rings(family.dad.cell)) == 1


def test_a_job_whose_every_chain_was_stopped_before_it_was_sent_ends_at_once(tmp_path):
    family = family_of("Dad", students=("Son",))
    with SteppedTown(tmp_path, family) as town:
        job = town.prepare(Reason.EMERGENCY)
        stop(town)
        town.engine.send(job)
        assert town.wait(job).canceled == 1
        assert not town.ring_order()


def test_a_stop_the_engine_died_over_is_obeyed_by_the_next_one(tmp_path):
    family = family_of("Dad", "Mom")
    family.dad.cell.rings_out(2)
    family.mom.cell.rings_out(2)
    with SteppedTown(tmp_path, family) as town:
        job = town.send()
        town.run(minutes=3)
        with patch.object(Station, "tell_pool", lambda _station, _letter: None):
            stop(town)
        town.restart()
        family.dad.cell.answers().presses("0")
        family.mom.cell.answers().presses("0").always()
        town.wait(job)
        assert town.outcomes(job)["Dad > Son"] == "canceled"
        assert town.outcomes(job)["Dad > Daughter"] == "confirmed"
