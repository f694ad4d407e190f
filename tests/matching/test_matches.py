"""Which papers are for a profile, how well, in which order, and why."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from digestd.matching import PaperIndex, compile_profile, explain
from digestd.matching.query import Query, says_what
from digestd.matching.text import folded_words
from digestd.model.digest import Evidence, Match
from digestd.model.paper import Paper
from digestd.model.subscriber import Profile
from tests.matching.queries import papers, queries, texts
from tests.support.builders import NOON, paper, profile

TIDE = paper(1, "Tide tables", abstract="Lanterns by the sea.")


def matches(wanted: Profile, *some: Paper) -> list[Match]:
    return PaperIndex(some).matches(compile_profile(wanted))


def ids(wanted: Profile, *some: Paper) -> list[str]:
    return [match.paper for match in matches(wanted, *some)]


def score(wanted: Profile, one: Paper = TIDE) -> float:
    [match] = matches(wanted, one)
    return match.score


@pytest.mark.parametrize(
    ("wanted", "points"),
    [
        (profile("tide"), 2),
        (profile("lantern"), 1),
        (profile("tide", "lantern"), 3),
        (profile("tide AND lantern"), 3),
        (profile("tide OR snow"), 2),
        (profile("tide AND NOT snow"), 2),
        (profile("tide^2.5"), 5),
        (profile("(tide OR lantern)^2"), 6),
        (profile("tide", "tide AND sea"), 3),
        (profile("tide", "title:tide^3"), 6),
        (profile("tide^0"), 0),
        (profile("lantern OR (tide AND snow)"), 1),
        (profile("lantern NEAR/3 sea"), 2),
        (profile(authors=("Quill, A.",)), 3),
        (profile("tide", authors=("Quill, A.",)), 5),
        (profile(categories=("cs",)), 1),
    ],
    ids=lambda value: " | ".join((*value.keywords, *value.authors, *value.categories)) if isinstance(value, Profile) else None,
)
def test_a_score_adds_up_the_terms_found(wanted: Profile, points: float) -> None:
    assert score(wanted) == points


def test_the_best_come_first_and_ties_go_by_votes_then_date_then_id() -> None:
    best = paper(9, "Tide on tide", abstract="tide")
    voted, newer = paper(8, "Tide", abstract="", votes=3), paper(7, "Tide", abstract="", published=NOON + timedelta(days=1))
    first, second, undated = (
        paper(2, "Tide", abstract=""),
        paper(3, "Tide", abstract=""),
        paper(1, "Tide", abstract="", published=None),
    )

    assert ids(profile("tide"), undated, second, first, newer, voted, best) == [
        p.id for p in (best, voted, newer, first, second, undated)
    ]


def test_a_muted_paper_is_told_as_hidden() -> None:
    [match] = matches(profile("tide", mute=("snow", "table OR chair")), TIDE)

    assert match.hidden_by == "table OR chair"


def test_a_paper_below_the_least_score_is_left_out() -> None:
    assert ids(profile("tide", min_score=2.0), TIDE) == [TIDE.id]
    assert ids(profile("tide", min_score=2.5), TIDE) == []


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
    assert ids(profile(categories=("cs",), like=("arXiv:2401.01234",)), TIDE) == []
    assert ids(profile(), TIDE) == []


def test_evidence_names_term_place_weight_and_words() -> None:
    one = paper(1, r"Erd\H{o}s tides", abstract="A tide.", authors=("Ben Oar", "Ada Quill"), categories=("cs.LG", "cs.CL"))

    [match] = matches(profile("erdős tide AND cat:cs.CL", "tide^2", "au:Quill", '"snow"'), one)

    assert match.evidence == (
        Evidence("erdős tide", "title", 0, 15, 1.0, r"Erd\H{o}s tides"),
        Evidence("cs.CL", "category", 7, 12, 1.0, "cs.CL"),
        Evidence("tide", "title", 10, 15, 2.0, "tides"),
        Evidence("tide", "abstract", 2, 6, 2.0, "tide"),
        Evidence("Quill", "author", 9, 18, 1.0, "Ada Quill"),
    )


def test_not_has_no_evidence() -> None:
    [match] = matches(profile("tide AND NOT snow"), TIDE)

    assert [one.term for one in match.evidence] == ["tide"]


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


@given(texts, texts)
def test_evidence_stands_where_it_says(title: str, abstract: str) -> None:
    one = paper(1, title, abstract=abstract)
    entries = ("tide", "erdős", "RAG", "lantern tide", "mos2", "C++", "tid*", "灯", "tide NEAR/3 rag")

    for match in matches(profile(*entries), one):
        for evidence in match.evidence:
            text = one.title if evidence.field == "title" else one.abstract
            assert text[evidence.start : evidence.end] == evidence.words
            assert _alike(folded_words(evidence.words), folded_words(evidence.term))


def _alike(found: list[str], wanted: list[str]) -> bool:
    pairs = zip(found, wanted, strict=True)
    return all(one.startswith(other.removesuffix("s")) for one, other in pairs)


@given(queries, st.lists(papers, max_size=4, unique_by=lambda one: one.id))
def test_the_index_finds_what_reading_every_paper_finds(query: Query, some: list[Paper]) -> None:
    assume(says_what(query))
    compiled = compile_profile(profile(str(query), authors=("Ben Oar",)))

    read = {one.id: explain(compiled, one).match for one in some}

    assert {match.paper: match for match in PaperIndex(some).matches(compiled)} == {
        key: match for key, match in read.items() if match
    }


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (profile("tide"), "matches"),
        (profile("tide", mute=("sea",)), "hidden by the mute 'sea'"),
        (profile("snow"), "no keyword or author is found"),
        (profile("tide", categories=("math",), sources=("huggingface",)), "is not of the profile's categories and sources"),
        (profile("tide", min_score=4.0), "scores 2, less than min_score 4"),
        (profile(), "the profile has no keywords and no authors"),
    ],
    ids=["matches", "muted", "not_found", "filtered", "too_low", "empty"],
)
def test_an_explanation_says_why(wanted: Profile, reason: str) -> None:
    assert explain(compile_profile(wanted), TIDE).reason == reason


def test_an_explanation_lists_every_term_found_or_not() -> None:
    told = explain(compile_profile(profile("tide AND NOT title:snow^2", "moon", mute=("sea",))), TIDE)

    terms = [
        (entry.key, entry.holds, term.term, term.negated, len(term.evidence)) for entry in told.entries for term in entry.terms
    ]
    assert terms == [
        ("keywords", True, "tide", False, 1),
        ("keywords", True, "title:snow^2", True, 0),
        ("keywords", False, "moon", False, 0),
        ("mute", True, "sea", False, 1),
    ]
    assert (told.score, told.min_score, told.hidden_by, told.match is not None) == (2, 0, "sea", True)
    assert [(one.key, one.carried, one.passes) for one in told.filters] == [
        ("categories", ("cs.LG",), True),
        ("sources", ("arxiv",), True),
    ]
