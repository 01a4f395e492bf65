"""Whether the engine lives, and whether it can do its work: for whoever restarts it, and for whoever sends to it."""

from collections.abc import Iterator

import msgspec
from aiohttp import web

from engine.door.access.identity import Caller
from engine.door.endpoint import JSON, Endpoint
from engine.running.supervision.pulse import Pulse
from engine.service import Engine
from store.alarms import Alarm

NOT_HEARD = (Alarm.CARRIER_UNREACHABLE, Alarm.CARRIER_REFUSES_LOGIN, Alarm.CARRIER_OUTSIDE_CONTRACT)
"""While one of these stands, no call goes out."""


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """What a probe answers: 200 where `ok`, else 503."""

    ok: bool
    reasons: tuple[str, ...] = ()
    """Why not, each in a word or two; no secrets, for everybody may ask."""


class Probes:
    """Both read a few numbers and wait for nobody."""

    def __init__(self, engine: Engine, pulse: Pulse | None = None) -> None:
        self._engine = engine
        self._pulse = pulse

    async def alive(self, _request: web.Request, _caller: Caller) -> web.Response:
        """Only a new start helps where this says no."""
        return _answer(self.faults())

    async def ready(self, _request: web.Request, _caller: Caller) -> web.Response:
        """It may come right by itself, or by what the alarm says."""
        return _answer([*self.faults(), *self.hindrances()])

    def faults(self) -> list[str]:
        """Why it does not live."""
        if self._pulse is None:
            self._pulse = Pulse(self._engine.home)
        silent = self._pulse.silent_seconds() >= self._engine.settings.engine.lease_seconds
        return ["loop_failed"] * self._engine.failed + ["loop_silent"] * silent

    def hindrances(self) -> Iterator[str]:
        """Why it cannot work."""
        station = self._engine.station
        gate, alarms = station.team.floor.gate, station.fold.rest.alarms
        if not gate.log_is_read:
            yield "call_log_unread"
        if not gate.clock_is_sound:
            yield "clock_unsound"
        if not gate.store_has_room or not station.database.has_room():
            yield "store_full"
        for alarm in NOT_HEARD:
            if alarm in alarms:
                yield alarm.word


def _answer(reasons: list[str]) -> web.Response:
    probe = Probe(ok=not reasons, reasons=tuple(reasons))
    return web.Response(body=msgspec.json.encode(probe), status=503 if reasons else 200, content_type=JSON)


def routes(engine: Engine) -> list[Endpoint]:
    """The door's part of this."""
    probes = Probes(engine)
    alive, ready = "Whether the engine lives: its loop beats.", "Whether it can work: recovered, carrier heard, room."
    return [
        Endpoint(method="GET", path="/healthz", summary=alive, role=None, raw=probes.alive, answers=Probe),
        Endpoint(method="GET", path="/readyz", summary=ready, role=None, raw=probes.ready, answers=Probe),
    ]
