"""Checks of e-mail: what waits or was given up, and what the mail server says to us (C184, C186, C187)."""

import smtplib
from collections.abc import Iterator
from contextlib import suppress

from engine.config import Email
from engine.district.secret_box import Secret, SecretBox
from engine.doctor.finding import Finding, Topic, amount
from engine.doctor.network import Late
from engine.doctor.patient import Patient
from engine.mail.addresses import is_address
from engine.mail.smtp import SmtpServer
from store.documents import Mail

MAIL = Topic("e-mail")

QUEUED_MS_MAX = 300_000
"""Queued for more than a few minutes: the service is not running, or not properly configured (C187)."""

FAILURES_SHOWN_MS = 7 * 24 * 3_600_000
"""What failed before that is known by now."""

SMTP_SECONDS = 4.0
REFUSED = 400
"""Answers from here on mean no, for now or for good."""
REASON_CHARS_MAX = 200
"""Of what a server says: enough to find the cause by."""

RELAY = (
    "Check email.smtp_host; it may not be the correct address, or it may not allow relay from this machine: the "
    "district keeps its own SMTP server and must permit it there."
)


def check_mails(patient: Patient) -> Iterator[Finding]:
    """E-mails that wait, or that no server took."""
    mails, now = patient.mails(), patient.now
    waiting = [mail for mail in mails if not mail.sent_at and not mail.failed and now - mail.made_at > QUEUED_MS_MAX]
    failed = [mail for mail in mails if mail.failed and now - mail.made_at < FAILURES_SHOWN_MS]
    if waiting:
        since = patient.clock(min(mail.made_at for mail in waiting))
        why = RELAY if patient.runs else f"Start an engine with `callchain serve --home {patient.home}`."
        last = max(waiting, key=lambda mail: mail.tries).trouble
        told = f" The last try: {_short(last)}" if last else ""
        yield MAIL.problem(f"{amount(len(waiting), 'e-mail')} queued since {since}.{told}", why)
    if failed:
        newest = max(failed, key=lambda mail: mail.made_at)
        yield MAIL.problem(
            f"{amount(len(failed), 'e-mail')} given up this week; the last because: {_short(newest.failed)}", RELAY
        )
    if not waiting and not failed:
        yield MAIL.ok(f"No e-mail waits; {amount(_sent(mails), 'one was', 'were')} taken by the server.")


class MailServerCheck:
    """Asks the mail server whether it would take an e-mail of ours, without sending one."""

    def __init__(self, patient: Patient) -> None:
        self._email = email = patient.settings.email
        self._late: Late[Finding] | None = None
        if email.smtp_host:
            password = SecretBox(patient.home, patient.database).password(Secret.EMAIL)
            self._late = Late(lambda: _ask(email, password))

    def findings(self) -> Iterator[Finding]:
        """What it answered."""
        if self._late is None:
            yield MAIL.note("No SMTP host is set: neither confirmations nor errors are sent by e-mail.")
            return
        try:
            yield self._late.answer(2 * SMTP_SECONDS)
        except TimeoutError:
            yield MAIL.problem(f"The mail server {self._email.smtp_host} does not answer in time.", RELAY)


def _ask(email: Email, password: str) -> Finding:
    where = f"{email.smtp_host}:{email.smtp_port}"
    if not is_address(email.sender):
        return MAIL.problem("email.sender is no e-mail address: no e-mail can be sent.", "Set it to one of your own.")
    refusal: str | None = None
    try:
        with SmtpServer(email, password).connected(SMTP_SECONDS) as server:
            refusal = _refusal(server, email)
    except smtplib.SMTPResponseException as error:
        # What it answers to our good-bye does not matter.
        refusal = f"{error.smtp_code} {_text(error.smtp_error)}" if refusal is None else refusal
    except (OSError, smtplib.SMTPException) as error:
        return MAIL.problem(f"The mail server {where} cannot be used ({_short(str(error))}).", RELAY)
    if refusal:
        return MAIL.problem(f"The mail server {where} would not take an e-mail of ours: {_short(refusal)}", RELAY)
    return MAIL.ok(f"The mail server {where} would take an e-mail of ours.")


def _refusal(server: smtplib.SMTP, email: Email) -> str:
    """What it says against an e-mail of ours, empty for nothing; the e-mail is broken off before it has a text."""
    try:
        code, said = server.mail(email.sender)
        if code < REFUSED:
            code, said = server.rcpt((*email.error_list, email.sender)[0])
        return f"{code} {_text(said)}" if code >= REFUSED else ""
    finally:
        with suppress(smtplib.SMTPException):
            server.rset()


def _sent(mails: list[Mail]) -> int:
    return sum(bool(mail.sent_at) for mail in mails)


def _text(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said


def _short(said: str) -> str:
    said = " ".join(said.split())
    return said if len(said) <= REASON_CHARS_MAX else f"{said[:REASON_CHARS_MAX]}…"
