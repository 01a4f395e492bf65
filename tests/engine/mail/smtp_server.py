"""A real SMTP server on loopback that does what a test tells it to."""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword


class Postmaster:
    """What the server answers, and what it took."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.logins: list[tuple[str, str]] = []
        self.on_sender = ""
        self.on_recipient = ""
        self.on_data = ""
        """What it answers instead of taking a mail; empty: it takes it."""

    async def handle_MAIL(self, _server, _session, envelope: Envelope, address: str, _options) -> str:
        envelope.mail_from = address
        return self.on_sender or "250 OK"

    async def handle_RCPT(self, _server, _session, envelope: Envelope, address: str, _options) -> str:
        if self.on_recipient:
            return self.on_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope: Envelope) -> str:
        if self.on_data:
            return self.on_data
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 taken"

    def authenticate(self, _server, _session, _envelope, _mechanism: str, login: LoginPassword) -> AuthResult:
        self.logins.append((login.login.decode(), login.password.decode()))
        return AuthResult(success=login.password == b"letters", handled=False)


class SmtpTown:
    """The server and where it listens."""

    def __init__(self, postmaster: Postmaster, port: int) -> None:
        self.postmaster = postmaster
        self.port = port


@contextmanager
def smtp_town(tls: ssl.SSLContext | None = None, *, login: bool = False) -> Iterator[SmtpTown]:
    """A server while the block lasts, on a port of the system's choice."""
    postmaster, loop = Postmaster(), asyncio.new_event_loop()

    def session() -> SMTP:
        return SMTP(
            postmaster,
            hostname="mail.test",
            loop=loop,
            tls_context=tls,
            require_starttls=tls is not None,
            authenticator=postmaster.authenticate if login else None,
            auth_required=login,
            auth_require_tls=tls is not None,
        )

    server = loop.run_until_complete(loop.create_server(session, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield SmtpTown(postmaster, server.sockets[0].getsockname()[1])
    finally:
        asyncio.run_coroutine_threadsafe(_closed(server), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _closed(server: asyncio.Server) -> None:
    server.close()
    await server.wait_closed()
    mine = asyncio.current_task()
    for task in asyncio.all_tasks():
        if task is not mine:
            task.cancel()
    await asyncio.sleep(0)
