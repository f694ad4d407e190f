"""`digestd explain`: why a paper is, or is not, in a digest, as a person reads it."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.sources.documents import arxiv_item, item, rss
from tests.support.site import Site, asking_arxiv, make_site
from tests.support.smtp import SmtpServer, Trouble, line_breaks_after_data, refused_at_data
from tests.support.web import Site as Web

THURSDAY = "2026-03-05T12:00:00Z"
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
    return make_site(tmp_path / "site", asking_arxiv(web.url()))


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
        pytest.param(
            'keywords = ["lantern*"]',
            "shown for “Lanterns”, place 1 of 2, of which 2 are shown",
            "matches (score 2.50)",
            id="shown",
        ),
        pytest.param(
            'keywords = ["lantern*"]\nmax_papers = 1',
            "counted for “Lanterns”, place 2 of 2, of which 1 is shown",
            "matches (score 2.50)",
            id="over_the_limit",
        ),
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
        pytest.param("keywords = []", "Not told", "the profile asks for nothing: give it", id="empty"),
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
    start = rows.index("KEY TERM FOUND POINTS")
    assert rows[start - 1] == "categories cs: the paper has cs.LG; it passes"
    assert rows[start + 1 :][:7] == [
        "keywords lantern*^2 title “Lanterns”, abstract “lantern” 5.00",
        "keywords title:low tide AND NOT survey holds 1.50",
        "title:low tide title “low tide”",
        "NOT survey no, as asked",
        "authors Quill, A. author “Ada Quill” 3.00",
        "mute beacon no",
        "score 9.50",
    ]


def test_a_term_asked_for_twice_counts_in_one_row(site: Site) -> None:
    said = explain(site, 'keywords = ["lantern*", "lantern*^2"]')

    rows = [" ".join(line.split()) for line in said.splitlines()]
    assert rows[-3:] == [
        "keywords lantern* title “Lanterns”, abstract “lantern”; counted in “lantern*^2” 0.00",
        "keywords lantern*^2 title “Lanterns”, abstract “lantern” 5.00",
        "score 5.00",
    ]


def test_examples_have_a_row_with_the_words_in_common(site: Site) -> None:
    said = explain(site, 'like = ["2603.00002", "arXiv:2603.00009"]\ndislike = ["arXiv:2603.00008"]')

    [row] = [line.split("  ") for line in said.splitlines() if line.startswith("  like")]
    cells = [cell.strip() for cell in row if cell.strip()]
    assert cells[:2] == ["like", "1 liked, 2 not known yet: arXiv:2603.00009, arXiv:2603.00008"]
    assert cells[2].startswith("like “Lanterns at low tide”: ")
    assert float(cells[3]) > 1


def test_the_disliked_say_what_they_take_away(site: Site) -> None:
    said = explain(site, 'keywords = ["lantern*"]\ndislike = ["2603.00002"]')

    [row] = [line.split("  ") for line in said.splitlines() if line.startswith("  dislike")]
    cells = [cell.strip() for cell in row if cell.strip()]
    assert cells[1] == "1 disliked"
    assert cells[2].startswith("like the disliked “Lanterns at low tide”: ")
    assert cells[2].endswith("; a quarter of the rest always stays")
    assert "  score" in said
    assert (cells[3], said.split()[-1]) == ("-1.88", "0.62")


def test_before_a_digest_is_composed_the_place_in_it_is_told(site: Site) -> None:
    site.writes("subscribers.d/ada.toml", f'{ADA}keywords = ["lantern*"]\nmax_papers = 1')
    assert site.run("--now", THURSDAY, "poll").returncode == 0

    first, second = (
        site.run("--now", THURSDAY, "explain", "ada@example.org", paper).stdout.splitlines()[3]
        for paper in ("2603.00001", "2603.00002")
    )

    so_far = "Not told to ada@example.org so far: in daily/2026-03-05, were it composed now,"
    assert first == f"{so_far} shown for “Lanterns”, place 1 of 2, of which 1 is shown"
    assert second == f"{so_far} over the limit and only counted for “Lanterns”, place 2 of 2, of which 1 is shown"


def test_json_has_the_points_of_each_row_and_the_total(site: Site) -> None:
    keys = 'keywords = ["lantern*", "title:low tide AND NOT survey"]\nmute = ["beacon"]\nlike = ["2603.00002"]'

    told = json.loads(explain(site, keys, "explain", "ada@example.org", "2603.00001", "--json"))

    [one] = told["profiles"]
    assert (told["email"], told["paper"]["id"], told["fate"][0][:10]) == ("ada@example.org", "arXiv:2603.00001", "News since")
    assert [(row["key"], row["written"], row["points"]) for row in one["entries"]] == [
        ("keywords", "lantern*", 2.5),
        ("keywords", "title:low tide AND NOT survey", 1.5),
        ("mute", "beacon", 0),
    ]
    assert one["score"] == pytest.approx(4 + one["examples"]["points"])
    assert (one["damping"], one["total"], one["match"]["score"]) == (1, round(one["score"], 3), round(one["score"], 3))


def test_a_named_example_is_not_told_to_who_named_it(site: Site) -> None:
    assert "Not told to ada@example.org so far: named as an example" in explain(
        site, 'keywords = ["lantern*"]\nlike = ["2603.00001"]', "explain", "ada@example.org", "2603.00001"
    )


def test_what_everybody_asks_for_is_said_to_count_for_less(site: Site) -> None:
    for number in range(100):
        reader = READER.format(name=f"reader{number}") + 'keywords = ["lantern*"]\n'
        site.writes(f"subscribers.d/reader{number}.toml", reader)

    said = explain(site, 'keywords = ["lantern*"]')

    assert "Many profiles ask for such papers: 75% of its score counts when papers are put in order, 1.88" in said


def test_a_paper_of_a_feed_is_known_by_the_link_in_the_digest(site: Site, web: Web) -> None:
    page, shared = "http://annals.example.org/Low-Tide/?utm_source=rss", "https://annals.example.org/issue"
    web.serve("/feed", rss(item(link=page), item(title="Kelp", link=shared), item(title="Harbours of Mars", link=shared)))
    feed = f'[[sources]]\nkind = "feed"\nname = "annals"\nurl = "{web.url("/feed")}"\n'
    site.writes("digestd.toml", (site.folder / "digestd.toml").read_text(encoding="utf-8") + feed)

    said = explain(site, 'keywords = ["lantern*"]', "explain", "ada@example.org", "https://annals.example.org/Low-Tide")
    several, none = (site.run("explain", "ada@example.org", link) for link in (shared, "https://annals.example.org/"))

    assert said.splitlines()[1].endswith(", announced by annals")
    assert [done.returncode for done in (several, none)] == [2, 2]
    assert f"{shared} is the page of 2 papers; name one: id:" in " ".join(several.stderr.replace("│", "").split())
    assert "has not been seen" in none.stderr


def test_a_paper_that_got_a_stronger_name_since_was_told_under_its_old_one(site: Site, web: Web) -> None:
    page = "https://annals.example.org/Low-Tide"
    announced = "Thu, 05 Mar 2026 04:00:00 GMT"
    web.serve("/feed", rss(item(link=page, pubDate=announced)))
    feed = f'[[sources]]\nkind = "feed"\nname = "annals"\nurl = "{web.url("/feed")}"\n'
    site.writes("digestd.toml", (site.folder / "digestd.toml").read_text(encoding="utf-8") + feed)
    before = explain(site, 'keywords = ["lantern*"]', "explain", "ada@example.org", page)

    web.serve("/feed", rss(item(link=page, pubDate=announced, dc_identifier="doi:10.5555/tide.1")))
    assert site.run("--now", THURSDAY, "poll").returncode == 0
    said = site.run("--now", THURSDAY, "explain", "ada@example.org", "doi:10.5555/tide.1").stdout

    for one in (before, said):
        assert "Told in daily/2026-03-05" in one
        assert "shown for “Lanterns”" in one


@pytest.mark.parametrize(
    ("troubles", "then"),
    [
        pytest.param([refused_at_data], "Not told to ada@example.org so far: in daily/2026-03-06, were it", id="refused"),
        pytest.param([line_breaks_after_data, refused_at_data], "It may have arrived, so it is not told again", id="in_doubt"),
    ],
)
def test_a_digest_that_failed_told_nobody(site: Site, troubles: Sequence[Trouble], then: str) -> None:
    site.writes("subscribers.d/ada.toml", f'{ADA}keywords = ["lantern*"]\n')
    settings = (site.folder / "digestd.toml").read_text(encoding="utf-8")
    with SmtpServer() as server:
        relay = f'[smtp]\nhost = "127.0.0.1"\nport = {server.port}\nsecurity = "none"\n'
        site.writes("digestd.toml", settings.replace('kind = "maildir"', 'kind = "smtp"') + relay)
        for hour, trouble in enumerate(troubles, start=12):
            server.troubles["ada@example.org"] = trouble
            site.run("--now", f"2026-03-05T{hour}:00:00Z", "tick")

        said = site.run("--now", "2026-03-05T14:00:00Z", "explain", "ada@example.org", "2603.00001").stdout

    assert "In daily/2026-03-05 (failed), composed 2026-03-05 12:00 UTC: shown for “Lanterns”, place 1 of 2" in said
    assert "; 554 5.6.0 We do not like this message" in said
    assert then in said


def test_a_narrow_terminal_folds_and_loses_nothing(site: Site) -> None:
    explain(site, 'keywords = ["lantern*", "title:low tide AND NOT (survey OR review OR perspective)"]')
    narrow = {"COLUMNS": "60", "FORCE_COLOR": "1"}

    done = site.run("--now", THURSDAY, "explain", "ada@example.org", "2603.00001", environment=narrow)

    assert "Traceback" not in done.stderr
    assert "perspective" in done.stdout
