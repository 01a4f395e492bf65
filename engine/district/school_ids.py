"""Customer ids of schools: asked for before a school's first job, kept, and missed by nobody (C025, C026)."""

import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Protocol, runtime_checkable

import msgspec

from actors.gateway import Failure
from actors.runtime.clock import Clock
from engine.config import Settings
from engine.district.permission import add_school_ids, permission_of
from store.database import Database
from store.people import School
from store.records import Plan
from store.tables import Txn
from store.vault import Vault

WAIT_SECONDS_MAX = 4.0
"""A sender sits and waits; whoever is not registered by then is at the next job, and the calls go out without."""

AT_ONCE = 4
"""Schools asked about side by side: as many connections as the gateway keeps for it."""

REST_MS = 60_000
"""After a carrier that did not answer, so that not every sender waits for it."""

_PLACE = Plan.__struct_fields__.index("school_id")

log = logging.getLogger(__name__)


@runtime_checkable
class Registrar(Protocol):
    """A gateway whose carrier gives schools ids of their own."""

    def register_school(self, school_id: str, name: str, phone: str, time_zone: str) -> str | Failure:
        """The school's customer id. Blocks."""


class SchoolIds:
    """The customer ids of a running engine's schools."""

    def __init__(self, clock: Clock, database: Database, write: Callable[[Callable[[Txn], None]], None]) -> None:
        self._clock = clock
        self._database = database
        self._write = write
        self._rests_until = 0

    def of_job(
        self, gateway: object, settings: Settings, plans: Sequence[bytes], *, ask: bool
    ) -> tuple[tuple[str, str], ...]:
        """(school id, customer id) of every school in these plans, as far as known.

        With `ask` the carrier is asked about the others first, best effort and for a few seconds at most.
        """
        wanted = schools_of(plans)
        with self._database.read() as txn:
            known = permission_of(self._database, txn).school_ids
            schools = Vault(self._database).schools(txn)
        missing = [school for school in schools if school.school_id in wanted - known.keys()]
        if missing and ask and isinstance(gateway, Registrar) and self._clock.now() >= self._rests_until:
            found = self._ask(gateway, missing, settings.district.time_zone)
            if found:
                self._write(add_school_ids(self._database, found))
            known = {**known, **found}
        return tuple(sorted((school, known[school]) for school in wanted & known.keys()))

    def _ask(self, gateway: Registrar, schools: Iterable[School], time_zone: str) -> dict[str, str]:
        threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="register")
        asked: dict[Future[str | Failure], str] = {
            threads.submit(gateway.register_school, one.school_id, one.name, one.phone, time_zone): one.school_id
            for one in schools
        }
        done, _ = wait(asked, WAIT_SECONDS_MAX)
        threads.shutdown(wait=False, cancel_futures=True)
        answers = {asked[future]: future.result() for future in done if future.exception() is None}
        found = {school: answer for school, answer in answers.items() if isinstance(answer, str)}
        if len(found) < len(asked):
            self._rests_until = self._clock.now() + REST_MS
            log.info("%d of %d schools have no customer id yet; calls need none.", len(asked) - len(found), len(asked))
        return found


def schools_of(plans: Iterable[bytes]) -> set[str]:
    """The schools in encoded plans."""
    decode = msgspec.msgpack.Decoder(list[msgspec.Raw]).decode
    school = msgspec.msgpack.Decoder(str).decode
    found = {bytes(fields[_PLACE]) for fields in map(decode, plans) if len(fields) > _PLACE}
    return {school(name) for name in found} - {""}
