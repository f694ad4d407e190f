"""What `digestd check` notes of readers' keywords, with the papers that the installation has seen and without any."""

from collections import Counter
from pathlib import Path

import pytest

from tests.sources.documents import arxiv_item, rss
from tests.support.site import ADA, Site, asking_arxiv, make_site
from tests.support.web import Site as Web

MONTH_OLD, TODAY = "2026-03-05T12:00:00Z", "2026-03-20T12:00:00Z"
BEN = """\
email = "ben@example.org"

[[profiles]]
name = "Fog"
keywords = ["low tide", "fog"]

[[profiles]]
name = "Harbours"
keywords = [
  "tide",
  "Lantren",
]
like = ["doi:10.5555/a"]
"""


@pytest.fixture
def site(tmp_path: Path, web: Web) -> Site:
    """Return an installation that has seen 250 papers on lanterns, each of which mentions the tide, and no fog."""
    web.serve("/rss/cs.LG", rss(*(arxiv_item(f"2603.{number:05}") for number in range(1, 251))))
    site = make_site(tmp_path / "site", asking_arxiv(web.url()), {"ada.toml": ADA, "ben.toml": BEN})
    assert site.run("--now", MONTH_OLD, "poll").returncode == 0
    return site


def notes(site: Site, *words: str) -> list[str]:
    done = site.run(*words, "check")
    assert done.returncode == 0
    return [line.removeprefix("note: ") for line in done.stdout.splitlines() if line.startswith("note: ")]


def test_check_notes_what_keywords_found_with_file_line_and_key(site: Site) -> None:
    seen, much = "250 papers of the last 28 days", "add a word to it, or join it to another with AND"
    assert notes(site, "--now", TODAY) == [
        (
            f"subscribers.d/ben.toml:5 profiles[0].keywords[1]: “fog” matched none of the {seen};"
            " try another word for it, or the start of the word with a *"
        ),
        (
            "subscribers.d/ben.toml:9 profiles[1].keywords[1]: “Lantren” asks for the word “lantren”, which is in none of the"
            f" {seen}; did you mean “lantern”?"
        ),
        (
            "subscribers.d/ben.toml:13 profiles[1].like[0]: “doi:10.5555/a” is not an arXiv id: it counts once a source has"
            " announced it; where arXiv has the paper, give its id there"
        ),
        f"subscribers.d/ada.toml:7 profiles[0].keywords[0]: “lantern*” matched 250 of {seen}; {much}",
        f"subscribers.d/ben.toml:5 profiles[0].keywords[0]: “low tide” matched 250 of {seen}; {much}",
        f"subscribers.d/ben.toml:9 profiles[1].keywords[0]: “tide” matched 250 of {seen}; {much}",
    ]


def test_papers_of_long_ago_say_nothing_of_keywords(site: Site) -> None:
    first, second = notes(site, "--now", "2026-05-05T12:00:00Z")

    assert first == "0 papers were seen in the last 28 days, too few to say which keywords find too much or nothing"
    assert "“doi:10.5555/a” is not an arXiv id" in second


def test_without_a_database_what_needs_none_is_noted_and_none_is_made(tmp_path: Path, web: Web) -> None:
    repeated = ADA.replace('"lantern*"', '"LLM", "LLMs", "tide survey"') + 'mute = ["survey"]\n'
    site = make_site(tmp_path / "site", asking_arxiv(web.url()), {"ada.toml": repeated})

    assert notes(site) == [
        (
            "subscribers.d/ada.toml:7 profiles[0].keywords[2]: “tide survey” is always hidden: it has the words of the mute"
            " “survey”; take the keyword or the mute away"
        ),
        (
            "subscribers.d/ada.toml:7 profiles[0].keywords[1]: “LLMs” finds the same as keywords[0], “LLM”: it counts once;"
            " take one of the two away"
        ),
    ]
    assert not (site.folder / "var").exists()


def test_what_makes_a_profile_find_nothing_comes_first_and_repeats_come_last(tmp_path: Path, web: Web) -> None:
    reader = ADA.replace('"lantern*"', '"tide", "tides", "lantern, wick", "cat:cs.LG"')
    more = (
        'authors = ["Quill et al."]\n[[profiles]]\nname = "No"\n[[profiles]]\nname = "Fog"\nkeywords = ["a"]\nsources = ["b"]'
    )
    site = make_site(tmp_path / "site", asking_arxiv(web.url()), {"ada.toml": reader + more})

    keys = [note.split()[1].removesuffix(":") for note in notes(site)]
    assert keys == [
        "profiles[2].sources",
        "profiles[1]",
        "profiles[0].authors[0]",
        "profiles[0].keywords[2]",
        "profiles[0].keywords[3]",
        "profiles[0].keywords[1]",
    ]


def test_of_very_many_notes_the_first_hundred_are_told(tmp_path: Path, web: Web) -> None:
    keywords = ", ".join(['"tide"'] * 1335)
    reader = {"ada.toml": ADA.replace('"lantern*"', keywords)}
    told = notes(make_site(tmp_path / "site", asking_arxiv(web.url()), reader))

    assert len(told) == 101
    assert told[-1] == "and 1,234 more on readers"


def test_of_very_many_notes_each_reader_gets_a_few(tmp_path: Path, web: Web) -> None:
    tides = ADA.replace('"lantern*"', ", ".join(['"tide"'] * 200))
    few = ADA.replace('"lantern*"', '"tide", "tide"')
    readers = {f"{name}.toml": tides.replace("ada@", f"{name}@") for name in ("ada", "ben", "cy")}
    readers |= {f"z{number}.toml": few.replace("ada@", f"z{number}@") for number in range(60)}
    told = notes(make_site(tmp_path / "site", asking_arxiv(web.url()), readers))

    files = Counter(note.partition(":")[0].removeprefix("subscribers.d/") for note in told[:-1])
    assert all(files[f"z{number}.toml"] == 1 for number in range(60))
    assert (files["ada.toml"], files["ben.toml"], files["cy.toml"]) == (34, 3, 3)
    assert told[-1] == f"and {199 * 3 + 60 - 100} more on readers"
