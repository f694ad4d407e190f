"""Queries as readers write them, and as trees."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digestd.matching.page import Page
from digestd.matching.parser import _flat, _Parser, parse
from digestd.matching.profile import compile_profile
from digestd.matching.query import And, Near, Not, Or, Query, QueryError, Term, all_of
from digestd.model.subscriber import Profile
from tests.matching.queries import growth, queries
from tests.support.builders import paper, profile

A, B, C = Term("a"), Term("b"), Term("c")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("sparse attention", Term("sparse attention")),
        ("  sparse \n attention ", Term("sparse attention")),
        ("search and rescue", Term("search and rescue")),
        ("a AND b OR c", Or((And((A, B)), C))),
        ("a OR b AND c", Or((A, And((B, C))))),
        ("(a OR b) AND c", And((Or((A, B)), C))),
        ("(a AND b) AND c", And((A, B, C))),
        ("a AND NOT b", And((A, Not(B)))),
        ("a ANDNOT b", And((A, Not(B)))),
        ("a NOT b", And((A, Not(B)))),
        ("a AND NOT NOT b", And((A, B))),
        ("a AND NOT b NEAR/5 c", And((A, Not(Near((B,), (C,), 5))))),
        ("(a OR b) NEAR/2 c", Near((A, B), (C,), 2)),
        ("TI:a b", Term("a b", "title")),
        ("title: a", Term("a", "title")),
        ("ti:(a OR abs:b)", Or((Term("a", "title"), Term("b", "abstract")))),
        ("all:a", Term("a", "any")),
        ("source:arxiv:cs.LG", Term("arxiv:cs.LG", "source")),
        ("“a  b”^2", Term('"a b"', weight=2.0)),
        ("(a OR b^3)^2", Or((Term("a", weight=2.0), Term("b", weight=6.0)))),
        ("au:Zhang, Y.", Term("Zhang, Y.", "author")),
        (r"G\"odel", Term(r"G\"odel")),
        ("Mamba: the snake", Term("Mamba: the snake")),
        ("R & D", Term("R & D")),
        ("18 and 30 lanterns", Term("18 and 30 lanterns")),
        ("what is a tide?", Term("what is a tide?")),
        ("C# and/or F#", Term("C# and/or F#")),
        ("[C II] lines", Term("[C II] lines")),
        (r"$\alpha$ helix", Term(r"$\alpha$ helix")),
        ("MoS$_2$ layers", Term("MoS$_2$ layers")),
        ("cat:math.MP", Term("math.MP", "category")),
        ("cat:Cell Biology", Term("Cell Biology", "category")),
        ("（a OR b）＾2 AND ＂c＂", And((Or((Term("a", weight=2.0), Term("b", weight=2.0))), Term('"c"')))),
        ("ti:.NET", Term(".NET", "title")),
        ('"C^*-algebra"', Term('"C^*-algebra"')),
        ('"exp tide/ adj3 [mh] $"', Term('"exp tide/ adj3 [mh] $"')),
    ],
)
def test_an_entry_is_read_as(text: str, tree: Query) -> None:
    assert parse(text) == tree


@given(queries)
def test_a_query_that_is_printed_and_parsed_again_is_the_same(query: Query) -> None:
    query = all_of([A, query])

    assert parse(str(query)) == query


@given(st.text(alphabet='ab"()^* \\:NOTANDR/5-“', max_size=40))
@example("a\\")
def test_any_text_is_a_query_or_an_error_that_points_into_it(text: str) -> None:
    match read(text):
        case QueryError() as error:
            assert 1 <= error.column <= len(text) + 1
            assert error.problem
            assert error.advice
        case query:
            assert read(str(query)) == query


def read(text: str) -> Query | QueryError:
    try:
        return parse(text)
    except QueryError as error:
        return error


@pytest.mark.parametrize(
    ("text", "column", "problem"),
    [
        ("", 1, "there is nothing to look for"),
        ("title:", 1, "nothing comes after this title:"),
        ("()", 1, "nothing comes after this ("),
        ("a AND OR b", 7, "nothing comes before this OR"),
        ("a OR NOT b", 6, "NOT alone does not say what to look for"),
        ("a (b)", 3, "an operator is missing before this"),
        ("a^2 b", 5, "an operator is missing before this"),
        ("a   colo*r", 9, "a * stands only at the end of a word"),
        ("author:Dao*", 8, "* does not work in names"),
        ("a AND cat:cs.LG b", 11, "this is read as one name of a category"),
        ("a \t adj3 b", 5, "'adj3' is an operator of another system"),
        ("a\nnear2  b", 3, "'near2' is an operator of another system"),
        ("a AND &", 7, "there is no word in this"),
        ("a || b", 3, "'||' is not an operator here"),
        ("a NEAR/0 b", 3, "NEAR needs a number of words"),
        ("a NEAR/5 b NEAR/5 c", 12, "NEAR joins two"),
        ("(a AND b) NEAR/5 c", 11, "NEAR joins words of title and abstract"),
        ("title:a NEAR/5 abstract:b", 9, "no place is in both of these fields"),
        ("a^1001", 2, "'^1001' is not a weight"),
        ("((a^1000)^0.1)^20", 15, "these weights multiply to more than 1000"),
        ("a OR b AND c\\", 13, "nothing comes after this \\"),
        ("title:(tide or lantern)", 13, "this or is a word of a phrase, no operator"),
        ("(" * 51 + "a" + ")" * 51, 52, "this is nested more than 50 deep"),
        ("a AND " + "NOT " * 51 + "b", 211, "this is nested more than 50 deep"),
        ("a " * 51, 1, "this phrase has more than 50 words"),
        ("a OR " * 500 + "a", 1, "this has more than 500 terms"),
        ("a" * 10_001, 1, "this has 10,001 characters"),
    ],
)
def test_an_error_says_where_and_what(text: str, column: int, problem: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)

    assert (caught.value.column, caught.value.problem) == (column, problem)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ('"sea tide" or lantern', "write OR in capitals"),
        ("tide and (lantern OR sea)", "write AND in capitals"),
        ("(tide not lantern)", "write NOT in capitals, or the phrase in quotes instead of ( )"),
    ],
)
def test_an_operator_in_small_letters_is_told_to_be_written_in_capitals(text: str, advice: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)

    assert caught.value.advice == advice


def test_the_error_of_a_long_entry_shows_the_place_alone() -> None:
    with pytest.raises(QueryError) as caught:
        parse("tide OR " * 400 + "OR " + "OR tide" * 400)

    assert len(str(caught.value)) < 300


def test_a_misspelt_field_is_told_what_was_meant() -> None:
    with pytest.raises(QueryError, match="did you mean abstract:"):
        parse("abstrct:tide")


@pytest.mark.parametrize(
    ("wrong", "key", "position"),
    [
        (profile("tide", "tide AND"), "keywords", 1),
        (profile("tide", mute=("a", "b", "NOT c")), "mute", 2),
        (profile("tide", authors=("…",)), "authors", 0),
    ],
    ids=["keywords", "mute", "authors"],
)
def test_the_error_of_a_profile_names_the_entry(wrong: Profile, key: str, position: int) -> None:
    with pytest.raises(QueryError) as caught:
        compile_profile(wrong)

    assert (caught.value.key, caught.value.position) == (key, position)


HOSTILE = {
    "groups": "(",
    "quotes": '"',
    "backslashes": "\\",
    "prefixes": "a*",
    "accents": "{\\H ",
    "weights": "^",
    "one_word": "a",
    "terms": "tide OR ",
    "fields": "ti:",
    "unknown_field": "ab",
    "escaped": "\\(",
    "dollars": "a$b ",
    "headings": "exp ",
    "lines": "1 or ",
    "blank_lines": "\n",
    "blanks": "1 or  ",
    "suffixes": "a.ti,",
    "tags": "[ti",
    "truncated": "a-",
    "numbered": "AA-",
}


@pytest.mark.parametrize("sign", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("end", ["", " tide", ":x", ")"])
def test_reading_an_entry_costs_no_more_than_its_length(sign: str, end: str) -> None:
    def work(size: int) -> None:
        read(sign * (size // len(sign)) + end)

    assert growth(work, 1_200, 9_600) < 20


def test_a_paper_costs_no_more_than_its_length_whatever_is_asked() -> None:
    asked = ["tide " * 50, "t* AND NOT ti*", "(tide OR t*) NEAR/9 (sea OR s*)", '"tide tide tide tide tide sea"', "灯" * 50]
    wanted = [parse(text) for text in asked]

    def work(size: int) -> None:
        page = Page(paper(1, "-", abstract="tide " * (size // 5) + "灯" * size))
        for query in wanted:
            page.answer(query)

    assert growth(work, 20_000, 160_000) < 20


def test_names_cost_no_more_than_their_number_and_length() -> None:
    wanted = parse("au:Quill, A. OR au:Oar")

    def work(size: int) -> None:
        Page(paper(1, authors=(*[f"Ben Lamp{number}" for number in range(size // 10)], "Ada " * size))).answer(wanted)

    assert growth(work, 2_000, 16_000) < 20


_SIGNS = ["tide", "LLM", "Sparse", "A", "of", "and", "or", "not", "AND", "OR", "NOT", "ANDNOT", "NEAR", "x1", "pre-training"]


@given(st.lists(st.sampled_from([*_SIGNS, "AND NOT"]), min_size=1, max_size=9))
def test_a_flat_query_is_what_its_signs_say(pieces: list[str]) -> None:
    text = " ".join(pieces)
    flat = _flat(text)

    assert flat is None or flat == _Parser(text).query()
