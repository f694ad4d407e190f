"""How like a reader's examples papers are, and which words make them so."""

import gzip
import json
from collections.abc import Sequence
from itertools import product
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestd.matching.corpus import Corpus
from digestd.matching.likeness import (
    Background,
    Points,
    Taste,
    Vectors,
    background,
    counted,
    likeness,
    reasons,
    taste,
    tastes,
    vectors,
)
from digestd.matching.page import Page
from digestd.matching.text import folded_words
from digestd.model.digest import BY_EXAMPLE, Evidence
from digestd.model.paper import Paper
from digestd.model.shapes import paper_from_json
from tests.matching.queries import papers
from tests.support.builders import paper
from tests.support.shared import shared

SUBJECTS = {
    "tides": "tide moon harbour ebb current gauge estuary sailor buoy shoal",
    "lanterns": "lantern wick flame oil glass keeper beacon lamp soot mirror",
    "bread": "bread yeast dough oven crust flour baker loaf salt rye",
}
USUAL = [
    "".join(pair)
    for pair in product("bdfglmnprt", ("ab", "ek", "im", "ol", "un"), ("ar", "eb", "eg", "er", "it", "op", "or", "uv"))
]


def made_up(number: int, subject: str) -> Paper:
    """Return the paper of that number: its title and a third of its abstract are of its subject, the rest of any."""
    chance = Random(number)
    own = SUBJECTS[subject].split()
    abstract = chance.sample(own, 8) + chance.sample(USUAL, 12)
    chance.shuffle(abstract)
    number += 10_000 * [*SUBJECTS].index(subject)
    return paper(number, " ".join(chance.sample(own, 3)), abstract=f"We study the {' and the '.join(abstract)}.")


def some(subject: str, count: int, first: int = 1) -> list[Paper]:
    return [made_up(number, subject) for number in range(first, first + count)]


def usual_in(recent: Sequence[Paper]) -> Background:
    return background(counted(Corpus(recent)))


def read(shown: Sequence[Paper], known: Background) -> Vectors:
    return vectors(counted(Corpus(shown)), known)


NOTHING_KNOWN = usual_in([])
KNOWN = usual_in([made_up(number, subject) for subject in SUBJECTS for number in range(1000, 1100)])


def points(likes: Sequence[Paper], *shown: Paper, dislikes: Sequence[Paper] = (), known: Background = KNOWN) -> Points:
    [found] = likeness([taste(likes, dislikes, known)], read(shown, known))
    return np.asarray(found)


@pytest.mark.parametrize("known", [NOTHING_KNOWN, KNOWN], ids=["nothing_known", "much_known"])
@pytest.mark.parametrize("count", [1, 3, 30], ids=["one_like", "three_likes", "thirty_likes"])
def test_papers_of_the_subject_liked_come_first(count: int, known: Background) -> None:
    same, other = some("tides", 20, first=500), some("bread", 20, first=600)

    found = points(some("tides", count), *same, *other, known=known)

    assert min(found[:20]) > 1.5 > max(found[20:])


def test_the_example_itself_is_as_alike_as_can_be() -> None:
    [liked, *others] = some("tides", 20)

    found = points([liked], liked, *others)

    assert 3 <= found[0] <= 5
    assert max(found[1:]) < found[0]


def test_points_do_not_depend_on_the_other_papers_of_the_day() -> None:
    day = [*some("tides", 5, first=500), *some("bread", 50, first=600)]
    likes = some("tides", 3)

    together = points(likes, *day)

    assert np.allclose(together, [points(likes, one)[0] for one in day], atol=1e-5)


def test_tastes_do_not_depend_on_each_other() -> None:
    shown = read([*some("tides", 3), *some("bread", 3)], KNOWN)
    many = tastes([(some(subject, count), []) for subject in SUBJECTS for count in range(1, 101)], KNOWN)

    together = likeness(many, shown)

    assert together.shape == (300, 6)
    assert together.dtype == np.float32
    assert np.array_equal(together, np.concatenate([likeness([one], shown) for one in many]))


def test_many_tastes_are_made_as_one_by_one() -> None:
    examples = [(some("tides", 3), some("bread", 2)), (some("tides", 40), []), ([], some("bread", 1)), ([], [])]

    together = tastes(examples, KNOWN)

    for one, (likes, dislikes) in zip(together, examples, strict=True):
        alone = taste(likes, dislikes, KNOWN)
        assert dict(zip(one.words, one.weights, strict=True)) == pytest.approx(
            dict(zip(alone.words, alone.weights, strict=True))
        )
        assert one.ordinary == pytest.approx(alone.ordinary)


def test_a_word_in_the_title_counts_more() -> None:
    liked = paper(1, "Tide", abstract="")
    title, abstract = paper(2, "Tide", abstract="bread"), paper(3, "Bread", abstract="tide")

    in_title, in_abstract = points([liked], title, abstract)

    assert in_title > in_abstract > 0


def test_a_word_that_many_papers_have_says_little() -> None:
    recent = [
        paper(number, "-", abstract="bread and tide" if number % 10 == 0 else "bread") for number in range(10_000, 14_000)
    ]
    common, rare = paper(1, "Bread", abstract="snow"), paper(2, "Tide", abstract="snow")

    one, other = points([paper(3, "Bread tide", abstract="")], common, rare, known=usual_in(recent))

    assert other > one
    assert one <= 0


def test_words_of_grammar_say_nothing_even_when_nothing_is_known() -> None:
    liked, other = (
        paper(1, "Which of these is the one", abstract="tide"),
        paper(2, "Which of these is the one", abstract="bread"),
    )

    assert points([liked], other, known=NOTHING_KNOWN) == [0]


def test_singular_and_plural_are_one_word() -> None:
    one, many = paper(1, "Tide", abstract=""), paper(2, "Tides", abstract="")

    assert points([one], many) == points([one], one)


def test_what_is_like_the_disliked_loses() -> None:
    both = paper(1, "Tide lantern", abstract="moon wick ebb flame")
    tides, lanterns = some("tides", 3), some("lanterns", 3)

    assert points(tides, both, dislikes=lanterns) < points(tides, both)


def test_a_dislike_of_the_same_subject_does_not_spoil_it() -> None:
    likes, disliked = some("tides", 3), made_up(4, "tides")

    spoilt, other = points(likes, made_up(5, "tides"), made_up(6, "bread"), dislikes=[disliked])

    assert spoilt >= 1 > other


def test_dislikes_alone_only_take_away() -> None:
    disliked, other = points([], made_up(5, "bread"), made_up(5, "tides"), dislikes=some("bread", 3))

    assert disliked < -1
    assert other > disliked
    assert other <= 0


@pytest.mark.parametrize(
    ("liked", "same", "other"),
    [
        pytest.param(
            "Die Gezeiten und der Pegel: wie das Watt mit dem Mond steigt und für die Boote nicht fällt",
            "Ein Pegel, der mit den Gezeiten im Watt steigt",
            "Die Verfassung und der Staat: wie das Amt mit dem Recht und für die Bürger nicht das Gesetz macht",
            id="german",
        ),
        pytest.param(
            "Les marées et le niveau de la mer dans une baie, pour les bateaux qui ne sont pas sur les cartes",
            "Le niveau des marées dans la baie",
            "Les lois et le droit de la ville dans une province, pour les maires qui ne sont pas sur les listes",
            id="french",
        ),
        pytest.param(
            "潮汐的研究在不同的海湾中用于本文的方法是有结果的",
            "海湾潮汐与月亮",
            "宪法的研究在不同的国家中用于本文的方法是有结果的",
            id="chinese",
        ),
    ],
)
def test_words_of_grammar_make_no_papers_alike(liked: str, same: str, other: str) -> None:
    near, far = points([paper(1, liked, abstract="")], paper(2, same, abstract=""), paper(3, other, abstract=""))

    assert near > 2 * far


def test_where_there_are_only_dislikes_other_papers_lose_next_to_nothing() -> None:
    tides, bread = (points([], *some(subject, 40), dislikes=some("tides", 2, first=900)) for subject in ("tides", "bread"))

    assert np.median(tides) < -0.5
    assert bread.min() > -0.1
    assert bread.max() <= 0


def test_without_examples_nothing_is_alike() -> None:
    assert not points([], *some("tides", 3)).any()
    assert not points([paper(1, "-", abstract="")], *some("tides", 3)).any()


def test_no_tastes_and_no_papers_make_no_points() -> None:
    nobody = likeness([], read(some("tides", 3), KNOWN))
    nothing = likeness([taste(some("tides", 3), [], KNOWN)], read([], KNOWN))

    assert (nobody.shape, nothing.shape) == ((0, 3), (1, 0))


def reasons_of(wanted: Taste, shown: Paper, known: Background) -> tuple[Evidence, ...]:
    return reasons(wanted, read([shown], known), 0, Page(shown))


def test_reasons_are_the_words_that_count_most_best_first() -> None:
    liked = paper(1, "Tide gauges", abstract="We study the estuary and the buoys.")
    shown = paper(2, "A tide gauge", abstract="We study the buoy and the bread.")

    told = reasons_of(taste([liked], [], KNOWN), shown, KNOWN)

    assert {(one.field, one.words) for one in told} == {("title", "tide"), ("title", "gauge"), ("abstract", "buoy")}
    assert told[-1].words == "buoy"
    assert [one.weight for one in told] == sorted((one.weight for one in told), reverse=True)
    assert sum(one.weight for one in told) == pytest.approx(points([liked], shown)[0], rel=1e-5)


def test_reasons_are_few() -> None:
    liked = made_up(1, "tides")

    assert len(reasons_of(taste([liked], [], KNOWN), liked, KNOWN)) == 5


def test_reasons_do_not_depend_on_the_other_papers() -> None:
    liked, shown = paper(1, "Gauge tide buoy ebb", abstract=""), paper(2, "Tide buoy ebb gauge", abstract="")
    wanted = taste([liked], [], NOTHING_KNOWN)
    others = paper(3, "Ebb gauge", abstract="buoy"), paper(4, "Gauge and tide", abstract="ebb")

    alone = reasons_of(wanted, shown, NOTHING_KNOWN)
    among_others = reasons(wanted, read([*others, shown], NOTHING_KNOWN), 2, Page(shown))

    assert len(alone) == 4
    assert [one.words for one in among_others] == [one.words for one in alone]


def test_what_is_not_alike_has_no_reasons() -> None:
    bread = paper(1, "Bread", abstract="Dough and crust.")

    assert reasons_of(taste(some("tides", 3), [], KNOWN), bread, KNOWN) == ()
    assert reasons_of(taste([], [made_up(1, "bread")], KNOWN), paper(2, "Tides", abstract=""), KNOWN) == ()


def test_what_is_like_the_disliked_has_their_words_and_points_below_zero() -> None:
    disliked = paper(1, "Tide gauges", abstract="Bread and dough.")
    shown = paper(2, "A gauge of bread", abstract="")

    told = reasons_of(taste([made_up(1, "lanterns")], [disliked], KNOWN), shown, KNOWN)

    assert {one.words for one in told} == {"gauge", "bread"}
    assert all(one.weight < 0 and one.entry == "Tide gauges" for one in told)


def test_reasons_name_the_example_that_has_most_of_them() -> None:
    gauges = paper(1, "Tide gauges at the mouths of very long and very muddy rivers", abstract="Buoys.")
    wicks = paper(2, "Wicks", abstract="Lantern oil and one buoy.")

    told = [
        reasons_of(taste([gauges, wicks], [], KNOWN), paper(3, title, abstract=""), KNOWN)
        for title in ("Tide gauges", "Oil of buoys")
    ]

    assert [{one.entry for one in some} for some in told] == [{"Tide gauges at the mouths of very long and very…"}, {"Wicks"}]


def test_numbers_single_letters_and_words_of_most_papers_are_no_reasons() -> None:
    liked = paper(1, "Tide 2024 x 3.5", abstract="A buoy.")
    shown = [paper(number, "Tide 2024 x 3.5", abstract="A buoy." if number == 2 else "A lamp.") for number in range(2, 22)]

    told = reasons(taste([liked], [], KNOWN), read(shown, KNOWN), 0, Page(shown[0]))

    assert {one.words for one in told} == {"buoy"}
    assert {one.words for one in reasons_of(taste([liked], [], KNOWN), shown[1], KNOWN)} == {"Tide"}


@given(st.lists(papers, max_size=3), st.lists(papers, max_size=3), st.lists(papers, max_size=3), papers)
def test_any_papers_make_points_and_reasons_stand_where_they_say(
    recent: list[Paper], likes: list[Paper], dislikes: list[Paper], shown: Paper
) -> None:
    known = usual_in(recent)
    wanted = taste(likes, dislikes, known)

    found = points(likes, shown, dislikes=dislikes, known=known)
    told = reasons_of(wanted, shown, known)

    assert np.isfinite(found).all()
    assert sum(one.weight for one in told) <= max(found[0], 0) + 1e-4
    for one in told:
        text = shown.title if one.field == "title" else shown.abstract
        assert text[one.start : one.end] == one.words
        assert one.term == BY_EXAMPLE
        assert folded_words(one.words)


def test_few_papers_of_an_ordinary_day_are_like_a_narrow_reader() -> None:
    with gzip.open(shared("data", "papers_arxiv_sample.jsonl.gz"), "rt", encoding="utf-8") as lines:
        shapes = [shape for shape in map(json.loads, lines) if "2025-04-01" <= shape["date"] < "2025-05-01"]
    month = [paper_from_json(shape) for shape in shapes]
    recent, day = month[:3000], month[3000:]
    known = usual_in(recent)
    near = likeness([taste([one], [], known) for one in recent[::300]], read(recent, known))
    narrow = [taste([recent[place] for place in np.argsort(-row)[:count]], [], known) for row in near for count in (1, 3, 10)]

    alike = (likeness(narrow, read(day, known)) >= 1).mean(axis=1)

    assert 0.005 < np.median(alike) < 0.05
    assert alike.max() < 0.2


def test_a_taste_depends_on_nobody_elses() -> None:
    mine = [made_up(number, "tides") for number in range(1, 9)]
    others = [made_up(number, "bread") for number in range(11, 15)]

    alone, beside = taste(mine, [], KNOWN), tastes([(others, mine), (mine, [])], KNOWN)[1]

    assert dict(alone.by_word) == pytest.approx(dict(beside.by_word), abs=1e-5)
