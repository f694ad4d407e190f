"""`digestd match`: a file of papers against a profile or a reader's file, offline."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.site import Site

GAUGES = {"id": "tides-1", "title": "Tide gauges and ebb currents", "abstract": "Gauges log ebb and flood at the harbour."}
BUOYS = {"id": "tides-2", "title": "Ebb currents at a tide gauge", "abstract": "Buoys log flood and ebb at the harbour."}
BREAD = {"id": "bread-1", "title": "Sour bread", "abstract": "Yeast, rye and dough."}
LAMP = {"id": "arXiv:2603.00001v2", "title": "A lantern", "abstract": "A lantern, and a wick.", "authors": ["Ada Quill"]}
LAMPS = {"id": "2603.00002", "title": "Lamps", "abstract": "One lantern; tides.", "categories": ["cs.LG"]}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def match(site: Site, profile: str, *papers: object) -> list[dict[str, Any]]:
    """Return what `match --json` prints for a profile and a file of papers."""
    done = site.run(*words(site, profile, papers), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def words(site: Site, profile: str, papers: Sequence[object]) -> list[str]:
    lines = [one if isinstance(one, str) else json.dumps(one) for one in papers]
    site.writes("papers.jsonl", "".join(f"{line}\n" for line in lines)).writes("wanted.toml", profile)
    return ["match", "--profile", str(site.folder / "wanted.toml"), "--papers", str(site.folder / "papers.jsonl")]


def ids(site: Site, profile: str, *papers: object) -> list[str]:
    return [one["paper_id"] for one in match(site, profile, *papers)]


def test_a_match_has_the_documented_shape(site: Site) -> None:
    [found] = match(site, 'name = "Lamps"\nkeywords = ["lantern^2"]\nauthors = ["Quill, A."]\nmute = ["wick"]', LAMP)

    assert found.keys() == {"paper_id", "profile", "score", "evidence", "hidden_by"}
    assert (found["paper_id"], found["profile"], found["hidden_by"]) == ("arXiv:2603.00001", "Lamps", "wick")
    assert found["score"] > 3
    assert found["evidence"][0] == {
        "term": "lantern",
        "field": "title",
        "start": 2,
        "end": 9,
        "weight": 2.0,
        "words": "lantern",
    }
    assert [one["field"] for one in found["evidence"]] == ["title", "abstract", "author"]


def test_what_no_mute_hides_says_nothing_of_it(site: Site) -> None:
    [found] = match(site, 'keywords = ["lantern"]', LAMP)

    assert "hidden_by" not in found
    assert found["profile"] == "wanted"


def test_the_best_come_first_over_all_profiles_of_a_reader(site: Site) -> None:
    reader = """
email = "ada@example.org"
[[profiles]]
name = "Lanterns"
keywords = ["lantern"]
[[profiles]]
name = "Bread"
keywords = ["bread^2"]
"""
    found = match(site, reader, LAMPS, BREAD, LAMP)

    assert [(one["profile"], one["paper_id"]) for one in found] == [
        ("Bread", "bread-1"),
        ("Lanterns", "arXiv:2603.00001"),
        ("Lanterns", "2603.00002"),
    ]
    assert [one["score"] for one in found] == sorted((one["score"] for one in found), reverse=True)


@pytest.mark.parametrize(("most", "count"), [("", 3), ("max_papers = 2", 2), ("max_papers = 1", 1)], ids=["all", "two", "one"])
def test_a_profiles_limit_holds(site: Site, most: str, count: int) -> None:
    assert len(ids(site, f'keywords = ["tide", "lantern"]\n{most}', LAMPS, GAUGES, LAMP)) == count


def test_a_hidden_paper_does_not_take_a_shown_ones_place(site: Site) -> None:
    found = match(site, 'keywords = ["lantern"]\nmute = ["wick"]\nmax_papers = 1', LAMPS, LAMP)

    assert [(one["paper_id"], one.get("hidden_by")) for one in found] == [("arXiv:2603.00001", "wick"), ("2603.00002", None)]


def test_examples_are_looked_up_in_the_file_and_left_out(site: Site) -> None:
    assert ids(site, 'like = ["tides-1", "tides-9"]', GAUGES, BREAD, BUOYS) == ["tides-2"]
    assert ids(site, 'keywords = ["tide"]\ndislike = ["tides-1"]', GAUGES, BREAD, BUOYS) == ["tides-2"]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        pytest.param("arXiv:2603.00002v4", "2603.00002", id="bare_in_the_file"),
        pytest.param("2603.00002", "arXiv:2603.00002", id="bare_in_the_profile"),
        pytest.param("https://arxiv.org/abs/2603.00002v1", "arXiv:2603.00002v3", id="a_link"),
    ],
)
def test_an_example_is_found_however_it_is_written(site: Site, name: str, written: str) -> None:
    assert ids(site, f'like = ["{name}"]', GAUGES | {"id": written}, BUOYS, BREAD) == ["tides-2"]


def test_the_files_own_papers_say_what_is_rare(site: Site) -> None:
    common = [{"id": f"c{number}", "title": "Tides", "abstract": "-"} for number in range(300)]

    found = match(site, 'keywords = ["tide", "lantern"]', *common, LAMP)

    assert found[0]["paper_id"] == "arXiv:2603.00001"
    assert found[1]["score"] < 0.5


def test_bad_lines_are_named_and_the_rest_is_done(site: Site) -> None:
    bad = [
        "{",
        "[1]",
        '{"id": "1"}',
        '{"id": 7, "title": "Tide"}',
        '{"id": "x", "title": "Tide", "published": "soon"}',
        "nonsense",
    ]

    done = site.run(*words(site, 'keywords = ["lantern"]', [*bad, "", LAMP, LAMP]), "--json")

    assert done.returncode == 1
    assert [line.split("papers.jsonl:")[1].split(":")[0] for line in done.stderr.splitlines()] == list("123456")
    assert [json.loads(line)["paper_id"] for line in done.stdout.splitlines()] == ["arXiv:2603.00001"]


def test_a_query_that_is_wrong_is_78_and_says_where(site: Site) -> None:
    done = site.run(*words(site, 'keywords = [\n"lantern",\n"tide AND"]', [LAMP]))

    assert done.returncode == 78
    assert "keywords[1]: column 6 of 'tide AND'" in done.stderr


def test_for_a_person_there_is_a_table(site: Site) -> None:
    done = site.run(*words(site, 'keywords = ["lantern"]', [LAMP, LAMPS]))

    head, first, second = done.stdout.splitlines()
    assert head.split() == ["SCORE", "PROFILE", "PAPER", "TITLE", "WHY"]
    assert first.endswith("A lantern  matches “lantern” in title, abstract")
    assert second.endswith("Lamps      matches “lantern” in abstract")


def test_nothing_found_is_said(site: Site) -> None:
    assert site.run(*words(site, 'keywords = ["snow"]', [LAMP])).stdout == "No paper matches.\n"
    assert site.run(*words(site, 'keywords = ["snow"]', [])).stdout == "No paper matches.\n"
