"""The door's own description at the door: `GET /openapi.json`."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from aiohttp import web

from engine.door.access.identity import Caller
from engine.door.endpoint import JSON, Endpoint
from engine.door.openapi import document
from store.access import Role


def route(table: Sequence[Endpoint]) -> Endpoint:
    """The row that describes the others, and itself."""

    @lru_cache(1)
    def described() -> bytes:
        return document([*table, row])

    async def answer(_request: web.Request, _caller: Caller) -> web.StreamResponse:
        return web.Response(body=described(), content_type=JSON)

    row = Endpoint(
        method="GET", path="/openapi.json", summary="This document.", role=Role.VIEWER, raw=answer,
        answers=dict[str, Any],
    )  # fmt: skip
    return row
