"""A real engine behind a real door over TCP, shared by the tests of a file."""

from collections.abc import Iterator

import msgspec
import pytest

from engine.config import CarrierSettings
from engine.door.door import Door
from engine.service import Engine
from tests.engine.door.knocking import TcpDoor, tls_settings
from tests.engine.test_recovery import no_gateway
from tests.fakes import ScriptedPhones, one_contact, roster_of, settings_of


@pytest.fixture(scope="module")
def tcp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TcpDoor]:
    """Three families, an engine that calls nobody, and its door at the socket and over TCP."""
    home = tmp_path_factory.mktemp("tcp")
    settings, ca = tls_settings(home, settings_of())
    settings = msgspec.structs.replace(settings, carrier=CarrierSettings(stand_in=True))
    with Engine(home, settings=settings, gateway=no_gateway, sync=False) as engine:
        families, phones = [one_contact(f"Family{n}") for n in range(3)], ScriptedPhones()
        for phone in (phone for family in families for phone in family.phones):
            phones.add(phone)
        engine.replace_roster(roster_of(*families))
        door = Door(engine)
        door.open()
        try:
            yield TcpDoor(engine, door, ca)
        finally:
            door.close()
