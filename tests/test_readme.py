"""The README's program runs as it stands there."""

import re
from pathlib import Path

import pytest

from actors.runtime.clock import FastClock, WallClock
from engine.config import CarrierSettings, District, Settings
from engine.gateways.stand_in.carrier import Carrier
from engine.gateways.stand_in.phone_network import SeededNetwork
from engine.gateways.stand_in.soap_server import SoapServer
from engine.home import make_home
from engine.roster.sample import write_sample

README = Path(__file__).parent.parent / "README.md"

TEN_IN_THE_MORNING = 1_795_536_000_000
"""2026-11-24 10:00 in Chicago."""


@pytest.fixture
def drill_of_the_readme(tmp_path, monkeypatch):
    """The district, the roster and the carrier of the README's drill, on a clock faster than life."""
    clock = FastClock(WallClock().now(), TEN_IN_THE_MORNING, 500.0)
    monkeypatch.setattr("engine.service.WallClock", lambda: clock)
    monkeypatch.chdir(tmp_path)
    server = SoapServer(
        Carrier(SeededNetwork(1), lines=24, emergency_lines=8), clock, user="district", password="secret"
    )
    server.start()
    settings = Settings(
        district=District(time_zone="America/Chicago"),
        carrier=CarrierSettings(user="district", endpoints=server.urls, stand_in=True),
    )
    make_home(Path("district"), settings, "secret")
    write_sample(Path("roster"), 10, 1)
    yield
    server.stop()


def test_the_embedding_of_the_readme_runs(drill_of_the_readme, capsys):
    program = re.search(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert program is not None
    exec(compile(program[1], "README.md", "exec"), {"__name__": "readme"})
    printed = capsys.readouterr().out
    assert re.search(r"sent: \d+ of \d+ confirmed", printed)
    assert "StudentCounts(covered=" in printed


def test_every_command_the_readme_names_exists():
    from tui.cli import app

    names = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    names |= {str(group.name) for group in app.registered_groups}
    told = set(re.findall(r"^(?:callchain|\| `)(?: ?)([a-z]+)", README.read_text(encoding="utf-8"), re.MULTILINE))
    assert told - {"callchain"} <= names
