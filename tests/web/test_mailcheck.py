"""A mail as it leaves, and the link in it, as the checks see them that stand for what Gmail and Yahoo ask (RFC 8058)."""

import asyncio
import json
from pathlib import Path

import pytest

from digestd.config.site import bundled
from digestd.rendering import Editions, Renderer
from tests.support.builders import NOON, digest, paper
from tests.support.shared import shared
from tests.web.conftest import ADA, KEY, LETTERHEAD, Scene

QUICK = ("--no-browser", "--no-spam", "--no-vnu", "--json")


async def test_the_link_in_a_mail_is_answered_as_providers_ask(small_scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "digest.eml").write_bytes(mail())
    async with small_scene.served() as site:
        found = await check(tmp_path / "digest.eml", f"{LETTERHEAD.base_url}={site}")

    assert [one for one in found if one["id"].startswith("J") and one["state"] != "PASS"] == []
    assert {one["id"] for one in found} >= {"J1", "J2", "J3"}
    assert small_scene.suppressed() == {ADA: "unsubscribe"}


async def check(mail: Path, unsubscribe: str) -> list[dict[str, str]]:
    """Return what mailcheck finds, or skip the test where it is not installed."""
    words = (str(shared("mailcheck", "mailcheck.sh")), str(mail), *QUICK, "--unsub-map", unsubscribe)
    process = await asyncio.create_subprocess_exec("bash", *words, stdout=-1, stderr=-1)
    out, said = await process.communicate()
    if process.returncode in {126, 127}:
        pytest.skip("mailcheck is not installed")
    assert out, said
    found: list[dict[str, str]] = json.loads(out)
    return found


def mail() -> bytes:
    texts = {path.name: path.read_text(encoding="utf-8") for path in bundled("templates").glob("*.j2")}
    return Renderer(Editions(texts), LETTERHEAD, KEY).message(digest("ada", paper(1)), {paper(1).id: paper(1)}, NOON).content
