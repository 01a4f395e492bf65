"""The log, played on a stage: what happened, newest first, and who is looked into."""

import csv
from pathlib import Path

import pytest

from engine.board.reading.history import Happening
from store import facts
from store.access import Role
from store.alarms import Alarm
from store.commands import Verb
from store.dispositions import Disposition, Outcome
from store.keys import chain_id
from tests.engine.board_store import Reason, plan
from tests.tui.stage import Stage, play, school_day
from tui.screens.chain import ChainScreen
from tui.screens.log import LogRoom

GAS_LEAK = 3


async def log_of(stage: Stage) -> LogRoom:
    room = LogRoom(stage.app.place)
    stage.app.push_screen(room)
    await stage.pilot.pause()
    await stage.passes()
    return room


def selected(room: LogRoom) -> Happening:
    assert room.list.selected_row is not None
    return room.list.selected_row


def eventful(stage: Stage) -> None:
    """The school day, with commands, an alarm, an end by the clock and a refusal."""
    school_day(stage.store)
    stage.store.commit(facts.CommandTaken(1, Verb.PAUSE, GAS_LEAK, 77), facts.JobPaused(GAS_LEAK), after_ms=5_400)
    stage.store.commit(facts.CommandTaken(2, Verb.RESUME, GAS_LEAK, 77), facts.JobResumed(GAS_LEAK), after_ms=2_000)
    refused = facts.CommandRefused(Verb.CANCEL, GAS_LEAK, 78, Role.VIEWER, Role.EMERGENCY_SENDER)
    stage.store.commit(refused, facts.AlarmRaised(Alarm.CARRIER_UNREACHABLE), after_ms=900)
    stage.store.commit(facts.AlarmCleared(Alarm.CARRIER_UNREACHABLE), after_ms=9_000)
    stage.store.hears(GAS_LEAK, 4, Disposition.MACHINE_MESSAGE_LEFT, Outcome.DELIVERED_UNCONFIRMED)


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_the_log_tells_what_happened_newest_first(size: tuple[int, int]) -> None:
    async def scene(stage: Stage) -> None:
        await log_of(stage)
        stage.looks_like(f"log_{size[0]}x{size[1]}")

    play(scene, size, eventful)


def test_an_empty_log_says_so() -> None:
    async def scene(stage: Stage) -> None:
        await log_of(stage)
        stage.looks_like("log_empty_80x24")

    play(scene, (80, 24), begun=False, before=lambda _stage: None)


def test_old_data_takes_the_first_line_of_the_log_too() -> None:
    async def scene(stage: Stage) -> None:
        await log_of(stage)
        stage.door.silent = True
        await stage.passes(7)
        stage.looks_like("log_stale_120x40")

    play(scene, before=eventful)


def test_a_selected_row_stands_still_while_others_come_and_end_goes_on() -> None:
    async def scene(stage: Stage) -> None:
        room = await log_of(stage)
        await stage.press("down", "down", "down")
        chosen = selected(room).row_id
        line = next(line for line in stage.lines if line.startswith("▌"))
        place = stage.lines.index(line)
        stage.store.hears(GAS_LEAK, 5, Disposition.NO_ANSWER)
        stage.store.hears(GAS_LEAK, 6, Disposition.BUSY)
        await stage.passes(5)
        assert selected(room).row_id == chosen
        assert stage.lines[place] == line
        assert "STANDS STILL" in stage.text
        assert "+2 newer" in stage.text
        await stage.press("end")
        assert "tailing ▸" in stage.text
        assert "busy" in stage.lines[6]

    play(scene, (80, 24))


def test_enter_opens_the_chain_of_the_selected_row() -> None:
    async def scene(stage: Stage) -> None:
        room = await log_of(stage)
        row = next(row for row in room.list.rows if row.chain == chain_id(GAS_LEAK, 3))
        room.list.select(row.row_id)
        await stage.press("enter")
        assert isinstance(stage.app.screen, ChainScreen)
        assert stage.app.screen.chain == chain_id(GAS_LEAK, 3)

    play(scene)


def test_a_filter_narrows_the_log_by_chain_result_and_kind_and_esc_clears_it() -> None:
    async def scene(stage: Stage) -> None:
        room = await log_of(stage)
        whole = len(room.list.rows)
        await stage.press("slash")
        await stage.types("result:no,busy job:gas")
        shown = [row.fact for row in room.list.rows]
        assert {fact.disposition for fact in shown if isinstance(fact, facts.AttemptClosed)} == {
            Disposition.NO_ANSWER, Disposition.BUSY,
        }  # fmt: skip
        assert all(isinstance(fact, facts.AttemptClosed) for fact in shown)
        assert all(row.chain >= chain_id(GAS_LEAK, 0) for row in room.list.rows)
        await stage.press("enter", "escape")
        assert len(room.list.rows) == whole
        await stage.press("slash")
        await stage.types("kind:command,alarm")
        assert len(room.list.rows) == 5
        await stage.press("escape", "slash")
        await stage.types("kind:nothing")
        assert "▲ no kind nothing" in stage.text

    play(scene, before=eventful)


def test_n_goes_to_the_rows_that_need_a_look_and_says_when_there_are_no_more() -> None:
    async def scene(stage: Stage) -> None:
        room = await log_of(stage)
        found = []
        for _ in range(4):
            await stage.press("n")
            found.append(type(selected(room).fact))
        assert found == [facts.AlarmRaised, facts.CommandRefused, facts.AttemptClosed, facts.AttemptClosed]
        chosen = selected(room).row_id
        await stage.press("n")
        assert selected(room).row_id == chosen
        await stage.press("N")
        assert selected(room).row_id > chosen

    play(scene, before=eventful)


def test_t_jumps_to_a_time_of_day_however_far_back() -> None:
    def before(stage: Stage) -> None:
        job = stage.store.job("Absent today", Reason.ATTENDANCE, [plan("Ada Moreno", "s1", rounds=250)])
        for round_ in range(200):
            stage.store.dials(job, 0, round_=round_, after_ms=60_000)
            stage.store.hears(job, 0, Disposition.NO_ANSWER, after_ms=0)

    async def scene(stage: Stage) -> None:
        room = await log_of(stage)
        await stage.press("t")
        await stage.types("14:30")
        await stage.press("enter")
        assert selected(room).at == stage.app.sight.now() // 60_000 * 60_000 - (200 - 30) * 60_000
        assert any(line.startswith("▌14:30:00") for line in stage.lines)
        await stage.press("t")
        await stage.types("25:99")
        await stage.press("enter")
        assert any(line.startswith("▌14:30:00") for line in stage.lines)

    play(scene, (80, 24), before)


def test_the_export_holds_the_rows_with_masked_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def scene(stage: Stage) -> None:
        room = await log_of(stage)
        await stage.press("e")
        (file,) = tmp_path.glob("callchain-log-*.csv")
        rows = list(csv.DictReader(file.read_text().splitlines()))
        assert len(rows) == len(room.list.rows)
        heard = next(row for row in rows if row["result"] == "confirmed" and row["job"] == str(GAS_LEAK))
        assert heard["contact"] == "Ada Moreno"
        assert heard["ends"] == "confirmed"
        assert heard["number"].startswith("•••")
        assert "+1202" not in file.read_text()

    play(scene)
