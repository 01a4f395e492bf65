"""Who is told what, once: confirmations to senders, errors to the error list, through a real SMTP server."""

import socket
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import msgspec
import pytest

from engine.acts.desk import LiveDesk
from engine.acts.mails import ListMails, MailView, list_mails
from engine.config import Email
from engine.mail.outbox import Outbox, new_mail
from engine.mail.post_office import PostOffice
from engine.mail.smtp import SmtpServer
from store.documents import Fire, Frequency, Mail, Schedule
from store.errors import StoreError
from store.keys import fire_key, id_key
from store.records import Audience, Message, Origin, Reason
from tests.engine.mail.smtp_server import SmtpTown, smtp_town
from tests.fakes import HOUR, MINUTE, SNOW, Family, SteppedTown, two_families


class PostalTown(SteppedTown):
    """A town whose engine has a post office that is pumped by hand."""

    def set_mail(self, server: SmtpTown | None, **more) -> None:
        given = {"error_list": ("it@oak.example", "head@oak.example"), "sender": "callchain@oak.example", **more}
        host, port = ("127.0.0.1", server.port) if server else ("", 25)
        email = Email(smtp_host=host, smtp_port=port, starttls=False, **given)
        self.engine.settings = msgspec.structs.replace(self.engine.settings, email=email)

    def post_office(self) -> PostOffice:
        return PostOffice(self.engine, lambda: SmtpServer(self.engine.settings.email))

    def send_for(self, notify: str, reason: Reason = Reason.GENERAL, subject: str = "Snow day") -> int:
        message = Message(reason, subject, SNOW)
        prepared = self.engine.prepare(message, Audience(), origin=Origin("office", notify))
        self.engine.send(prepared)
        return prepared.job_id

    def mails(self) -> tuple[MailView, ...]:
        return list_mails(LiveDesk(self.engine), ListMails(), "")


@pytest.fixture
def server() -> Iterator[SmtpTown]:
    with smtp_town() as town:
        yield town


@pytest.fixture
def families() -> tuple[Family, Family]:
    adams, baker = two_families()
    adams.mom.cell.answers().presses("0").always()
    baker.mom.cell.rings_out().always()
    return adams, baker


@pytest.fixture
def town(tmp_path: Path, families: tuple[Family, Family], server: SmtpTown) -> Iterator[PostalTown]:
    with PostalTown(tmp_path, *families) as town:
        town.set_mail(server)
        yield town


@pytest.mark.row("C142")
def test_the_sender_is_told_how_many_were_reached_when_a_job_has_ended(town: PostalTown, server: SmtpTown, families):
    """C142: Send Confirmation Email to the sender."""
    office = town.post_office()
    job_id = town.send_for("office@oak.example")
    town.run(seconds=5)
    assert office.gather() == []
    town.wait(job_id)
    assert len(office.gather()) == 1
    office.deliver()
    (message,) = server.postmaster.taken
    text = message.get_content()
    assert message["To"] == "office@oak.example"
    assert "Snow day" in message["Subject"]
    for line in (
        "Call chains: 2",
        "Phones reached: 1, in 4 calls",
        "confirmed with the key: 1",
        "not reached: 1",
        "family confirmed: 1",
    ):
        assert line in " ".join(text.split())
    assert not any(family.mom.cell.number[2:] in text for family in families)


@pytest.mark.row("C180")
def test_a_job_is_confirmed_once_whoever_looks_and_however_often(town: PostalTown, server: SmtpTown):
    """C180: Enabled on several servers → dials sent multiple times and multiple confirmation e-mails."""
    town.wait(town.send_for("office@oak.example"))
    one, other = town.post_office(), town.post_office()
    for office in (one, other, one):
        office.gather()
        office.deliver()
    town.restart()
    town.set_mail(server)
    later = town.post_office()
    assert later.gather() == []
    assert later.deliver() == []
    assert len(server.postmaster.taken) == 1


def test_a_job_whose_end_was_committed_right_before_a_crash_is_confirmed_by_the_next_engine(
    town: PostalTown, server: SmtpTown
):
    town.wait(town.send_for("office@oak.example"))
    town.restart()
    town.set_mail(server)
    office = town.post_office()
    office.gather()
    office.deliver()
    assert len(server.postmaster.taken) == 1


def test_a_mail_that_waited_through_a_crash_is_sent(town: PostalTown, server: SmtpTown):
    town.wait(town.send_for("office@oak.example"))
    town.post_office().gather()
    town.restart()
    town.set_mail(server)
    town.post_office().deliver()
    assert len(server.postmaster.taken) == 1


def test_who_gave_no_address_and_who_switched_it_off_is_not_told(town: PostalTown, server: SmtpTown):
    town.set_mail(server, confirmations=False)
    for notify in ("", "office@oak.example"):
        town.wait(town.send_for(notify))
    assert town.post_office().gather() == []


def test_without_a_server_no_mail_is_made(town: PostalTown):
    town.set_mail(None)
    town.wait(town.send_for("office@oak.example"))
    assert town.post_office().gather() == []


def test_nobody_is_told_of_what_ended_days_ago(town: PostalTown):
    town.wait(town.send_for("office@oak.example"))
    town.run(until=town.now + 25 * HOUR)
    assert town.post_office().gather() == []


# ---------------------------------------------------------------- errors


@pytest.mark.row("C183")
def test_everybody_on_the_error_list_is_told_of_a_job_whose_results_are_overdue(
    town: PostalTown, server: SmtpTown, families
):
    """C183: Each error e-mails the addresses on an error e-mail list."""
    town.faults.hide_rows_of(families[0].mom.cell)
    job_id = town.send_for("")
    town.run(until=town.now + 3 * HOUR)
    office = town.post_office()
    office.gather()
    office.deliver()
    told = [(message["To"], message["Subject"]) for message in server.postmaster.taken]
    for address in ("it@oak.example", "head@oak.example"):
        assert (address, f"Error in job {job_id}: Snow day") in told
    assert any("owes 1 results" in message.get_content() for message in server.postmaster.taken)


@pytest.mark.row("C183")
def test_a_carrier_that_refuses_the_login_is_told_once_an_hour(town: PostalTown, server: SmtpTown):
    """C183: Each error e-mails the addresses on an error e-mail list."""
    town.faults.refuses_login = True
    town.send_for("")
    town.run(minutes=1)
    office = town.post_office()
    assert len(office.gather()) == 2
    assert office.gather() == []
    office.deliver()
    assert "refuses user name or password" in server.postmaster.taken[0].get_content()
    town.faults.refuses_login = False
    town.run(minutes=15)


@pytest.mark.row("C183")
def test_a_firing_that_failed_is_told(town: PostalTown):
    """C183: Each error e-mails the addresses on an error e-mail list."""
    schedule = Schedule(1, "Morning", "snow", Frequency.DAILY, 1, 630)
    failed = Fire(1, town.now, 0, 'There is no template "snow".', town.now, failed=True)
    fine = Fire(1, town.now - MINUTE, 0, "nobody to tell", town.now)

    def write(txn) -> None:
        town.database.schedules.put(txn, id_key(1), schedule)
        for fire in (failed, fine):
            town.database.fires.put(txn, fire_key(1, fire.fire_at), fire)

    town.engine.station.write(write)
    mails = town.post_office().gather()
    assert {mail.to for mail in mails} == {("it@oak.example",), ("head@oak.example",)}
    assert all('no template "snow"' in mail.text and "Morning" in mail.subject for mail in mails)


# ---------------------------------------------------------------- what waits


@pytest.mark.row("C184", "C187")
def test_what_waits_says_why_and_goes_out_when_the_server_is_put_right(town: PostalTown, server: SmtpTown):
    """C184: E-mails always in error → check SMTP host and relay.

    C187: Queued for more than a few minutes → the service is not running (health check).
    """
    server.postmaster.on_recipient = "554 5.7.1 Relay access denied"
    office = town.post_office()
    town.wait(town.send_for("office@oak.example"))
    office.gather()
    office.deliver()
    (mail,) = town.mails()
    assert (mail.state, mail.tries) == ("queued", 1)
    assert "does not relay" in mail.trouble
    assert office.deliver() == []
    server.postmaster.on_recipient = ""
    town.run(minutes=1)
    office.deliver()
    (mail,) = town.mails()
    assert (mail.state, mail.trouble) == ("sent", "")
    assert list_mails(LiveDesk(town.engine), ListMails(waiting_only=True), "") == ()


def test_after_a_day_it_is_given_up_and_the_reason_stays(town: PostalTown, server: SmtpTown):
    server.postmaster.on_data = "451 4.3.0 not now"
    office = town.post_office()
    town.wait(town.send_for("office@oak.example"))
    office.gather()
    mail: Mail | None = None
    for _ in range(60):
        for tried in office.deliver():
            mail = tried
        if mail is not None and mail.failed:
            break
        town.run(minutes=60)
    assert mail is not None
    assert "takes no mail now (451 4.3.0 not now)" in mail.failed
    assert town.mails()[0].state == "failed"
    assert office.deliver() == []


def test_a_crash_between_the_servers_yes_and_our_note_of_it_repeats_the_same_mail(town: PostalTown, server: SmtpTown):
    town.wait(town.send_for("office@oak.example"))
    office = town.post_office()
    office.gather()
    with patch.object(town.engine.station, "write", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        office.deliver()
    town.post_office().deliver()
    one, other = server.postmaster.taken
    assert one["Message-ID"] == other["Message-ID"]


def test_live_it_works_by_itself_and_stops_when_told(town: PostalTown, server: SmtpTown):
    """On its own thread; here only that it begins and ends."""
    office = town.post_office()
    town.set_mail(None)
    office.start()
    office.stop()
    office.stop()


# ---------------------------------------------------------------- never twice, never lost


def test_a_mail_is_sent_once_though_the_disk_takes_no_note_of_it(town: PostalTown, server: SmtpTown):
    town.wait(town.send_for("office@oak.example"))
    office = town.post_office()
    office.gather()
    for _ in range(3):
        with (
            patch.object(town.engine.station, "write", side_effect=StoreError("No room.")),
            pytest.raises(StoreError),
        ):
            office.deliver()
    assert town.mails()[0].state == "queued"
    assert office.deliver() == []
    assert town.mails()[0].state == "sent"
    assert len(server.postmaster.taken) == 1


def test_what_is_new_meanwhile_takes_nothing_from_what_is_known(town: PostalTown, server: SmtpTown):
    office = town.post_office()
    for _ in range(2):
        town.wait(town.send_for("office@oak.example"))
        assert len(office.gather()) == 1
        assert len(office.deliver()) == 1
    assert len(server.postmaster.taken) == 2


def test_a_server_that_is_down_is_asked_once_a_minute_however_many_mails_wait(town: PostalTown):
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        email = msgspec.structs.replace(town.engine.settings.email, smtp_port=reserved.getsockname()[1])
        town.engine.settings = msgspec.structs.replace(town.engine.settings, email=email)
        mails = [new_mail(f"job/{n}/done", "office@oak.example", "Snow", "Text\n", town.now) for n in range(3_000)]
        town.engine.station.write(lambda txn: Outbox(town.database).put_new(txn, mails))
        office = town.post_office()
        assert len(office.deliver()) == 1
        assert office.deliver() == []
        town.run(minutes=1)
        assert len(office.deliver()) == 1


def test_a_mail_only_one_address_refuses_holds_up_no_other(town: PostalTown, server: SmtpTown):
    server.postmaster.on_recipient = "450 4.2.1 mailbox busy"
    mails = [new_mail(f"job/{n}/done", "office@oak.example", "Snow", "Text\n", town.now) for n in range(3)]
    town.engine.station.write(lambda txn: Outbox(town.database).put_new(txn, mails))
    assert len(town.post_office().deliver()) == 3


def test_a_firing_missed_while_no_engine_ran_for_days_is_told_when_it_is_found(town: PostalTown):
    missed = Fire(1, town.now - 72 * HOUR, 0, "Missed: it was due on Friday.", town.now, failed=True)
    history = Fire(1, town.now - 240 * HOUR, 0, "Missed: it was due long ago.", town.now - 72 * HOUR, failed=True)

    def write(txn) -> None:
        town.database.schedules.put(txn, id_key(1), Schedule(1, "Morning", "snow", Frequency.WEEKLY, 1, 630))
        for fire in (missed, history):
            town.database.fires.put(txn, fire_key(1, fire.fire_at), fire)

    town.engine.station.write(write)
    mails = town.post_office().gather()
    assert len(mails) == 2
    assert all("on Friday" in mail.text for mail in mails)
