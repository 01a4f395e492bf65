"""Mails to a real SMTP server on loopback, and what it may answer."""

import asyncio
import socket
import ssl
import threading

import msgspec
import pytest
from aiosmtpd.smtp import SMTP

from engine.config import Email
from engine.gateways.stand_in.soap_server import ServerTls
from engine.mail.outbox import new_mail
from engine.mail.smtp import TAKEN, SmtpServer, as_message
from tests.engine.mail.smtp_server import Postmaster, SmtpTown, smtp_town

NOW = 1_772_467_200_000
MAIL = new_mail("job/1/done", "office@example.org", "Snow day — sent", "Grüße.\n", NOW, 1)


@pytest.fixture
def town():
    with smtp_town() as town:
        yield town


def server(town: SmtpTown, **more) -> SmtpServer:
    settings = Email(smtp_host="127.0.0.1", smtp_port=town.port, starttls=False, sender="callchain@oak.example")
    return SmtpServer(msgspec.structs.replace(settings, **more))


@pytest.mark.row("C101")
def test_a_mail_arrives_as_it_was_written(town: SmtpTown):
    """C101: One of the five"""
    assert server(town).deliver(MAIL).taken
    (message,), (recipients,) = town.postmaster.taken, town.postmaster.recipients
    assert recipients == ["office@example.org"]
    assert (message["From"], message["To"]) == ("callchain@oak.example", "office@example.org")
    assert message["Subject"] == "Snow day — sent"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().split() == ["Grüße."]


def test_every_try_of_one_mail_has_one_message_id(town: SmtpTown):
    for _ in range(2):
        server(town).deliver(MAIL)
    one, other = town.postmaster.taken
    assert one["Message-ID"] == other["Message-ID"]


def test_no_subject_becomes_a_header_of_its_own(town: SmtpTown):
    evil = new_mail("job/2/done", "office@example.org", "Snow\r\nBcc: all@example.org\r\n\r\nHello", "Text\n", NOW)
    assert server(town).deliver(evil).taken
    (message,) = town.postmaster.taken
    assert message["Bcc"] is None
    assert message["Subject"] == "Snow Bcc: all@example.org Hello"
    assert town.postmaster.recipients == [["office@example.org"]]


def test_without_a_sender_nothing_is_sent(town: SmtpTown):
    delivery = server(town, sender="").deliver(MAIL)
    assert not delivery.final
    assert "email.sender" in delivery.trouble


def test_an_address_that_would_be_another_header_is_never_sent(town: SmtpTown):
    evil = new_mail("job/2/done", "office@example.org\r\nBcc: all@example.org", "Snow", "Text\n", NOW)
    delivery = server(town).deliver(evil)
    assert delivery.final
    assert town.postmaster.taken == []


@pytest.mark.row("C184", "C186")
@pytest.mark.parametrize("answer", ["554 5.7.1 <office@example.org>: Relay access denied", "550 relay not permitted"])
def test_a_server_that_denies_relay_is_to_be_put_right_and_the_mail_waits(town: SmtpTown, answer: str):
    """C184: E-mails always in error → check SMTP host and relay.

    C186: District keeps its own SMTP servers and relay rules.
    """
    town.postmaster.on_recipient = answer
    delivery = server(town).deliver(MAIL)
    assert (delivery.taken, delivery.final) == (False, False)
    assert "does not relay for this machine" in delivery.trouble
    town.postmaster.on_recipient = ""
    assert server(town).deliver(MAIL).taken


@pytest.mark.parametrize(
    ("where", "answer", "final", "says"),
    [
        ("on_recipient", "550 5.1.1 no such user", True, "refuses this address for good (550 5.1.1 no such user)"),
        ("on_recipient", "450 4.2.1 mailbox busy", False, "takes no mail now (450 4.2.1 mailbox busy)"),
        ("on_sender", "451 4.3.0 try again", False, "takes no mail now"),
        ("on_sender", "553 5.7.1 sender not allowed", False, "check email.sender"),
        ("on_data", "452 4.3.1 no room", False, "takes no mail now"),
        ("on_data", "552 5.3.4 too big", True, "refuses this mail for good"),
    ],
)
def test_each_refusal_says_what_it_means(town: SmtpTown, where: str, answer: str, final: bool, says: str):
    setattr(town.postmaster, where, answer)
    delivery = server(town).deliver(MAIL)
    assert (delivery.taken, delivery.final) == (False, final)
    assert says in delivery.trouble


def test_a_server_that_is_down_is_named(town: SmtpTown):
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        delivery = server(town, smtp_port=reserved.getsockname()[1]).deliver(MAIL)
    assert not delivery.final
    assert "cannot be reached (Connection refused); check email.smtp_host and email.smtp_port" in delivery.trouble


def test_a_host_there_is_not_is_named(town: SmtpTown):
    delivery = server(town, smtp_host="no such host").deliver(MAIL)
    assert not delivery.final
    assert "There is no mail server no such host; check email.smtp_host" in delivery.trouble


def test_something_that_is_no_mail_server_is_not_waited_for(town: SmtpTown):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        def hang_up() -> None:
            connection, _ = listening.accept()
            connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        delivery = server(town, smtp_port=port).deliver(MAIL)
        thread.join()
    assert "check that it is a mail server" in delivery.trouble or "cannot be reached" in delivery.trouble


# ---------------------------------------------------------------- login and TLS


def test_it_logs_in_over_tls_and_the_password_is_shown_nowhere(tmp_path):
    tls = ServerTls(tmp_path / "ca.pem")
    with smtp_town(tls.context, login=True) as town:
        settings = Email(smtp_host="localhost", smtp_port=town.port, user="callchain", sender="callchain@oak.example")
        trusted = ssl.create_default_context(cafile=tls.ca_file)
        right = SmtpServer(settings, "letters", trusted)
        wrong = SmtpServer(settings, "open sesame", trusted)
        assert right.deliver(MAIL).taken
        delivery = wrong.deliver(MAIL)
        assert town.postmaster.logins[0] == ("callchain", "letters")
        assert "refuses user name or password (535)" in delivery.trouble
        assert "sesame" not in delivery.trouble + repr(wrong)


def test_a_server_nobody_vouches_for_is_not_trusted(tmp_path):
    with smtp_town(ServerTls(tmp_path / "ca.pem").context) as town:
        delivery = server(town, smtp_host="localhost", starttls=True).deliver(MAIL)
        assert "cannot be trusted" in delivery.trouble
        assert town.postmaster.taken == []


def test_a_server_without_starttls_gets_no_mail_when_it_is_wanted(town: SmtpTown):
    delivery = server(town, starttls=True).deliver(MAIL)
    assert "offers no STARTTLS" in delivery.trouble
    assert town.postmaster.taken == []


# ---------------------------------------------------------------- taken is taken


def test_a_mail_that_was_taken_is_not_sent_again_whatever_the_server_says_to_our_good_bye(
    town: SmtpTown, monkeypatch: pytest.MonkeyPatch
):
    async def smtp_QUIT(self, _arg) -> None:
        await self.push("421 too many connections, closing")

    monkeypatch.setattr(SMTP, "smtp_QUIT", smtp_QUIT)
    assert server(town).deliver(MAIL) == TAKEN
    assert len(town.postmaster.taken) == 1


@pytest.mark.parametrize("answer", ["530 Must issue a STARTTLS command first", "550 unknown sender", "501 no"])
def test_a_sender_that_is_refused_is_to_be_put_right_and_the_mail_waits(town: SmtpTown, answer: str):
    town.postmaster.on_sender = answer
    delivery = server(town).deliver(MAIL)
    assert (delivery.taken, delivery.final) == (False, False)
    assert "check email.sender" in delivery.trouble


def test_letters_beyond_ascii_travel_so_that_any_server_passes_them_on():
    text = as_message(new_mail("job/1/done", "office@example.org", "Grüße 雪", "¡Nieve! 雪\n", NOW), "a@oak.example")
    assert text.as_bytes().isascii()
    assert text.get_content() == "¡Nieve! 雪\n"


def test_a_server_that_falls_silent_in_the_middle_of_a_mail_keeps_it_waiting(
    town: SmtpTown, monkeypatch: pytest.MonkeyPatch
):
    async def silent(*_args) -> str:
        await asyncio.Event().wait()
        return "250 too late"

    monkeypatch.setattr("engine.mail.smtp.TIMEOUT_SECONDS", 0.2)
    monkeypatch.setattr(Postmaster, "handle_DATA", silent)
    delivery = server(town).deliver(MAIL)
    assert (delivery.taken, delivery.final, delivery.of_server) == (False, False, True)
