"""What the command line says when it is given what it cannot use: one sentence and an exit code, never a traceback."""

import errno
import io
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
import typer

from engine.config import Settings, load_settings
from engine.home import make_home
from engine.running.structured_log import LogWriter
from engine.service import Engine
from tests.engine.test_recovery import no_gateway
from tests.tui.callchain import Callchain
from tui import cli
from tui.command_panels import Panel
from tui.commands import say
from tui.commands.keeping import serve
from tui.commands.keeping.told_by_signals import Told
from tui.foreign_errors import translated

TYPING_ERRORS = (
    "init",
    "init d --lines -3",
    "init d --emergency-lines x",
    "sample",
    "sample d --families 0",
    "sample d --seed x",
    "roster nosuch",
    "roster check",
    "roster import",
    "roster import d --accept-loss much",
    "roster restore now",
    "plan",
    "plan Hello. --nosuch",
    "send",
    "send Hello. --expect many",
    "emergency",
    "emergency Hello. --reason general",
    "serve now",
    "watch --home",
    "jobs --job 3",
    "pause",
    "resume abc",
    "cancel abc",
    "cancel -1",
    "cancel 1 2",
    "refresh 1.5",
    "backup",
    "carrier --port -1",
    "carrier --port 65536",
    "carrier --lines 0",
    "carrier --speed 0",
    "demo --families 0",
    "carrier --speed inf",
    "demo --speed 0.5",
    "demo --speed inf",
    "nosuch",
    "--nosuch",
)


def one_sentence(callchain: Callchain) -> str:
    """What was said on standard error, if it is one line of ours."""
    said: str = callchain.err.strip()
    assert said.startswith("callchain: ")
    assert len(said.splitlines()) == 1, said
    return said


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty working folder, beside it a file and a folder that are in the way, and `d`, a district."""
    for name in ("CALLCHAIN_HOME", "CALLCHAIN_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("x")
    Path("folder").mkdir()
    return tmp_path


@pytest.mark.parametrize("typed", TYPING_ERRORS)
def test_a_usage_error_is_one_line_and_exit_code_2(place, callchain, typed):
    assert callchain(*typed.split()) == 2
    assert re.search(r"\. See `callchain( [a-z-]+)* --help`\.$", one_sentence(callchain))
    assert sorted(path.name for path in place.iterdir()) == ["file", "folder"], "nothing was made"


@pytest.mark.parametrize("typed", ["", "roster"])
def test_a_command_that_is_given_nothing_says_its_help(place, callchain, typed):
    assert callchain(*typed.split()) == 2
    assert (callchain.out + callchain.err).startswith("Usage: ")
    assert "Traceback" not in callchain.err


def test_help_names_every_command_under_the_heading_of_its_kind(place, callchain):
    assert callchain("--help") == 0
    headings = [line for line in callchain.out.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert headings == ["Options:", *(f"{panel}:" for panel in Panel)]
    for command in ("plan", "template", "jobs", "preferences", "doctor", "carrier"):
        assert re.search(rf"^  {command} ", callchain.out, re.MULTILINE)


def test_help_is_no_error(place, callchain):
    assert callchain("--help") == 0
    assert callchain("init", "--help") == 0
    assert "Usage: " in callchain.out


@pytest.mark.parametrize("typed", ["jobs", "jobs --json", "report sent --json", "nosuch"])
def test_a_program_whose_outputs_were_closed_ends_with_its_code_and_no_trace(place, typed):
    make_home(Path("d"), Settings())
    command = f'"{sys.executable}" -m tui.cli {typed} >&- 2>&-; echo $?'
    environment = {**os.environ, "CALLCHAIN_HOME": "d", "PYTHONPATH": str(Path(cli.__file__).parents[1])}
    ended = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, env=environment, check=True)
    assert ended.stdout.strip() == {"report sent --json": "5", "nosuch": "2"}.get(typed, "0")


@pytest.mark.parametrize("error", [KeyboardInterrupt, typer.Abort, EOFError])
def test_ctrl_c_ends_with_130(place, callchain, monkeypatch, error):
    def interrupted(_home: Path) -> None:
        raise error

    monkeypatch.setattr("tui.commands.watching.job._jobs", interrupted)
    assert callchain("jobs") == cli.INTERRUPTED == 130
    assert callchain.err.strip().endswith("Stopped.")


@pytest.mark.parametrize(
    ("typed", "culprit"),
    [
        ("init file", "file"),
        ("init file/d", "file"),
        ("sample file", "file"),
        ("demo --keep file", "file"),
        ("carrier --password p --ledger folder", "folder"),
        ("carrier --password p --ledger nowhere/ledger", "nowhere"),
        ("carrier --password p --tls --ca-file folder", "folder"),
        ("carrier --password p --zone Bogus", "Bogus"),
        ("carrier --password p --zone America", "America"),
        ("carrier --password p --zone /etc", "/etc"),
        ("init d --zone Bogus/Zone", "Bogus/Zone"),
        ("init d --endpoint notaurl", "carrier.endpoints: number 1"),
        ("init d --endpoint https://a/b --endpoint https://:1x/", "carrier.endpoints: number 2"),
        ("init d --name \udcff", "UTF-8"),
        ("init d --lines 100001", "lines.ordinary must be 0 to 100,000"),
    ],
)
def test_a_file_or_an_option_that_cannot_be_used_is_one_sentence(place, callchain, typed, culprit):
    assert callchain(*typed.split()) == 2
    assert culprit in one_sentence(callchain)
    assert sorted(path.name for path in place.iterdir()) == ["file", "folder"], "nothing was made"


@pytest.mark.parametrize("typed", ["plan Hello.", "roster check folder", "serve"])
def test_a_folder_in_the_place_of_the_settings_is_one_sentence(place, callchain, typed):
    make_home(Path("d"), Settings())
    Path("d/callchain.toml").unlink()
    Path("d/callchain.toml").mkdir()
    assert callchain(*typed.split(), "--home", "d") == 2
    assert "callchain.toml cannot be read" in callchain.err
    assert "Traceback" not in callchain.err


def test_a_name_with_a_line_break_can_be_read_again(place, callchain):
    name = 'The "Lake"\nside\x7f \\ \x00 district'
    assert callchain("init", "d", "--name", name) == 0
    assert load_settings(Path("d")).district.name == name


@pytest.mark.parametrize("typed", ["roster restore", "jobs", "backup copy", "plan Hello.", "send Hello.", "cancel 1"])
def test_where_there_is_no_district_none_is_made(place, callchain, typed):
    assert callchain(*typed.split(), "--home", "nowhere") == 6
    assert "There is no district in nowhere" in one_sentence(callchain)
    assert not Path("nowhere").exists()


def test_the_dashboard_is_refused_where_there_is_no_terminal(place, callchain, monkeypatch):
    make_home(Path("d"), Settings())
    assert callchain("watch", "--home", "d") == 2
    assert "needs a terminal" in one_sentence(callchain)
    monkeypatch.setattr(sys, "stdin", None)
    assert not say.on_terminal()


def test_errors_of_others_become_one_of_ours():
    assert str(translated(FileExistsError(errno.EEXIST, "File exists", "x"))) == "x cannot be used: file exists."
    assert str(translated(OSError("no room"))) == "The system refused: no room."
    with pytest.raises(ZoneInfoNotFoundError) as error:
        ZoneInfo("Bogus")
    assert "Bogus; give an IANA name" in str(translated(error.value))
    assert translated(UnicodeError()).exit_code == 2


class DoorOfNobody:
    """A door at which nobody knocks; `breaks` puts an error into the engine as soon as it is open."""

    breaks = False

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def open(self) -> None:
        if self.breaks:
            self._engine.station.team.pool.ref.tell("no letter of ours")

    def close(self) -> None:
        pass


@pytest.mark.parametrize(("breaks", "code"), [(True, 70), (False, 0)])
def test_an_engine_ended_by_an_error_ends_the_program_with_70(place, callchain, monkeypatch, breaks, code):
    monkeypatch.setattr(DoorOfNobody, "breaks", breaks)
    monkeypatch.setattr(Told, "listen", lambda told: None if breaks else told.stop.set())
    monkeypatch.setattr(serve, "LogWriter", lambda: LogWriter(io.StringIO()))
    monkeypatch.setattr(serve, "settle_in", lambda: None)
    monkeypatch.setattr(serve, "Door", DoorOfNobody)
    monkeypatch.setattr(serve, "Engine", partial(Engine, gateway=no_gateway))
    make_home(Path("d"), Settings())
    assert callchain("serve", "--home", "d") == code
    assert ("start it again" in callchain.err) == breaks
    assert "Traceback" not in callchain.err
    Engine(Path("d"), gateway=no_gateway).start().stop()
