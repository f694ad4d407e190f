"""The six digests in a real browser: what axe finds against them, and whether they fit every screen, light and dark."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.npm.node import MODULES, needs_node
from tests.support.samples import KINDS, sample
from tests.support.web import Site
from tests.web.browser import PROGRAM, Browser, browsing

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="Chromium is not installed")

# What a browser makes of a page: how wide it is, its smallest letters, the lines of its links, and what it loads.
FACTS = """(() => {
  const all = (tags) => [...document.querySelectorAll(tags)];
  const least = (some, what) => Math.min(...some.map(one => parseFloat(getComputedStyle(one)[what])));
  const loaded = performance.getEntriesByType('resource').map(one => one.name);
  return {
    wide: document.documentElement.scrollWidth,
    letters: least(all('p,a,li,h1,h2,h3,span'), 'fontSize'),
    links: least(all('a').map(one => one.parentElement), 'lineHeight'),
    loaded: loaded.filter(name => !name.endsWith('/favicon.ico')),
  };
})()"""

# A mail is no page: it stands within one, which has the landmarks.
RULES = {"region": {"enabled": False}, "landmark-one-main": {"enabled": False}}


@asynccontextmanager
async def shown(site: Site, folder: Path) -> AsyncIterator[Browser]:
    """Serve the six, also without their style as some programs show them, and open a browser."""
    for kind in KINDS:
        page = sample(kind).page().html
        head, _, rest = page.partition("<style>\n")
        for path, text in ((kind, page), (f"{kind}-bare", head + rest.partition("</style>")[2])):
            site.serve(f"/{path}", text, headers={"Content-Type": "text/html; charset=utf-8"})
    async with browsing(folder) as browser:
        yield browser


async def test_they_fit_every_screen(web: Site, tmp_path: Path) -> None:
    async with shown(web, tmp_path) as browser:
        for kind in KINDS:
            for path, width in ((kind, 320), (kind, 375), (kind, 1280), (f"{kind}-bare", 375)):
                await browser.look(web.url(f"/{path}"), width)
                facts = await browser.ask(FACTS)

                assert facts["wide"] <= width, path
                assert facts["letters"] >= 14, path
                assert facts["links"] >= 21, path
                assert facts["loaded"] == [], path


@needs_node
async def test_axe_finds_nothing_light_or_dark(web: Site, tmp_path: Path) -> None:
    axe = (MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    async with shown(web, tmp_path) as browser:
        for kind in KINDS:
            for width, dark in ((660, False), (375, True)):
                await browser.look(web.url(f"/{kind}"), width, dark=dark)
                await browser.tell("Runtime.evaluate", expression=axe)

                assert await violations(browser) == [], kind


async def violations(browser: Browser) -> list[Any]:
    """Return what axe has against the page."""
    words = {"resultTypes": ["violations"], "rules": RULES}
    script = f"axe.run(document, {json.dumps(words)}).then(one => JSON.stringify(one.violations))"
    found = await browser.tell("Runtime.evaluate", expression=script, awaitPromise=True)
    return [(one["id"], one["help"], one["nodes"][0]["html"]) for one in json.loads(found["result"]["value"])]
