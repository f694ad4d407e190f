"""The made-up sample of `digestd demo`, and the sample readers of `digestd init`."""

import gzip
import json
import re
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.shared import shared

CONFIG = Path(__file__).parents[2] / "config"
FEEDS = CONFIG / "demo" / "feeds"
TODAY = datetime(2026, 3, 5, tzinfo=UTC)

MONTH_13 = re.compile(r"2613\.\d{5}")
PLACEHOLDER = re.compile(r"\{\{(rfc822|iso) -(\d+) (\d\d:\d\d)\}\}")
ATOM, ARXIV, DC = "{http://www.w3.org/2005/Atom}", "{http://arxiv.org/schemas/atom}", "{http://purl.org/dc/elements/1.1/}"

READER_KEYS = {"email", "name", "schedule", "max_papers", "paused", "language", "profiles"}
SCHEDULE_KEYS = {"every", "at", "timezone", "on"}
PROFILE_KEYS = {
    *("name", "keywords", "mute", "authors", "categories", "sources"),
    *("like", "dislike", "min_score", "max_papers"),
}

every_feed = pytest.mark.parametrize("path", sorted(path for path in FEEDS.rglob("*.*")), ids=lambda path: path.name)
every_reader = pytest.mark.parametrize(
    "path", sorted(CONFIG.glob("**/subscribers.d/*.toml")), ids=lambda path: f"{path.parts[-3]}-{path.stem}"
)


@every_feed
def test_every_date_is_a_placeholder_that_lies_in_the_past(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert "{{" not in filled(text)
    assert not re.search(r"\b20[0-3]\d-\d\d-\d\d|\b\d\d [A-Z][a-z]{2} 20\d\d", text)
    assert all(moment(found) <= TODAY for found in PLACEHOLDER.finditer(text))


def test_placeholders_become_dates_of_the_day() -> None:
    assert filled("{{rfc822 -0 00:00}}") == "Thu, 05 Mar 2026 00:00:00 +0000"
    assert filled("{{iso -1 09:30}}") == "2026-03-04T09:30:00Z"


@pytest.mark.parametrize(("category", "kinds"), [("cs.LG", (10, 3, 1)), ("q-bio.BM", (6, 2, 1))])
def test_an_arxiv_feed_has_the_form_of_the_announcement(category: str, kinds: tuple[int, int, int]) -> None:
    channel = announcement(category)
    announced = channel.findall("item")

    assert channel.findtext("title") == f"{category} updates on arXiv.org"
    assert [day.text for day in channel.findall("skipDays/day")] == ["Saturday", "Sunday"]
    assert parsedate_to_datetime(channel.findtext("lastBuildDate") or "") == TODAY
    types = [item.findtext(f"{ARXIV}announce_type") for item in announced]
    assert tuple(types.count(kind) for kind in ("new", "cross", "replace")) == kinds
    for item, kind in zip(announced, types, strict=True):
        guid, words = item.findtext("guid") or "", item.findtext("description") or ""
        assert words.startswith(f"{guid.removeprefix('oai:').replace('arXiv.org', 'arXiv')} Announce Type: {kind} \nAbstract: ")
        assert item.findtext("link") == f"https://arxiv.org/abs/{arxiv_of(item)}"
        assert category in [one.text for one in item.findall("category")]
        assert (item.findtext(f"{DC}rights") or "").startswith("http")
        assert (item.findtext(f"{DC}creator") or "").isascii()


def test_five_papers_of_the_daily_list_are_announced_on_arxiv_too() -> None:
    votes = {row["paper"]["id"]: row["paper"]["upvotes"] for row in daily_papers()}

    shared_ids = votes.keys() & {arxiv_of(item) for item in announcement("cs.LG").findall("item")}

    assert len(votes) == 12
    assert len(shared_ids) == 5
    assert min(votes.values()) > 0


def test_the_journal_names_each_article_by_a_test_doi() -> None:
    entries = journal().findall(f"{ATOM}entry")

    names = [entry.findtext(f"{ATOM}id") or "" for entry in entries]
    assert len(set(names)) == 14
    for entry, name in zip(entries, names, strict=True):
        assert name.startswith("https://doi.org/10.5555/")
        assert entry.findtext(f"{DC}identifier") == name.replace("https://doi.org/", "doi:")
        assert entry.findall(f"{ATOM}author/{ATOM}name")
        assert (entry.findtext(f"{ATOM}content") or "").startswith("<p>")


def test_the_sample_has_forty_four_papers_with_an_abstract_of_some_length() -> None:
    papers = {name: (title, abstract) for name, title, abstract in sample()}

    titles, abstracts = zip(*papers.values(), strict=True)

    assert len(papers) == len(set(titles)) == 44
    assert all(70 <= len(abstract.split()) <= 140 for abstract in abstracts)


def test_arxiv_ids_are_of_a_month_that_no_calendar_has() -> None:
    preprints = [name for name, _, _ in sample() if not name.startswith("https://doi.org/")]

    assert preprints
    assert all(MONTH_13.fullmatch(name) for name in preprints)


def test_titles_keep_the_traps_of_real_ones() -> None:
    titles = " ".join(title for _, title, _ in sample())

    assert "$O(n<k)$ & Beyond" in titles
    assert r"Erd\H{o}s--R\'enyi" in titles
    assert r"$\alpha$-Helix" in titles


def test_no_paper_of_the_sample_is_a_real_one() -> None:
    with gzip.open(shared("data", "papers_arxiv_sample.jsonl.gz"), "rt", encoding="utf-8") as lines:
        real = [json.loads(line) for line in lines]

    assert not {f"arXiv:{name}" for name, _, _ in sample()} & {paper["id"] for paper in real}
    assert not {title.casefold() for _, title, _ in sample()} & {paper["title"].casefold() for paper in real}


@every_reader
def test_a_sample_reader_has_known_keys_only(path: Path) -> None:
    reader = tomllib.loads(path.read_text(encoding="utf-8"))

    assert reader.keys() <= READER_KEYS
    assert reader.get("schedule", {}).keys() <= SCHEDULE_KEYS
    assert all(profile.keys() <= PROFILE_KEYS for profile in reader["profiles"])
    assert re.fullmatch(r"[a-z]+@example\.(org|com|net)", reader["email"])


def test_the_commented_sample_explains_every_key() -> None:
    reader = tomllib.loads((CONFIG / "subscribers.d" / "ada.toml").read_text(encoding="utf-8"))

    assert reader.keys() == READER_KEYS
    assert reader["profiles"][0].keys() == PROFILE_KEYS


def sample() -> Iterator[tuple[str, str, str]]:
    """Yield the name, title and abstract of every record in the sample; a paper in two feeds comes twice."""
    for category in ("cs.LG", "q-bio.BM"):
        for item in announcement(category).findall("item"):
            abstract = (item.findtext("description") or "").partition("Abstract: ")[2]
            yield arxiv_of(item), unwrapped(item.findtext("title")), unwrapped(abstract)
    for row in daily_papers():
        yield row["paper"]["id"], unwrapped(row["paper"]["title"]), unwrapped(row["paper"]["summary"])
    for entry in journal().findall(f"{ATOM}entry"):
        yield (
            entry.findtext(f"{ATOM}id") or "",
            unwrapped(entry.findtext(f"{ATOM}title")),
            entry.findtext(f"{ATOM}content") or "",
        )


def announcement(category: str) -> ET.Element:
    channel = ET.fromstring(served(f"arxiv/{category}.xml")).find("channel")
    assert channel is not None
    return channel


def arxiv_of(item: ET.Element) -> str:
    found = re.fullmatch(r"oai:arXiv\.org:(.+)v\d", item.findtext("guid") or "")
    assert found
    return found[1]


def daily_papers() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(served("huggingface.json"))
    return rows


def journal() -> ET.Element:
    return ET.fromstring(served("journal.atom.xml"))


def served(name: str) -> bytes:
    return filled((FEEDS / name).read_text(encoding="utf-8")).encode()


def filled(text: str) -> str:
    """Return *text* with its placeholders filled in, as on TODAY."""
    return PLACEHOLDER.sub(date, text)


def date(found: re.Match[str]) -> str:
    at = moment(found)
    return format_datetime(at) if found[1] == "rfc822" else f"{at:%Y-%m-%dT%H:%M:%SZ}"


def moment(found: re.Match[str]) -> datetime:
    return datetime.combine(TODAY - timedelta(days=int(found[2])), time.fromisoformat(found[3]), UTC)


def unwrapped(text: str | None) -> str:
    return " ".join((text or "").split())
