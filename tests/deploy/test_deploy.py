"""The unit and the container file agree with the program: every option there is, every bound fits the others."""

import json
import re
import shlex
from collections import defaultdict
from pathlib import Path

import typer

from engine.home import STORE_FOLDER
from engine.orders import SOCKET_NAME
from engine.service_settings import EngineSettings
from tui.cli import app

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "deploy" / "callchain@.service"
CONTAINER = ROOT / "deploy" / "Containerfile"

SPANS = {"min": 60, "s": 1, "": 1}


def unit() -> dict[str, dict[str, list[str]]]:
    sections: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    name = ""
    for line in UNIT.read_text().splitlines():
        if line.startswith("["):
            name = line.strip("[]")
        elif line and not line.startswith(("#", ";")):
            key, equals, value = line.partition("=")
            assert equals, line
            assert re.fullmatch(r"[A-Z][A-Za-z]+", key), line
            sections[name][key].append(value)
    return sections


def options_of(command: str) -> set[str]:
    group = typer.main.get_command(app)
    found = group.commands[command]  # type: ignore[attr-defined]
    return {option for parameter in found.params for option in (*parameter.opts, *parameter.secondary_opts)}


def seconds(text: str) -> float:
    match = re.fullmatch(r"(\d+)(min|s|)", text)
    assert match is not None, text
    return float(match[1]) * SPANS[match[2]]


def check_command(words: list[str]) -> float:
    """Every option is the program's own; how long it may take to stop."""
    assert words[0] == "serve"
    assert {word for word in words if word.startswith("--")} <= options_of("serve")
    return float(words[words.index("--stop-seconds") + 1])


def test_every_option_in_the_unit_is_the_programs_and_its_bounds_fit():
    service = unit()["Service"]
    (start,) = service["ExecStart"]
    words = shlex.split(start)
    assert words[0].startswith("/"), "systemd wants an absolute path"
    stop = check_command(words[words.index("callchain") + 1 :])
    assert seconds(service["TimeoutStopSec"][0]) > stop + 5
    assert seconds(service["WatchdogSec"][0]) > 2 * EngineSettings().lease_seconds
    assert service["Type"] == ["notify-reload"]
    assert service["Restart"] == ["on-failure"]


def test_the_unit_serves_the_district_of_its_instance_and_may_write_nothing_else():
    service = unit()["Service"]
    (state,) = service["StateDirectory"]
    assert f"--home /var/lib/{state}" in service["ExecStart"][0]
    for key, value in {"NoNewPrivileges": "yes", "ProtectSystem": "strict", "PrivateTmp": "yes"}.items():
        assert service[key] == [value]
    assert "CapabilityBoundingSet" in service
    assert {"Unit", "Service", "Install"} == unit().keys()


def test_the_container_runs_the_same_command_as_process_one_and_asks_the_door_for_its_health():
    lines = re.sub(r"\\\n\s*", "", CONTAINER.read_text()).splitlines()
    told = [line.partition(" ") for line in lines if line and not line.startswith("#")]
    last = {name: rest for name, _, rest in told}
    assert json.loads(last["ENTRYPOINT"]) == ["callchain"], "no shell stands between it and its signals"
    check_command(json.loads(last["CMD"]))
    assert last["STOPSIGNAL"] == "SIGTERM"
    assert last["USER"] != "root"
    (probe,) = [word for word in json.loads(last["HEALTHCHECK"].partition("CMD ")[2]) if "healthz" in word]
    compile(probe, "probe", "exec")
    assert f"{last['VOLUME']}/{SOCKET_NAME}" in probe
    assert [rest for name, _, rest in told if name == "FROM"] == ["python:3.12-slim AS build", "python:3.12-slim"]


def test_nothing_of_a_district_gets_into_an_image():
    ignored = (ROOT / "deploy" / ".containerignore").read_text().splitlines()
    assert ignored[1] == "**", "all that is not named stays out"
    taken = [line[1:] for line in ignored if line.startswith("!")]
    assert all((ROOT / name).exists() for name in taken)
    assert {"store", "actors", "engine", "tui"} <= set(taken)
    assert "**/secret.key" in ignored
    assert STORE_FOLDER == "store", "a district's own store lies in its folder, which is no folder of these"
