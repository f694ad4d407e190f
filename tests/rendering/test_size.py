"""However much there is to tell, the mail is small, and what is left out is said."""

import time

import pytest

from digestd.model.digest import Section
from digestd.model.paper import Links
from tests.rendering.test_page import page
from tests.support.builders import NOON, digest, match, paper
from tests.support.mails import renderer

LONG_LINK = "https://evil.example/" + "ü" * 1_900


@pytest.mark.parametrize("count", [20, 60, 300])
@pytest.mark.parametrize("letters", ["潮汐を読む灯籠", "🏮🌊", "קריאת פנסים ", "lantern "])
def test_a_mail_has_at_most_200_kb_in_any_script(letters: str, count: int) -> None:
    shown = [paper(number, letters * 20, abstract=letters * 300, authors=(letters,) * 9) for number in range(count)]

    content = renderer().message(digest("ada", *shown), {one.id: one for one in shown}, NOON).content

    assert len(content) <= 200_000


def test_papers_with_endless_links_push_no_others_out() -> None:
    bad = [paper(number, "Endless", links=Links(f"{LONG_LINK}{number}")) for number in range(100, 110)]
    good = [paper(number) for number in range(15)]

    made = page(digest("ada", *bad, *good), *bad, *good)

    assert all(one.abstract in made.text for one in good)
    assert "evil.example" not in made.html


@pytest.mark.parametrize("count", [300, 1_000])
def test_a_reader_of_many_profiles_is_told_how_many_are_left_out(count: int) -> None:
    shown = [paper(number) for number in range(count)]
    sections = tuple(Section(f"Lanterns {one.id}", (match(one),)) for one in shown)

    made = page(digest("ada", sections=sections), *shown)

    assert len(made.html.encode()) <= 90_000
    assert f"Titles and {count - 50:,} more profiles are left out" in " ".join(made.text.split())


@pytest.mark.parametrize("formula", ["x^{a}", "$^$^", r"\sqrt{", "$x_1$ tide a lamp "])
def test_an_abstract_of_formulas_alone_takes_no_time(formula: str) -> None:
    one = paper(1, abstract=(formula * 10_000)[:10_000])
    begin = time.process_time()

    page(digest("ada", one), one)

    assert time.process_time() - begin < 2  # seconds; it was a quarter of one for each of sixty papers
