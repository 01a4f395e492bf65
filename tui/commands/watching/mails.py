"""`callchain mails`: the outbox of confirmations and error notices."""

from typing import Annotated

import typer

from engine.acts.mails import ACTS, ListMails, MailView
from engine.acts.settings import SHOW, Nothing
from engine.doctor.finding import amount
from tui.acts import ask
from tui.commands import say
from tui.commands.options import HOME, Home, Json
from tui.door import zone_of

(LIST,) = ACTS


def mails(
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="The newest so many.")] = 50,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only what no server has taken.")] = False,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """List the district's e-mails: confirmations to senders, and errors to the error list."""
    found = ask(home, LIST, ListMails(count=count, waiting_only=waiting))
    if json:
        say.json(found)
        return
    zone = zone_of(home)
    say.table(
        amount(len(found), "mail"),
        ("MADE", "TO", "SUBJECT", "STATE", "TRIES#", "WHY"),
        (_row(mail, zone) for mail in found),
    )
    if not ask(home, SHOW, Nothing()).settings.email.smtp_host:
        say.note("No e-mail is sent: email.smtp_host is empty.")


def _row(mail: MailView, zone: str) -> tuple[object, ...]:
    state = f"sent {say.clock(mail.sent_at, zone)}" if mail.sent_at else mail.state
    return say.clock(mail.made_at, zone), ", ".join(mail.to), mail.subject, state, mail.tries, mail.trouble
