"""A door that knows a town, and an author at a compose wizard: what the tests of composing share."""

import dataclasses
import os
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from textual.events import Paste

from engine.acts.audience import Heard, HeardMessage, JobPreview, PlannedChain, PlannedDevice
from engine.district.permission import Standing
from engine.forecast.views import Basis, Cause, Forecast, Instant, Verdict
from engine.messaging.counting import AudienceCount, Choice
from engine.orders import Health
from engine.views import GapView, Prepared, ReleaseView
from store.documents import Template
from store.errors import EngineUnreachableError
from store.records import Message, Reason
from tests.engine.board_store import HOUR, MORNING
from tests.tui.stage import NAMES, SNAPSHOTS, UPDATE, FakeDoor, Stage, at_once, school_day
from tui.door_like import Answer, Errand
from tui.screens.compose.compose_room import ComposeRoom, open_wizard

CHOICES = (
    Choice(kind="school", key="org-001", name="Lincoln Elementary", people=412),
    Choice(kind="school", key="org-002", name="Oak High", people=1_204),
    *(Choice(kind="grade", key=f"{grade:02d}", name=f"{grade:02d}", people=140 + grade) for grade in range(1, 13)),
    Choice(kind="class", key="c-7", name="Algebra 2", note="Oak High", people=28),
    Choice(kind="class", key="c-9", name="Marching band", note="Oak High", people=61),
    Choice(kind="staff_type", key="teacher", name="teacher", people=212),
    Choice(kind="language", key="en", name="en", people=4_000),
    Choice(kind="language", key="es", name="es", people=812),
)
FOUND = (Choice(kind="person", key="s-11", name="Ada Moreno", note="Oak High, grade 10"),)


def gap(given: str, name: str, reason: str) -> GapView:
    family = name.split()[1]
    return GapView(contact_key=f"p:{given}-{family}", contact_name=f"{given} {family}", reason=reason)


GAPS = (
    *(gap("Rosa", name, "no_phone") for name in NAMES),
    *(gap("Tom", name, "no_preference") for name in NAMES[:15]),
)

COUNT = AudienceCount(
    contacts=4_812, chains=4_812, devices=9_120, students=2_731, covered=37, unreachable=31, gaps=GAPS,
    gap_totals=(("no_phone", 16), ("no_preference", 15)), choices=CHOICES, found=FOUND,
)  # fmt: skip

HEARD = HeardMessage(
    sayings=(
        Heard(
            language="en",
            people="This is an emergency message from Sample School. Gas leak at Lincoln Elementary. Students are safe "
            "at Oak High. To confirm this message, press 0.",
            machines="This is an emergency message from Sample School. Gas leak at Lincoln Elementary.",
            people_ms=14_000, machines_ms=9_000,
        ),
    ),
    legal_class="emergency_purposes",
    legal_meaning="Health and safety, such as a closure, a threat or an unexcused absence: no consent is needed, at "
    "any hour (47 CFR 64.1200; FCC 16-88).",
)  # fmt: skip

LEAK = "Gas leak at {school}. Do not come here; wait for our next call."
LOCKDOWN = "{school} is in lockdown. Please stay away from the school."

TEMPLATES = [
    Template("Gas leak", Message(Reason.EMERGENCY, "Gas leak", LEAK)),
    Template("Lockdown", Message(Reason.EMERGENCY, "Lockdown", LOCKDOWN)),
    Template("Snow day", Message(Reason.GENERAL, "Snow day", "School is closed today because of snow.")),
]

PREPARED = Prepared(
    job_id=4, reason="emergency", subject="Gas leak", count=4_812, covered=37, unreachable=31, students=2_731,
    opens_at=MORNING, closes_at=MORNING + 4 * HOUR, gaps=GAPS, legal_class="emergency_purposes",
    speech_ms={"en": 14_000, "es": 16_000}, line_minutes=3_540, line_minutes_most=31_860,
)  # fmt: skip

GENERAL = msgspec.structs.replace(
    PREPARED, reason="general", subject="Picture day", legal_class="school_mission", closes_at=MORNING + 11 * HOUR
)


FORECAST = Forecast(
    job_id=4, made_at=MORNING, starts_at=MORNING, closes_at=MORNING + 4 * HOUR, chains=4_812, reached=4_510,
    unreached=302, reached_now=0, half_at=Instant(p50=MORNING + 420_000, p90=MORNING + 480_000),
    nine_in_ten_at=Instant(p50=MORNING + 1_140_000, p90=MORNING + 1_320_000),
    last_call_at=Instant(p50=MORNING + 2_460_000, p90=MORNING + 2_700_000), verdict=Verdict.ON_TIME, cause=Cause.LINES,
    curve=(), schools=(),
    basis=Basis(lines=32, answer_rate=0.61, hold_seconds=31.0, calls=48_112, days=12, runs=5, sampled=False),
)  # fmt: skip


def page() -> JobPreview:
    devices = (PlannedDevice(device="cell", number="•••-•••-0142"), PlannedDevice(device="work", number="•••-•••-0177"))
    names = [NAMES[n % len(NAMES)] for n in range(40)]
    chains = tuple(
        PlannedChain(
            index=n, contact=name, devices=devices[: 1 + n % 2], students=(f"Sam {name.split()[1]}",), language="en",
            seconds=14,
        )
        for n, name in enumerate(names)
    )  # fmt: skip
    return JobPreview(job_id=4, chains=4_812, total=4_880, page=chains)


def release(rung: str, **more: Any) -> ReleaseView:
    given: dict[str, Any] = {
        "job_id": 4, "rung": rung, "reason": "emergency", "subject": "Gas leak", "count": 4_812, "asked_by": "anna",
        "asked_at": MORNING + 95_000, "expires_at": MORNING + 400_000, **more,
    }  # fmt: skip
    return ReleaseView(**given)


class ComposeDoor(FakeDoor):
    """Answers as the engine of a middling district would."""

    def __init__(self, clock: Any) -> None:
        super().__init__(clock)
        self.answers = {
            "audience.count": COUNT, "messages.hear": HEARD, "templates.list": TEMPLATES, "recordings.list": [],
            "prepare": PREPARED, "jobs.preview": page(), "forecast.job": FORECAST, "ask_to_send": release("released"),
        }  # fmt: skip

    def health(self) -> Health:
        if self.silent:
            raise EngineUnreachableError("No engine answers.")
        standing = Standing(messenger=True, voice=True, drill=self.stand_in)
        return msgspec.structs.replace(super().health(), standing=standing)


def with_door(stage: Stage, *, drill: bool = False, **answers: Any) -> ComposeDoor:
    """Put such a door in front of a stage that was not opened yet."""
    door = ComposeDoor(stage.clock)
    door.stand_in = drill
    door.answers.update(answers)
    stage.door = door
    return door


async def begins(stage: Stage, *, emergency: bool) -> ComposeRoom:
    """An author opens a wizard, and the engine has said what there is."""
    open_wizard(stage.app, stage.app.place, emergency=emergency)
    await stage.pilot.pause()
    await stage.passes(1)
    room = stage.app.screen
    assert isinstance(room, ComposeRoom)
    return room


async def pastes(stage: Stage, text: str) -> None:
    """Somebody's text all at once, which is faster to test than key by key."""
    stage.app.post_message(Paste(text))
    await stage.pilot.pause()
    await stage.pilot.pause()


async def writes_gas_leak(stage: Stage) -> ComposeRoom:
    """Everybody, and the template of gas leaks: an emergency ready for its review."""
    room = await begins(stage, emergency=True)
    await stage.press("enter", "ctrl+n")
    await stage.press("enter")
    await stage.passes(1)
    return room


async def reviews(stage: Stage) -> ComposeRoom:
    """The same, frozen."""
    room = await writes_gas_leak(stage)
    await stage.press("ctrl+n")
    await stage.passes(1)
    return room


def looks_like(stage: Stage, name: str) -> None:
    """Compare the wizard with its picture: all but the top, and the line with the names of all screens."""
    lines = stage.lines
    first = next(n for n, line in enumerate(lines) if " New ›" in line) - 1
    shown = "\n".join(line for line in lines[first:] if "new message" not in line) + "\n"
    path = SNAPSHOTS / f"compose_{name}.txt"
    if os.environ.get(UPDATE):
        path.write_text(shown, encoding="utf-8")
    assert path.exists(), f"There is no picture {path}; set {UPDATE}=1 to make it."
    assert shown == path.read_text(encoding="utf-8")


def morning(taught: Mapping[str, Any] | None = None, *, drill: bool = False, **answers: Any) -> Callable[[Stage], None]:
    """What a stage is before a wizard is opened on it; `taught` are answers whose names have a dot."""

    def before(stage: Stage) -> None:
        school_day(stage.store)
        with_door(stage, drill=drill, **{**(taught or {}), **answers})

    return before


class Held:
    """Errands that are under way until they are answered."""

    def __init__(self) -> None:
        self.holds = False
        self._errands: list[tuple[Errand, Answer]] = []

    def __call__(self, errand: Errand, answer: Answer) -> None:
        if self.holds:
            self._errands.append((errand, answer))
        else:
            at_once(errand, answer)

    def answer(self) -> None:
        """Everything asked so far."""
        errands, self._errands = self._errands, []
        for errand, answer in errands:
            at_once(errand, answer)


def holding(stage: Stage) -> Held:
    """Whatever a wizard asks from now on can be held."""
    held = Held()
    stage.app.place = dataclasses.replace(stage.app.place, apart=held)
    return held
