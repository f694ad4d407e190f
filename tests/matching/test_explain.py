"""Why a paper is, or is not, for a profile: the whole reckoning, and it comes to what the matcher finds."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestd.matching.explain import Explanation, explanations
from digestd.matching.weights import IN_TITLE
from digestd.model.paper import Paper
from digestd.model.subscriber import Profile
from tests.matching.test_matcher import ROUNDED, profiles, some_papers
from tests.support.builders import paper, profile, subscriber
from tests.support.finding import looks

TIDE = paper(1, "Tide tables", abstract="Lanterns by the sea.")
LIKED = paper(5, "Tide tables of the sea", abstract="Lanterns and tide tables by the sea.")


def explained(wanted: Profile, one: Paper = TIDE, recent: Sequence[Paper] = (), readers: int = 0) -> Explanation:
    ada = subscriber("ada", wanted)
    others = [subscriber(f"reader{number}", profile("tide")) for number in range(readers)]
    [told] = explanations(looks([ada, *others], [one], recent=recent, known=[LIKED, TIDE]), ada.id, 0)
    return told


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (profile("tide"), "matches"),
        (profile("tide", mute=("sea",)), "hidden by the mute 'sea'"),
        (profile("snow"), "no keyword or author is found"),
        (profile("tide", categories=("math",), sources=("huggingface",)), "is not of the profile's categories and sources"),
        (profile("tide", min_score=4.0), "scores 1.50, less than min_score 4"),
        (profile(categories=("cs",), min_score=4.0), "scores 1.00, less than min_score 4"),
        (profile(), "the profile asks for nothing"),
        (profile(like=(str(LIKED.id),)), "matches"),
        (profile("snow", like=("arXiv:2401.00001",)), "is not like its examples: 0.00 points where 3 are enough"),
        (profile(like=("arXiv:2401.00001",), min_score=0.0), "is not like its examples: 0.00 points where 0 are enough"),
    ],
    ids=["matches", "muted", "not_found", "filtered", "too_low", "label_too_low", "empty", "alike", "unlike", "unlike_at_all"],
)
def test_an_explanation_says_why(wanted: Profile, reason: str) -> None:
    assert explained(wanted).reason.startswith(reason)


def test_an_explanation_lists_every_term_found_or_not() -> None:
    told = explained(profile("tide AND NOT title:snow^2", "moon", mute=("sea",)))

    terms = [
        (entry.key, entry.holds, term.term, term.negated, len(term.evidence)) for entry in told.entries for term in entry.terms
    ]
    assert terms == [
        ("keywords", True, "tide", False, 1),
        ("keywords", True, "title:snow^2", True, 0),
        ("keywords", False, "moon", False, 0),
        ("mute", True, "sea", False, 1),
    ]
    assert [(entry.written, entry.points) for entry in told.entries] == [
        ("tide AND NOT title:snow^2", IN_TITLE),
        ("moon", 0),
        ("sea", 0),
    ]
    assert (told.score, told.min_score, told.match is not None and told.match.hidden_by) == (IN_TITLE, None, "sea")
    assert [(one.key, one.carried, one.passes) for one in told.filters] == [
        ("categories", ("cs.LG",), True),
        ("sources", ("arxiv",), True),
    ]


def test_how_common_a_term_is_among_recent_papers_is_told() -> None:
    recent = [TIDE] * 1000

    told = explained(profile("tide", "title:sea", "any:lantern", "au:Quill", mute=("moon",)), recent=recent)

    assert {term.term: term.share for entry in told.entries for term in entry.terms} == {
        "tide": pytest.approx(0.505),
        "title:sea": pytest.approx(0.005),
        "any:lantern": None,
        "author:Quill": None,
        "moon": pytest.approx(0.005),
    }


def test_what_examples_add_and_which_are_unknown_is_told() -> None:
    told = explained(profile(like=(str(LIKED.id), "arXiv:2401.00001"), dislike=("lanterns",)))

    assert told.examples is not None
    assert (told.examples.liked, told.examples.disliked) == (1, 0)
    assert told.examples.unknown == ("arXiv:2401.00001", "lanterns")
    assert told.examples.points == told.score > told.examples.enough
    assert {one.words for one in told.examples.evidence} >= {"Tide", "tables"}


def test_what_everybody_asks_for_is_told() -> None:
    told = explained(profile("tide"), readers=150)

    assert (told.damping, told.score, told.total) == (0.75, IN_TITLE, 0.75 * IN_TITLE)
    assert told.match is not None
    assert told.match.score == pytest.approx(0.75 * IN_TITLE, abs=ROUNDED)


@pytest.mark.parametrize(
    ("entries", "points", "counted_in"),
    [
        (("tide", "tide^2"), [0, 2 * IN_TITLE], ["tide^2", None]),
        (("tides^2", "tide"), [2 * IN_TITLE, 0], [None, "tides^2"]),
        (("tide", "tide"), [IN_TITLE, 0], [None, "tide"]),
        (("tide", "sea OR tide^3"), [0, 3 * IN_TITLE + 1], ["sea OR tide^3", None]),
        (("sea OR tide", "tide"), [IN_TITLE + 1, 0], [None, "sea OR tide"]),
        (("tide", "title:tide"), [IN_TITLE, IN_TITLE], [None, None]),
        (("snow", "snow^2"), [0, 0], [None, None]),
    ],
    ids=["heavier_below", "heavier_above", "twice", "a_side_of_an_or", "in_an_or_above", "another_field", "not_found"],
)
def test_what_two_entries_ask_for_counts_in_one(
    entries: tuple[str, ...], points: list[float], counted_in: list[str | None]
) -> None:
    told = explained(profile(*entries))

    assert [entry.points for entry in told.entries] == points
    assert [entry.counted_in for entry in told.entries] == counted_in
    assert told.score == sum(points)


def test_an_author_of_two_lists_counts_once() -> None:
    told = explained(profile("author:Quill", authors=("Quill",)))

    assert [(entry.key, entry.points, entry.counted_in) for entry in told.entries] == [
        ("keywords", 3, None),
        ("authors", 0, "author:Quill"),
    ]


def test_the_disliked_leave_a_quarter_and_the_rows_say_so() -> None:
    told = explained(profile("title:tide^0.1", dislike=(str(LIKED.id),)))

    assert told.examples is not None
    assert (told.examples.liked, told.examples.disliked) == (0, 1)
    assert {one.words for one in told.examples.evidence} >= {"Tide", "tables"}
    assert {one.entry for one in told.examples.evidence} == {LIKED.title}
    assert told.examples.likeness < told.examples.points == pytest.approx(-0.75 * told.entries[0].points)
    assert told.score == pytest.approx(0.25 * told.entries[0].points)


KINDS = ["tide", "tide^2", "title:tide", "tides AND lantern", "lantern NEAR/3 (tide OR sea^2)", "tide NOT RAG", "author:Quill"]
exemplary = st.builds(
    Profile,
    st.just("Lanterns"),
    keywords=st.lists(st.sampled_from(KINDS), max_size=5).map(tuple),
    mute=st.sampled_from([(), ("RAG",)]),
    authors=st.sampled_from([(), ("Quill, A.",), ("Quill", "Quill")]),
    like=st.sampled_from([(), (str(LIKED.id),)]),
    dislike=st.sampled_from([(), (str(TIDE.id),), ("arXiv:2401.00001",)]),
    min_score=st.sampled_from([None, 1.2]),
)


@settings(deadline=None, max_examples=60)
@given(exemplary, st.sampled_from([TIDE, LIKED, paper(7, "RAG", abstract="Tides."), paper(8)]), st.sampled_from([0, 120]))
def test_rows_add_up_to_the_score_of_the_match(wanted: Profile, one: Paper, readers: int) -> None:
    told = explained(wanted, one, recent=[TIDE, LIKED] * 20, readers=readers)

    assert told.score == pytest.approx(
        sum(entry.points for entry in told.entries) + (told.examples.points if told.examples else 0)
    )
    assert told.total == pytest.approx(told.score * told.damping, abs=2 * ROUNDED)
    if told.match:
        assert told.total == told.match.score


@settings(deadline=None)
@given(profiles, some_papers, some_papers)
def test_an_explanation_comes_to_what_is_found(wanted: Profile, read: list[Paper], recent: list[Paper]) -> None:
    ada = subscriber("ada", wanted)
    look = looks([ada], read, recent=recent)
    [found] = look.findings([ada.id])[ada.id]
    scores = {one.paper: one.score for one in found}

    for number in range(len(read)):
        [told] = explanations(look, ada.id, number)
        assert (told.match is None) is (number not in scores)
        if told.match is not None:
            assert told.score == pytest.approx(scores[number], rel=1e-6, abs=ROUNDED)
            assert told.reason.startswith(("matches", "hidden"))
