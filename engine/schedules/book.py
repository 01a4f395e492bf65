"""The schedules a store holds, and what became of their firings."""

from collections.abc import Iterator

from engine.messaging.templates import template_key
from store.database import Database
from store.documents import Fire, Schedule, Template
from store.errors import NotFoundError
from store.keys import fire_key, id_key, id_of
from store.tables import Txn


class ScheduleBook:
    """Reads and writes of the tables `schedules` and `fires`; every act takes the transaction it happens in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, txn: Txn) -> list[Schedule]:
        """Every schedule, oldest first."""
        return [schedule for _, schedule in self._database.schedules.scan(txn)]

    def get(self, txn: Txn, schedule_id: int) -> Schedule | None:
        """One schedule, None when it was removed."""
        return self._database.schedules.get(txn, id_key(schedule_id))

    def named(self, txn: Txn, name: str) -> Schedule:
        """The schedule of a name. Raises NotFoundError."""
        for schedule in self.all(txn):
            if schedule.name.casefold() == name.casefold():
                return schedule
        raise NotFoundError(f'There is no schedule "{name}"; see `callchain schedule list`.')

    def template(self, txn: Txn, name: str) -> Template | None:
        """The template of a name, None when there is none."""
        return self._database.templates.get(txn, template_key(name))

    def next_id(self, txn: Txn) -> int:
        """One above every id ever used: firings of a removed schedule stay its own."""
        schedule, fire = self._database.schedules.last_key(txn), self._database.fires.last_key(txn)
        return 1 + max(id_of(schedule) if schedule else 0, id_of(fire[:4]) if fire else 0)

    def put(self, txn: Txn, schedule: Schedule) -> None:
        """Write a schedule."""
        self._database.schedules.put(txn, id_key(schedule.schedule_id), schedule)

    def remove(self, txn: Txn, schedule_id: int) -> None:
        """Take a schedule away; what it fired stays."""
        self._database.schedules.delete(txn, id_key(schedule_id))

    # -- firings

    def fires(self, txn: Txn, schedule_id: int, since: int = 0) -> Iterator[Fire]:
        """A schedule's firings from an instant on, oldest first."""
        rows = self._database.fires.scan(txn, fire_key(schedule_id, since), fire_key(schedule_id + 1, 0))
        return (fire for _, fire in rows)

    def newest_fire(self, txn: Txn, schedule_id: int, until: int) -> Fire | None:
        """Its last firing up to an instant; None before the first."""
        fires = (fire for fire in self.fires(txn, schedule_id) if fire.fire_at <= until)
        return max(fires, key=lambda fire: fire.fire_at, default=None)

    def canceled(self, txn: Txn, schedule_id: int, now: int) -> set[int]:
        """Firings to come that somebody canceled."""
        return {fire.fire_at for fire in self.fires(txn, schedule_id, now + 1)}

    def unsettled(self, txn: Txn) -> list[Fire]:
        """Firings that had begun when their engine ended."""
        return [fire for _, fire in self._database.fires.scan(txn) if not fire.done_at]

    def fire(self, txn: Txn, schedule_id: int, fire_at: int) -> Fire | None:
        """One firing."""
        return self._database.fires.get(txn, fire_key(schedule_id, fire_at))

    def put_fire(self, txn: Txn, fire: Fire) -> None:
        """Write what is known of a firing."""
        self._database.fires.put(txn, fire_key(fire.schedule_id, fire.fire_at), fire)

    def claim(self, txn: Txn, fire: Fire) -> bool:
        """Write a firing nobody wrote before; False when somebody did. Never is there a second one (decision 30)."""
        if self.fire(txn, fire.schedule_id, fire.fire_at) is not None:
            return False
        self.put_fire(txn, fire)
        return True
