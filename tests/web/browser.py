"""A real browser without a window: Chromium, told by its DevTools protocol what to do."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")
_FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")


@dataclass
class Browser:
    """A page in a browser."""

    socket: aiohttp.ClientWebSocketResponse
    numbers: "count[int]" = field(default_factory=count)

    async def tell(self, method: str, **words: Any) -> Any:
        """Do what the protocol calls *method*, and return what came of it."""
        number = next(self.numbers)
        await self.socket.send_json({"id": number, "method": method, "params": words})
        while (answer := await self.socket.receive_json(timeout=30)).get("id") != number:
            pass
        assert "error" not in answer, answer
        return answer["result"]

    async def look(self, url: str, width: int = 660, *, dark: bool = False) -> None:
        """Open a page in a window of that width."""
        light = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.tell("Emulation.setEmulatedMedia", features=[light])
        size = {"width": width, "height": 700, "deviceScaleFactor": 1, "mobile": width < 500}
        await self.tell("Emulation.setDeviceMetricsOverride", **size)
        await self.tell("Page.navigate", url=url)
        await self.arrives()

    async def ask(self, script: str) -> Any:
        """Return what *script* makes of the page, by our right and not by the page's."""
        found = await self.tell("Runtime.evaluate", expression=f"JSON.stringify(({script}) ?? null)")
        return json.loads(found["result"]["value"])

    async def fill(self, **fields: str) -> None:
        """Fill fields in, by their names."""
        for name, value in fields.items():
            await self.ask(f"document.getElementById({json.dumps(name)}).value = {json.dumps(value)}")

    async def press(self, words: str) -> None:
        """Press the button that says so, and wait for the next page."""
        await self.ask("window.before = true")
        await self.ask(f"[...document.querySelectorAll('button')].find(one => one.innerText == {json.dumps(words)}).click()")
        await self.arrives()

    async def arrives(self) -> None:
        for _ in range(200):
            if await self.ask("!window.before && location.protocol == 'http:' && document.readyState == 'complete'"):
                return
            await asyncio.sleep(0.05)
        raise AssertionError("the page does not come")


@asynccontextmanager
async def browsing(folder: Path) -> AsyncIterator[Browser]:
    """Open a browser that keeps what it keeps in *folder*."""
    assert PROGRAM is not None
    flags = (*_FLAGS, f"--user-data-dir={folder}", "--remote-debugging-port=0", "about:blank")
    process = await asyncio.create_subprocess_exec(PROGRAM, *flags, stderr=asyncio.subprocess.PIPE)
    assert process.stderr is not None
    try:
        async with asyncio.timeout(60), aiohttp.ClientSession() as client:
            port = await _port(process.stderr)
            async with client.get(f"http://127.0.0.1:{port}/json/list") as answer:
                pages = [page for page in await answer.json() if page["type"] == "page"]
            async with client.ws_connect(pages[0]["webSocketDebuggerUrl"]) as socket:
                yield Browser(socket)
    finally:
        process.kill()
        await process.communicate()


async def _port(said: asyncio.StreamReader) -> int:
    """Return where the browser listens, which it says as it begins."""
    while text := await said.readline():
        if b"ws://" in text:
            return int(text.partition(b"127.0.0.1:")[2].partition(b"/")[0])
    raise AssertionError("the browser does not begin")
