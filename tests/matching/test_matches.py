"""Which papers are for a profile, how well, and why."""

from dataclasses import replace
from typing import Any

import pytest

from digestd.matching.weights import A_LABEL, AN_AUTHOR, IN_TITLE, prominence
from digestd.model.digest import Evidence, Match
from digestd.model.paper import Paper
from digestd.model.subscriber import Profile
from tests.support.builders import paper, profile
from tests.support.finding import find

TIDE = paper(1, "Tide tables", abstract="Lanterns by the sea.")
IN_ABSTRACT = 1.0
WORDS = tuple(f"word{number}x" for number in range(200))


def matches(wanted: Profile, *some: Paper) -> list[Match]:
    return find([wanted], some)


def ids(wanted: Profile, *some: Paper) -> list[str]:
    return [match.paper for match in matches(wanted, *some)]


def terms(wanted: Profile, one: Paper = TIDE) -> list[str]:
    [match] = matches(wanted, one)
    return [evidence.term for evidence in match.evidence]


def score(wanted: Profile, one: Paper = TIDE) -> float:
    [match] = matches(wanted, one)
    return match.score


@pytest.mark.parametrize(
    ("wanted", "points"),
    [
        (profile("tide"), IN_TITLE),
        (profile("lantern"), IN_ABSTRACT),
        (profile("tide", "lantern"), IN_TITLE + IN_ABSTRACT),
        (profile("tide AND lantern"), IN_TITLE + IN_ABSTRACT),
        (profile("tide OR snow"), IN_TITLE),
        (profile("tide AND NOT snow"), IN_TITLE),
        (profile("tide AND (lantern OR NOT sea)"), IN_TITLE + IN_ABSTRACT),
        (profile("tide^2.5"), 2.5 * IN_TITLE),
        (profile("(tide OR lantern)^2"), 2 * (IN_TITLE + IN_ABSTRACT)),
        (profile("tide", "tide AND sea"), 2 * IN_TITLE + IN_ABSTRACT),
        (profile("tide", "title:tide^3"), 4 * IN_TITLE),
        (profile("tide^0"), 0),
        (profile("tide^0 AND lantern"), IN_ABSTRACT),
        (profile("tide^0 NEAR/5 table^0"), 0),
        (profile("any:tide"), IN_TITLE),
        (profile("any:cs"), A_LABEL),
        (profile("lantern OR (tide AND snow)"), IN_ABSTRACT),
        (profile("lantern NEAR/3 sea"), 2 * IN_ABSTRACT),
        (profile(authors=("Quill, A.",)), AN_AUTHOR),
        (profile("tide", authors=("Quill, A.",)), IN_TITLE + AN_AUTHOR),
        (profile(categories=("cs",)), A_LABEL),
        (profile(sources=("arxiv",)), A_LABEL),
    ],
    ids=lambda value: " | ".join((*value.keywords, *value.authors, *value.categories)) if isinstance(value, Profile) else None,
)
def test_a_score_adds_up_the_terms_found(wanted: Profile, points: float) -> None:
    assert score(wanted) == points


@pytest.mark.parametrize(
    ("twice", "points"),
    [
        (profile("tide", "Tides"), IN_TITLE),
        (profile("tide", "tide^2"), 2 * IN_TITLE),
        (profile("tide^0.5", "tide"), IN_TITLE),
        (profile("tide^2 OR snow", "moon OR tide"), 2 * IN_TITLE),
        (profile("au:Quill", "au:Quill^2"), 2 * AN_AUTHOR),
        (profile("au:Quill^0.5", authors=("Quill",)), AN_AUTHOR),
        (profile("any:tide^2", "any:tide"), 2 * IN_TITLE),
    ],
    ids=lambda value: " | ".join(value.keywords) if isinstance(value, Profile) else None,
)
def test_a_term_that_stands_twice_counts_once_with_its_higher_weight(twice: Profile, points: float) -> None:
    assert score(twice) == points
    assert len(terms(twice)) == 1


def test_entries_after_one_that_stands_twice_keep_their_evidence() -> None:
    assert terms(profile("au:Quill", "au:Quill^2", "sea", "moon", "lantern")) == ["Quill", "sea", "lantern"]


def test_a_term_that_stands_often_in_an_abstract_counts_more_and_more_slowly() -> None:
    once, thrice, often = (paper(1, "-", abstract="tide. " * times) for times in (1, 3, 3000))

    assert score(profile("tide"), once) == IN_ABSTRACT
    assert score(profile("tide"), thrice) == pytest.approx(prominence(3.0), abs=0.001)
    assert score(profile("tide"), often) < 2 * score(profile("tide"), thrice)


def test_a_rare_term_counts_more_than_a_common_one() -> None:
    recent = [paper(number, "Tides", abstract="Sea.") for number in range(1000)]

    tide, lantern = (find([profile(word)], [paper(1, f"A {word}", abstract="")], recent=recent) for word in ("tide", "lantern"))

    assert tide[0].score < IN_TITLE / 4 < IN_TITLE < lantern[0].score


def test_how_rare_a_name_or_a_label_is_does_not_matter() -> None:
    recent = [paper(number) for number in range(1000)]

    [match] = find([profile("cat:cs", authors=("Quill",))], [TIDE], recent=recent)

    assert match.score == A_LABEL + AN_AUTHOR


def test_a_muted_paper_is_told_as_hidden() -> None:
    [match] = matches(profile("tide", mute=("snow", "table OR chair")), TIDE)

    assert match.hidden_by == "table OR chair"


def test_the_first_of_two_mutes_that_hide_a_paper_is_told() -> None:
    [match] = matches(profile("tide", mute=("au:Quill^2", "snow", "au:Quill", "sea")), TIDE)

    assert match.hidden_by == "au:Quill^2"


@pytest.mark.parametrize("least", [None, 0.0, 0.7, 1.0], ids=["unset", "nothing", "the_score", "above_it"])
def test_a_paper_below_the_least_score_is_left_out(least: float | None) -> None:
    passes = least is None or least <= 0.7

    assert ids(profile("lantern^0.7", min_score=least), TIDE) == [TIDE.id] * passes


@pytest.mark.parametrize("least", [None, 0.0], ids=["unset", "nothing"])
def test_what_is_worth_nothing_is_found_all_the_same(least: float | None) -> None:
    assert ids(profile("tide^0", min_score=least), TIDE) == [TIDE.id]
    assert ids(profile("tide^0", min_score=0.1), TIDE) == []


def test_an_author_is_wanted_without_any_keyword() -> None:
    assert ids(profile("snow", authors=("A. Quill",)), TIDE) == [TIDE.id]


@pytest.mark.parametrize(
    ("fields", "passes"),
    [
        ({"categories": ("cs.LG",)}, True),
        ({"categories": ("cs",)}, True),
        ({"categories": ("stat.ML", "cs.*")}, True),
        ({"categories": ("math.*",)}, False),
        ({"sources": ("arxiv",)}, True),
        ({"sources": ("biorxiv",)}, False),
        ({"categories": ("cs.LG",), "sources": ("biorxiv",)}, False),
    ],
    ids=str,
)
def test_categories_and_sources_let_pass_what_they_name(fields: dict[str, Any], passes: bool) -> None:
    assert bool(ids(profile("tide", **fields), TIDE)) is passes
    assert bool(ids(profile(authors=("Ada Quill",), **fields), TIDE)) is passes


def test_a_source_in_parts_goes_by_its_configured_name_too() -> None:
    split = replace(TIDE, sources=("arxiv:cs.LG",))

    assert ids(profile("tide", sources=("arxiv",)), split) == [TIDE.id]
    assert ids(profile("tide", sources=("arxiv:cs.LG",)), split) == [TIDE.id]
    assert ids(profile("tide", sources=("arxiv:cs.CL",)), split) == []


def test_a_paper_without_categories_passes_but_is_not_what_a_category_asks_for() -> None:
    bare = replace(TIDE, categories=())

    assert ids(profile("tide", categories=("cs.LG",)), bare) == [TIDE.id]
    assert ids(profile(categories=("cs.LG",)), bare) == []


def test_a_profile_of_filters_alone_asks_for_all_that_passes() -> None:
    other = paper(2, categories=("math.CO",), sources=("huggingface",))

    assert ids(profile(categories=("cs",)), TIDE, other) == [TIDE.id]
    assert ids(profile(sources=("huggingface",)), TIDE, other) == [other.id]
    assert ids(profile(categories=("cs", "math"), sources=("huggingface",)), TIDE, other) == [other.id]
    assert ids(profile(categories=("cs",), like=("arXiv:2401.01234",)), TIDE) == []
    assert ids(profile(), TIDE) == []


def test_evidence_names_term_place_weight_and_words() -> None:
    one = paper(1, r"Erd\H{o}s tides", abstract="A tide.", authors=("Ben Oar", "Ada Quill"), categories=("cs.LG", "cs.CL"))

    [match] = matches(profile("erdős tide AND cat:cs.CL", "tide^2", "au:Quill", '"snow"'), one)

    assert match.evidence == (
        Evidence("erdős tide", "title", 0, 15, 1.0, r"Erd\H{o}s tides", "erdős tide AND category:cs.CL"),
        Evidence("cs.CL", "category", 7, 12, 1.0, "cs.CL", "erdős tide AND category:cs.CL"),
        Evidence("tide", "title", 10, 15, 2.0, "tides"),
        Evidence("tide", "abstract", 2, 6, 2.0, "tide"),
        Evidence("Quill", "author", 9, 18, 1.0, "Ada Quill"),
    )


def test_not_has_no_evidence() -> None:
    assert terms(profile("tide AND NOT snow")) == ["tide"]


def test_evidence_of_a_term_is_bounded() -> None:
    [match] = matches(profile("tide"), paper(1, "-", abstract="tide " * 500))

    assert len(match.evidence) == 20


def test_near_shows_only_the_terms_that_are_near() -> None:
    one = paper(1, "-", abstract="tide table, and far away from any other one a tide")

    [match] = matches(profile("tide NEAR/1 table"), one)

    assert [(one.term, one.words, one.start) for one in match.evidence] == [("tide", "tide", 0), ("table", "table", 5)]


def test_words_of_title_and_abstract_are_no_phrase() -> None:
    assert ids(profile("tables lanterns"), TIDE) == []
    assert ids(profile("tables NEAR/5 lanterns"), TIDE) == []


@pytest.mark.parametrize("count", [1, 2, 3, 8, 16, 64, 100, 140])
def test_each_of_two_hundred_keywords_has_its_evidence(count: int) -> None:
    last = WORDS[-count:]

    assert terms(profile(*WORDS), paper(1, "-", abstract=", ".join(last))) == [*last]


@pytest.mark.parametrize("count", [1, 2, 8, 16, 140])
def test_each_of_two_hundred_mutes_hides_and_is_told(count: int) -> None:
    [match] = matches(profile("tide", mute=WORDS), paper(1, "Tide", abstract=", ".join(WORDS[-count:])))

    assert match.hidden_by == WORDS[-count]


def test_the_same_paper_a_thousand_times_is_found_each_time() -> None:
    some = [paper(number, "Tide", abstract="") for number in range(1000)]

    assert ids(profile("tide"), *some) == [one.id for one in some]
