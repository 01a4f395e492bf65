"""Acts on the outbox: list what was mailed, what waits and what was given up."""

import msgspec

from engine.acts.act import Act
from engine.acts.desk import Desk
from engine.mail.outbox import Outbox
from store.access import Role
from store.documents import Mail


class ListMails(msgspec.Struct, frozen=True, kw_only=True):
    """Which mails are shown."""

    count: int = 50
    """The newest so many."""
    waiting_only: bool = False
    """Only those no server has taken: they wait, or were given up."""


class MailView(msgspec.Struct, frozen=True, kw_only=True):
    """A mail in the outbox. Instants in ms UTC."""

    mail_id: int
    to: tuple[str, ...]
    subject: str
    state: str
    """`sent`, `queued` or `failed`."""
    made_at: int
    sent_at: int = 0
    next_at: int = 0
    tries: int = 0
    job_id: int = 0
    trouble: str = ""
    """Why it waits, or was given up."""


def list_mails(desk: Desk, request: ListMails, _author: str) -> tuple[MailView, ...]:
    """The newest mails, newest first."""
    with desk.database.read() as txn:
        mails = Outbox(desk.database).all(txn)
    shown = [mail for mail in reversed(mails) if not (request.waiting_only and mail.sent_at)]
    return tuple(mail_view(mail) for mail in shown[: max(0, request.count)])


def mail_view(mail: Mail) -> MailView:
    """The answer for a mail."""
    return MailView(
        mail_id=mail.mail_id,
        to=mail.to,
        subject=mail.subject,
        state="sent" if mail.sent_at else "failed" if mail.failed else "queued",
        made_at=mail.made_at,
        sent_at=mail.sent_at,
        next_at=mail.next_at,
        tries=mail.tries,
        job_id=mail.job_id,
        trouble=mail.failed or mail.trouble,
    )


ACTS = (Act("mails.list", ListMails, tuple[MailView, ...], list_mails, role=Role.SENDER),)
