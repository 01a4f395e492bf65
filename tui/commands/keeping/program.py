"""`callchain init`, `serve`, `watch`, `backup` and `carrier`: the programs that run, and what they need first."""

import logging
import signal
import sys
import threading
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Annotated

import typer

from actors.gateway import Failure
from engine.config import CarrierSettings, District, Lines, Settings
from engine.district.carrier_access import is_unreachable, refusal, verify
from engine.district.file_watch import FileWatch
from engine.door.door import Door
from engine.duties import Duties
from engine.gateways.stand_in.carrier import Carrier
from engine.gateways.stand_in.hurried import HurriedNetwork
from engine.gateways.stand_in.ledger import Ledger
from engine.gateways.stand_in.phone_network import SeededNetwork
from engine.gateways.stand_in.soap_server import ServerTls, SoapServer
from engine.home import make_home, read_store, settings_in_force
from engine.running.process import settle_in
from engine.running.standby import Standby
from engine.service import Engine
from engine.setting_checks import time_zone
from engine.setting_rules import LEASE_SECONDS
from store.errors import CallchainError, InvalidInputError
from tui.commands import say
from tui.commands.options import HOME, SPEED_MAX, ClockSpec, Home, clock_of
from tui.door import DoorClient, user_name

ENGINE_FAILED = 70
"""Exit code when an error ends the engine (EX_SOFTWARE); whoever supervises it starts it again."""

LOOK_SECONDS = 0.5
"""Between looks whether the engine still runs."""


def init(
    home: Annotated[Path, typer.Argument(help="The district's folder; it must not hold one yet.")],
    name: Annotated[str, typer.Option(help="The district's name, as it is spoken.")] = District().name,
    zone: Annotated[str, typer.Option(help="IANA time zone, like America/Denver.")] = District().time_zone,
    user: Annotated[str, typer.Option(help="User name at the carrier.")] = "",
    password: Annotated[str, typer.Option(envvar="CALLCHAIN_PASSWORD", help="Password at the carrier.")] = "",
    endpoint: Annotated[
        list[str], typer.Option(help="End-point URL of a call center, like https://host/soap; may be repeated.")
    ] = [],  # noqa: B006
    ca_file: Annotated[str, typer.Option(help="Certificates to trust for a carrier with a private one.")] = "",
    stand_in: Annotated[bool, typer.Option("--stand-in", help="The end-points are make-believe.")] = False,
    lines: Annotated[int, typer.Option(min=0, help="Ordinary lines; 0: by enrollment.")] = 0,
    emergency_lines: Annotated[
        int | None, typer.Option(min=0, help="Lines for emergencies only; left out: by enrollment.")
    ] = None,
) -> None:
    """Make a district: its settings file, its secret key and an empty store.

    With user, password and end-points the carrier is asked to verify them, which enables voice.
    """
    settings = Settings(
        district=District(name=name, time_zone=zone),
        carrier=CarrierSettings(user=user, endpoints=tuple(endpoint), ca_file=ca_file, stand_in=stand_in),
        lines=Lines(ordinary=lines, emergency=emergency_lines),
    )
    customer_id, missing = _verified(home, settings, password)
    make_home(home, settings, password if customer_id or stand_in else "", customer_id, user_name())
    say.line(f"{home} is a district now. Its settings are in {home / 'callchain.toml'}.")
    if missing:
        say.note(missing)


def _verified(home: Path, settings: Settings, password: str) -> tuple[str, str]:
    """The district's customer id where the carrier gives one, else what the district must know.

    Raises GatewayError for a wrong password: then no district is made. A drill with a stand-in that does not answer
    yet keeps its password all the same.
    """
    carrier, way = settings.carrier, f"`callchain settings credentials --home {home}`"
    if not (carrier.user and carrier.endpoints and password):
        return "", "" if carrier.stand_in else f"Voice is not enabled: save the carrier's credentials with {way}."
    if carrier.ca_file and not (home / carrier.ca_file).is_file():
        return "", f"Voice is not enabled: put {carrier.ca_file} into {home}, then save the credentials with {way}."
    answer = verify(home, settings, password)
    if not isinstance(answer, Failure):
        return answer, ""
    if not is_unreachable(answer):
        raise refusal(answer)
    if carrier.stand_in:
        return "", "The stand-in does not answer yet; start it with `callchain carrier` before the first message."
    return "", f"{refusal(answer)} Voice is not enabled until {way} succeeds."


def serve(
    home: Home = HOME,
    standby: Annotated[
        bool, typer.Option("--standby", help="Where an engine runs already: wait, and take over when it ends or hangs.")
    ] = False,
    lease: Annotated[
        float | None,
        typer.Option(
            min=LEASE_SECONDS[0],
            max=LEASE_SECONDS[1],
            show_default="engine.lease_seconds",
            help="Seconds without a sign of life that mean it hangs.",
        ),
    ] = None,
    clock: ClockSpec = "",
) -> None:
    """Run the engine without a screen, in the foreground, until it is told to stop (Ctrl-C or SIGTERM)."""
    _log_to_stderr()
    settle_in()
    stop = _stop_on_signals()
    engine = _started(home, standby, lease, clock, stop)
    if engine is None:
        return
    with ExitStack() as left:
        left.push(engine)  # it runs already; leaving stops it
        _stay(engine, stop)
        try:
            engine.stop()
        except CallchainError as error:  # an error ended it, before or while it stopped
            say.note(f"callchain: {error}")
            raise SystemExit(ENGINE_FAILED) from error
    say.note("The engine stopped; calls at the carrier go on and are found again at the next start.")


def _started(home: Path, standby: bool, lease: float | None, clock: str, stop: threading.Event) -> Engine | None:
    """The running engine; None when a standby was told to stop before its turn came."""

    def make() -> Engine:
        return Engine(home, clock=clock_of(clock))

    if not standby:
        return make().start()
    seconds = settings_in_force(home).engine.lease_seconds if lease is None else lease
    return Standby(home, make, seconds, say.note).start(stop)


def _stay(engine: Engine, stop: threading.Event) -> None:
    """Keep the door open until somebody says stop or an error ends the engine."""
    door, duties = Door(engine), Duties(engine)
    door.open()
    try:
        say.note(f"The engine runs on {engine.home} (incarnation {engine.incarnation}).")
        edits = FileWatch(engine)
        duties.start()
        while not engine.failed and not stop.wait(LOOK_SECONDS):
            edits.look()
    finally:
        duties.stop()
        door.close()


def watch(home: Home = HOME, clock: ClockSpec = "") -> None:
    """Watch and steer the running engine on a screen. Quitting leaves the engine running."""
    if not say.on_terminal():
        raise InvalidInputError("The dashboard needs a terminal; `callchain jobs` prints what can go into a file.")
    from tui.dashboard import Dashboard  # a terminal application takes a while to load

    read_store(home).close()
    Dashboard(home, DoorClient(home), clock_of(clock)).run()


def backup(
    target: Annotated[Path, typer.Argument(help="A new folder for the copy.")],
    home: Home = HOME,
) -> None:
    """Copy the store, while the engine runs or not. Restore it by putting the copy in the store's place."""
    database = read_store(home)
    try:
        database.backup(target)
    finally:
        database.close()
    say.line(f"{target} holds the store as it was now. An engine that opens it brings up its open jobs paused.")


def carrier(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on loopback; 0: any that is free.")] = 0,
    user: Annotated[str, typer.Option(help="The user name that is accepted.")] = "district",
    password: Annotated[str, typer.Option(envvar="CALLCHAIN_PASSWORD", help="The password that is accepted.")] = "",
    tls: Annotated[bool, typer.Option("--tls", help="HTTPS, with a certificate of its own.")] = False,
    ca_file: Annotated[Path, typer.Option(help="Where to write the certificate to trust.")] = Path("carrier-ca.pem"),
    lines: Annotated[int, typer.Option(min=1, help="Ordinary lines.")] = 96,
    emergency_lines: Annotated[int, typer.Option(min=0, help="Lines for emergencies only.")] = 24,
    seed: Annotated[int, typer.Option(help="The same seed makes the same phones.")] = 1,
    speed: Annotated[
        float, typer.Option(min=0.01, max=SPEED_MAX, help="How many times faster than life its phones ring and talk.")
    ] = 1.0,
    ledger: Annotated[Path | None, typer.Option(help="Write every call to this file as JSON lines.")] = None,
    zone: Annotated[str, typer.Option(help="Where its phones are: people answer by the hour.")] = "America/Chicago",
    clock: ClockSpec = "",
) -> None:
    """Run a make-believe Shoutpoint: a seeded phone network behind the real SOAP contract, on loopback."""
    if not password:
        raise InvalidInputError("The stand-in needs a password to accept; give --password or CALLCHAIN_PASSWORD.")
    time_zone(zone)
    stop = _stop_on_signals()
    with closing(Ledger(ledger)) as book:
        phones = HurriedNetwork(SeededNetwork(seed, zone), speed)
        exchange = Carrier(phones, lines=lines, emergency_lines=emergency_lines, ledger=book)
        server = SoapServer(
            exchange, clock_of(clock), user=user, password=password, port=port, tls=ServerTls(ca_file) if tls else None
        )
        server.start()
        for url in server.urls:
            say.line(url)
        if tls:
            say.line(f"CA {ca_file}")
        sys.stdout.flush()
        stop.wait()
        server.stop()


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _log_to_stderr() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
