"""The whole table of endpoints: every row of every matter."""

from engine.door import metrics, probes, stream
from engine.door.endpoint import Endpoint
from engine.door.front import Front
from engine.door.routes import acts, chains, district, document, jobs, reports
from engine.service import Engine


def endpoints(engine: Engine, front: Front) -> list[Endpoint]:
    """What the door serves on an engine; no row does anything before it is asked."""
    table = [
        *district.routes(engine),
        *jobs.routes(engine),
        *chains.routes(engine),
        *reports.routes(engine, front),
        *stream.routes(engine),
        *metrics.routes(engine),
        *probes.routes(engine),
        *acts.routes(engine),
    ]
    return [*table, document.route(table)]
