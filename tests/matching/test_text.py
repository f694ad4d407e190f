"""Words of a text: where they stand, how they fold, what their plural is."""

import re
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from digestd.matching.phrase import Word, occurrences
from digestd.matching.plurals import singular
from digestd.matching.text import END, Passage, bare, fold, folded_words, spans, stretches, words_of_each, written_words
from tests.matching.queries import growth, texts

PLURALS = """
study/studies movie/movies class/classes loss/losses box/boxes batch/batches cache/caches size/sizes virus/viruses bias/biases
cause/causes phase/phases analysis/analyses hypothesis/hypotheses matrix/matrices index/indices index/indexes axis/axes
hero/heroes canoe/canoes tree/trees survey/surveys gpu/gpus network/networks wave/waves topic/topics
metric/metrics phenomenon/phenomena mouse/mice lens/lenses case/cases database/databases degree/degrees tie/ties
protease/proteases canoe/canoes potato/potatoes toe/toes quiz/quizes diagnosis/diagnoses thesis/theses crisis/crises
metastasis/metastases prosthesis/prostheses phosphatase/phosphatases sheaf/sheaves shelf/shelves wolf/wolves nerve/nerves
torus/tori polyhedron/polyhedra equilibrium/equilibria schema/schemata taxon/taxa nebula/nebulae criterion/criteria
ovum/ova serum/sera epithelium/epithelia villus/villi apex/apices symbiosis/symbioses foramen/foramina ellipse/ellipses
mycobacterium/mycobacteria eigenspectrum/eigenspectra submatrix/submatrices kilonova/kilonovae grandchild/grandchildren
probiotic/probiotics thermoelectric/thermoelectrics
vertex/vertices matrix/matrices species/species series/series api/apis csi/csis gru/grus asic/asics logic/logics
geodesic/geodesics database/databases proof/proofs roof/roofs virus/virus glass/glasses mass/masses process/processes
"""
STRANGERS = """
semantics/semantic genetics/genetic news/new thesis/these gas/ga bus/bu status/statu use/us genes/genesis
analysis/analytics analysis/analyse synthesis/synthesise university/universe universal/universe generic/genetic
physics/physic dynamics/dynamic data/date species/spec series/serial chaos/chao mars/mar adams/adam williams/william
sometimes/sometime does/doe trans/tran yoloe/yolo nerves/nerf media/medium basis/base thus/thu organ/organic
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
        ("H$_2$O", "h2o"),
        ("H₂O", "h2o"),
        ("CO$_{2}$e", "co2e"),
        (r"D\textsuperscript{2}A", "d2a"),
        ("$^{13}$C", "13c"),
        ("${}^{13}$C", "13c"),
        ("^{13}C", "13c"),
        ("¹³C", "13c"),
        ("M$^3$CAD", "m3cad"),
        ("m²", "m2"),
        ("m^2", "m2"),
        ("Ca$^{2+}$", "ca2"),
        ("Ca2+", "ca2"),
        (r"$\ell_1$", "l1"),
        ("ℓ1", "l1"),
        ("1,000", "1000"),
        ("12,345,678", "12345678"),
        ("3.5", "3.5"),
        ("p53", "p53"),
        ("5G", "5g"),
        (r"\textbf{L}arge", "large"),
        (r"Re\textit{st}ores", "restores"),
        ("{B}ayesian", "bayesian"),
        ("atten\u00adtion", "attention"),
        ("atten\u200btion\u200b", "attention"),
        ("ｆｕｌｌ", "full"),
        (r"C\#", "c#"),
        ("F#", "f#"),
        ("k’s", "k"),
        ("Kʼs", "k"),
        ("مَرْحَبًا", "مرحبا"),
        ("שָׁלוֹם", "שלום"),
        ("हिन्दी", "हिन्दी"),
        ("한국어", fold("한국어")),
        ("ﬁeld", "field"),
        ("MoS$_2$", "mos2"),
        ("CO_{2}", "co2"),
        ("C++", "c++"),
        ("Crohn’s", "crohn"),
        (r"$\mathrm{CO}_2$", "co2"),
        (r"\text{CO}_{2}", "co2"),
        (r"CO$_{\rm 2}$", "co2"),
        (r"${\mathbb Z}_2$", "z2"),
        ("TiO${}_2$", "tio2"),
        (r"TiO\(_2\)", "tio2"),
        (r"AdS$_5\times$", "ads5"),
        (r"$^{13}\text{C}$", "13c"),
        (r"\(^{13}\)C", "13c"),
        (r"$^{18}{\rm C}$", "18c"),
        (r"\textbf{V}LM", "vlm"),
        (r"\textbf{M}LPs", "mlps"),
        (r"\textbf{\underline{C}}ontrastive", "contrastive"),
    ],
)
def test_a_word_folds_as_a_whole(written: str, folded: str) -> None:
    assert folded_words(f"a {written} z") == ["a", folded, "z"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sparse-attention/kernels", ["sparse", "attention", "kernels"]),
        ("Erdős–Rényi", ["erdos", "renyi"]),
        *((f"sparse{dash}attention", ["sparse", "attention"]) for dash in "-‐‑‒–—―−﹣－"),
        ("sparse\u00a0attention", ["sparse", "attention"]),
        (r"$\alpha$-helix", ["alpha", "helix"]),
        ("TNFα", ["tnf", "alpha"]),
        (r"TNF-$\alpha$", ["tnf", "alpha"]),
        (r"TNF$\alpha$", ["tnf", "alpha"]),
        ("ΛCDM", ["lambda", "cdm"]),
        (r"$\Lambda$CDM", ["lambda", "cdm"]),
        ("γδ T cells", ["gamma", "delta", "t", "cells"]),
        (r"$\gamma\delta$ T", ["gamma", "delta", "t"]),
        ("ΔΨ λόγος", ["delta", "psi", fold("λόγος")]),
        ("NF-kappaB NF-κB nf-kappab", ["nf", "kappa", "b"] * 3),
        ("TGF-beta1 TGFβ1 TGFBETA1", ["tgf", "beta", "1"] * 3),
        ("IL-1beta IL-1β", ["il", "1", "beta"] * 2),
        ("σ8 Sigma8", ["sigma", "8"] * 2),
        ("LambdaCDM ΛCDM", ["lambda", "cdm"] * 2),
        ("TNFalpha TNFα", ["tnf", "alpha"] * 2),
        (r"\varepsilon1 alphabet betaine alphas", ["epsilon", "1", "alphabet", "betaine", "alphas"]),
        ("5 µm", ["5", "mu", "m"]),
        ("5 μm", ["5", "mu", "m"]),
        (r"5 $\mu$m", ["5", "mu", "m"]),
        (r"$5\,\mu\mathrm{m}$", ["5", "mu", "m"]),
        (r"$\varphi$ and ϕ", ["phi", "and", "phi"]),
        ("10-fold", ["10", "fold"]),
        ("10$^5$ lamps", ["10", "5", "lamps"]),
        ("12345,678", ["12345", "678"]),
        ("COVID-19", ["covid", "19"]),
        ("SARS-CoV-2", ["sars", "cov", "2"]),
        ("GPT-3.5", ["gpt", "3.5"]),
        (r"$\mathcal{O}(n)$", ["o", "n"]),
        (r"$\mathbb{R}^n$", ["r", "n"]),
        (r"{\rm DM} tides", ["dm", "tides"]),
        (r"\textbf{RAG}s", ["rag", "s"]),
        (r"a tide \cite{lamp99} at \href{https://lamp.example}{sea}", ["a", "tide", "at", "sea"]),
        ("Hawai'i Hawaiʼi Hawai‘i", ["hawai", "i"] * 3),
        ("がか", [fold("が"), "か"]),
        (r"$\varepsilon$-greedy", ["epsilon", "greedy"]),
        (r"\emph{sparse} \textbf{attention}", ["sparse", "attention"]),
        ("Llama-3.1 ends.", ["llama", "3.1", "ends"]),
        ("snake_case", ["snake", "case"]),
        ("注意 attention", ["注", "意", "attention"]),
        ("مرحبا हिन्दी", ["مرحبا", "हिन्दी"]),
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
    assert written_words(text) == written
    assert list(Passage(text).written) == [*map(bare, written)]
    assert all(word.strip() for word in written)


BLANKS_INSIDE = (
    r"\H ",
    r"\c",
    r"\o ",
    r"\ell",
    r"\cite{",
    r"{\k",
    r"\i",
    "{",
    "}",
    "$_",
    "^2",
    "\\",
    " ",
    "\n",
    "\u2028",
    "\x1e",
)
BESIDE = ("Erd", "s", "o", "C#", "C++", "1,000", "3.5", "'s", "’s", "é", "\u0301", "β", "灯", "\u200b", ",", "-", r"\alpha")


@given(st.one_of(texts, st.text(max_size=60), st.lists(st.sampled_from(BLANKS_INSIDE + BESIDE), max_size=14).map("".join)))
def test_the_words_of_its_stretches_are_those_of_a_text(text: str) -> None:
    parts = stretches(text)
    words = words_of_each(parts)

    assert [word for word in words if word != END] == written_words(text)
    assert words.count(END) == len(parts)


@given(st.text(alphabet=st.characters(max_codepoint=127, exclude_characters="\\_"), max_size=60))
def test_a_plain_text_has_the_same_words_beside_an_accent(text: str) -> None:
    assert folded_words(f"{text} é") == [*folded_words(text), "e"]


@given(st.one_of(texts, st.text(max_size=40)), st.data())
def test_what_is_found_is_the_phrase_and_stands_at_the_edges_of_words(text: str, data: st.DataObject) -> None:
    passage = Passage(text)
    count = len(passage.folded)
    assume(count)
    first = data.draw(st.integers(0, count - 1))
    wanted = passage.folded[first : data.draw(st.integers(first + 1, min(count, first + 4)))]

    for start, end in (passage.span(*place) for place in occurrences([Word("folded", (word,)) for word in wanted], passage)):
        assert folded_words(text[start:end]) == list(wanted)
        assert not unicodedata.combining(text[end : end + 1] or " ")
        assert not unicodedata.combining(text[start])


GOES_ON = re.compile(r"\$(?:\{\})?_(?:\d|\{\d+[+-]?\})")  # AdS$_5\times S^5$


@given(st.one_of(texts, st.text(alphabet="aé{}$_^2\\Htextbf\u0301 ", max_size=30)))
def test_a_word_keeps_its_own_braces_and_dollars(text: str) -> None:
    for word in written_words(text):
        assert word.count("{") == word.count("}")
        assert word.count("$") % 2 == 0 or GOES_ON.search(word)


HOSTILE = {
    "one_word": "a",
    "words": "tide ",
    "backslashes": "\\",
    "braces": "{",
    "words_in_braces": "{ab",
    "subscripts": "$_{1",
    "superscripts": "a^{1",
    "isotopes": "{}^{1",
    "accents": "\\H ",
    "accents_in_braces": "{\\H{o",
    "marks": "\u0301\u0316",
    "soft_hyphens": "\u00ad",
    "numbers": "1,000",
    "points": "1.",
    "citations": "\\cite{",
    "genitives": "a's",
    "pluses": "a+",
    "greek": "α",
    "cjk": "灯",
    "blanks": " ",
}


@pytest.mark.parametrize("sign", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("start", ["", "é"])
def test_reading_a_text_costs_no_more_than_its_length(start: str, sign: str) -> None:
    def work(size: int) -> None:
        fold.cache_clear()
        passage = Passage(start + sign * (size // len(sign)))
        assert len(passage.singular) == len(list(spans(passage.text)))

    assert growth(work, 10_000, 80_000) < 20
