"""Search strategies as librarians write them for Ovid and PubMed: what is not ours is named, with what to write instead."""

import json
import re

import pytest

from digestd.matching.parser import parse
from digestd.matching.query import QueryError
from tests.support.shared import FOLDER, shared

STRATEGIES = ("data", "relevance", "clef_tar_boolean_queries.jsonl")
TOPICS = len(FOLDER.joinpath(*STRATEGIES).read_text().splitlines()) if FOLDER.joinpath(*STRATEGIES).is_file() else 0
# Whatever holds one of these was never written for us; the dollars and headings of these files close no TeX.
FOREIGN = re.compile(
    r"\.(?:ti|ab|tw|mp|pt|fs|sh|au)\b|\[(?:tiab|mh|tw|mesh|sh|ti)\b|\badj\d|/(?:\s|$)|\w\$|\w[?#]\w"
    r"|^\W*\d+ (?:or|and|not) \d+\W*$|^\s*limit \d|^\s*(?:or|and)/\d",
    re.IGNORECASE | re.MULTILINE,
)


@pytest.mark.parametrize(
    ("text", "column", "problem", "advice"),
    [
        ("tide OR exp Tidal Waves/", 9, "'exp Tidal Waves/' is a subject heading", "such as tidal waves"),
        ("Lanterns/", 1, "'Lanterns/' is a subject heading", "such as lanterns"),
        ("exp Lanterns/di [Diagnosis]", 1, "'exp Lanterns/di' is a subject heading", "such as lanterns"),
        ('exp "Tidal Waves"/', 1, "'exp \"Tidal Waves\"/' is a subject heading", "no subject headings here"),
        ("lantern*.ti,ab.", 9, "'.ti,ab.' is a field of another system", "title and abstract are both looked at"),
        ("lantern.ti.", 8, "'.ti.' is a field of another system", "write title: before the term"),
        ('(tide OR "sea tide").ab', 21, "'.ab' is a field of another system", "write abstract: before"),
        ("Quill A.au.", 8, "'.au.' is a field of another system", "write author: before"),
        ("trial.pt.", 6, "'.pt.' is a field of another system", "a paper here has title:, abstract:, author:"),
        ("tide[tiab] OR lantern[mh]", 5, "'[tiab]' is a field of another system", "both looked at"),
        ("lantern [mh]", 9, "'[mh]' is a field of another system", "no subject headings here"),
        ("tide adj3 lantern", 6, "'adj3' is an operator of another system", "NEAR/2, which lets 2 other words stand between"),
        ("tide adj lantern", 6, "'adj' is an operator of another system", "side by side"),
        ("tide near3 lantern", 6, "'near3' is an operator of another system", "write NEAR/3"),
        ("tide NEAR3 lantern", 6, "'NEAR3' is an operator of another system", "write NEAR/3"),
        ("lantern$ OR tide", 1, "'lantern$' is a wildcard of another system", "lantern*"),
        ("sea lantern$2", 5, "'lantern$2' is a wildcard of another system", "lantern*"),
        (r"$\alpha$ tide OR lantern$", 18, "'lantern$' is a wildcard of another system", "lantern*"),
        ("(sea OR tide:).mp.", 9, "'tide:' is a wildcard of another system", "tide*"),
        ("colo?r", 5, "'?' is a wildcard of another system", "write each spelling"),
        ("tend#nitis", 5, "'#' is a wildcard of another system", "write each spelling"),
        ("1 or 2 or 3", 1, "'1 or 2 or 3' is a reference to other lines", "each group in ( )"),
        ("28 not (28 and 29)", 1, "'28 not (28 and 29)' is a reference to other lines", "each group in ( )"),
        ("1 OR 2", 1, "'1 OR 2' is a reference to other lines", "each group in ( )"),
        ("#1 AND #2", 1, "'#1' is a reference to other lines", "each group in ( )"),
        ("tide\nor/1-3", 6, "'or/1-3' is a reference to other lines", "each group in ( )"),
        ("limit 3 to english language", 1, "'limit 3 to' is a limit of another system", "leave it out"),
        ("1. tide\n2. lantern", 1, "'1.' is the number of a line", "an entry of its own"),
    ],
)
def test_a_sign_of_another_system_is_named_with_what_to_write(text: str, column: int, problem: str, advice: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)

    assert (caught.value.column, caught.value.problem) == (column, problem)
    assert advice in caught.value.advice


@pytest.mark.parametrize("number", range(TOPICS))
def test_a_real_strategy_is_refused_at_its_first_foreign_sign(number: int) -> None:
    text = strategies()[number]

    with pytest.raises(QueryError) as caught:
        parse(text)

    assert re.search("another system|subject heading|other lines|number of a line", caught.value.problem)
    assert caught.value.column <= first_foreign(text)
    assert len(str(caught.value)) < 500


def test_a_line_of_a_real_strategy_is_understood_or_refused_never_misread() -> None:
    lines = [line for text in strategies() for line in text.splitlines() if line.strip()]

    misread = [line for line in lines if FOREIGN.search(line) and reason(line) is None]

    assert len(lines) > 1000
    assert misread == []


def strategies() -> list[str]:
    return [json.loads(line)["query"] for line in shared(*STRATEGIES).read_text(encoding="utf-8").splitlines()]


def first_foreign(text: str) -> int:
    found = FOREIGN.search(text)
    return found.end() if found else len(text)


def reason(text: str) -> QueryError | None:
    try:
        parse(text)
    except QueryError as error:
        return error
    return None
