"""Pictures of the six digests, as a browser shows them: `python -m tests.support.samples_pictures FOLDER`."""

import asyncio
import base64
import html
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.samples import KINDS, sample
from tests.support.web import loopback
from tests.web.browser import Browser, browsing

_HIGHEST = 1500
_TERMINAL = "background:#131417;color:#eceae6;margin:18px;font:15px/1.4 'DejaVu Sans Mono',monospace"


@dataclass(frozen=True, slots=True)
class Picture:
    """What is seen of a page in a window of that width: its beginning, or its end."""

    name: str
    page: str
    width: int = 660
    dark: bool = False
    end: bool = False


PICTURES = (
    Picture("digest", "five"),
    Picture("digest-dark", "five", dark=True),
    Picture("digest-end", "five", end=True),
    Picture("phone", "five", width=375),
    Picture("phone-dark", "five", width=375, dark=True),
    Picture("one", "one"),
    Picture("one-dark", "one", dark=True),
    Picture("twenty", "twenty"),
    Picture("sixty", "sixty"),
    Picture("weekly-dark", "weekly", dark=True),
    Picture("weekly-end", "weekly", end=True),
    Picture("nasty", "nasty"),
    Picture("nasty-narrow", "nasty", width=320),
    Picture("text", "text", width=700),
)


async def draw(folder: Path) -> None:
    """Write every picture into *folder*."""
    with loopback() as site, TemporaryDirectory() as home:
        for name, page in _pages():
            site.serve(f"/{name}", page, headers={"Content-Type": "text/html; charset=utf-8"})
        async with browsing(Path(home)) as browser:
            for picture in PICTURES:
                await browser.look(site.url(f"/{picture.page}"), picture.width, dark=picture.dark)
                (folder / f"{picture.name}.png").write_bytes(await _taken(browser, picture))


def _pages() -> Iterator[tuple[str, str]]:
    yield from ((kind, sample(kind).page().html) for kind in KINDS)
    yield "text", f'<body style="{_TERMINAL}"><pre style="font:inherit">{html.escape(sample("one").page().text)}</pre>'


async def _taken(browser: Browser, picture: Picture) -> bytes:
    height = await browser.ask("document.documentElement.scrollHeight")
    shown = min(height, _HIGHEST)
    clip = {"x": 0, "y": height - shown if picture.end else 0, "width": picture.width, "height": shown, "scale": 1}
    taken = await browser.tell("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
    return base64.b64decode(taken["data"])


if __name__ == "__main__":
    Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
    asyncio.run(draw(Path(sys.argv[1])))
