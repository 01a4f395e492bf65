"""A job sent again to whom it did not reach, and a word that follows a job, in phone language."""

import msgspec
import pytest

from engine.acts.desk import LiveDesk
from engine.acts.notices import FOLLOW_UP, NOTIFY, RESEND, FollowUpRequest, NotifyRequest, ResendRequest
from engine.audience import following
from engine.audience.following import Whom
from engine.events.kinds import EventKind
from engine.events.reading import read_events
from engine.orders import PrepareRequest
from engine.views import Prepared
from store.errors import AudienceError, NotFoundError
from store.records import DeviceKind, Job, Reason
from store.vault import Vault
from tests.fakes import Family, SteppedTown, one_contact, roster_of, two_families


def resend(town: SteppedTown, job_id: int, **more) -> Prepared:
    return RESEND.carry_out(LiveDesk(town.engine), ResendRequest(job_id=job_id, **more), "ana")


def follow(
    town: SteppedTown, job_id: int, whom: Whom = Whom.EVERYONE, text: str = "All clear.", reason: str = ""
) -> Prepared:
    request = PrepareRequest(reason=reason, subject="All clear", text=text)
    return FOLLOW_UP.carry_out(LiveDesk(town.engine), FollowUpRequest(job_id=job_id, whom=whom, request=request), "ana")


def send(town: SteppedTown, prepared: Prepared) -> int:
    town.engine.send(prepared, expect=prepared.count)
    town.wait(prepared.job_id)
    return prepared.job_id


def record(town: SteppedTown, job_id: int) -> Job:
    with town.database.read() as txn:
        job = Vault(town.database).job(txn, job_id)
    assert job is not None
    return job


@pytest.mark.parametrize("inline", [True, False], ids=["in the process", "in the helper process"])
def test_a_job_is_sent_again_only_to_contacts_it_did_not_reach(tmp_path, monkeypatch, inline):
    if not inline:
        monkeypatch.setattr(following, "INLINE_CHAINS_MAX", 0)
    adams, baker = two_families()
    adams.mom.cell.answers().presses("0")
    baker.mom.cell.rings_out(3).answers().presses("0")
    with SteppedTown(tmp_path, adams, baker) as town:
        first = town.send()
        town.wait(first)
        again = send(town, resend(town, first))
        assert [plan.contact_key for plan in town.plans(again)] == ["p:Baker-Mom"]
        assert town.outcomes(again) == {"Mom > Son": "confirmed"}
        job, before = record(town, again), record(town, first)
        assert (job.origin.follows, job.origin.author, job.message) == (first, "ana", before.message)
        with pytest.raises(AudienceError, match=f"job {again} has no contact that was not reached"):
            resend(town, again)


def test_a_voice_mail_counts_as_reached_a_canceled_or_expired_chain_does_not(tmp_path):
    adams, baker, cole = one_contact("Adams"), one_contact("Baker"), one_contact("Cole")
    adams.mom.cell.machine()
    baker.mom.cell.busy()
    cole.mom.cell.busy()
    with SteppedTown(tmp_path, adams, baker, cole) as town:
        first = town.send()
        town.run(minutes=3)
        town.engine.cancel(first)
        town.wait(first)
        prepared = resend(town, first)
        assert sorted(plan.contact_key for plan in town.plans(prepared.job_id)) == ["p:Baker-Mom", "p:Cole-Mom"]


def test_a_parent_who_confirmed_for_one_child_hears_only_of_the_other(tmp_path):
    lopez = Family("Lopez", ("Mom",), kinds=(DeviceKind.CELL,), household=False)
    lopez.mom.cell.answers().presses("0").rings_out(3).answers().presses("0")
    with SteppedTown(tmp_path, lopez) as town:
        first = town.send()
        town.wait(first)
        outcomes = town.outcomes(first)
        (missed,) = [label for label, outcome in outcomes.items() if outcome == "exhausted"]
        again = send(town, resend(town, first))
        assert town.outcomes(again) == {missed: "confirmed"}


def test_an_emergency_is_sent_again_at_once_with_the_numbers_others_dialed_for_a_contact(tmp_path):
    lopez = Family("Lopez", kinds=(DeviceKind.CELL,), household=False)
    lopez.dad.shares(DeviceKind.CELL, lopez.mom.cell)
    lopez.mom.cell.rings_out(3).answers().presses("0")
    with SteppedTown(tmp_path, lopez) as town:
        first = town.send(Reason.EMERGENCY)
        town.wait(first)
        prepared = resend(town, first)
        assert (prepared.count, prepared.covered) == (1, 1)
        send(town, prepared)


def test_who_had_no_phone_is_called_once_the_roster_has_one(tmp_path):
    adams, baker = two_families()
    adams.mom.cell.answers().presses("0")
    baker.mom.cell.answers().presses("0")
    whole = roster_of(adams, baker)
    with SteppedTown(tmp_path, adams, baker) as town:
        whole = roster_of(adams, baker)
        people = tuple(
            msgspec.structs.replace(one, devices=()) if one.person_id == "Baker-Mom" else one for one in whole.people
        )
        town.engine.replace_roster(msgspec.structs.replace(whole, people=people), accept_loss_percent=100)
        first = town.send()
        town.wait(first)
        town.engine.replace_roster(whole)
        again = send(town, resend(town, first))
        assert [plan.contact_key for plan in town.plans(again)] == ["p:Baker-Mom"]


def test_contacts_who_are_gone_are_listed(tmp_path):
    adams, baker = two_families()
    adams.mom.cell.answers().presses("0").answers().presses("0")
    baker.mom.cell.answers().presses("0")
    with SteppedTown(tmp_path, adams, baker) as town:
        first = town.send()
        town.wait(first)
        town.engine.replace_roster(roster_of(adams), accept_loss_percent=100)
        prepared = follow(town, first)
        assert [(gap.contact_key, gap.reason) for gap in prepared.gaps] == [
            ("p:Baker-Son", "unknown_person"), ("p:Baker-Mom", "gone"),
        ]  # fmt: skip
        send(town, prepared)


def test_the_all_clear_goes_to_everybody_or_to_those_who_were_reached(tmp_path):
    adams, baker = two_families()
    adams.mom.cell.answers().presses("0").answers().presses("0")
    baker.mom.cell.rings_out(3)
    with SteppedTown(tmp_path, adams, baker) as town:
        first = town.send(Reason.EMERGENCY)
        town.wait(first)
        assert follow(town, first).count == 2
        prepared = follow(town, first, Whom.REACHED)
        assert prepared.reason == "emergency"
        job_id = send(town, prepared)
        assert [plan.contact_key for plan in town.plans(job_id)] == ["p:Adams-Mom"]
        assert record(town, job_id).message.text == "All clear."
        assert follow(town, first, reason="general").reason == "general"


def test_a_message_that_told_of_events_says_the_same_again_to_whom_it_did_not_reach(tmp_path):
    adams, baker = two_families()
    adams.mom.cell.answers().presses("0")
    baker.mom.cell.rings_out(3).answers().presses("0")
    with SteppedTown(tmp_path, adams, baker) as town:
        path = tmp_path / "attendance.csv"
        rows = "studentSourcedId,date,status\nAdams-Son,2026-03-02,tardy\nBaker-Son,2026-03-02,absent\n"
        path.write_text(rows)
        request = PrepareRequest(reason="attendance", subject="Absent", text="{students} was {status}.")
        events = read_events(EventKind.ATTENDANCE, path).events
        asked = NotifyRequest(kind="attendance", events=events, request=request)
        first = send(town, NOTIFY.carry_out(LiveDesk(town.engine), asked, "ana"))
        again = send(town, resend(town, first))
        (plan,) = town.plans(again)
        assert "Son Baker was absent." in plan.text
        assert plan.occasions == ("attendance/2026-03-02/Baker-Son/oak",)
        assert "already_told" in {gap.reason for gap in NOTIFY.carry_out(LiveDesk(town.engine), asked, "ana").gaps}


def test_only_a_job_that_was_sent_can_be_followed(tmp_path):
    with SteppedTown(tmp_path, one_contact()) as town:
        prepared = town.prepare()
        for ask in (resend, follow):
            with pytest.raises(NotFoundError, match=f"There is no job {prepared}"):
                ask(town, prepared)


def test_who_heard_of_one_event_of_a_child_hears_only_of_the_other_when_told_again(tmp_path):
    lopez = one_contact()
    lopez.mom.cell.answers().presses("0").rings_out(3).answers().presses("0")
    with SteppedTown(tmp_path, lopez) as town:
        path = tmp_path / "incidents.csv"
        rows = "".join(f"EV{n},Lopez-Son,2026-03-02,{word}\n" for n, word in ((1, "a fight"), (2, "a theft")))
        path.write_text("eventId,studentSourcedId,date,eventType\n" + rows)
        events = read_events(EventKind.BEHAVIOR, path).events
        request = PrepareRequest(reason="behavior", subject="Behavior", text="{students}: {event}.")
        asked = NotifyRequest(kind="behavior", events=events, request=request)
        first = send(town, NOTIFY.carry_out(LiveDesk(town.engine), asked, "ana"))
        (missed,) = [
            plan.text
            for plan, chain in zip(town.plans(first), town.chains_of(first), strict=True)
            if chain.outcome == "exhausted"
        ]
        again = send(town, resend(town, first))
        assert [plan.text for plan in town.plans(again)] == [missed]
