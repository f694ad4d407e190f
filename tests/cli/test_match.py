"""`digestd match`: a file of papers against a profile or a reader's file, offline."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.site import Site

GAUGES = {"id": "tides-1", "title": "Tide gauges and ebb currents", "abstract": "Gauges log ebb and flood at the harbour."}
BUOYS = {"id": "tides-2", "title": "Ebb currents at a tide gauge", "abstract": "Buoys log flood and ebb at the harbour."}
BREAD = {"id": "bread-1", "title": "Sour bread", "abstract": "Yeast, rye and dough."}
FAR = {"id": "far-1", "title": "Gulls over a harbour", "abstract": f"Dough and {'gulls, terns, wings, nests, ' * 9}"}
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


def test_what_a_digest_would_have_comes_before_what_it_would_leave_out(site: Site) -> None:
    profile = 'keywords = ["rye^0.5"]\nlike = ["tides-1"]\nmax_papers = {}'

    assert ids(site, profile.format(1), GAUGES, BREAD, FAR) == ["bread-1"]
    assert ids(site, profile.format(2), GAUGES, BREAD, FAR) == ["far-1", "bread-1"]


def test_a_hidden_paper_does_not_take_a_shown_ones_place(site: Site) -> None:
    found = match(site, 'keywords = ["lantern"]\nmute = ["wick"]\nmax_papers = 1', LAMPS, LAMP)

    assert [(one["paper_id"], one.get("hidden_by")) for one in found] == [("arXiv:2603.00001", "wick"), ("2603.00002", None)]


def test_examples_are_looked_up_in_the_file_and_left_out(site: Site) -> None:
    assert ids(site, 'like = ["tides-1"]', GAUGES, BREAD, BUOYS) == ["tides-2"]
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


@pytest.mark.parametrize("name", ["doi:10.5555/TIDE.1", "https://doi.org/10.5555/tide.1", "2603.00002v2", "tides-1"])
def test_an_example_is_found_by_any_of_its_names(site: Site, name: str) -> None:
    gauges = GAUGES | {"ids": {"arxiv": "2603.00002", "doi": "10.5555/tide.1"}}

    assert ids(site, f'like = ["{name}"]', gauges, BUOYS, BREAD) == ["tides-2"]


def test_a_shared_name_is_that_of_the_paper_whose_id_it_is(site: Site) -> None:
    preprint = LAMP | {"id": "arXiv:2603.00003", "ids": {"arxiv": "2603.00003", "doi": "10.5555/tide.1"}}

    assert ids(site, 'like = ["doi:10.5555/tide.1"]', preprint, GAUGES | {"id": "doi:10.5555/tide.1"}, BUOYS) == ["tides-2"]


def test_an_example_that_the_file_has_not_is_said_once(site: Site) -> None:
    profile = 'keywords = ["tide"]\nlike = ["tides-1", "doi:10.5555/none", "doi:10.5555/none"]\ndislike = ["bread-9"]'

    done = site.run(*words(site, profile, [GAUGES, BUOYS, BREAD]), "--json")

    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "digestd: like: doi:10.5555/none is none of the 3 papers",
        "digestd: dislike: bread-9 is none of the 3 papers",
    ]


def test_of_two_lines_with_one_id_the_first_is_kept(site: Site) -> None:
    done = site.run(*words(site, 'keywords = ["lantern"]', [LAMP, "", LAMPS, LAMP | {"title": "Another lantern"}]))

    assert done.returncode == 0
    assert done.stderr.endswith("papers.jsonl:4: arXiv:2603.00001 stands in line 1 already\n")
    assert "A lantern" in done.stdout
    assert "Another" not in done.stdout


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        pytest.param({"votes": "5"}, "votes should be a whole number", id="votes_as_text"),
        pytest.param({"votes": [5]}, "votes should be a whole number", id="votes_as_a_list"),
        pytest.param(
            {"published": "0001-01-01T00:00:00+14:00"}, "is before the year 1 or after 9999 in UTC", id="before_all_time"
        ),
        pytest.param({"authors": "Ada Quill"}, "authors should be a list of texts", id="authors_as_text"),
        pytest.param({"ids": {"arxiv": 5}}, "arxiv should be a text", id="id_as_a_number"),
    ],
)
def test_a_field_of_another_type_is_no_paper(site: Site, field: dict[str, Any], reason: str) -> None:
    done = site.run(*words(site, 'keywords = ["lantern"]', [LAMP | field, LAMPS]), "--json")

    assert done.returncode == 1
    assert "papers.jsonl:1: not a paper: " in done.stderr
    assert done.stderr.endswith(f"{reason}\n")
    assert [json.loads(line)["paper_id"] for line in done.stdout.splitlines()] == ["2603.00002"]


@pytest.mark.parametrize("value", ["[" * 5000, "9" * 5000], ids=["deep_lists", "an_endless_number"])
def test_a_profile_that_nobody_writes_is_78(site: Site, value: str) -> None:
    done = site.run(*words(site, f"keywords = {value}", [LAMP]))

    assert done.returncode == 78
    assert "wanted.toml not TOML: " in done.stderr


def test_nothing_in_a_paper_steers_the_terminal(site: Site) -> None:
    controls = "\x1b\x07\x9b\x85\r\t\u202e\u2066"
    evil = f"\x1b]0;owned{controls}[31m\n"

    done = site.run(*words(site, 'keywords = ["lantern"]', [{"id": f"a{evil}", "title": f"Lantern {evil} red"}] * 2))

    assert (done.returncode, len(done.stdout.splitlines()), len(done.stderr.splitlines())) == (0, 2, 1)
    assert not set(controls) & set(done.stdout + done.stderr)
    assert f"Lantern �]0;owned{'�' * len(controls)}[31m  red" in done.stdout


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
    assert [line.split("papers.jsonl:")[1].split(":")[0] for line in done.stderr.splitlines()] == list("1234569")
    assert [json.loads(line)["paper_id"] for line in done.stdout.splitlines()] == ["arXiv:2603.00001"]


def test_a_query_that_is_wrong_is_78_and_says_where(site: Site) -> None:
    done = site.run(*words(site, 'keywords = [\n"lantern",\n"tide AND"]', [LAMP]))

    assert done.returncode == 78
    assert done.stderr.startswith(f"digestd: {site.folder}/wanted.toml:1 keywords[1]: column 6 of 'tide AND'")


def test_for_a_person_there_is_a_table(site: Site) -> None:
    done = site.run(*words(site, 'keywords = ["lantern"]', [LAMP, LAMPS]))

    head, first, second = done.stdout.splitlines()
    assert head.split() == ["SCORE", "PROFILE", "PAPER", "TITLE", "WHY"]
    assert first.endswith("A lantern  matches “lantern” in title and abstract")
    assert second.endswith("Lamps      matches “lantern” in abstract")


def test_nothing_found_is_said(site: Site) -> None:
    assert site.run(*words(site, 'keywords = ["snow"]', [LAMP, LAMPS])).stdout == "None of the 2 papers matches.\n"
    assert site.run(*words(site, 'keywords = ["snow"]', [LAMP])).stdout == "The one paper does not match.\n"
    assert site.run(*words(site, 'keywords = ["snow"]', [])).stdout == "The file holds no papers.\n"


@pytest.mark.parametrize("as_json", [[], ["--json"]], ids=["for_a_person", "json"])
@pytest.mark.parametrize(
    ("profile", "said"),
    [
        (
            'keywords = ["lantern"]\nmax_papers = 0',
            "“wanted” has max_papers = 0: it shows no paper, and only counts them; write how",
        ),
        ('mute = ["lantern"]', "“wanted” asks for nothing; give it keywords"),
        ('dislike = ["2603.00002"]', "“wanted” asks for nothing; give it keywords"),
    ],
    ids=["shows_none", "only_mutes", "only_dislikes"],
)
def test_why_a_profile_can_show_nothing_is_said(site: Site, profile: str, said: str, as_json: list[str]) -> None:
    done = site.run(*words(site, profile, [LAMP, LAMPS]), *as_json)

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith(f"digestd: {said}")


def test_reasons_keep_the_operators_and_name_the_example(site: Site) -> None:
    [found] = match(
        site, 'keywords = ["flood NEAR/2 ebb", "(tide OR sea) AND NOT bread"]\nlike = ["tides-1"]', GAUGES, BUOYS, BREAD
    )
    done = site.run(
        *words(site, 'keywords = ["flood NEAR/2 ebb", "(tide OR sea) AND gauge^2"]\nlike = ["tides-1"]', [GAUGES, BUOYS, BREAD])
    )

    assert {one.get("entry", "") for one in found["evidence"]} == {"flood NEAR/2 ebb", "", GAUGES["title"]}
    assert (
        "matches “flood NEAR/2 ebb” in abstract; “tide AND gauge” in title; like “Tide gauges and ebb currents”: "
        in done.stdout
    )


def test_what_examples_list_is_said_in_the_help(site: Site) -> None:
    said = " ".join(site.run("match", "--help").stdout.split())

    assert "papers to like and no min_score, whatever has anything in common with them is listed" in said


def test_what_a_digest_would_leave_out_has_no_reason_unless_a_min_score_asks_for_it(site: Site) -> None:
    near, listed = match(site, 'like = ["tides-1"]', GAUGES, BUOYS, FAR)
    _, asked_for = match(site, 'like = ["tides-1"]\nmin_score = 0', GAUGES, BUOYS, FAR)
    _, hidden = match(site, 'like = ["tides-1"]\nmute = ["gulls"]', GAUGES, BUOYS, FAR)

    assert near["evidence"]
    assert listed["score"] < 3
    assert listed["evidence"] == []
    assert [one["words"] for one in asked_for["evidence"]] == ["harbour"]
    assert (asked_for["paper_id"], asked_for["score"]) == (listed["paper_id"], listed["score"])
    assert hidden["hidden_by"] == "gulls"


def test_a_narrow_terminal_wraps_long_cells_between_words(site: Site) -> None:
    long = LAMP | {"title": "A lantern that is kept at the end of the pier by the keeper of the harbour and his daughter"}

    done = site.run(*words(site, 'keywords = ["lantern"]', [long]), environment={"COLUMNS": "80", "FORCE_COLOR": "1"})

    lines = [re.sub(r"\x1b\[\d+m", "", line) for line in done.stdout.splitlines()]
    head, first, *rest = lines
    assert max(map(len, lines)) <= 80
    assert first.split()[1:3] == ["wanted", "arXiv:2603.00001"]
    assert all(line[: head.index("TITLE")].isspace() for line in rest)
    shown = [line[head.index("TITLE") : head.index("WHY")].strip() for line in [first, *rest]]
    assert " ".join(filter(None, shown)) == long["title"]


def test_a_profile_that_is_not_in_utf8_is_refused(site: Site) -> None:
    site.writes("papers.jsonl", json.dumps(LAMP))
    (site.folder / "wanted.toml").write_bytes('keywords = ["Läntern"]'.encode("latin-1"))

    done = site.run("match", "--profile", str(site.folder / "wanted.toml"), "--papers", str(site.folder / "papers.jsonl"))

    assert (done.returncode, done.stdout) == (78, "")
    assert "wanted.toml cannot be read: it is not in UTF-8: save it so" in done.stderr
