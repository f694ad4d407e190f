from datetime import UTC, datetime, time

import pytest

from digestd.model.digest import Evidence, Field, Section
from digestd.model.period import Schedule
from digestd.rendering import ENGLISH, words
from tests.support.builders import digest, match, paper


def evidence(term: str, field: Field, told: str = "", entry: str = "") -> Evidence:
    return Evidence(term, field, 0, 1, 1.0, told or term, entry)


@pytest.mark.parametrize(
    ("schedule", "told"),
    [
        (Schedule("day", time(7, 30), "Europe/Berlin"), "every day at 07:30, Europe/Berlin"),
        (Schedule("weekday", time(6), "UTC"), "every weekday at 06:00, UTC"),
        (Schedule("week", time(7, 30), "UTC", on=4), "every Friday at 07:30, UTC"),
        (Schedule("month", time(7, 30), "UTC", on=1), "on the 1st of every month at 07:30, UTC"),
        (Schedule("month", time(7, 30), "UTC", on=12), "on the 12th of every month at 07:30, UTC"),
        (Schedule("month", time(7, 30), "UTC", on=31), "on the 31st of every month, or the month’s last day, at 07:30, UTC"),
    ],
)
def test_a_schedule_is_said_in_words(schedule: Schedule, told: str) -> None:
    assert words.schedule(ENGLISH, schedule) == told


def test_the_date_is_that_on_the_readers_wall() -> None:
    at = datetime(2026, 3, 5, 22, tzinfo=UTC)

    assert words.long_date(ENGLISH, at, "Asia/Tokyo") == "Friday, 6 March 2026"


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        pytest.param([1], "1 paper for “A” · 1,212 looked at", id="one_paper"),
        pytest.param([3, 2], "3 papers for “A”, 2 for “B” · 1,212 looked at", id="two_profiles"),
        pytest.param([0, 2, 0], "2 papers for “B” · 1,212 looked at", id="profiles_without_papers"),
        pytest.param([0, 0], "Nothing new for “A” and “B”", id="nothing"),
        pytest.param([], "Nothing new for you", id="no_profile"),
        pytest.param([1] * 6, "1 paper for “A”, 1 for “B”, 1 for “C”, 1 for “D” and 2 more · 1,212 looked at", id="many"),
    ],
)
def test_a_digest_is_summed_up_in_a_line(shown: list[int], told: str) -> None:
    sections = tuple(Section(name, (match(paper(1)),) * count) for name, count in zip("ABCDEF", shown, strict=False))

    assert words.summary(ENGLISH, digest(sections=sections, looked_at=1212)) == told


@pytest.mark.parametrize(
    ("found", "told"),
    [
        pytest.param(
            [evidence("sparse", "abstract"), evidence("sparse", "title"), evidence("Dao", "author", "Tri Dao")],
            "matches “sparse” in title and abstract; by Tri Dao",
            id="term_and_author",
        ),
        pytest.param(
            [evidence("a", "title"), evidence("b", "title"), evidence("c", "abstract")],
            "matches “a”, “b” in title; “c” in abstract",
            id="terms_of_the_same_place_together",
        ),
        pytest.param([evidence('"mixture of experts"', "title")], "matches “mixture of experts” in title", id="exact_phrase"),
        pytest.param(
            [evidence("cs.LG", "category"), evidence("x", "source", "arxiv")], "filed under cs.LG, from arXiv", id="rest"
        ),
        pytest.param([evidence(one, "title") for one in "abcdef"], "matches “a”, “b”, “c”, “d” and 2 more in title", id="many"),
        pytest.param(
            [
                evidence("tide", "title", entry="tide NEAR/5 lantern"),
                evidence("lantern", "title", entry="tide NEAR/5 lantern"),
                evidence("tide", "title", entry="tide AND sea"),
                evidence("sea", "abstract", entry="tide AND sea"),
            ],
            "matches “tide NEAR/5 lantern” in title; “tide AND sea” in title and abstract",
            id="operators",
        ),
        pytest.param(
            [
                evidence("like:", "title", "tide", "Tides of $\\alpha$"),
                evidence("like:", "abstract", "ebb", "Tides of $\\alpha$"),
            ],
            "like “Tides of α”: “tide”, “ebb”",
            id="example",
        ),
        pytest.param([evidence("like:", "title", "tide")], "like your examples: “tide”", id="example_of_an_older_digest"),
        pytest.param([], "", id="none"),
    ],
)
def test_a_match_says_why(found: list[Evidence], told: str) -> None:
    assert words.why(ENGLISH, found) == told


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ((), ""),
        (("arXiv cs.LG",), "arXiv cs.LG could not be read; its papers will follow once available."),
        (("a", "b"), "a and b could not be read; their papers will follow once available."),
        (tuple("abcdef"), "a, b, c, d and 2 more could not be read; their papers will follow once available."),
    ],
)
def test_sources_that_fail_are_named(names: tuple[str, ...], told: str) -> None:
    assert words.troubles(ENGLISH, names, ()) == told


def test_sources_that_stand_still_are_named_after_those_that_fail() -> None:
    assert words.troubles(ENGLISH, ("a",), ("b",)) == (
        "a could not be read; its papers will follow once available. "
        "b announced nothing new although something was due; its papers will follow once available."
    )
