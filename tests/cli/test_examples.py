"""Example papers from a reader's file to the store and back: ticks against arXiv on loopback."""

import json
from pathlib import Path

import pytest

from tests.sources.arxiv_documents import by_id
from tests.sources.documents import arxiv_item, rss
from tests.support.site import ADA, Site, asking_arxiv, make_site
from tests.support.web import Site as Web

ADA_LIKES = f'{ADA}like = ["arXiv:2601.00001v2", "https://arxiv.org/abs/2601.00009"]\ndislike = ["doi:10.5555/a"]\n'
BEN = ADA.replace("ada@", "ben@").replace('"Ada"', '"Ben"')
THURSDAY, FRIDAY, SATURDAY, NEXT_WEEK = (f"2026-03-{day:02}T12:00:00Z" for day in (5, 6, 7, 12))


@pytest.fixture
def site(tmp_path: Path, web: Web) -> Site:
    """Return an installation whose Ada likes a paper that arXiv has, and one that it has not."""
    web.serve("/rss/cs.LG", rss(arxiv_item("2603.00001")))
    web.serve_by("/api/query", by_id("2601.00001"))
    return make_site(tmp_path / "site", asking_arxiv(web.url()), {"ada.toml": ADA_LIKES, "ben.toml": BEN})


def looked_up(web: Web) -> list[str]:
    return [request.path for request in web.requests if request.path.startswith("/api/query?id_list")]


def test_examples_are_fetched_once_and_an_unknown_one_is_asked_for_again_in_a_week(site: Site, web: Web) -> None:
    first = site.run("--now", THURSDAY, "tick")
    assert first.returncode == 0
    assert "examples.done asked=2 found=1 unknown=1" in first.stderr
    assert "examples.unknown papers=arXiv:2601.00009" in first.stderr
    assert looked_up(web) == ["/api/query?id_list=2601.00001,2601.00009&max_results=2"]

    assert "examples" not in site.run("--now", FRIDAY, "tick").stderr
    assert len(looked_up(web)) == 1
    site.run("--now", NEXT_WEEK, "poll")
    assert looked_up(web)[1:] == ["/api/query?id_list=2601.00009&max_results=1"]


def test_an_example_is_known_and_told_to_nobody(site: Site) -> None:
    site.run("--now", THURSDAY, "tick")

    assert "arXiv:2601.00001" in site.run("papers").stdout
    assert len(site.mails()) == 2
    assert not any(b"2601.00001" in mail for mail in site.mails())


def test_an_example_that_arxiv_announces_later_is_news_to_others(site: Site, web: Web) -> None:
    site.run("--now", THURSDAY, "tick")
    web.serve("/rss/cs.LG", rss(arxiv_item("2601.00001")))
    site.run("--now", FRIDAY, "tick")
    site.run("--now", SATURDAY, "tick")

    told = json.loads(site.run("queue", "--json").stdout)
    assert ("ben@example.org", ["arXiv:2601.00001"]) in [(one["email"], one["papers"]) for one in told]


def test_trouble_with_the_archive_is_said_and_the_rest_is_done(site: Site, web: Web) -> None:
    web.serve("/api/query", status=503, headers={"Retry-After": "3600"})
    first, second = site.run("--now", THURSDAY, "tick"), site.run("--now", THURSDAY, "poll")

    assert first.returncode == second.returncode == 0
    assert "examples.failed" in first.stderr
    assert "503 (service unavailable)" in first.stderr
    assert len(site.mails()) == 2
    assert len(looked_up(web)) == 1

    web.serve_by("/api/query", by_id("2601.00001"))
    assert "found=1" in site.run("--now", FRIDAY, "tick").stderr


def test_a_preview_that_polls_looks_examples_up_and_keeps_none(site: Site, web: Web) -> None:
    site.run("--now", THURSDAY, "preview", "--poll", "ada@example.org")

    assert len(looked_up(web)) == 1
    assert "2601.00001" not in site.run("papers").stdout


def test_polling_needs_no_readers(site: Site) -> None:
    for file in (site.folder / "subscribers.d").iterdir():
        file.unlink()
    (site.folder / "subscribers.d").rmdir()

    assert site.run("--now", THURSDAY, "poll").returncode == 0


def test_an_example_that_names_no_paper_is_refused_with_its_place(site: Site) -> None:
    site.writes("subscribers.d/ada.toml", f'{ADA}like = ["the lantern paper"]\n')
    told = site.run("check")

    assert told.returncode == 78
    assert 'subscribers.d/ada.toml:8 profiles[0].like[0]: "the lantern paper" names no paper: write an id' in told.stderr
