"""In which order papers come, what breaks ties, what everybody asks for, and what is like a reader's examples."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestd.matching.findings import Candidate, diverse
from digestd.matching.matcher import Matcher
from digestd.matching.rank import LIKE, SLOTS
from digestd.matching.weights import IN_TITLE, LIKENESS
from digestd.model.paper import Paper
from digestd.model.subscriber import Profile, Subscriber
from tests.support.builders import DAY, NOON, paper, profile, subscriber
from tests.support.finding import find, looks, matches

GAUGES = paper(1, "Tide gauges and ebb currents", abstract="Gauges in the harbour log ebb and flood; a buoy tells the moon.")
BUOYS = paper(2, "Ebb currents at a tide gauge", abstract="A buoy in the harbour logs flood and ebb under the moon.")
LOAVES = paper(3, "Sour bread", abstract="Yeast, rye and dough make a crust.")
LIKES = (str(GAUGES.id),)


def tide(number: int, **fields: Any) -> Paper:
    return paper(number, "Tide", **({"abstract": ""} | fields))


def ids(wanted: Profile, *some: Paper, known: Sequence[Paper] = (GAUGES,)) -> list[str]:
    return [match.paper for match in find([wanted], some, known=known)]


def in_order(*best_first: Paper) -> bool:
    """Tell whether a reader who asks for tides finds papers in the order given, however they are handed over."""
    expected = [one.id for one in best_first]
    return ids(profile("tide"), *best_first) == expected == ids(profile("tide"), *reversed(best_first))


def test_the_best_come_first_and_ties_go_by_votes_then_date_then_id() -> None:
    best, voted = tide(9, abstract="tide"), tide(8, votes=30)
    today, first, second = tide(7, published=NOON), tide(2, published=NOON - DAY), tide(3, published=NOON - DAY)

    assert in_order(best, voted, today, first, second, tide(1, published=None))


def test_votes_never_outweigh_a_score() -> None:
    assert in_order(tide(1, abstract="tide"), tide(2, votes=1_000_000))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param({"votes": 100}, {"votes": 50}, id="votes_count"),
        pytest.param({"votes": 50}, {"votes": None}, id="none_is_nothing"),
        pytest.param({"votes": 100, "published": NOON}, {"votes": 9000, "published": NOON - DAY}, id="votes_beyond_100_do_not"),
        pytest.param(
            {"votes": None}, {"votes": 5, "published": NOON - 14 * DAY}, id="few_votes_of_last_fortnight_are_less_than_news"
        ),
        pytest.param({"votes": 90, "published": NOON - 14 * DAY}, {"votes": 0}, id="many_are_more"),
        pytest.param({"published": NOON - 600 * DAY}, {"published": NOON - 601 * DAY}, id="newer_among_the_old"),
        pytest.param({"published": NOON - 5000 * DAY}, {"published": None}, id="undated_is_last"),
        pytest.param({"published": NOON}, {"published": NOON + 30 * DAY}, id="a_date_to_come_is_no_fresher_than_today"),
    ],
)
def test_votes_and_freshness_break_a_tie(first: dict[str, Any], second: dict[str, Any]) -> None:
    assert in_order(tide(1, **first), tide(2, **second))


def test_a_paper_that_every_profile_asks_for_counts_for_less_and_one_that_few_ask_for_does_not() -> None:
    usual, own = paper(1, "Tide", abstract=""), paper(2, "-", abstract="Wick, wick, wick.")
    readers = [subscriber("ada", profile("tide^1.5", "wick")), *crowd(99)]

    few, many = (matches(looks(some, [usual, own]), readers[0].id)[0] for some in (readers[:-1], readers))

    assert [(match.paper, match.score) for match in few] == [(usual.id, 2.25), (own.id, 1.8)]
    assert [match.paper for match in many] == [own.id, usual.id]
    assert [match.score for match in many] == pytest.approx([1.8, 0.75 * 2.25], abs=0.01)


def test_damping_leaves_no_paper_out() -> None:
    wanted = profile("tide", min_score=IN_TITLE)
    ada = subscriber("ada", wanted)

    [[match]] = matches(looks([ada, *crowd(200)], [tide(1)]), ada.id)

    assert match.score < IN_TITLE


def test_profiles_of_readers_who_are_gone_damp_nothing() -> None:
    lantern, ada, matcher = paper(1, "Lantern", abstract=""), subscriber("ada", profile("lantern")), Matcher()
    gone = [subscriber(f"gone{number}", profile("lantern")) for number in range(90)]

    before, after = (looks(some, [lantern], matcher=matcher) for some in ([ada, *crowd(140), *gone], [ada, *crowd(140)]))
    [[damped]], [[free]] = matches(before, ada.id), matches(after, ada.id)

    assert damped.score < free.score == pytest.approx(IN_TITLE, abs=0.01)


def crowd(count: int) -> list[Subscriber]:
    return [subscriber(f"reader{number}", profile("tide")) for number in range(count)]


def found(*themes: int, mutes: int = 0) -> list[Candidate]:
    """Return candidates, best first, each found for the keyword of that number."""
    return [Candidate(place, 10.0 - place / 100, 1 << theme, mutes) for place, theme in enumerate(themes)]


def test_what_fits_is_shown_whole() -> None:
    assert diverse(found(0, 0, 0), 3) == found(0, 0, 0)


def test_one_theme_does_not_fill_a_digest() -> None:
    candidates = found(0, 0, 0, 0, 0, 0, 1, 2)

    assert [one.paper for one in diverse(candidates, 4)] == [0, 1, 6, 7]


def test_a_better_paper_of_the_same_theme_beats_a_much_worse_one_of_another() -> None:
    strong = [Candidate(number, 9.0, 1, 0) for number in range(3)]
    weak = Candidate(3, 2.0, 2, 0)

    assert diverse([*strong, weak], 3) == strong


def test_nothing_shown_is_nothing() -> None:
    assert diverse(found(0, 1), 0) == []


@given(st.lists(st.integers(0, 3)), st.integers(0, 9))
def test_what_is_shown_keeps_its_order_and_the_best_is_always_there(themes: list[int], most: int) -> None:
    candidates = found(*themes)
    shown = diverse(candidates, most)

    assert len(shown) == min(most, len(candidates))
    assert [one.paper for one in shown] == sorted(one.paper for one in shown)
    assert shown[:1] == (candidates[:1] if most else [])


def test_the_bit_of_examples_is_no_keywords() -> None:
    assert LIKE > 1 << SLOTS
    assert LIKE < 1 << 63


@pytest.mark.parametrize("wanted", [profile(like=LIKES), profile("dough", like=LIKES)], ids=["only_examples", "keywords_too"])
def test_what_is_like_the_examples_is_found(wanted: Profile) -> None:
    [match] = [one for one in find([wanted], [BUOYS, LOAVES], known=[GAUGES]) if one.paper == BUOYS.id]

    assert match.score >= 1
    assert {"gauge", "Ebb"} & {one.words for one in match.evidence}
    assert all(one.field in {"title", "abstract"} for one in match.evidence)


def test_only_what_is_like_the_examples_is_found_by_them() -> None:
    assert ids(profile(like=LIKES), BUOYS, LOAVES) == [BUOYS.id]


@pytest.mark.parametrize(
    ("least", "unlike"),
    [
        pytest.param(None, [LOAVES.id], id="unset_takes_every_keyword"),
        pytest.param(0.0, [LOAVES.id], id="nothing_takes_it_too"),
        pytest.param(50.0, [], id="much_takes_none"),
    ],
)
def test_a_keyword_counts_whatever_the_examples_say(least: float | None, unlike: list[str]) -> None:
    assert ids(profile("dough", like=LIKES, min_score=least), LOAVES) == unlike


def test_a_least_score_holds_for_what_examples_find() -> None:
    [match] = find([profile(like=LIKES)], [BUOYS], known=[GAUGES])

    assert ids(profile(like=LIKES, min_score=match.score), BUOYS) == [BUOYS.id]
    assert ids(profile(like=LIKES, min_score=match.score + 0.01), BUOYS) == []


@pytest.mark.parametrize("few", [0.5, 1.0])
def test_a_least_score_for_keywords_does_not_let_in_what_is_hardly_like_the_examples(few: float) -> None:
    ebbs = paper(
        4, "Falling interest rates", abstract="The ebb of banks, bonds, yields, loans, debt, prices and wages over forty years."
    )
    [match] = find([profile(like=LIKES, min_score=few)], [ebbs], known=[GAUGES])
    assert few <= match.score < LIKENESS

    assert ids(profile("dough", like=LIKES, min_score=few), ebbs, LOAVES) == [LOAVES.id]
    assert ids(profile("dough", like=LIKES, min_score=0.0), ebbs) == [ebbs.id]
    assert ids(profile("dough", like=LIKES, min_score=few), BUOYS) == [BUOYS.id]


def test_examples_lift_what_keywords_find() -> None:
    [plain], [lifted] = (find([wanted], [BUOYS], known=[GAUGES]) for wanted in (profile("moon"), profile("moon", like=LIKES)))

    assert lifted.score > plain.score + 1
    assert lifted.evidence[0] == plain.evidence[0]


def test_dislikes_lower_a_score_to_a_quarter_at_most_and_find_nothing() -> None:
    [plain], [lowered] = (
        find([wanted], [BUOYS], known=[GAUGES]) for wanted in (profile("moon^0.1"), profile("moon^0.1", dislike=LIKES))
    )

    assert 0 < lowered.score == pytest.approx(plain.score / 4, abs=0.001)
    assert ids(profile(dislike=LIKES), BUOYS, LOAVES) == []


def test_dislikes_do_not_keep_a_category_from_being_asked_for() -> None:
    assert set(ids(profile(categories=("cs",), dislike=LIKES), BUOYS, LOAVES)) == {BUOYS.id, LOAVES.id}


@pytest.mark.parametrize("unknown", ["arXiv:2401.99999", "lanterns", "", "doi:10.5555/none"])
def test_unknown_examples_are_harmless(unknown: str) -> None:
    assert ids(profile(like=(unknown,)), BUOYS, LOAVES) == []
    assert ids(profile("moon", like=(unknown,), dislike=(unknown,)), BUOYS) == [BUOYS.id]
    assert ids(profile(like=(unknown, *LIKES)), BUOYS, LOAVES) == [BUOYS.id]


def test_an_example_goes_by_any_of_its_spellings() -> None:
    for name in ("2603.00001", "arXiv:2603.00001v3", "https://arxiv.org/abs/2603.00001"):
        assert ids(profile(like=(name,)), BUOYS, LOAVES) == [BUOYS.id]


def test_an_example_that_stands_twice_counts_once() -> None:
    known = [GAUGES, LOAVES]
    [once], [twice] = (
        find([profile(like=(*again, GAUGES.id, LOAVES.id))], [BUOYS], known=known)
        for again in ((), ("2603.00001v1", GAUGES.id))
    )

    assert twice == once


def test_examples_of_one_profile_are_not_those_of_another() -> None:
    ada = subscriber("ada", profile("snow"), profile(like=LIKES), profile(like=(str(LOAVES.id),)))

    found = matches(looks([ada], [BUOYS], known=[GAUGES, LOAVES]), ada.id)

    assert [[match.paper for match in each] for each in found] == [[], [BUOYS.id], []]


def test_a_filter_and_a_mute_hold_for_what_examples_find() -> None:
    assert ids(profile(like=LIKES, categories=("math",)), BUOYS) == []
    [match] = find([profile(like=LIKES, mute=("buoy",))], [BUOYS], known=[GAUGES])
    assert match.hidden_by == "buoy"


def test_freshness_halves_in_a_week() -> None:
    fresh_and_liked = tide(1, votes=26, published=NOON - timedelta(days=3))
    just_out = tide(2, published=NOON)

    assert in_order(fresh_and_liked, just_out)
    assert in_order(just_out, tide(1, votes=25, published=NOON - timedelta(days=3)))


MANY = [f"lantern{letter}" for letter in "abcdefghijklmnopqrstuvwxyzäöüé"]


def test_very_high_scores_stand_in_their_order() -> None:
    heavy = profile(*(f"{word}^1000" for word in MANY))
    some, more = (paper(number, " ".join(MANY[:count])) for number, count in ((1, 20), (2, 30)))

    assert [match.paper for match in find([heavy], [some, more])] == [more.id, some.id]


def test_an_author_or_a_label_that_is_asked_for_twice_counts_once() -> None:
    once = profile(authors=("Ada Quill",))
    twice = profile("cat:cs.LG", "cat:CS.lg", authors=("Ada Quill", "ada quill", "Quill, Ada"))

    [plain], [same] = find([once], [paper(1)]), find([twice], [paper(1)])

    assert same.score == plain.score + 1
