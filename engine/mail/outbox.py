"""The outbox: every e-mail, from the fact that causes it until a server has taken it or it is given up."""

from collections.abc import Iterable, Iterator
from hashlib import blake2b

import msgspec

from store.database import Database
from store.documents import Mail
from store.keys import seq_key
from store.tables import Txn

FIRST_WAIT_MS = 60_000
"""After a first try that came to nothing; then twice as long each time."""

LONGEST_WAIT_MS = 3_600_000
"""A server that was put right is tried again within the hour."""

GIVEN_UP_AFTER_MS = 86_400_000
"""A mail a day old tells nothing that reports do not; what then stands in it stays readable here."""

SUBJECT_MAX = 150
"""Characters of a subject; servers refuse lines of a thousand."""


class Outbox:
    """Reads and writes of the table `mails`; every act takes the transaction it happens in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, txn: Txn) -> list[Mail]:
        """Every mail ever made, oldest first."""
        mails = (mail for _, mail in self._database.mails.scan(txn))
        return sorted(mails, key=lambda mail: (mail.made_at, mail.mail_id))

    def waiting(self, txn: Txn) -> Iterator[Mail]:
        """Mails that are still to be taken by a server."""
        return (mail for _, mail in self._database.mails.scan(txn) if not mail.sent_at and not mail.failed)

    def has(self, txn: Txn, occasion: str) -> bool:
        """Whether there is a mail for this occasion, sent or not."""
        return self._database.mails.raw(txn, seq_key(mail_id(occasion))) is not None

    def put_new(self, txn: Txn, mails: Iterable[Mail]) -> None:
        """Keep mails, but none where there is one for its occasion: that one was and is the only one (C180)."""
        self.put_all(txn, (mail for mail in mails if not self.has(txn, mail.occasion)))

    def put_all(self, txn: Txn, mails: Iterable[Mail]) -> None:
        """Write what is known of mails."""
        for mail in mails:
            self._database.mails.put(txn, seq_key(mail.mail_id), mail)


def new_mail(occasion: str, to: str, subject: str, text: str, now: int, job_id: int = 0) -> Mail:
    """A mail to one address; whoever else is told gets one of their own."""
    occasion = f"{occasion}/{to}"
    return Mail(mail_id(occasion), (to,), one_line(subject), text, job_id, now, next_at=now, occasion=occasion)


def mail_id(occasion: str) -> int:
    """The id of the one mail for an occasion."""
    return int.from_bytes(blake2b(occasion.encode(), digest_size=8).digest()) >> 1


def one_line(text: str) -> str:
    """A text as a header can carry it: nothing in it ends the line, so nobody's subject becomes another header."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:SUBJECT_MAX]


def taken(mail: Mail, now: int) -> Mail:
    """The mail after a server has taken it."""
    return msgspec.structs.replace(mail, tries=mail.tries + 1, sent_at=max(1, now), trouble="")


def put_off(mail: Mail, trouble: str, now: int, *, final: bool) -> Mail:
    """The mail after a try that came to nothing: later again, or given up when that is no use or a day has gone."""
    tries = mail.tries + 1
    if final or now - mail.made_at >= GIVEN_UP_AFTER_MS:
        return msgspec.structs.replace(mail, tries=tries, trouble=trouble, failed=trouble, next_at=0)
    wait = min(LONGEST_WAIT_MS, FIRST_WAIT_MS << min(tries - 1, 10))
    return msgspec.structs.replace(mail, tries=tries, trouble=trouble, next_at=now + wait)
