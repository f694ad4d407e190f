"""Words of a text: where they stand, how they fold, what their plural is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestd.matching.plurals import singular
from digestd.matching.text import Passage, fold, folded_words, spans
from tests.matching.queries import texts

PLURALS = """
study/studies movie/movies class/classes loss/losses box/boxes batch/batches cache/caches size/sizes virus/viruses bias/biases
cause/causes phase/phases analysis/analyses hypothesis/hypotheses matrix/matrices index/indices index/indexes axis/axes
hero/heroes canoe/canoes tree/trees survey/surveys gpu/gpus network/networks wave/waves topic/topics
metric/metrics phenomenon/phenomena mouse/mice lens/lenses case/cases database/databases degree/degrees tie/ties
protease/proteases
"""
STRANGERS = """
semantics/semantic genetics/genetic news/new thesis/these gas/ga bus/bu status/statu use/us genes/genesis
analysis/analytics
"""


@pytest.mark.parametrize(("one", "many"), [pair.split("/") for pair in PLURALS.split()])
def test_singular_and_plural_are_one(one: str, many: str) -> None:
    assert singular(one) == singular(many)


@pytest.mark.parametrize(("one", "other"), [pair.split("/") for pair in STRANGERS.split()])
def test_words_that_only_look_alike_stay_two(one: str, other: str) -> None:
    assert singular(one) != singular(other)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        (r"Erd\H{o}s", "erdos"),
        (r"Erd{\H o}s", "erdos"),
        ("Erdős", "erdos"),
        ("Erdo\u030bs", "erdos"),
        (r"G\"odel", "godel"),
        (r"G{\"o}del", "godel"),
        (r"G\"{o}del", "godel"),
        (r"na\"{\i}ve", "naive"),
        (r"\'Etale", "etale"),
        (r"\v{S}koda", "skoda"),
        (r"Stra\ss e", "strasse"),
        ("Straße", "strasse"),
        (r"S\o rensen", "sorensen"),
        ("Sørensen", "sorensen"),
        (r"\AA ngstr\"om", "angstrom"),
        ("Ångström", "angstrom"),
        ("TNFα", "tnfalpha"),
        ("ﬁeld", "field"),
        ("MoS$_2$", "mos2"),
        ("CO_{2}", "co2"),
        ("C++", "c++"),
        ("Crohn’s", "crohn"),
    ],
)
def test_a_word_folds_as_a_whole(written: str, folded: str) -> None:
    assert folded_words(f"a {written} z") == ["a", folded, "z"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sparse-attention/kernels", ["sparse", "attention", "kernels"]),
        ("Erdős–Rényi", ["erdos", "renyi"]),
        (r"$\alpha$-helix", ["alpha", "helix"]),
        (r"$\varepsilon$-greedy", ["epsilon", "greedy"]),
        (r"\emph{sparse} \textbf{attention}", ["sparse", "attention"]),
        ("Llama-3.1 ends.", ["llama", "3.1", "ends"]),
        ("snake_case", ["snake", "case"]),
        ("注意 attention", ["注", "意", "attention"]),
        ("مرحبا हिन्दी", None),
        ("", []),
        ("\x00\ud800 ∀∃", None),
    ],
)
def test_a_text_falls_into_words(text: str, words: list[str] | None) -> None:
    assert words is None or folded_words(text) == words


@given(st.one_of(texts, st.text(max_size=60)))
def test_words_as_written_fold_to_the_words_of_the_index(text: str) -> None:
    written = [text[start:end] for start, end in spans(text)]

    assert [fold(word) for word in written] == folded_words(text)
    assert list(Passage(text).written) == written
    assert all(word.strip() for word in written)


@given(st.text(alphabet=st.characters(max_codepoint=127, exclude_characters="\\_"), max_size=60))
def test_a_plain_text_has_the_same_words_beside_an_accent(text: str) -> None:
    assert folded_words(f"{text} é") == [*folded_words(text), "e"]
