"""The wallboard in a browser: one read-only session a tab, on loopback, nothing fetched from elsewhere."""

import shlex
import sys
from pathlib import Path
from typing import Any

import aiohttp_jinja2
from aiohttp import WSMsgType, web
from textual_serve.app_service import AppService
from textual_serve.server import Server

from store.errors import InvalidInputError
from tui.commands import say

SESSIONS_MAX = 8
"""Each is a process of some 80 MB and a reader of the store."""

CELLS_MAX = 500
"""Of a side: a wall of screens has fewer."""

HOST = "127.0.0.1"
"""There is no login: whoever may look from elsewhere comes through a proxy that asks them who they are."""

TEMPLATES = Path(__file__).parent / "templates"


class WallServer(Server):
    """textual-serve with a page of our own, a bound on sessions, and no keys passed on."""

    def __init__(self, home: Path, clock: str, port: int) -> None:
        command = [sys.executable, "-m", "tui.cli", "watch", "--wallboard", "--home", str(home.absolute())]
        if clock:
            command += ["--clock", clock]
        super().__init__(shlex.join(command), HOST, port, title="callchain wallboard", templates_path=str(TEMPLATES))
        self._sessions = 0

    def serve(self, debug: bool = False) -> None:  # noqa: ARG002
        """Until Ctrl-C or SIGTERM; says where to look once there is something to see. Raises OSError."""

        def said(*_lines: object) -> None:
            say.note(f"The wallboard is at {self.public_url}; Ctrl-C ends it.")

        web.run_app(self._make_app(), host=self.host, port=self.port, print=said, access_log=None)

    async def on_startup(self, app: web.Application) -> None:
        """It has its own way of saying that it runs."""

    @aiohttp_jinja2.template("app_index.html")
    async def handle_index(self, request: web.Request) -> dict[str, Any]:
        """The page; its addresses are those it was asked under, so that a proxy may stand in front."""
        return {"font_size": _font_size(request)}

    async def handle_websocket(self, request: web.Request) -> web.StreamResponse:  # type: ignore[override]
        """One session, if it comes from our own page and there is room for it."""
        if not _same_origin(request):
            raise web.HTTPForbidden(text="The wallboard is only shown on its own page.")
        if self._sessions >= SESSIONS_MAX:
            raise web.HTTPServiceUnavailable(text=f"{SESSIONS_MAX} wallboards are shown already; close one.")
        self._sessions += 1
        try:
            return await super().handle_websocket(request)
        finally:
            self._sessions -= 1

    async def _process_messages(self, websocket: web.WebSocketResponse, app_service: AppService) -> None:
        """Follow the window's size and answer pings; whatever is typed goes nowhere."""
        async for message in websocket:
            if message.type is not WSMsgType.TEXT:
                continue
            kind, value = message.json()
            if kind == "resize":
                width, height = (min(CELLS_MAX, max(1, int(value[side]))) for side in ("width", "height"))
                await app_service.set_terminal_size(width, height)
            elif kind == "ping":
                await websocket.send_json(["pong", value])


def serve_wallboard(home: Path, clock: str, port: int) -> None:
    """Serve until Ctrl-C. Raises InvalidInputError where the port is taken."""
    try:
        WallServer(home, clock, port).serve()
    except OSError as error:
        raise InvalidInputError(f"Port {port} cannot be used ({error.strerror}); give --browser another.") from error


def _same_origin(request: web.Request) -> bool:
    """A page of another site must not be able to look through this browser."""
    origin = request.headers.get("Origin", "")
    return origin.partition("://")[2] == request.host


def _font_size(request: web.Request) -> int:
    text = request.query.get("fontsize", "")
    return min(48, max(8, int(text))) if text.isdecimal() and len(text) < 4 else 16
