"""Two days of a small town with two schools: calls of every kind, messages of every state, sent by three people."""

from datetime import date

import msgspec

from engine.messaging.windows import Window
from store.people import Calendar, School
from store.records import Audience, DeviceKind, Message, Origin, Reason
from tests.fakes import Family, SteppedTown, at, one_contact, roster_of


def day(text: str) -> int:
    """A day as an ordinal."""
    return date.fromisoformat(text).toordinal()


YEAR = (day("2025-08-15"), day("2026-06-10"))


class TwoDays:
    """Monday: a snow day for everybody. Tuesday: an emergency, an absence, a menu and a trip."""

    def __init__(self, home) -> None:
        self.adams = one_contact("Adams")
        self.baker = Family("Baker", ("Mom",), ("Son",), (DeviceKind.CELL,), household=False, school="elm")
        self.cole = Family("Cole", ("Mom",), ("Ann", "Ben"), (DeviceKind.CELL, DeviceKind.WORK), household=False)
        self.dunn = Family("Dunn", ("Mom",), ("Son",), (), household=False)
        self.evans, self.ford = one_contact("Evans"), one_contact("Ford")
        self.ford.mom.shares(DeviceKind.CELL, self.evans.mom.cell)
        self.adams.mom.cell.busy().answers(after_s=5, talks_s=25).presses("0")
        self.baker.mom.cell.machine().always()
        self.cole.mom.cell.rings_out().always()
        self.cole.mom.work.rings_out().always()
        self.evans.mom.cell.answers(after_s=5, talks_s=25).presses("0").always()
        families = (self.adams, self.baker, self.cole, self.dunn, self.evans, self.ford)
        self.town = SteppedTown(
            home, *families, now=at("2026-03-02 10:00"), voice={"grouping": True}, redial={"call_delay_minutes": 20}
        )
        roster = roster_of(*families)
        self.town.engine.replace_roster(
            msgspec.structs.replace(
                roster,
                schools=(*roster.schools, School("elm", "Elm High", "+16125550101"), School("ash", "Ash Middle")),
                calendars=(
                    *(
                        Calendar(f"{school}/2026", school, f"{school} 2025-26", *YEAR)
                        for school in ("oak", "elm", "ash")
                    ),
                    Calendar("oak/2025", "oak", "oak 2024-25", day("2024-08-15"), day("2025-06-10")),
                ),
            ),
            accept_loss_percent=100,
        )
        self._live()

    def __enter__(self) -> "TwoDays":
        return self

    def __exit__(self, *error) -> None:
        self.town.__exit__(*error)

    def _live(self) -> None:
        town = self.town
        self.snow = self._send("kim", Reason.GENERAL, "Snow day")
        town.wait(self.snow)
        town.run(until=at("2026-03-03 10:00"))
        self.alarm = self._send("lee", Reason.EMERGENCY, "Gas leak", self.evans, self.ford)
        town.wait(self.alarm)
        town.run(until=at("2026-03-03 11:00"))
        window = Window(opens_minute=11 * 60, closes_minute=11 * 60 + 30)
        self.absent = self._send("kim", Reason.ATTENDANCE, "Absent today", self.cole, window=window)
        town.wait(self.absent)
        town.run(until=at("2026-03-03 12:00"))
        window = Window(opens_minute=15 * 60, closes_minute=16 * 60)
        self.menu = self._send("pat", Reason.FOOD_SERVICE, "=Menu()", self.baker, window=window)
        town.engine.cancel(self.menu)
        town.wait(self.menu)
        self.trip = self._send("pat", Reason.GENERAL, "Trip <b>to</b> the zoo", self.cole)
        town.run(minutes=3)
        town.engine.cancel(self.trip)
        town.wait(self.trip)
        town.run(until=at("2026-03-03 14:00"))

    def _send(self, author: str, reason: Reason, subject: str, *about: Family, window: Window | None = None) -> int:
        students = tuple(student for family in about for student in family.students.values())
        prepared = self.town.engine.prepare(
            Message(reason, subject, "Please listen: school is closed on Monday because of heavy snow, stay at home."),
            Audience(person_ids=students),
            window,
            origin=Origin(author=author),
        )
        self.town.engine.send(prepared.job_id, author=author)
        return prepared.job_id
