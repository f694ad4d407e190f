import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestd.model.digest import Evidence
from digestd.rendering.marks import Piece, marked, plain, shortened


def found(source: str, words: str) -> Evidence:
    start = source.index(words)
    return Evidence(words, "title", start, start + len(words), 1.0, words)


def highlighted(source: str, *words: str) -> list[str]:
    return [piece.text for piece in marked(source, [found(source, one) for one in words], "title") if piece.marked]


@pytest.mark.parametrize(
    ("source", "words", "marks"),
    [
        pytest.param("Block-sparse attention", "sparse attention", ["sparse attention"], id="words"),
        pytest.param(r"The \emph{sparse attention} trap", "sparse attention", ["sparse attention"], id="words_inside_a_macro"),
        pytest.param(r"The \emph{sparse} attention", r"sparse} attention", ["sparse attention"], id="words_across_a_brace"),
        pytest.param(r"Erd\H{o}s graphs", r"Erd\H{o}s", ["Erdős"], id="words_with_an_accent"),
        pytest.param(r"In $O(n \log n)$ steps", r"$O(n \log n)$ steps", ["O(n log n) steps"], id="words_that_hold_maths"),
        pytest.param(r"In $O(n \log n)$ steps", "log", ["O(n log n)"], id="words_within_maths"),
        pytest.param(r"In $O(n \log n)$ steps", "In $O(n", ["In O(n log n)"], id="words_that_end_within_maths"),
        pytest.param(r"Gr\"uner Klee", "Gr", ["Gr"], id="words_that_end_before_an_accent"),
        pytest.param("tidal\u200blanterns", "tidal\u200blanterns", ["tidallanterns"], id="words_with_an_invisible_letter"),
    ],
)
def test_matched_words_are_marked(source: str, words: str, marks: list[str]) -> None:
    assert highlighted(source, words) == marks


def test_a_script_is_a_piece_of_its_own_and_written_out_in_text() -> None:
    pieces = marked(r"An $L^{p/q}_{i,j}$ norm", [found(r"An $L^{p/q}_{i,j}$ norm", "norm")], "title")

    assert pieces == (
        Piece("An L"),
        Piece("p/q", script="sup"),
        Piece("i,j", script="sub"),
        Piece(" "),
        Piece("norm", marked=True),
    )
    assert plain(pieces) == "An L^(p/q)_(i,j) norm"


def test_marks_that_overlap_are_one() -> None:
    assert highlighted("deep sparse attention", "deep sparse", "sparse attention") == ["deep sparse attention"]


def test_evidence_of_other_words_marks_nothing() -> None:
    stale = Evidence("lantern", "title", 0, 7, 1.0, "lantern")

    assert marked("Candles at sea", [stale], "title") == (Piece("Candles at sea"),)


@given(st.text(max_size=60), st.integers(0, 60), st.integers(0, 60))
def test_marking_never_changes_the_text(source: str, start: int, end: int) -> None:
    words = source[start:end]
    evidence = [Evidence("x", "title", start, start + len(words), 1.0, words)]

    assert plain(marked(source, evidence, "title")).split() == plain(marked(source, [], "title")).split()


def test_a_long_text_is_cut_at_the_end_of_a_sentence() -> None:
    text = "We light lanterns, e.g. Blue ones. " * 4

    assert plain(shortened((Piece(text),), 60)) == "We light lanterns, e.g. Blue ones.\u00a0…"


def test_a_text_of_one_sentence_is_cut_at_a_word() -> None:
    assert plain(shortened((Piece("lantern " * 40),), 60)) == "lantern lantern lantern lantern lantern lantern lantern\u00a0…"


def test_marks_outlive_the_cut() -> None:
    pieces = (Piece("We watch "), Piece("tidal lanterns", marked=True), Piece(" all night. " + "And so on. " * 20))

    assert shortened(pieces, 40)[1] == Piece("tidal lanterns", marked=True)


def test_a_script_is_cut_as_a_whole() -> None:
    pieces = (Piece("The space L"), Piece("p, q", script="sup"), Piece(" is where we go. " * 9))

    assert plain(shortened(pieces, 17)) == "The space L^(p, q)\u00a0…"


@given(
    st.lists(st.builds(Piece, st.text("ab. ", min_size=1), st.booleans(), st.sampled_from(["", "sup", "sub"]))),
    st.integers(0, 60),
)
def test_what_is_cut_is_the_beginning(pieces: list[Piece], limit: int) -> None:
    told = plain(shortened(tuple(pieces), limit))

    assert plain(tuple(pieces)).startswith(told.removesuffix("\u00a0…"))


def test_nothing_is_left_where_there_is_no_room() -> None:
    assert shortened((Piece("We watch."),), 0) == ()
