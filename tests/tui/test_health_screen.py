"""The engine's health, played on a stage: what is well stays grey, what is not says why and what to do."""

import msgspec
import pytest

from engine.acts.health import (
    CarrierHealth,
    GateHealth,
    HealthDetails,
    LedgerHealth,
    ProcessHealth,
    StoreHealth,
    TellingHealth,
    bare_url,
)
from engine.doctor.finding import Finding, Grade
from store import facts
from store.alarms import Alarm
from store.commands import Verb
from tests.engine.board_store import HOUR, MORNING
from tests.tui.schools_day import GAS_LEAK, schools_day
from tests.tui.stage import Stage, play
from tui.screens.health import HealthRoom

WELL = HealthDetails(
    now=MORNING,
    process=ProcessHealth(
        pid=4_711, host="oak", since_at=MORNING - 26 * HOUR, beat_at=MORNING - 400, machine_at=MORNING,
    ),
    store=StoreHealth(bytes=84 << 20, free_bytes=412 << 30, seq=48_201, lag=1_024, reader_lag=0),
    carrier=CarrierHealth(
        endpoints=("https://east.shoutpoint.example/v3", "https://west.shoutpoint.example/v3"), stand_in=False,
        poll_seconds=15.0, owed=0,
    ),
    ledger=LedgerHealth(lines=24, emergency_lines=8, ahead_max=24, held=21, out=20, emergencies=8, ahead=0, peak=31),
    gate=GateHealth(
        opens_at=MORNING - HOUR, closes_at=MORNING + 6 * HOUR, store_has_room=True, clock_is_sound=True,
        log_is_read=True, blocked=12, in_use=20,
    ),
    telling=TellingHealth(mails=0, webhooks=2, deliveries=3),
)  # fmt: skip

FINDINGS = (
    Finding(topic="store", grade=Grade.OK, says="The store opens and reads."),
    Finding(topic="engine", grade=Grade.OK, says="Exactly one engine runs."),
    Finding(topic="caller ID", grade=Grade.WARNING, says="Two schools show the district's number: S3, S4.",
            todo="Set theirs with `callchain settings caller-id`."),
    Finding(topic="mail", grade=Grade.PROBLEM,
            says="The mail server refuses the sender: nobody is told when a job is done.",
            todo="Correct email.sender, then ask again."),
)  # fmt: skip


async def health_of(stage: Stage) -> HealthRoom:
    stage.door.answers.setdefault("health.details", WELL)
    room = HealthRoom(stage.app.place)
    stage.app.push_screen(room)
    await stage.pilot.pause()
    await stage.passes(2)
    return room


def a_day(stage: Stage) -> None:
    schools_day(stage.store)
    stage.store.commit(facts.CommandTaken(1, Verb.PAUSE, GAS_LEAK, 77), facts.JobPaused(GAS_LEAK))
    stage.store.commit(facts.CommandTaken(2, Verb.RESUME, GAS_LEAK, 77), facts.JobResumed(GAS_LEAK), after_ms=4_000)


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_all_parts_of_a_healthy_engine_are_shown(size: tuple[int, int]) -> None:
    async def scene(stage: Stage) -> None:
        await health_of(stage)
        stage.looks_like(f"health_{size[0]}x{size[1]}")
        await stage.press("pagedown")
        if size[0] == 80:
            stage.looks_like("health_scrolled_80x24")

    play(scene, size, a_day)


def test_alarms_stand_first_with_what_to_do_and_a_closed_gate_says_why() -> None:
    async def scene(stage: Stage) -> None:
        shut = msgspec.structs.replace(WELL.gate, clock_is_sound=False, store_has_room=False)
        stage.door.answers["health.details"] = msgspec.structs.replace(WELL, gate=shut)
        stage.store.commit(facts.AlarmRaised(Alarm.CLOCK_JUMPED))
        await health_of(stage)
        stage.looks_like("health_alarm_120x40")
        assert "emergencies only: a clock is unsound" in stage.text

    play(scene, before=a_day)


def test_an_engine_that_is_gone_leaves_no_figures_behind() -> None:
    async def scene(stage: Stage) -> None:
        await health_of(stage)
        assert "incarnation 1, up" not in stage.text
        stage.door.silent = True
        await stage.passes(9)
        stage.looks_like("health_stale_120x40")
        assert "412" not in stage.text

    play(scene, before=a_day)


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_before_an_engine_ever_ran_it_says_how_to_start_one(size: tuple[int, int]) -> None:
    async def scene(stage: Stage) -> None:
        await health_of(stage)
        stage.looks_like(f"health_no_engine_{size[0]}x{size[1]}")

    play(scene, size, before=lambda stage: setattr(stage.door, "silent", True), begun=False)


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_the_doctor_s_findings_stand_worst_first_with_what_to_do(size: tuple[int, int]) -> None:
    async def scene(stage: Stage) -> None:
        stage.door.answers["doctor.examine"] = FINDINGS
        await health_of(stage)
        await stage.press("d")
        stage.looks_like(f"health_doctor_{size[0]}x{size[1]}")
        await stage.press("escape")
        assert "Doctor at" not in stage.text

    play(scene, size, a_day)


def test_commands_given_here_and_elsewhere_are_shown_with_their_state() -> None:
    async def scene(stage: Stage) -> None:
        await health_of(stage)
        stage.app.commands.give(stage.clock.now(), Verb.PAUSE, GAS_LEAK, "Gas leak")
        await stage.passes(1)
        assert "pause #3 ✓ applied" in stage.text
        assert "› command          #3        resume by somebody" in stage.text

    play(scene, before=a_day)


def test_an_end_point_is_shown_without_its_secrets() -> None:
    assert bare_url("https://user:secret@east.example:8443/v3?key=9") == "https://east.example:8443/v3"
