"""A real Chromium without a window, steered over its own debugging protocol."""

import asyncio
import base64
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp

_NAMES = ("chromium", "chromium-browser", "google-chrome")

CHROMIUM = next((found for name in _NAMES if (found := shutil.which(name))), "")
"""Empty where none is installed."""


class Page:
    """One tab, with everything it asked for and was sent."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = count(1)
        self._session = ""
        self.events: list[dict[str, Any]] = []

    async def open(self, url: str) -> None:
        """Load a page and listen to all that goes over the network."""
        target = await self.call("Target.createTarget", url="about:blank")
        attached = await self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Network", "Page", "Runtime"):
            await self.call(f"{domain}.enable")
        await self.call("Page.navigate", url=url)

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """One command of the protocol; events that come in between are kept."""
        asked = next(self._ids)
        session = {"sessionId": self._session} if self._session else {}
        await self._socket.send_json({"id": asked, "method": method, "params": params, **session})
        while True:
            said = await self._socket.receive_json()
            if said.get("id") == asked:
                assert "error" not in said, said
                result: dict[str, Any] = said["result"]
                return result
            self.events.append(said)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Take in events until something holds."""
        while not holds():
            self.events.append(await self._socket.receive_json())

    async def says(self, script: str) -> Any:
        """What a script answers on the page."""
        return (await self.call("Runtime.evaluate", expression=script))["result"].get("value")

    async def picture(self) -> bytes:
        """What it looks like, as PNG."""
        return base64.b64decode((await self.call("Page.captureScreenshot"))["data"])

    @property
    def asked_for(self) -> list[str]:
        """Every address the page asked for."""
        return [said["params"]["request"]["url"] for said in self._of("Network.requestWillBeSent")]

    @property
    def received(self) -> str:
        """Everything that came through its web socket, as text."""
        frames = [said["params"]["response"] for said in self._of("Network.webSocketFrameReceived")]
        octets = b"".join(
            base64.b64decode(frame["payloadData"]) if frame["opcode"] == 2 else frame["payloadData"].encode()
            for frame in frames
        )
        return octets.decode("utf-8", "replace")

    def _of(self, method: str) -> list[dict[str, Any]]:
        return [said for said in self.events if said.get("method") == method]


@asynccontextmanager
async def chromium(profile: Path) -> AsyncIterator[Page]:
    """A browser with one page; it is ended with the block."""
    program = subprocess.Popen(
        [
            CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0",
            "--window-size=1280,800", f"--user-data-dir={profile}", "about:blank",
        ],
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    try:
        assert program.stderr is not None
        address = next(found.group(0) for line in program.stderr if (found := re.search(r"ws://\S+", line)))
        async with (
            aiohttp.ClientSession() as client,
            client.ws_connect(address, max_msg_size=0) as socket,
            asyncio.timeout(30),
        ):
            yield Page(socket)
    finally:
        program.terminate()
        program.wait()
        if program.stderr is not None:
            program.stderr.close()
