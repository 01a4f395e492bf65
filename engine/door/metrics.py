"""Figures for Prometheus: the engine's own, and the requests at the door."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator

from aiohttp import web
from aiohttp.hdrs import METH_ALL
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.exposition import generate_latest

from engine.door.access.identity import Caller
from engine.door.endpoint import Endpoint
from engine.door.telling.figures import Figures
from engine.service import Engine
from store.access import Role

Key = tuple[str, str, int]
"""Method, route and status of a request."""


class Traffic:
    """What is asked at one door. Changed on the door's loop only."""

    def __init__(self) -> None:
        self.requests: Counter[Key] = Counter()
        self.seconds: defaultdict[Key, float] = defaultdict(float)
        """How long they took, all together; a stream has none."""

    def collect(self) -> Iterator[Metric]:
        """The figures."""
        labels = ["method", "route", "status"]
        requests = CounterMetricFamily("callchain_door_requests", "Requests at the door.", labels=labels)
        seconds = CounterMetricFamily("callchain_door_seconds", "How long they took, together.", labels=labels)
        for (method, route, status), count in self.requests.copy().items():
            requests.add_metric([method, route, str(status)], count)
            seconds.add_metric([method, route, str(status)], self.seconds[method, route, status])
        yield requests
        yield seconds


TRAFFIC = web.AppKey("traffic", Traffic)


@web.middleware
async def count_requests(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Count every request by its route; the outermost middleware of a door whose `app[TRAFFIC]` there is."""
    began = time.monotonic()
    response = await handler(request)
    resource = request.match_info.route.resource
    key = method_of(request), resource.canonical if resource is not None else "none", response.status
    traffic = request.app[TRAFFIC]
    traffic.requests[key] += 1
    if response.content_type != "text/event-stream":
        traffic.seconds[key] += time.monotonic() - began
    return response


def method_of(request: web.Request) -> str:
    """The method, "other" for one HTTP does not know: whatever a stranger may make up is one figure."""
    return request.method if request.method in METH_ALL else "other"


class Metrics:
    """Answers `GET /metrics`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._since = time.monotonic()
        self._figures: Figures | None = None

    async def answer(self, request: web.Request, _caller: Caller) -> web.Response:
        """All figures as text; gathered on a thread, so that nobody at the door waits for it."""
        if self._figures is None:
            self._figures = Figures(self._engine, self._since)
        families = [*await asyncio.to_thread(lambda figures: [*figures.collect()], self._figures)]
        traffic = request.app.get(TRAFFIC)
        if traffic is not None:
            families += traffic.collect()
        return web.Response(body=generate_latest(_Collected(families)), headers=_HEADERS)


class _Collected:
    """Families that were gathered, as the writer of the text wants them."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> list[Metric]:
        return self._families


_HEADERS = {"Content-Type": CONTENT_TYPE_PLAIN_0_0_4}


def routes(engine: Engine) -> list[Endpoint]:
    """The door's part of this."""
    return [
        Endpoint(
            method="GET",
            path="/metrics",
            summary="Figures in the text format of Prometheus.",
            role=Role.VIEWER,
            raw=Metrics(engine).answer,
            media="text/plain",
        )
    ]
