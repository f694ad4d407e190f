"""`digestd explain`: why a paper is, or is not, in a digest, as a person reads it."""

from pathlib import Path

import pytest

from tests.sources.documents import arxiv_item, rss
from tests.support.site import SETTINGS, Site, make_site
from tests.support.web import Site as Web

THURSDAY = "2026-03-05T12:00:00Z"
SOURCE = """
[poll]
every = 0
per_host_gap = 0
allow_private = true

[[sources]]
kind = "arxiv"
url = "{web}"
categories = ["cs.LG"]
"""
READER = """\
email = "{name}@example.org"
schedule = {{ every = "day", at = "07:30", timezone = "Europe/Berlin" }}

[[profiles]]
name = "Lanterns"
"""
ADA = READER.format(name="ada")


@pytest.fixture
def site(tmp_path: Path, web: Web) -> Site:
    """Return an installation whose source announces two papers on lanterns at low tide."""
    web.serve("/rss/cs.LG", rss(arxiv_item("2603.00001"), arxiv_item("2603.00002")))
    return make_site(tmp_path / "site", SETTINGS + SOURCE.format(web=web.url()))


def explain(site: Site, profile: str, *words: str) -> str:
    """Poll, compose and deliver for a reader with that profile, and return what is said of the first paper."""
    site.writes("subscribers.d/ada.toml", ADA + profile)
    assert site.run("--now", THURSDAY, "tick").returncode == 0
    done = site.run("--now", THURSDAY, *(words or ("explain", "ada@example.org", "2603.00001")))
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("profile", "told", "reason"),
    [
        pytest.param('keywords = ["lantern*"]', "shown for “Lanterns”", "matches (score 2.50)", id="shown"),
        pytest.param('keywords = ["lantern*"]\nmax_papers = 1', "over its limit", "matches (score 2.50)", id="over_the_limit"),
        pytest.param('keywords = ["lantern*"]\nmute = ["tide"]', "hidden by a mute", "hidden by the mute 'tide'", id="muted"),
        pytest.param('keywords = ["snow"]', "Not told", "no keyword or author is found (score 0.00)", id="not_asked_for"),
        pytest.param(
            'keywords = ["lantern*"]\nmin_score = 9',
            "Not told",
            "scores 2.50, less than min_score 9 (score 2.50, min_score 9)",
            id="too_low",
        ),
        pytest.param(
            'keywords = ["lantern*"]\ncategories = ["math"]', "Not told", "is not of the profile's categories", id="filtered"
        ),
        pytest.param('like = ["2603.00009"]', "Not told", "is not like its examples: 0.00 points", id="unlike"),
        pytest.param("keywords = []", "Not told", "the profile asks for nothing", id="empty"),
    ],
)
def test_each_fate_of_a_paper_is_told_with_its_reason(site: Site, profile: str, told: str, reason: str) -> None:
    paper = "2603.00002" if "max_papers" in profile else "2603.00001"
    said = explain(site, profile, "explain", "ada@example.org", paper)

    assert told in said
    assert f"Profile “Lanterns”: {reason}" in said


def test_each_term_has_a_row_with_places_share_and_points(site: Site) -> None:
    said = explain(
        site,
        'keywords = ["lantern*^2", "title:low tide AND NOT survey"]\nauthors = ["Quill, A."]\n'
        'mute = ["beacon"]\ncategories = ["cs"]',
    )

    rows = [" ".join(line.split()) for line in said.splitlines()]
    start = rows.index("KEY TERM FOUND IN RECENT PAPERS POINTS")
    assert rows[start - 1] == "categories cs: the paper has cs.LG; it passes"
    assert rows[start + 1 :][:6] == [
        "keywords lantern*^2 title “Lanterns”, abstract “lantern” 5.00",
        "keywords title:low tide AND NOT survey holds 1.50",
        "title:low tide title “low tide”",
        "NOT survey no, as asked",
        "authors Quill, A. author “Ada Quill” 3.00",
        "mute beacon no",
    ]


def test_examples_have_a_row_with_the_words_in_common(site: Site) -> None:
    said = explain(site, 'like = ["2603.00002", "arXiv:2603.00009"]')

    [row] = [line.split("  ") for line in said.splitlines() if line.startswith("  like")]
    cells = [cell.strip() for cell in row if cell.strip()]
    assert cells[:2] == ["like", "1 example; not known yet: arXiv:2603.00009"]
    assert "Lanterns" in cells[2]
    assert float(cells[3]) > 1


def test_a_named_example_is_not_told_to_who_named_it(site: Site) -> None:
    assert "Not told: ada@example.org named it as an example" in explain(
        site, 'keywords = ["lantern*"]\nlike = ["2603.00001"]', "explain", "ada@example.org", "2603.00001"
    )


def test_what_everybody_asks_for_is_said_to_count_for_less(site: Site) -> None:
    for number in range(100):
        reader = READER.format(name=f"reader{number}") + 'keywords = ["lantern*"]\n'
        site.writes(f"subscribers.d/reader{number}.toml", reader)

    said = explain(site, 'keywords = ["lantern*"]')

    assert "Many profiles ask for such papers: 75% of its score counts when papers are put in order" in said


def test_a_narrow_terminal_folds_and_loses_nothing(site: Site) -> None:
    explain(site, 'keywords = ["lantern*", "title:low tide AND NOT (survey OR review OR perspective)"]')
    narrow = {"COLUMNS": "60", "FORCE_COLOR": "1"}

    done = site.run("--now", THURSDAY, "explain", "ada@example.org", "2603.00001", environment=narrow)

    assert "Traceback" not in done.stderr
    assert "perspective" in done.stdout
