"""A district as it is really hosted: folder, file and store, and a carrier behind real SOAP that is no drill."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from actors.runtime.clock import FastClock
from engine.acts.act import Act
from engine.acts.credentials import SAVE, Credentials, Saved
from engine.acts.desk import LiveDesk, at_store
from engine.acts.messenger import SWITCH, MessengerStatus, Switch, said_by
from engine.config import CarrierSettings, District, Lines, Settings
from engine.district.secret_box import proof_of_key
from engine.gateways.shapes import Values
from engine.gateways.stand_in.soap_server import SoapServer
from engine.home import make_home, replace_roster_offline
from engine.service import Engine
from tests.fakes import MONDAY_TEN, PASSWORD, SPEED, ZONE, Family, SoapTown, roster_of, settings_of

ADMINISTRATOR = "administrator"
USER = "oak"


class Hosted(SoapTown):
    """A town whose settings lie in its folder, and whose engine the test starts itself."""

    clock: FastClock
    asked: list[tuple[str, Values]]
    """Every request that passed the carrier's login: the operation and what it was asked."""

    def start(self) -> Engine:
        """A new engine on the folder, as `callchain serve` makes it."""
        self.engine = Engine(self.home, clock=self.clock, sync=False).start()
        return self.engine

    def ask(self, act: Act[Any, Any], request: object) -> Any:
        """Carry an act out: by the running engine, else on the store."""
        if self.running:
            return act.carry_out(LiveDesk(self.engine), request, ADMINISTRATOR)
        with at_store(self.home) as desk:
            return act.carry_out(desk, request, ADMINISTRATOR)

    @property
    def running(self) -> bool:
        return hasattr(self, "engine") and self.engine._at_work is not None

    def save(self, password: str = PASSWORD, **fields: Any) -> Saved:
        """Save the credentials."""
        asked = Credentials(user=USER, endpoints=self.server.urls, password=password, **fields)
        saved: Saved = self.ask(SAVE, asked)
        return saved

    def enable(self, contract: str = "C-2026-11") -> MessengerStatus:
        """What the operator does once the contract is approved."""
        proof = proof_of_key(self.home, said_by(True, contract))
        status: MessengerStatus = self.ask(SWITCH, Switch(on=True, contract=contract, proof=proof))
        return status

    def operations(self) -> list[str]:
        return [operation for operation, _ in self.asked]


@contextmanager
def hosted(home: Path, *families: Family, **settings: Any) -> Iterator[Hosted]:
    """A district made by its operator: no credentials, messenger off, no engine yet."""
    clock = FastClock(int(time.time() * 1000), MONDAY_TEN, SPEED)
    town = Hosted(home, families, None, settings_of(**settings))
    town.clock = clock
    town.asked = []
    town.server = server = SoapServer(town.carrier, clock, user=USER, password=PASSWORD)
    serve = server.provider.serve

    def note(operation: str, asked: Values, center: str) -> Values:
        town.asked.append((operation, asked))
        return serve(operation, asked, center)

    server.provider.serve = note  # type: ignore[method-assign]
    server.start()
    try:
        make_home(home, plain_settings())
        replace_roster_offline(home, roster_of(*families))
        yield town
        if town.running:
            town.engine.stop()
        town.check_phones()
    finally:
        if town.running:
            town.engine.stop()
        server.stop()


def plain_settings(**carrier: Any) -> Settings:
    """Those of a small district without credentials."""
    return Settings(
        district=District(name="Oak District", time_zone=ZONE),
        carrier=CarrierSettings(deadline_seconds=2.0, poll_soonest_seconds=3.0, **carrier),
        lines=Lines(ordinary=10, emergency=4, ahead_max=0),
    )
