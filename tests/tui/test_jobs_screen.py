"""The jobs, played on a stage: steered one by one or several together, and what is still to come."""

from datetime import date

import pytest

from engine.acts.firings import CancelFirings, FiringId, FiringsCanceled
from engine.schedules.presence import SchedulerView
from engine.schedules.views import ScheduleList, ScheduleView
from engine.views import ReleaseView
from store.commands import Verb
from store.records import Audience, Job, Message
from store.vault import Vault
from tests.engine.board_store import HOUR, MORNING, BoardStore, Reason, plan
from tests.tui.schools_day import BUSES, GAS_LEAK, LETTER, schools_day
from tests.tui.stage import Stage, play
from tui.dialogs.typed_dialog import TypedDialog
from tui.screens.jobs import JobsRoom
from tui.screens.report import ReportRoom

PREPARED = 4


def prepared(store: BoardStore) -> None:
    """Somebody wrote a message and did not send it."""
    message = Message(Reason.GENERAL, "Book fair", "…")
    job = Job(PREPARED, message, Audience(), store.at, store.at, store.at + HOUR, 120, 0, 0, 120, author="per")
    with store.database.write() as txn:
        for write in Vault(store.database).plan_writes(job, []):
            write(txn)


def a_day(stage: Stage) -> None:
    schools_day(stage.store)
    prepared(stage.store)


def schedules() -> ScheduleList:
    view = ScheduleView(
        schedule_id=7, name="Attendance at noon", template="absent", every="daily",
        starts_on=date(2026, 1, 1).toordinal(), minute=720, author="anna",
        next_at=(MORNING + 3 * HOUR, MORNING + 27 * HOUR),
    )  # fmt: skip
    return ScheduleList(scheduler=SchedulerView(active=True), schedules=(view,))


def on_the_ladder(stage: Stage) -> None:
    at = stage.clock.now()
    stage.door.answers["releases"] = [
        ReleaseView(job_id=9, rung="asked", reason="emergency", subject="Tornado warning", count=4_812, asked_by="anna",
                    asked_at=at, expires_at=at + 120_000, needs_second=True)
    ]  # fmt: skip


async def jobs_of(stage: Stage) -> JobsRoom:
    stage.door.answers["schedules.list"] = schedules()
    room = JobsRoom(stage.app.place)
    stage.app.push_screen(room)
    await stage.pilot.pause()
    await stage.passes()
    return room


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_all_jobs_stand_in_a_table_with_what_is_still_to_come(size: tuple[int, int]) -> None:
    async def scene(stage: Stage) -> None:
        room = await jobs_of(stage)
        on_the_ladder(stage)
        await stage.passes(2)
        await stage.press("down", "down", "space")
        room.list.select(("job", GAS_LEAK, 0))
        await stage.pilot.pause()
        stage.looks_like(f"jobs_{size[0]}x{size[1]}")

    play(scene, size, a_day)


def test_without_jobs_the_table_says_so() -> None:
    async def scene(stage: Stage) -> None:
        stage.door.answers["schedules.list"] = ScheduleList(scheduler=SchedulerView(active=True), schedules=())
        room = JobsRoom(stage.app.place)
        stage.app.push_screen(room)
        await stage.passes()
        stage.looks_like("jobs_empty_80x24")
        await stage.press("x", "space", "P", "enter")
        assert stage.app.screen is room

    play(scene, (80, 24), before=lambda _stage: None)


def test_old_data_takes_the_first_line_and_the_commands() -> None:
    async def scene(stage: Stage) -> None:
        room = await jobs_of(stage)
        await stage.press("down")
        stage.door.silent = True
        await stage.passes(7)
        stage.looks_like("jobs_stale_120x40")
        await stage.press("x")
        assert stage.app.screen is room

    play(scene, before=a_day)


def test_marked_jobs_are_canceled_together_once_their_number_of_chains_was_typed() -> None:
    async def scene(stage: Stage) -> None:
        room = await jobs_of(stage)
        for job_id in (BUSES, LETTER):
            room.list.select(("job", job_id, 0))
            await stage.press("space")
        room.list.select(("job", GAS_LEAK, 0))
        await stage.press("x")
        assert isinstance(stage.app.screen, TypedDialog)
        assert stage.app.screen.phrase == "18"
        text = "\n".join(line.plain for line in stage.app.screen.lines())
        assert "CANCEL 2 JOBS?" in text
        assert "EMERGENCY" not in text
        await stage.types("18")
        await stage.press("ctrl+y")
        assert sorted(stage.door.given) == [(Verb.CANCEL, LETTER), (Verb.CANCEL, BUSES)]

    play(scene, before=a_day)


def test_what_was_marked_when_the_dialog_opened_is_paused_whatever_the_list_does_meanwhile() -> None:
    async def scene(stage: Stage) -> None:
        room = await jobs_of(stage)
        for job_id in (GAS_LEAK, BUSES):
            room.list.select(("job", job_id, 0))
            await stage.press("space")
        await stage.press("P")
        newer = stage.store.job("Tornado warning", Reason.EMERGENCY, [plan("Ada Moreno", "s1")])
        stage.store.opens(newer)
        await stage.passes(3)
        room.marked.clear()
        await stage.press("y")
        assert sorted(stage.door.given) == [(Verb.PAUSE, BUSES), (Verb.PAUSE, GAS_LEAK)]

    play(scene, before=a_day)


def test_the_selected_job_stays_selected_though_others_come_above_it() -> None:
    async def scene(stage: Stage) -> None:
        room = await jobs_of(stage)
        room.list.select(("job", BUSES, 0))
        newer = stage.store.job("Tornado warning", Reason.EMERGENCY, [plan("Ada Moreno", "s1")])
        await stage.passes(2)
        assert [line.name[1] for line in room.list.rows[:2]] == [newer, GAS_LEAK]
        await stage.press("P", "y")
        assert stage.door.given == [(Verb.PAUSE, BUSES)]

    play(scene, before=a_day)


def test_a_firing_to_come_is_called_off_and_its_schedule_goes_on() -> None:
    async def scene(stage: Stage) -> None:
        room = await jobs_of(stage)
        stage.door.answers["firings.cancel"] = FiringsCanceled(
            canceled=(FiringId(schedule_id=7, at=MORNING + 3 * HOUR),)
        )
        room.list.select(("scheduled", 7, MORNING + 3 * HOUR))
        await stage.press("x")
        await stage.types("OFF")
        await stage.press("ctrl+y")
        asked = CancelFirings(firings=(FiringId(schedule_id=7, at=MORNING + 3 * HOUR),))
        assert ("firings.cancel", asked) in stage.door.acted

    play(scene, before=a_day)


def test_enter_shows_the_job_s_chains_and_r_its_report() -> None:
    async def scene(stage: Stage) -> None:
        room = await jobs_of(stage)
        room.list.select(("job", BUSES, 0))
        await stage.press("r")
        report: object = stage.app.screen
        assert isinstance(report, ReportRoom)
        assert report.job_id == BUSES
        await stage.press("escape", "enter")
        assert stage.app.screen is stage.app.live
        await stage.passes(2)
        assert stage.app.live.chains.shown.total == 9

    play(scene, before=a_day)
