"""The conformance suites of other readers of feeds, where they are at hand: what they expect of entries, told of our papers."""

import ast
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from digestd.model.paper import Paper, weak_name
from digestd.model.source import Failed, Fetched
from digestd.sources.clean import ABSTRACT, TITLE, markup
from digestd.sources.document import Body
from digestd.sources.feed import read
from tests.support.shared import shared

FEEDPARSER = "conformance/feedparser/tests"
TITLED = b"<title>Low tide</title>"  # for entries that have none: a paper without a title is none

NOT_READ = {
    "illformed/aaa_illformed.xml": "the feed was cut short: its end is missing",
    "illformed/rss_empty_document.xml": "what came is not a feed",
    "wellformed/cdf/item_href_map_link.xml": "what came is not a feed",  # Active Channels of 1997
    "wellformed/cdf/item_lastmod_parsed.xml": "what came is not a feed",
    "wellformed/sanitize/entry_title_onmouseout.xml": "none of the feed's 1 entries has a title",  # an image has no words
    "wellformed/sanitize/entry_title_onresize.xml": "none of the feed's 1 entries has a title",
}
TOLD_OTHERWISE = {
    "atom/entry_title_base64.xml": "what is of no type of HTML is text, in which tags are words",
    "atom/entry_title_base64_2.xml": "the same",
    "atom10/entry_title_base64.xml": "the same",
    "atom10/entry_title_base64_2.xml": "the same",
    "atom/entry_summary_base64.xml": "the same",
    "atom10/entry_summary_base64.xml": "the same",
    "sanitize/acceptable_element_command.xml": "what nobody writes in HTML any more is a word: <command>",
    "sanitize/acceptable_element_keygen.xml": "the same",
}

# What a suite says of the first entry, and what is the same of a paper.
SAME: dict[str, Callable[[Paper, Any], bool]] = {
    "['title']": lambda paper, told: paper.title == markup(told, TITLE),
    "['title_detail']['value']": lambda paper, told: paper.title == markup(told, TITLE),
    "['description']": lambda paper, told: paper.abstract == markup(told, ABSTRACT),
    "['summary']": lambda paper, told: paper.abstract == markup(told, ABSTRACT),
    "['content'][0]['value']": lambda paper, told: paper.abstract == markup(told, ABSTRACT),
    "['link']": lambda paper, told: paper.links.abstract == told,
    "['links'][0]['href']": lambda paper, told: paper.links.abstract == told,
    "['guid']": lambda paper, told: weak_name("guid", told) in paper.names,
    "['updated_parsed']": lambda paper, told: bool(paper.published and paper.published.timetuple()[:6] == told[:6]),
    "['tags'][0]['term']": lambda paper, told: paper.categories[:1] == (told,),
}


def test_every_feed_of_feedparsers_suite_is_read_or_is_known_not_to_be() -> None:
    told = {name: read(Body(titled(path)), "suite") for name, path in suite()}
    failed = {name: one.reason for name, one in told.items() if isinstance(one, Failed)}

    assert len(told) == 167
    assert failed == NOT_READ
    assert all(paper.id and paper.title for one in told.values() if isinstance(one, Fetched) for paper in one.papers)


def test_every_entry_of_feedparsers_suite_is_a_paper() -> None:
    counts = {
        name: (len(re.findall(rb"<(?:item|entry)[\s>]", path.read_bytes())), len(one.papers))
        for name, path in suite()
        if isinstance(one := read(Body(titled(path)), "suite"), Fetched)
    }

    assert {name: count for name, count in counts.items() if count[0] != count[1]} == {}


def test_a_paper_is_what_feedparsers_suite_expects_of_the_entry() -> None:
    compared, otherwise = 0, []
    for name, path in suite():
        told = read(Body(titled(path)), "suite")
        for key, value in expected(path) if isinstance(told, Fetched) else ():
            compared += 1
            assert isinstance(told, Fetched)
            if not SAME[key](told.papers[0], value):
                otherwise.append(name.removeprefix("wellformed/"))

    assert compared > 80
    assert sorted(otherwise) == sorted(TOLD_OTHERWISE)


@pytest.mark.parametrize("name", ["pypy", "postgis", "stackoverflow"])
def test_papers_are_what_fastfeedparser_makes_of_them(name: str) -> None:
    folder = shared("data", "conformance", "fastfeedparser", "tests", "integration")
    entries = json.loads((folder / f"{name}.json").read_text())["entries"]

    told = papers(folder / f"{name}.xml")

    assert [paper.title for paper in told] == [entry["title"] for entry in entries]
    assert [paper.links.abstract for paper in told] == [entry["link"] for entry in entries]
    assert [paper.published for paper in told] == [datetime.fromisoformat(entry["published"]) for entry in entries]
    assert all(weak_name("guid", entry["id"]) in paper.names for paper, entry in zip(told, entries, strict=True))


@pytest.mark.parametrize("name", ["disqus", "fastmailstatus"])
def test_papers_are_what_rss2email_mails(name: str) -> None:
    folder = shared("data", "conformance", "rss2email", "test", "data", name)
    mails = (folder / "1.expected").read_text()

    told = papers(folder / "feed.rss")

    assert sorted(paper.title for paper in told) == sorted(re.findall(r"^Subject: (.+)$", mails, re.MULTILINE))
    assert sorted(filter(None, (paper.links.abstract for paper in told))) == sorted(
        re.findall(r"^X-RSS-URL: (\S+)$", mails, re.MULTILINE)
    )


def test_an_entry_that_changes_stays_the_same_paper() -> None:
    folder = shared("data", "conformance", "rss2email", "test", "data", "nodejs")

    assert len({paper.id for number in (1, 2, 3) for paper in papers(folder / f"feed{number}.xml")}) == 1


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("10.json", 0),
        ("unknown.json", 0),
        ("empty.json", "none of the feed's 1 entries has a title"),
        ("empty.atom", "none of the feed's 1 entries has a title"),
        ("empty.rss", "none of the feed's 1 entries has a title"),
    ],
)
def test_feeds_with_little_in_them_are_read_as_reader_does_but_for_papers_without_a_title(name: str, told: int | str) -> None:
    fetched = read(Body(shared("data", "conformance", "reader", "tests", "data", name).read_bytes()), "suite")

    assert (fetched.reason if isinstance(fetched, Failed) else len(fetched.papers)) == told


def suite() -> Iterator[tuple[str, Path]]:
    folder = shared("data", *FEEDPARSER.split("/"))
    yield from ((str(path.relative_to(folder)), path) for path in sorted(folder.rglob("*.xml")))


def titled(path: Path) -> bytes:
    content = path.read_bytes()
    if re.search(rb"<(?:item|entry)\b.*?<title", content, re.DOTALL):
        return content
    return re.sub(rb"<(?:item|entry)(?:\s[^>]*)?>", lambda begin: begin[0] + TITLED, content, count=1)


def expected(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield what the suite says of the first entry and we tell of a paper too."""
    said = re.search(r"^Expect:\s*(.*)$", path.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
    for clause in (said[1] if said else "").split(" and "):
        if (found := re.fullmatch(r"entries\[0\]((?:\[[^\]]+\])+) == (.+)", clause.strip())) and found[1] in SAME:
            yield found[1], ast.literal_eval(found[2])


def papers(path: Path) -> tuple[Paper, ...]:
    told = read(Body(path.read_bytes()), "suite")
    assert isinstance(told, Fetched)
    return told.papers
