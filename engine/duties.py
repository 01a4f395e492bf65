"""What a served engine does beside calling: it fires schedules, mails, tells webhooks and keeps forecasts."""

import logging

from engine.district.secret_box import Secret, SecretBox
from engine.forecast.keeper import Keeper
from engine.hooks.crier import Crier
from engine.mail.post_office import PostOffice
from engine.mail.smtp import SmtpServer
from engine.schedules.scheduler import Scheduler
from engine.service import Engine
from store.errors import CallchainError

log = logging.getLogger(__name__)


class Duties:
    """Of one running engine: whoever serves it starts them after it, and stops them before it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.scheduler = Scheduler(engine)
        self.post_office = PostOffice(engine, self._mail_server)
        self.crier = Crier(engine)
        self.keeper = Keeper(engine)

    def start(self) -> None:
        """Begin."""
        self.scheduler.start()
        self.post_office.start()
        self.crier.start()
        self.keeper.start()

    def stop(self) -> None:
        """Let what runs end; again it does nothing."""
        self.scheduler.stop()
        self.post_office.stop()
        self.crier.stop()
        self.keeper.stop()

    def _mail_server(self) -> SmtpServer:
        """The server as the settings in force name it. The password is read for each round and kept nowhere."""
        email = self._engine.settings.email
        password = ""
        if email.user:
            try:
                password = SecretBox(self._engine.home, self._engine.station.database).password(Secret.EMAIL)
            except CallchainError as error:
                log.error("The e-mail password cannot be read: %s", error)  # noqa: TRY400
        return SmtpServer(email, password)
