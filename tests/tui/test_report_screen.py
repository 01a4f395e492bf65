"""The report, played on a stage: figures that are those of `callchain report delivery`, and whom nobody reached."""

from pathlib import Path

import pytest

from engine.forecast.kept import keep
from engine.reports.delivery import delivery_report
from engine.reports.groups.grouped import Grouped
from engine.reports.source.records import Records
from store.dispositions import Disposition, Outcome
from store.forecasts import Prediction
from store.keys import chain_id
from store.people import Person, Role, Roster, School
from store.vault import Vault
from tests.engine.board_store import MORNING, Reason, plan
from tests.tui.schools_day import schools_day
from tests.tui.stage import Stage, play, school_day
from tui.screens.chain import ChainScreen
from tui.screens.report import ReportRoom

GAS_LEAK = 3


async def report_of(stage: Stage, job_id: int = 0) -> ReportRoom:
    room = ReportRoom(stage.app.place, job_id)
    stage.app.push_screen(room)
    await stage.pilot.pause()
    await stage.passes()
    return room


def answer_of(room: ReportRoom) -> Grouped:
    assert room.answer is not None
    return room.answer


def a_day(stage: Stage) -> None:
    """With a prediction that was kept when the emergency began."""
    schools_day(stage.store)
    told = Prediction(GAS_LEAK, MORNING, MORNING, (MORNING + 60_000,) * 2, (MORNING + 600_000,) * 2,
                      (MORNING + 900_000,) * 2, 36, 32, 0, 5)  # fmt: skip
    with stage.store.database.write() as txn:
        keep(stage.store.database, txn, told)
    for index in range(20, 28):
        stage.store.hears(GAS_LEAK, index, Disposition.CONFIRMED, Outcome.CONFIRMED, after_ms=2_000)


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_the_report_tells_how_a_message_went(size: tuple[int, int]) -> None:
    async def scene(stage: Stage) -> None:
        await report_of(stage, GAS_LEAK)
        stage.looks_like(f"report_{size[0]}x{size[1]}")
        assert "half 14:01, came 14:02 (+1:12)" in stage.text

    play(scene, size, a_day)


def test_without_a_job_the_report_says_so() -> None:
    async def scene(stage: Stage) -> None:
        await report_of(stage)
        stage.looks_like("report_empty_80x24")

    play(scene, (80, 24), before=lambda _stage: None)


def test_old_data_takes_the_first_line_of_the_report_too() -> None:
    async def scene(stage: Stage) -> None:
        await report_of(stage)
        stage.door.silent = True
        await stage.passes(7)
        stage.looks_like("report_stale_120x40")

    play(scene)


def test_its_figures_are_those_of_the_delivery_report() -> None:
    async def scene(stage: Stage) -> None:
        for job_id in (1, 2, GAS_LEAK):
            room = await report_of(stage, job_id)
            with stage.store.database.read() as txn:
                report = delivery_report(Records(stage.store.database, txn, "UTC", stage.clock.now()), job_id)
            told = {figure.name: figure.value for figure in report.figures}
            assert room.answer is not None
            total = answer_of(room).total
            assert total.chains == told["chains"]
            assert total.confirmed == told["confirmed"]
            assert total.heard + total.told == told["delivered_unconfirmed"]
            assert total.missed == told["not_reached"]
            assert total.open == told["in_queue"]
            assert (total.canceled, total.unreachable, total.covered) == (
                told["canceled"], told["unreachable"], told["covered"],
            )  # fmt: skip
            names = ("students_covered", "students_told", "students_missed", "students_waiting")
            assert answer_of(room).students == tuple(told[name] for name in names)

    play(scene)


def test_g_groups_by_school_by_grade_and_by_device() -> None:
    def before(stage: Stage) -> None:
        schools = (School("S1", "Lincoln Elementary"), School("S2", "Adams High"))
        students = (
            *(Person(f"s{n}", "Ann", "Moreno", Role.STUDENT, grade="4") for n in (1, 2)),
            *(Person(f"s{n}", "Bo", "Kim", Role.STUDENT, grade="9") for n in (3, 4)),
        )
        with stage.store.database.write() as txn:
            for write in Vault(stage.store.database).roster_writes(Roster(schools=schools, people=students), 1):
                write(txn)
        school_day(stage.store)

    async def scene(stage: Stage) -> None:
        room = await report_of(stage)
        assert "Outcome by school" in stage.text
        await stage.press("g")
        assert {row.name for row in answer_of(room).groups} == {"4", "9", "(several)"}
        await stage.press("g")
        assert {row.name for row in answer_of(room).groups} == {"cell", "none"}
        assert "Outcome by device" in stage.text
        assert sum(row.chains for row in answer_of(room).groups) == answer_of(room).total.chains

    play(scene, before=before)


def test_d_takes_in_all_jobs_of_the_day() -> None:
    async def scene(stage: Stage) -> None:
        room = await report_of(stage)
        await stage.press("d")
        assert answer_of(room).jobs == 3
        assert answer_of(room).total.chains == 54
        assert "3 jobs of today" in stage.text
        await stage.press("d", "d")
        assert answer_of(room).total.chains == 16
        await stage.press("left_square_bracket")
        assert "#2 Absent today" in stage.text

    play(scene)


def test_a_chain_nobody_reached_is_looked_into_and_all_of_them_are_exported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    async def scene(stage: Stage) -> None:
        room = await report_of(stage)
        await stage.press("u", "down", "e", "E")
        assert room.list.selected == chain_id(GAS_LEAK, 1)
        assert "Outcome by" not in stage.text
        (csv,) = tmp_path.glob("callchain-job3-not-reached-*.csv")
        assert "Bo Jensen" in csv.read_text()
        assert "Ada Moreno" not in csv.read_text()
        (page,) = tmp_path.glob("callchain-job3-report-*.html")
        assert "Ada Moreno" in page.read_text()
        await stage.press("enter")
        assert isinstance(stage.app.screen, ChainScreen)
        assert stage.app.screen.chain == chain_id(GAS_LEAK, 1)

    play(scene)


def test_a_job_with_many_schools_shows_the_worst_and_counts_the_others() -> None:
    def before(stage: Stage) -> None:
        stage.store.job("Snow day", Reason.GENERAL, [plan(f"Contact {n}", f"s{n}", opens_at=MORNING) for n in range(3)])

    async def scene(stage: Stage) -> None:
        room = await report_of(stage)
        assert answer_of(room).total.open == 3
        assert "Nobody was left out so far" in stage.text

    play(scene, (80, 24), before)
