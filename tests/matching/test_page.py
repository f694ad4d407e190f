"""Evidence says of what its terms are a part: what is found of AND and NEAR."""

import pytest

from digestd.matching.page import Page
from digestd.matching.parser import parse
from tests.matching.queries import growth
from tests.support.builders import paper

TIDE = paper(1, "Tide tables", abstract="Lanterns by the sea.")


@pytest.mark.parametrize(
    ("query", "entry"),
    [
        ("tide", ""),
        ("tide AND lantern^2", "tide AND lantern"),
        ("tide AND NOT snow", ""),
        ("(tide OR snow) AND sea AND NOT moon", "tide AND sea"),
        ("(tide OR lantern) AND sea", "(tide OR lantern) AND sea"),
        ("tide AND (lantern OR (sea AND NOT snow))", "tide AND (lantern OR sea)"),
        ("tide AND (sea OR NOT snow)", "tide AND sea"),
        ("tide AND (moon OR NOT snow)", ""),
        ("title:tide AND abs:lantern", "title:tide AND abstract:lantern"),
        ("lantern NEAR/3 (sea OR snow)^2", "lantern NEAR/3 sea"),
        ("tide AND (lantern NEAR/3 sea)", "tide AND lantern NEAR/3 sea"),
        ("tide AND au:Quill", "tide AND author:Quill"),
    ],
)
def test_evidence_names_what_is_found_of_its_entry(query: str, entry: str) -> None:
    found = Page(TIDE).answer(parse(query))

    assert found
    assert {one.entry for one in found} == {entry}


def test_the_time_for_groups_in_groups_grows_with_their_depth() -> None:
    def answer(depth: int) -> None:
        for _ in range(20):
            assert Page(TIDE).answer(parse("(tide AND (sea OR " * depth + "lantern" + "))" * depth))

    assert growth(answer, 6, 24) < 40
