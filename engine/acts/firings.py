"""The act on firings to come: one that is canceled never happens, and its schedule goes on (C157, C159)."""

from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec

from engine.acts.act import Act
from engine.acts.desk import Desk
from engine.orders import Instant
from engine.schedules.book import ScheduleBook
from engine.schedules.recurrence import next_firings
from engine.setting_checks import time_zone
from store.access import Role
from store.commands import Verb
from store.documents import Fire, Schedule
from store.errors import NotFoundError
from store.tables import Txn


class FiringId(msgspec.Struct, frozen=True, kw_only=True):
    """One firing: of which schedule, and when, ms UTC."""

    schedule_id: Annotated[int, msgspec.Meta(ge=1, le=2**32 - 1)]
    at: Instant


class CancelFirings(msgspec.Struct, frozen=True, kw_only=True):
    """Which firings shall not happen."""

    firings: tuple[FiringId, ...]


class FiringsCanceled(msgspec.Struct, frozen=True, kw_only=True):
    """What was canceled, and what had come due or been canceled before."""

    canceled: tuple[FiringId, ...]
    over: tuple[FiringId, ...] = ()


def cancel(desk: Desk, request: CancelFirings, author: str) -> FiringsCanceled:
    """Note firings as canceled before they are due. Raises NotFoundError for one no schedule has; then nothing is."""
    book, now, zone = ScheduleBook(desk.database), desk.clock.now(), time_zone(desk.settings.district.time_zone)
    with desk.database.read() as txn:
        for firing in request.firings:
            _check(book.get(txn, firing.schedule_id), firing, zone)
    canceled: list[FiringId] = []

    def note(txn: Txn) -> None:
        for firing in request.firings:
            fire = Fire(firing.schedule_id, firing.at, note=f"Canceled by {author or 'nobody named'}.", done_at=now)
            if book.claim(txn, fire):
                canceled.append(firing)

    desk.change(Verb.SCHEDULE, author, note)
    return FiringsCanceled(
        canceled=tuple(canceled), over=tuple(firing for firing in request.firings if firing not in canceled)
    )


def _check(schedule: Schedule | None, firing: FiringId, zone: ZoneInfo) -> None:
    if schedule is None or next_firings(schedule, zone, firing.at - 1, 1) != [firing.at]:
        raise NotFoundError("A schedule was changed meanwhile; nothing was canceled. See `callchain report dialer`.")


ACTS = (Act("firings.cancel", CancelFirings, FiringsCanceled, cancel, role=Role.SENDER),)
"""The one act."""
