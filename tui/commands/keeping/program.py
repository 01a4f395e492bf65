"""`callchain init`, `backup` and `carrier`: what a district begins with, is kept safe by, and is tried with."""

import signal
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from actors.gateway import Failure
from engine.config import CarrierSettings, District, Lines, Settings
from engine.district.carrier_access import is_unreachable, refusal, verify
from engine.home import make_home, read_store
from engine.setting_checks import time_zone
from store.errors import InvalidInputError
from tui.commands import say
from tui.commands.keeping.serve import serve as serve
from tui.commands.options import HOME, SPEED_MAX, ClockSpec, Home, clock_of
from tui.door import user_name


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
    # Only this command needs the other side of the contract.
    from engine.gateways.stand_in.carrier import Carrier
    from engine.gateways.stand_in.hurried import HurriedNetwork
    from engine.gateways.stand_in.ledger import Ledger
    from engine.gateways.stand_in.phone_network import SeededNetwork
    from engine.gateways.stand_in.soap_server import ServerTls, SoapServer

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
