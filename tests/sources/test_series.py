"""Feeds as they changed over weeks, where captures are at hand: polled over HTTP into a store that is restarted meanwhile."""

import gzip
import json
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digestd.pipeline.poll import Polled, poll
from digestd.sources.http import Manners, Web
from digestd.sources.kinds import KINDS
from digestd.storage import PaperStore, open_database
from tests.sources.documents import item, rss
from tests.sources.wanted import Wanted
from tests.support.shared import shared
from tests.support.web import Site

MANNERS = Manners(user_agent="digestd-test (tester@example.org)", per_host_gap=timedelta())
A_WHILE = 7  # versions between two restarts
LOOK_BACK = timedelta(days=30)


@dataclass(frozen=True)
class Version:
    """A feed as it was at one time, how many entries it had, and the links among them that it never had before."""

    content: bytes
    at: datetime
    entries: int
    new: tuple[str, ...]


@pytest.mark.parametrize("name", ["biorxiv_amyloid_10entries_2022", "nature_toc_2022"])
async def test_each_version_of_a_feed_brings_what_was_not_in_one_before(name: str, site: Site, tmp_path: Path) -> None:
    expected = list(versions(name))

    papers, news = await polled(expected, site, tmp_path / "papers.db")

    assert news == [sorted(version.new) for version in expected]
    assert papers == [version.entries for version in expected]


async def test_each_day_of_arxiv_brings_what_was_not_listed_before(site: Site, tmp_path: Path) -> None:
    expected = list(days())

    papers, news = await polled(expected, site, tmp_path / "papers.db")

    assert news == [sorted(day.new) for day in expected]
    assert papers == [day.entries for day in expected]


async def test_the_same_batch_again_is_no_news_even_after_a_restart(site: Site, tmp_path: Path) -> None:
    version = next(versions("nature_toc_2022"))
    counts: list[Polled] = []

    for turn in range(3):
        with open_database(tmp_path / "papers.db", version.at) as database:
            async with Web(MANNERS) as web:
                site.serve("/feed", version.content + b"\n" * turn)
                source = KINDS["feed"].sources(Wanted("feed", site.url("/feed")), web)
                counts += await poll(source, PaperStore(database), LOOK_BACK, version.at + timedelta(hours=turn))

    assert [(polled.papers, polled.news) for polled in counts] == [(23, 23), (23, 0), (23, 0)]


async def polled(expected: Sequence[Version], site: Site, path: Path) -> tuple[list[int | None], list[list[str]]]:
    """Return how many papers each version had, and the links of those that were news."""
    papers, news = [], []
    async with Web(MANNERS) as web:
        source = KINDS["feed"].sources(Wanted("feed", site.url("/feed")), web)
        for begin in range(0, len(expected), A_WHILE):
            some = expected[begin : begin + A_WHILE]
            with open_database(path, some[0].at) as database:
                seen = PaperStore(database)
                for version in some:
                    site.serve("/feed", version.content)
                    papers += [one.papers for one in await poll(source, seen, LOOK_BACK, version.at)]
                    sightings = seen.window(version.at, version.at + timedelta(microseconds=1))
                    news.append(sorted(sighting.paper.links.abstract for sighting in sightings))
    return papers, news


def versions(name: str) -> Iterator[Version]:
    folder = shared("data", "feeds", "series")
    rows = [json.loads(line) for line in gzip.decompress((folder / f"{name}.expected.jsonl.gz").read_bytes()).splitlines()]
    with tarfile.open(folder / f"{name}.tar.xz") as archive:
        contents = {Path(member.name).name: archive.extractfile(member) for member in archive if member.isfile()}
        for row in rows:
            file = contents[row["file"]]
            assert file is not None
            yield Version(file.read(), datetime.fromisoformat(row["time"]).astimezone(UTC), row["entries"], tuple(row["new"]))


def days() -> Iterator[Version]:
    """Yield arXiv's days as feeds that we make of the ids on their lists."""
    path = shared("data", "feeds", "series", "arxiv_daily_announcements_2025-03_05.jsonl.gz")
    for line in gzip.decompress(path.read_bytes()).splitlines():
        row = json.loads(line)
        at = datetime.fromisoformat(row["day"]).replace(tzinfo=UTC)
        links = {one: f"https://arxiv.org/abs/{one.removeprefix('arXiv:')}" for one in row["ids"]}
        items = (
            item(title=f"Lanterns of {one}", link=link, pubDate=f"{at:%a, %d %b %Y} 00:00:00 GMT")
            for one, link in links.items()
        )
        yield Version(rss(*items).encode(), at, len(links), tuple(links[one] for one in row["new"]))
