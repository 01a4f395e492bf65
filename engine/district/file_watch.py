"""Notices that the settings file was edited while the engine runs, and has it taken in."""

import logging

from engine.acts.desk import LiveDesk
from engine.acts.settings import take_in
from engine.config import FILE_NAME
from engine.service import Engine
from store.errors import CallchainError, GatewayError, InvalidInputError

log = logging.getLogger(__name__)

Stamp = tuple[int, int, int]


class FileWatch:
    """Looks whenever it is told to: only at the file's stamp, unless that has changed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._seen: Stamp | None = None
        """The first looks take in what was edited while the engine started."""
        self._settling: Stamp | None = None
        """Seen at the last look: a file that is still being written has another one at the next."""

    def look(self) -> None:
        """Take in what was edited, once two looks have found the same.

        What does not hold is said once in the log; the old settings stay in force.
        """
        stamp, before = self._stamp(), self._settling
        self._settling = stamp
        if stamp == self._seen or stamp is None or stamp != before:
            return
        try:
            result = take_in(LiveDesk(self._engine))
        except (InvalidInputError, GatewayError) as error:
            log.warning("The edited settings were not taken in, the old ones stay in force: %s", error)
            self._seen = stamp
            return
        except CallchainError as error:
            log.warning("The edited settings are taken in later: %s", error)
            return
        self._seen = stamp
        if result.changed:
            keys = ", ".join(one.key for one in result.changed)
            log.info("The edited settings were taken in (version %d): %s.", result.version, keys)
        if result.at_next_start:
            log.info("These count from the next start on: %s.", ", ".join(result.at_next_start))

    def _stamp(self) -> Stamp | None:
        """What changes with every edit, None while there is no file: editors put a new one in its place."""
        try:
            stat = (self._engine.home / FILE_NAME).stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_size, stat.st_ino
