"""The whole job on captures of real services, served over loopback."""

import email
import email.policy
import json
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.support.shared import shared
from tests.support.site import SETTINGS, Site, make_site
from tests.support.web import Site as Web

POLL = """
[poll]
every = 0
per_host_gap = 0
allow_private = true

[digest]
look_back = "4000d"    # the captures are years old

[[sources]]
kind = "arxiv"
name = "arXiv"
url = "{web}"
categories = ["cs.AI", "cs.LG"]

[[sources]]
kind = "huggingface"
name = "Hugging Face"
url = "{web}"
"""
FEED = '\n[[sources]]\nkind = "feed"\nname = "{name}"\nurl = "{url}"\n'

LATER = ", 1 later, when their sources have answered"

READERS = {
    "models.toml": """
email = "models@example.org"
schedule = { every = "day", at = "07:30", timezone = "Europe/Berlin" }
max_papers = 30
[[profiles]]
name = "Reasoning"
keywords = ["reasoning^2", "chain of thought", "RL"]
mute = ["survey"]
max_papers = 8
[[profiles]]
name = "Pictures"
keywords = ["diffusion*", "video*", "multimodal"]
""",
    "nature.toml": """
email = "nature@example.org"
schedule = { every = "weekday", at = "08:00", timezone = "America/New_York" }
[[profiles]]
name = "Species"
keywords = ["new species^2", "taxonom*", "beetle*"]
""",
    "nothing.toml": """
email = "nothing@example.org"
[[profiles]]
name = "Nothing"
keywords = ["gerontoplast*"]
""",
}


@pytest.fixture
def site(tmp_path: Path, web: Web) -> Site:
    feeds = shared("data", "feeds")
    web.serve("/rss/cs.AI", (feeds / "arxiv_announce" / "arxiv_rss2_cs.AI_2026-04-27.xml").read_bytes())
    web.serve("/rss/cs.LG", (feeds / "arxiv_announce" / "arxiv_atom_cs.AI_2025-08-20_trimmed.xml").read_bytes())
    web.serve("/api/daily_papers", (feeds / "hf_daily" / "daily_papers_2025-05-30.json").read_bytes())
    sources = POLL.format(web=web.url())
    for path in sorted([*(feeds / "generic").glob("*.xml"), *(feeds / "journals" / "2021-11-23").glob("*.xml")]):
        web.serve(f"/feeds/{path.name}", path.read_bytes())
        sources += FEED.format(name=path.stem, url=web.url(f"/feeds/{path.name}"))
    return make_site(tmp_path / "site", SETTINGS + sources, READERS)


def test_real_feeds_become_digests_and_nobody_is_told_twice(site: Site) -> None:
    first = site.run("-q", "tick")
    second = site.run("-q", "tick")

    polled, composed, delivered = first.stdout.splitlines()
    assert polled.startswith("poll     41 sources asked, ")
    assert composed == f"compose  3 readers due, 2 digests composed, 0 empty{LATER}"
    assert delivered == "deliver  2 accepted"
    assert second.stdout.splitlines()[1:] == [
        f"compose  1 reader due, 0 digests composed, 0 empty{LATER}",
        "deliver  nothing to send",
    ]
    failing = [one["name"] for one in json.loads(site.run("sources", "--json").stdout) if one["health"] == "failing"]
    assert failing == ["7ef13a42fa7e177a"]  # a page whose entries have no titles; the manifest counts none either
    assert first.returncode == second.returncode == 1

    mails = [email.message_from_bytes(mail, policy=email.policy.default) for mail in site.mails()]
    assert sorted(str(mail["To"]) for mail in mails) == ["models@example.org", "nature@example.org"]
    for mail in mails:
        assert_is_whole(mail)


def assert_is_whole(mail: EmailMessage) -> None:
    """Assert that a mail has no defects and shows papers in both parts, each with its reason."""
    parts = [part for part in mail.walk() if not part.is_multipart()]
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert not any(part.defects for part in mail.walk())
    text, html = (str(part.get_content()) for part in parts)
    assert text.count("Why: matches") == html.count("Why:</i> matches") >= 10
    assert len(html.encode()) <= 90_000
