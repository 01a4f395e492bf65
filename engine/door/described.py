"""The door's description without a door: `python -m engine.door.described > docs/openapi.json`."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from actors.gateway import Gateway
from actors.runtime.dispatcher import Dispatcher
from engine.config import CarrierSettings, Settings
from engine.door.front import Front
from engine.door.openapi import document
from engine.door.routes.table import endpoints
from engine.gateways.stand_in.carrier import Carrier
from engine.gateways.stand_in.in_process import InProcessGateway
from engine.gateways.stand_in.phone_network import SeededNetwork
from engine.service import Engine


def described() -> bytes:
    """The document that every door serves, made with an engine of an empty district that calls nobody."""
    settings = Settings(carrier=CarrierSettings(stand_in=True))
    with (
        TemporaryDirectory() as folder,
        Engine(Path(folder), settings=settings, gateway=_calls_nobody, seed=1, sync=False) as engine,
    ):
        front = Front(engine)
        try:
            # The last row describes the others and itself.
            return document(endpoints(engine, front))
        finally:
            front.close()


def _calls_nobody(dispatcher: Dispatcher) -> Gateway:
    carrier = Carrier(SeededNetwork(1), lines=1, emergency_lines=0)
    return InProcessGateway(carrier, dispatcher.clock, lambda _at, _act: None)


if __name__ == "__main__":
    sys.stdout.buffer.write(described())
