"""Reports at the door: `POST /reports/NAME?format=csv` answers the report itself, made in a process of its own."""

import asyncio
from tempfile import TemporaryFile
from typing import Literal

import msgspec
from aiohttp import web

from engine.acts.act import BODY_BYTES_MAX
from engine.door.access.identity import Caller
from engine.door.endpoint import Crew, Endpoint, decoded, query_of
from engine.door.front import Front, body_of
from engine.reports.asked import REPORTS, ReportKind
from engine.reports.helper import order_of, report_elsewhere
from engine.service import Engine

AT_ONCE_MAX = 2
"""Reports made at the same time: each takes a processor for itself."""

PIECE_BYTES = 256 << 10

ROWS_HEADER = "X-Rows"
"""How many rows the report has."""

MEDIA = {
    "table": "text/plain",
    "csv": "text/csv",
    "html": "text/html",
    "json": "application/json",
}


class ReportForm(msgspec.Struct, frozen=True, kw_only=True):
    """How a report is written."""

    format: Literal["table", "csv", "html", "json"] = "json"
    excel: bool = False
    """CSV that Excel knows for UTF-8."""


def routes(engine: Engine, front: Front) -> list[Endpoint]:
    """The rows of this matter."""
    desk = ReportDesk(engine, front)
    return [desk.endpoint(kind) for kind in REPORTS.values()]


class ReportDesk:
    """Has reports made, a few at once."""

    def __init__(self, engine: Engine, front: Front) -> None:
        self._engine = engine
        self._front = front
        self._places = asyncio.Semaphore(AT_ONCE_MAX)

    def endpoint(self, kind: ReportKind) -> Endpoint:
        """The row of one report."""

        async def answer(request: web.Request, _caller: Caller) -> web.StreamResponse:
            form = query_of(request, ReportForm)
            asked = decoded(await body_of(request, BODY_BYTES_MAX), kind.asks)
            return await self._answer(request, kind, asked, form)

        said = (kind.asks.__doc__ or "").splitlines()[0]
        return Endpoint(
            method="POST", path=f"/reports/{kind.name}", summary=said, role=kind.role, raw=answer, asks=kind.asks,
            query=ReportForm, media="text/plain", answers=None,
        )  # fmt: skip

    async def _answer(
        self, request: web.Request, kind: ReportKind, asked: object, form: ReportForm
    ) -> web.StreamResponse:
        engine = self._engine
        zone, now = engine.settings.district.time_zone, engine.clock.now()
        order = order_of(engine.home, zone, now, kind.name, asked, form.format, form.excel)
        with TemporaryFile() as made:
            async with self._places:
                # What has ended is in its table only when it was flushed.
                await self._front.apart(engine.station.flush_tables, Crew.WORK)
                rows = await self._front.apart(lambda: report_elsewhere(order, made), Crew.WORK)
            response = web.StreamResponse(headers={ROWS_HEADER: str(rows)})
            response.content_type, response.charset = MEDIA[form.format], "utf-8"
            response.content_length = made.seek(0, 2)
            made.seek(0)
            await response.prepare(request)
            while piece := made.read(PIECE_BYTES):
                await response.write(piece)
            await response.write_eof()
        return response
