"""Where phrases stand in a corpus, how prominently, and what that is worth."""

import numpy as np
import pytest

from digestd.matching.corpus import Corpus
from digestd.matching.hits import hits, stands
from digestd.matching.library import Library, compile_profiles
from digestd.matching.parser import parse
from digestd.matching.weights import IN_TITLE, prominence, rarity, share
from digestd.model.paper import Paper
from tests.support.builders import paper, profile


def found(library: Library, entry: str, *papers: Paper) -> dict[int, float]:
    """Return the papers in which a phrase of the library stands, by number, and how prominently."""
    every = hits(library, Corpus(papers))
    own = every.column == library.column(parse(entry))
    return dict(zip(every.paper[own].tolist(), every.boost[own].tolist(), strict=True))


def test_a_phrase_counts_once_in_a_title_and_more_often_in_an_abstract() -> None:
    library = compile_profiles([profile("tide table")])
    some = paper(1, "Tide tables, tide tables", abstract=""), paper(2, "-", abstract="A tide-table. Tide tables!"), paper(3)

    assert found(library, "tide table", *some) == {0: IN_TITLE, 1: prominence(2.0)}


@pytest.mark.parametrize("entry", ["tide", '"tides"', "tid*", "RAG", "title:tide", "tide table"])
def test_a_phrase_is_found_at_either_end_of_a_field_and_never_across(entry: str) -> None:
    library = compile_profiles([profile(entry)])
    words = {"RAG": "RAG", "tide table": "tides table"}.get(entry, "tides")
    split = paper(2, "eventide t", abstract="ides tables")

    assert set(found(library, entry, paper(1, words, abstract=""), split, paper(3, f"by {words}", abstract="-"))) == {0, 2}


def test_phrases_that_begin_alike_are_told_apart() -> None:
    library = compile_profiles([profile("tide", "tide table", "tide table maker"), profile("table maker")])
    one = paper(1, "-", abstract="Tide tables for a tide-table maker; the tide.")

    assert [found(library, entry, one)[0] for entry in ("tide", "tide table", "tide table maker", "table maker")] == [
        prominence(3.0),
        prominence(2.0),
        prominence(1.0),
        prominence(1.0),
    ]


def test_an_acronym_is_found_in_its_own_case_only() -> None:
    library = compile_profiles([profile("RAG pipeline", '"LoRA"')])
    some = paper(1, "RAG pipelines"), paper(2, "Rag pipelines"), paper(3, "LoRa lamps"), paper(4, "LoRA lamps")

    assert [set(found(library, entry, *some)) for entry in ("RAG pipeline", '"LoRA"')] == [{0}, {3}]


def test_a_phrase_is_not_found_by_a_word_that_stands_too_early() -> None:
    library = compile_profiles([profile('"The tides"'), profile("deep learn*")])
    some = paper(1, "Learning", abstract="Deep, deep wells"), paper(2, "Deep deep learning", abstract="tides"), paper(3, "Deep")

    assert found(library, "deep learn*", *some) == {1: IN_TITLE}
    assert found(library, '"The tides"', *some) == {}


def test_in_how_many_papers_a_phrase_stands_is_counted_once_a_paper() -> None:
    library = compile_profiles([profile("tide", "snow", "title:tide")])
    corpus = Corpus([paper(1, "Tide", abstract="tide, tide"), paper(2, "Ebb", abstract="tide"), paper(3, "Snow", abstract="")])
    counted = stands(library, hits(library, corpus))

    assert [counted[library.column(parse(entry))] for entry in ("tide", "snow", "title:tide")] == [2, 1, 1]


def test_words_that_only_a_mute_asks_for_are_found_too() -> None:
    assert found(compile_profiles([profile("tide", mute=("snow",))]), "snow", paper(1, "Snow")) == {0: IN_TITLE}


@pytest.mark.parametrize(("shares", "worth"), [(1.0, 0.05), (0.1, 0.25), (0.01, 1.0), (0.001, 2.25)], ids=str)
def test_a_term_is_worth_what_its_share_says(shares: float, worth: float) -> None:
    assert rarity(np.asarray(shares)) == pytest.approx(worth)


def test_a_share_is_a_hundredth_until_papers_are_seen_and_comes_near_what_they_say() -> None:
    assert share(0.0, 0) == 0.01
    assert share(5.0, 10) == pytest.approx(0.015, abs=0.001)
    assert share(50_000.0, 100_000) == pytest.approx(0.5, abs=0.01)


def test_how_often_a_term_stands_in_an_abstract_counts_less_and_less() -> None:
    assert [prominence(times) for times in (1.0, 2.0, 4.0)] == [1.0, 1.5, 2.0]
    assert prominence(1e9) == pytest.approx(3)
