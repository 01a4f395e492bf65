"""The wallboard in a real browser: it is drawn there, nothing is typed there, and nothing comes from elsewhere."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from engine.config import District, Settings
from engine.home import make_home
from tests.engine.board_store import BoardStore
from tests.tui.chromium import CHROMIUM, Page, chromium
from tests.tui.free_port import free_port
from tests.tui.stage import school_day


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A wallboard served in the middle of a school day."""
    home, port = tmp_path / "district", free_port()
    make_home(home, Settings(district=District(name="Lakeside")))
    store = BoardStore(home / "store")
    school_day(store)
    store.close()
    command = [sys.executable, "-m", "tui.cli", "watch", "--wallboard", "--browser", str(port), "--home", str(home)]
    program = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert program.stderr is not None
    assert f"127.0.0.1:{port}" in program.stderr.readline()
    yield f"http://127.0.0.1:{port}"
    program.terminate()
    program.wait()
    program.stderr.close()


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium is installed")
def test_a_browser_draws_it_and_asks_nobody_else_for_anything(address: str, tmp_path: Path) -> None:
    async def look() -> None:
        async with chromium(tmp_path / "profile") as page:
            await page.open(address)
            await page.until(lambda: "NEED A HUMAN" in page.received)
            assert await page.says("document.body.className") == "-loaded -first-byte"
            assert await page.says("document.querySelectorAll('.xterm-screen canvas').length") > 0
            assert "Ada Moreno" not in page.received
            assert all(url.startswith(address) for url in page.asked_for if not url.startswith("data:"))
            await _types(page, "q")
            await page.until(lambda: page.received.count("DATA STOPPED") > 0)
            assert await page.says("document.body.classList.contains('-closed')") is False
            assert len(await page.picture()) > 10_000

    asyncio.run(look())


async def _types(page: Page, key: str) -> None:
    for kind in ("keyDown", "keyUp"):
        await page.call("Input.dispatchKeyEvent", type=kind, text=key if kind == "keyDown" else "", key=key)


def test_another_site_cannot_look_through_this_browser(address: str) -> None:
    async def look() -> None:
        async with aiohttp.ClientSession() as client:
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await client.ws_connect(f"{address}/ws", headers={"Origin": "http://elsewhere.example"})
            assert refused.value.status == 403

    asyncio.run(look())


def test_what_is_typed_goes_nowhere(address: str) -> None:
    """Also when somebody speaks to the web socket without the page."""

    async def look() -> None:
        async with (
            aiohttp.ClientSession() as client,
            client.ws_connect(f"{address}/ws?width=80&height=24", headers={"Origin": address}) as socket,
            asyncio.timeout(20),
        ):
            said = b""
            while b"NEED A HUMAN" not in said:
                said += (await socket.receive()).data
            await socket.send_json(["stdin", "q"])
            await socket.send_json(["resize", {"width": 10**9, "height": 40}])
            await socket.send_json(["ping", 7])
            while (message := await socket.receive()).type is not aiohttp.WSMsgType.TEXT:
                assert message.type is aiohttp.WSMsgType.BINARY, "the wallboard ended"
            assert message.json() == ["pong", 7]

    asyncio.run(look())
