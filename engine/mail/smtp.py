"""Hands mails to the district's own SMTP server, and says in a sentence what it answers (C101, C184, C186)."""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime
from typing import NamedTuple

from engine.config import Email
from engine.mail.addresses import is_address
from store.documents import Mail

TIMEOUT_SECONDS = 20.0
"""For connecting and for each answer; a server that needs longer is tried again later."""

IMPLICIT_TLS_PORT = 465
"""Where servers speak TLS from the first byte (RFC 8314)."""


AS_ANY_SERVER_READS = default.clone(cte_type="7bit")
"""Letters beyond ASCII travel encoded: not every server on the way takes them as they are."""


class Delivery(NamedTuple):
    """What came of one try."""

    taken: bool
    trouble: str = ""
    """What the server said, and what to do."""
    final: bool = False
    """Trying again is no use."""
    of_server: bool = False
    """It is the server's trouble and not this mail's: another would fare no better now."""


TAKEN = Delivery(taken=True)


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """The server mails leave through. `password` is not shown anywhere."""

    settings: Email
    password: str = ""
    tls: ssl.SSLContext | None = None
    """Whom to trust, where that is not the system's certificates."""

    def __repr__(self) -> str:
        return f"SmtpServer({self.settings.smtp_host}:{self.settings.smtp_port})"

    def deliver(self, mail: Mail) -> Delivery:
        """Hand one mail over, in a connection of its own."""
        if not is_address(self.settings.sender):
            return _later("email.sender is no e-mail address; set it to one of the district's own.", of_server=True)
        try:
            message = as_message(mail, self.settings.sender)
        except ValueError:
            return Delivery(taken=False, trouble="The mail cannot be written as one; look at email.sender.", final=True)
        delivery = None
        try:
            with self.connected() as server:
                server.send_message(message)
                delivery = TAKEN
        except (smtplib.SMTPException, ssl.SSLError, OSError) as error:
            # What it answers to our good-bye does not matter: it has the mail, and a second one would be one too many.
            delivery = delivery or self._judged(error)
        return delivery

    @contextmanager
    def connected(self, seconds: float = 0.0) -> Iterator[smtplib.SMTP]:
        """A connection that has been secured and logged in, as the settings say; `seconds` instead of its own patience.

        Raises what `smtplib` raises, also for what the server answers to the good-bye.
        """
        with self._opened(seconds or TIMEOUT_SECONDS) as server:
            server.ehlo()
            if self.settings.starttls and self.settings.smtp_port != IMPLICIT_TLS_PORT:
                server.starttls(context=self._trusted())
                server.ehlo()
            if self.settings.user:
                server.login(self.settings.user, self.password)
            yield server

    def _opened(self, seconds: float) -> smtplib.SMTP:
        host, port = self.settings.smtp_host, self.settings.smtp_port
        # Whom we say we are; left out, it would be looked up, and a name server may be slow.
        domain = self.settings.sender.rpartition("@")[2]
        if port == IMPLICIT_TLS_PORT:
            return smtplib.SMTP_SSL(host, port, domain, timeout=seconds, context=self._trusted())
        return smtplib.SMTP(host, port, domain, timeout=seconds)

    def _trusted(self) -> ssl.SSLContext:
        return self.tls or ssl.create_default_context()

    def _judged(self, error: Exception) -> Delivery:
        """What an error means: a mail nobody will ever take, or a server that must be put right first."""
        where = f"{self.settings.smtp_host}:{self.settings.smtp_port}"
        match error:
            case smtplib.SMTPRecipientsRefused():
                code, said = next(iter(error.recipients.values()))
                return _refused(code, _text(said), where, of_recipient=True)
            case smtplib.SMTPSenderRefused():
                answer = f"{error.smtp_code} {_text(error.smtp_error)}"
                return _later(f"{where} takes no mail now from our sender ({answer}); check email.sender.")
            case smtplib.SMTPDataError():
                return _refused(error.smtp_code, _text(error.smtp_error), where, of_recipient=False)
            case _:
                return _later(self._server_trouble(error, where), of_server=True)

    def _server_trouble(self, error: Exception, where: str) -> str:
        match error:
            case smtplib.SMTPAuthenticationError():
                return f"{where} refuses user name or password ({error.smtp_code}); check email.user."
            case smtplib.SMTPNotSupportedError():
                return f"{where} offers no STARTTLS or no login; check email.smtp_port and email.starttls."
            case smtplib.SMTPServerDisconnected():
                return f"{where} broke the connection off; check that it is a mail server."
            case smtplib.SMTPResponseException():
                return f"{where} answered {error.smtp_code} {_text(error.smtp_error)}."
            case ssl.SSLError():
                return f"{where} cannot be trusted ({error.reason or error}); check its certificate."
            case socket.gaierror():
                return f"There is no mail server {self.settings.smtp_host}; check email.smtp_host."
            case _:
                why = getattr(error, "strerror", None) or str(error) or type(error).__name__
                return f"{where} cannot be reached ({why}); check email.smtp_host and email.smtp_port."


def as_message(mail: Mail, sender: str) -> EmailMessage:
    """A mail as it travels. Raises ValueError for anything that would end a header line."""
    message = EmailMessage(AS_ANY_SERVER_READS)
    message["From"] = sender
    message["To"] = ", ".join(mail.to)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(datetime.fromtimestamp(mail.made_at / 1000, UTC))
    # The same at every try: should a server have taken it without our hearing so, readers see one mail.
    message["Message-ID"] = f"<{mail.mail_id:016x}.{mail.made_at}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    return message


def _refused(code: int, said: str, where: str, *, of_recipient: bool) -> Delivery:
    """A 4xx passes by itself. A relay that is denied is ours to mend, so the mail waits; any other 5xx is final."""
    if code < 500:
        return _later(f"{where} takes no mail now ({code} {said}).")
    if "5.7" in said or "relay" in said.lower():
        return _later(
            f"{where} does not relay for this machine ({code} {said}); allow it there, or check email.sender."
        )
    whose = "this address" if of_recipient else "this mail"
    return Delivery(taken=False, trouble=f"{where} refuses {whose} for good ({code} {said}).", final=True)


def _later(trouble: str, *, of_server: bool = False) -> Delivery:
    return Delivery(taken=False, trouble=trouble, of_server=of_server)


def _text(said: bytes | str) -> str:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return " ".join(text.split())[:200]
