"""`callchain report …`: typed, printed, written to files, refused; with a running engine and without."""

import csv
import io
import json
import os
import stat
import time
from pathlib import Path

import pytest

from actors.runtime.clock import FastClock, WallClock
from engine.acts import schedules
from engine.acts.desk import at_store
from engine.config_text import settings_text
from engine.home import make_home
from engine.messaging.templates import template_key
from store.dispositions import JobState
from store.documents import Template
from store.records import Message, Reason
from tests.engine.reports.two_days import TwoDays
from tests.fakes import at, settings_of
from tests.tui.callchain import Callchain
from tui.commands.drill.drill import Drill
from tui.door import DoorClient


class Desk:
    """A district of two days whose engine has stopped, and somebody who asks about it on the second day."""

    def __init__(self, life: TwoDays, callchain: Callchain) -> None:
        self.life = life
        self.home = life.town.home
        self._callchain = callchain

    def __call__(self, *words: object) -> int:
        return self._callchain("report", *words, "--home", self.home, "--clock", self._clock())

    def json(self, *words: object):
        assert self(*words, "--json") == 0, self.err
        return json.loads(self.out)

    @property
    def out(self) -> str:
        return self._callchain.out

    @property
    def err(self) -> str:
        return self._callchain.err

    def _clock(self) -> str:
        return FastClock(WallClock().now(), at("2026-03-03 14:00"), 1).spec


@pytest.fixture(scope="module")
def two_days(tmp_path_factory):
    home = tmp_path_factory.mktemp("two-days")
    with TwoDays(home) as life:
        (home / "callchain.toml").write_text(settings_text(settings_of()), encoding="utf-8")
    return life


@pytest.fixture
def desk(two_days, callchain):
    return Desk(two_days, callchain)


@pytest.mark.row("C152")
def test_dialer_activity_is_of_today_unless_another_date_is_given(desk):
    """C152: Date defaults to today."""
    life = desk.life
    today = desk.json("dialer")
    assert today["title"] == "Messages on 2026-03-03"
    assert [row["job_id"] for row in today["rows"]] == [life.alarm, life.absent, life.menu, life.trip]
    assert [row["job_id"] for row in desk.json("dialer", "--date", "03/02/2026")["rows"]] == [life.snow]
    assert desk.json("dialer", "--active")["rows"] == []


def test_sent_messages_are_a_table_for_people(desk):
    assert desk("sent", "--from", "2026-03-02", "--until", "2026-03-03", "--school", "oak") == 0
    lines = desk.out.splitlines()
    assert lines[0] == "Messages sent between 2026-03-02 and 2026-03-03"
    assert lines[1].split()[:4] == ["JOB", "TYPE", "SUBJECT", "CREATED"]
    assert "Absent today" in lines[3]
    assert lines[-1].startswith("Total")


def test_a_delivery_report_is_masked_and_narrowed(desk):
    report = desk.json("delivery", desk.life.snow, "--not-reached")
    assert report["summary"]["confirmed"] == 3
    assert {row["outcome"] for row in report["rows"]} == {"exhausted", "unreachable"}
    assert all(row["number"].startswith("•••-•••-") for row in report["rows"] if row["number"])
    full = desk.json("delivery", desk.life.snow, "--numbers", "--school", "elm")
    assert [row["number"] for row in full["rows"]] == [desk.life.baker.mom.cell.number]


def test_a_recipient_log_is_of_all_time_unless_days_are_given(desk):
    assert {row["job_id"] for row in desk.json("recipient", "Cole-Ann")["rows"]} == {
        desk.life.snow, desk.life.absent, desk.life.trip,
    }  # fmt: skip
    one_day = desk.json("recipient", "Cole-Ann", "--until", "yesterday")
    assert {row["job_id"] for row in one_day["rows"]} == {desk.life.snow}


def test_utilization_has_the_same_totals_on_the_screen_and_in_files(desk, tmp_path):
    assert desk.json("utilization")["totals"]["dials"] == 18
    for name in ("use.csv", "use.html", "use.json"):
        assert desk("utilization", "--to", "phone", "--out", tmp_path / name) == 0
        assert desk.err == f"{tmp_path / name}: 3 rows.\n"
        assert desk.out == ""
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    *_, total = csv.reader(io.StringIO((tmp_path / "use.csv").read_text(encoding="utf-8")))
    assert total[3] == "18"
    assert '<td class="n">18</td>' in (tmp_path / "use.html").read_text(encoding="utf-8").partition("<tfoot>")[2]
    assert json.loads((tmp_path / "use.json").read_text(encoding="utf-8"))["totals"]["dials"] == 18
    assert sorted(path.name for path in tmp_path.iterdir()) == ["use.csv", "use.html", "use.json"]


def test_a_csv_for_excel_begins_with_its_mark_and_no_subject_acts_as_a_formula(desk):
    assert desk("sent", "--excel") == 0
    assert desk.out.startswith('\ufeff"job_id"')
    subjects = [row["subject"] for row in csv.DictReader(io.StringIO(desk.out.removeprefix("\ufeff")))]
    assert "'=Menu()" in subjects


def test_html_of_a_subject_with_markup_shows_the_markup(desk):
    assert desk("dialer", "--format", "html") == 0
    assert "Trip &lt;b&gt;to&lt;/b&gt; the zoo" in desk.out


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["sent", "--from", "2026-03-03", "--until", "2026-03-02"], 2, "ends on 2026-03-02, before it begins"),
        (["sent", "--from", "2026-03-04", "--until", "2026-03-09"], 2, "2026-03-04 is yet to come"),
        (["sent", "--from", "soon"], 2, '"soon" is no day'),
        (["sent", "--until", "2026-02-28"], 5, "Nothing was sent between 2026-01-30 and 2026-02-28."),
        (["sent", "--calendar", "oak/1999"], 5, "There is no calendar oak/1999"),
        (["sent", "--school", "fir"], 5, "There is no school fir"),
        (["sent", "--user", "max"], 5, "Nothing was sent between 2026-02-02 and 2026-03-03 by max."),
        (["sent", "--format", "pdf"], 2, 'There is no format "pdf"; choose among table, csv, html, json.'),
        (["sent", "--excel", "--format", "html"], 2, "--excel is for CSV"),
        (["delivery", 99], 5, "There is no job 99"),
        (["delivery", 1, "--school", "fir"], 5, "There is no school fir"),
        (["dialer", "--date", "31/12/2026"], 2, '"31/12/2026" is no day'),
        (["dialer", "--cancel", 99], 5, "There is no job 99; nothing was canceled"),
        (["utilization", "--to", "fax"], 2, '"fax" is nothing messages are sent to; write phone or email.'),
        (["utilization", "--to", "email"], 5, "No e-mail was sent between"),
        (["utilization", "--from", "2026-03-03", "--until", "2026-03-01"], 2, "before it begins"),
        (["recipient", "nobody"], 5, "There is no person nobody"),
        (["recipient", "Adams-Mom", "--from", "today"], 5, "Mom Adams was in no message on 2026-03-03."),
    ],
)
def test_what_makes_no_sense_or_finds_nothing_is_one_sentence_and_a_code(desk, words, code, sentence):
    assert desk(*words) == code
    assert sentence in desk.err
    assert len(desk.err.strip().splitlines()) == 1
    assert desk.out == ""


def test_a_refused_report_leaves_no_file(desk, tmp_path):
    assert desk("delivery", 99, "--out", tmp_path / "gone.csv") == 5
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("out", ["", "folder", "pipe", "nowhere/sent.csv"])
def test_a_report_never_takes_the_place_of_what_is_no_file(desk, tmp_path, monkeypatch, out):
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    os.mkfifo("pipe")
    assert desk("sent", "--out", out) == 2
    assert (out or ".") in desk.err
    assert len(desk.err.strip().splitlines()) == 1
    assert stat.S_ISFIFO(Path("pipe").stat().st_mode)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "pipe"]


def test_what_has_ended_is_left_as_it_is_without_asking_any_engine(desk):
    assert desk("dialer", "--cancel", desk.life.snow) == 0
    assert desk.out == f"Job {desk.life.snow} had ended or been canceled before; it was left as it is.\n"
    assert desk("dialer", "--cancel-all") == 0
    assert desk.out == "Nothing is active; nothing was canceled.\n"


def test_a_district_that_never_sent_anything_says_so(tmp_path, callchain):
    make_home(tmp_path / "new", settings_of())
    assert callchain("report", "sent", "--home", tmp_path / "new") == 5
    assert "Nothing was sent between" in callchain.err
    assert callchain("report", "dialer", "--home", tmp_path / "new") == 0
    assert "There are no such messages." in callchain.out
    assert callchain("report", "sent", "--home", tmp_path / "none") == 6


# ---------------------------------------------------------------- with an engine


@pytest.fixture(scope="module")
def drill(tmp_path_factory):
    """A running district of forty families, ten times faster than life."""
    with Drill(tmp_path_factory.mktemp("drill"), 40, 3, 10.0, remove=False) as drill:
        yield drill


def test_cancel_all_withdraws_what_waits_and_what_runs_and_leaves_the_emergency_until_it_is_named(drill, callchain):
    clock = ("--home", drill.home, "--clock", drill.clock.spec)

    def send(*words: object) -> int:
        command, *options = words
        reason = ("--reason", "emergency") if command == "emergency" else ()
        count = callchain.json("plan", "This is a drill.", *options, *reason, *clock)["chains"]
        answer = callchain.json(command, "This is a drill.", *options, "--home", drill.home, "--expect", count)
        return int(answer["job"]["job_id"])

    later = send("send", "--window", "18:00-19:00")
    running = send("send")
    emergency = send("emergency")
    active = callchain.json("report", "dialer", "--active", *clock)
    assert [row["job_id"] for row in active["rows"]] == [later, running, emergency]

    answer = callchain.json("report", "dialer", "--cancel-all", *clock)
    assert [job["job_id"] for job in answer["canceled"]] == [later, running]
    assert answer["left_out_emergencies"] == [emergency]
    door = DoorClient(drill.home)
    deadline = time.monotonic() + 20
    while not door.job(later).ended:
        assert time.monotonic() < deadline, "the job did not end"
        drill.over.wait(0.02)
    assert door.job(later).state == JobState.CANCELED.word
    assert not door.job(emergency).canceled

    assert callchain("report", "dialer", "--cancel-all", "--date", "today", *clock) == 0
    assert f"Job {emergency} is an emergency and goes on; to cancel it, name it: --cancel {emergency}." in callchain.out
    answer = callchain.json("report", "dialer", "--cancel", emergency, "--cancel", later, *clock)
    assert ([job["job_id"] for job in answer["canceled"]], answer["already_over"]) == ([emergency], [later])


def test_what_a_schedule_will_send_is_listed_and_canceled_by_name_or_with_all(tmp_path, callchain):
    home = tmp_path / "d"
    make_home(home, settings_of())
    clock = ("--home", home, "--clock", FastClock(WallClock().now(), at("2026-03-02 10:00"), 1).spec)
    with at_store(home) as desk:
        desk.clock = FastClock(WallClock().now(), at("2026-03-02 10:00"), 1)
        snow = Template("snow", Message(Reason.GENERAL, "Snow day", "School is closed."))
        with desk.database.write() as txn:
            desk.database.templates.put(txn, template_key("snow"), snow)
        for name, hour in (("Morning", 11), ("Noon", 12), ("Late", 13)):
            add = schedules.AddSchedule(name=name, template="snow", every="daily", minute=hour * 60)
            schedules.add(desk, add, "office")
    assert [row["schedule"] for row in callchain.json("report", "dialer", *clock)["rows"]] == [
        "Morning",
        "Noon",
        "Late",
    ]
    assert callchain("report", "dialer", "--cancel-scheduled", "Evening", *clock) == 5
    assert 'Schedule "Evening" has nothing to send that day; nothing was canceled.' in callchain.err
    assert callchain("report", "dialer", "--cancel-scheduled", "noon", *clock) == 0
    assert callchain.out == 'Schedule "Noon": its message of 2026-03-02 12:00 is canceled; the schedule goes on.\n'
    assert [row["schedule"] for row in callchain.json("report", "dialer", *clock)["rows"]] == ["Morning", "Late"]
    answer = callchain.json("report", "dialer", "--cancel-all", *clock)
    assert [one["schedule"] for one in answer["canceled_scheduled"]] == ["Morning", "Late"]
    assert callchain("report", "dialer", "--cancel-all", *clock) == 0
    assert callchain.out == "Nothing is active; nothing was canceled.\n"
    tomorrow = callchain.json("report", "dialer", "--date", "2026-03-03", *clock)["rows"]
    assert [row["schedule"] for row in tomorrow] == ["Morning", "Noon", "Late"]
