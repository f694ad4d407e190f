import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestd.model.digest import Evidence, Match, Section
from digestd.model.paper import Links
from digestd.rendering import Editions, Letterhead, Renderer, TemplateError
from digestd.rendering.card import Card, FullCard
from digestd.rendering.language import ENGLISH, Language
from digestd.rendering.marks import Piece, Pieces
from digestd.rendering.sayings import sayings
from digestd.rendering.sheet import Day, Entry, Part, Sheet, Short, sheet
from digestd.rendering.templates import FILTERS, REQUIRED, Templates, wrapped
from tests.support.builders import digest, match, paper
from tests.support.mails import KEY, TEMPLATES, letterhead, renderer


def draw(**templates: str) -> str:
    """Return the subject of a digest with the templates of these names (without .txt.j2) replaced."""
    named = {f"{name}.txt.j2": text for name, text in templates.items()}
    return renderer(templates=named).page(digest("ada", paper(1)), {paper(1).id: paper(1)}).subject


def test_the_operators_template_is_used() -> None:
    assert draw(subject="{{ count }} for {{ reader }}") == "1 for Ada"


def test_text_is_not_escaped() -> None:
    assert draw(subject="{{ '<&>' }}") == "<&>"


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        pytest.param("one\ntwo {{ readr }}", r"^subject\.txt\.j2:2: 'readr' is not known; did you mean 'reader'\?$", id="slip"),
        pytest.param(
            "{{ lantern }}",
            r"^subject\.txt\.j2:1: 'lantern' is not known; use one of: masthead, .*, part, .*or define it first",
            id="unknown",
        ),
        pytest.param("{{ count.of }}", r"^subject\.txt\.j2:1: int has no 'of'$", id="unknown_attribute"),
        pytest.param(
            "{% for part in parts %}\n{{ part.profil }}{% endfor %}",
            r"^subject\.txt\.j2:2: the part has no 'profil'; did you mean 'profile'\?$",
            id="slip_in_an_attribute",
        ),
        pytest.param(
            "{% import '_style.html.j2' as style %}{{ style.seriff }}",
            r"^subject\.txt\.j2:1: _style\.html\.j2 has no 'seriff'; did you mean 'serif'\?$",
            id="slip_in_what_is_imported",
        ),
        pytest.param("one\n{{ count", r"^subject\.txt\.j2:2: unexpected end of template.*; correct this line$", id="syntax"),
        pytest.param("\n\n{% if count %}", r"^subject\.txt\.j2:3: .*endif.*; correct this line$", id="block_never_closed"),
        pytest.param(
            "{{ date | wrapp }}", r"^subject\.txt\.j2:1: No filter named 'wrapp'; did you mean 'wrap'\?$", id="slip_in_a_filter"
        ),
        pytest.param(
            "\n{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", r"^subject\.txt\.j2:2: RecursionError: ", id="without_an_end"
        ),
        pytest.param("\n{{ 1 / 0 }}", r"^subject\.txt\.j2:2: ZeroDivisionError: division by zero; correct", id="arithmetic"),
        pytest.param(
            "one\n{% if count %}\ntwo\n\0000\0{% endif %}\n\x1b",
            r"^subject\.txt\.j2:4: holds the control character U\+0000, which no mail may carry; take it away$",
            id="control_characters",
        ),
        pytest.param("\n{{ '\\x1b[2J' }}", r"^subject\.txt\.j2:2: holds the control character U\+001B", id="control_told"),
        pytest.param(
            "\n{% include 'nowhere.j2' %}", r"^subject\.txt\.j2:2: includes nowhere\.j2, and there is no such", id="include"
        ),
    ],
)
def test_a_wrong_template_is_named_with_its_line(template: str, complaint: str) -> None:
    with pytest.raises(TemplateError, match=complaint):
        draw(subject=template)


def test_the_line_is_that_of_the_template_included() -> None:
    with pytest.raises(TemplateError, match=r"^part\.txt\.j2:2: 'papr' is not known"):
        draw(subject="{% include 'part.txt.j2' %}", part="one\n{{ papr }}")


@pytest.mark.parametrize(
    ("template", "told"),
    [
        pytest.param("\n<i>{{ card.number }}</i>\n\n", "<i>1</i>", id="prints_the_number"),
        pytest.param("\n<i>{{ card.number + 1 }}</i>\n\n", "<i>2</i>", id="reckons_with_the_number"),
        pytest.param("\n<i>{{ 'first' if card.number == 1 else 'other' }}</i>\n\n", "<i>first</i>", id="compares_the_number"),
        pytest.param("\n<i>{{ card.number | int }}</i>\n\n", "<i>1</i>", id="turns_the_number"),
        pytest.param("\n<i>{{ '%03d' % card.number }}</i>\n\n", "<i>001</i>", id="formats_the_number"),
        pytest.param("\n<i>{{ '{:>3}'.format(card.number) }}</i>\n\n", "<i>  1</i>", id="aligns_the_number"),
        pytest.param("\n<i>{{ card.name }}</i>\n\n", "<i>arXiv:2603.00001</i>", id="prints_the_name"),
        pytest.param("<i>{{ card.why }}</i>", "<i>matches “lantern &amp; co” in title</i>", id="prints_the_reason"),
        pytest.param("<i>{{ card.why | upper }}</i>", "<i>MATCHES “LANTERN &amp; CO” IN TITLE</i>", id="turns_the_reason"),
        pytest.param("<i>{{ card.why ~ '!' }}</i>", "<i>matches “lantern &amp; co” in title!</i>", id="joins_the_reason"),
        pytest.param("<i>{{ card.why == '' }}</i>", "<i>False</i>", id="compares_the_reason"),
        pytest.param("<i>{{ 'so' if card.why }}</i>", "<i>so</i>", id="asks_for_the_reason"),
        pytest.param("<i>{{ card.title | highlighted('<b id=x>') }}</i>", "<i>A <b id=x>lantern</b> &lt;1&gt;</i>", id="marks"),
        pytest.param("<i>{{ card.title | plain }}</i>", "<i>A lantern &lt;1&gt;</i>", id="prints_the_title"),
        pytest.param("<i>{{ card.title | length }}</i>", "<i>3</i>", id="counts_the_title"),
        pytest.param(
            "<i>{% for one in card.title %}{{ one.marked }},{% endfor %}</i>", "<i>False,True,False,</i>", id="pieces"
        ),
        pytest.param(
            "<i>{{ card.title | highlighted('<b>') | upper }}</i>", "<i>A <B>LANTERN</B> &LT;1&GT;</i>", id="turns_marks"
        ),
        pytest.param(
            "<i>{{ card.title | highlighted('<b>') | striptags }}</i>", "<i>A lantern &lt;1&gt;</i>", id="strips_marks"
        ),
        pytest.param("<i>{{ card.title | highlighted('<b>') | length }}</i>", "<i>26</i>", id="counts_marks"),
        pytest.param("<i>{{ card.abstract | highlighted('<b>') | first }}</i>", "<i>W</i>", id="first_letter"),
        pytest.param("<i>{{ card.why | wrap(2) | upper }}</i>", "<i>  MATCHES", id="turns_lines"),
        pytest.param("<i>{{ card.number | string == '1' }}</i>", "<i>True</i>", id="compares_the_letters_of_the_number"),
        pytest.param("<i>{{ '%3s' | format(card.number) }}</i>", "<i>  1</i>", id="fills_the_number"),
        pytest.param("<i>{{ card.number | string | int + 1 }}</i>", "<i>2</i>", id="reads_the_number"),
        pytest.param("<i>{{ part.profile }}</i>", "<i>Lanterns</i>", id="asks_for_the_part"),
        pytest.param("<i>{{ reader }} {{ date }}</i>", "<i>Ada Thursday, 5 March 2026</i>", id="asks_for_the_digest"),
        pytest.param("{% include 'who.html.j2' %}", "<i>Ada &amp; co</i>", id="includes_what_asks_for_more"),
        pytest.param("\n<i>`~^|\\{}</i>\n\n", "<i>`~^|\\{}</i>", id="has_every_letter"),
    ],
)
def test_a_template_for_papers_may_use_all_that_it_is_given(template: str, told: str) -> None:
    made = renderer(templates={"_paper.html.j2": template, "who.html.j2": "<i>{{ reader }}{{ ' & co' }}</i>"})
    one = paper(1, "A lantern <1>")
    found = Evidence("lantern", "title", 2, 9, 1.0, "lantern", "lantern & co")
    shown = digest("ada", sections=(Section("Lanterns", (Match(one.id, "Lanterns", 1.0, (found,)),)),))

    pages = [made.page(shown, {one.id: one}) for _ in range(2)]

    assert told in pages[0].html
    assert pages[0] == pages[1]


def test_the_built_in_templates_make_cards_once_for_all() -> None:
    templates = Templates(TEMPLATES, ENGLISH)
    shown = [
        paper(number, f"A *lantern* {number} in $x^{{a}}$", links=Links(f"https://example.org/{number}"))
        for number in range(40)
    ]
    whole = sheet(digest("ada", *shown), {one.id: one for one in shown}, ENGLISH, letterhead(), "token")

    for name in REQUIRED:
        templates.render(name, whole)

    assert templates._unfit == set()
    assert templates._tried.keys() == {"_paper.html.j2", "_paper.txt.j2"}


def test_a_fault_in_the_template_for_papers_is_named_with_its_line() -> None:
    with pytest.raises(TemplateError, match=r"^_paper\.html\.j2:2: the card has no 'titel'; did you mean 'title'"):
        renderer(templates={"_paper.html.j2": "\n{{ card.titel }}"}).page(digest("ada", paper(1)), {paper(1).id: paper(1)})


def test_what_is_ready_is_the_same_as_what_is_made_anew() -> None:
    made, shown = renderer(), [paper(number, f"Tide {number}") for number in range(1, 121)]
    papers = {one.id: one for one in shown}
    turned = digest("ben", *reversed(shown))

    made.page(digest("ada", *shown), papers)

    assert made.page(turned, papers) == renderer().page(turned, papers)


def test_a_template_with_a_fault_is_found_before_anything_is_rendered() -> None:
    with pytest.raises(TemplateError, match=r"^digest\.html\.j2:1: "):
        renderer(templates={"digest.html.j2": "{% for %}"})


def test_all_templates_with_faults_are_named() -> None:
    with pytest.raises(TemplateError) as caught:
        renderer(templates={"digest.html.j2": "{% for %}", "_own.txt.j2": "\n{{ 1 | wrapp }}", "_unused.j2": "\0" + "0\0"})

    assert [fault.partition(": ")[0] for fault in caught.value.args] == ["digest.html.j2:1", "_own.txt.j2:2", "_unused.j2:1"]


def test_a_missing_template_is_named() -> None:
    without = {name: text for name, text in TEMPLATES.items() if name != "digest.txt.j2"}

    with pytest.raises(TemplateError, match=r"^digest\.txt\.j2: there is no such template"):
        Renderer(Editions(without), letterhead(), KEY)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="give it at least 16"):
        Renderer(Editions(TEMPLATES), Letterhead("d", "d@example.org", "d.example.org", "d@example.org"), b"short")


@given(
    st.lists(st.text(alphabet="x-é", min_size=1, max_size=60), min_size=1, max_size=30),
    st.sampled_from([(0, ""), (4, "1.  "), (4, "1000. ")]),
)
def test_lines_are_those_of_textwrap(words: list[str], margins: tuple[int, str]) -> None:
    text, (indent, first) = " ".join(words), margins
    margin = " " * indent

    told = wrapped(text, indent, first)

    assert told == textwrap.fill(
        text, 72, initial_indent=first or margin, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False
    )


PAGE = (Path(__file__).parents[2] / "docs/templates.md").read_text(encoding="utf-8")


def rows(heading: str) -> Iterator[list[str]]:
    """Yield the cells of the table under a heading of the page, code without its marks."""
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    for line in section.splitlines():
        if line.startswith("| `"):
            yield [cell.replace("\\|", "|").strip().strip("`") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def documented(heading: str) -> dict[str, str]:
    """Return the names in the table under a heading, each with what it is."""
    return {row[0]: re.sub(r"\[(.*?)\]\(.*?\)", r"\1", row[1]) for row in rows(heading)}


def there(whole: type, *unsaid: str) -> dict[str, str]:
    """Return the names that a template may ask a value for, each with what it is, but for those *unsaid*."""
    hints = get_type_hints(whole)
    for name, found in vars(whole).items():
        if isinstance(found, property | cached_property):
            hints[name] = get_type_hints(found.fget if isinstance(found, property) else found.func)["return"]
    return {name: kind(hint) for name, hint in hints.items() if not name.startswith("_") and name not in unsaid}


def kind(hint: Any) -> str:
    """Return what the page calls a type."""
    if isinstance(hint, TypeVar):
        return "number"
    if get_origin(hint) in {Callable, Mapping}:
        return "nothing for templates"
    if get_origin(hint) is Literal:
        return "text"
    return next(KINDS[one] for one in (hint, *get_args(hint)) if one in KINDS)


KINDS = {
    str: "text",
    int: "number",
    bool: "yes or no",
    Language: "a language",
    Pieces: "pieces",
    tuple[str, ...]: "list of text",
    tuple[Part, ...]: "list of parts",
    tuple[Day, ...]: "list of days",
    tuple[FullCard, ...]: "list of cards",
    tuple[Short, ...]: "list of papers in short",
    tuple[Entry, ...]: "list of entries",
}


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        pytest.param("What every template is given", there(Sheet), id="sheet"),
        pytest.param("A part", there(Part, "numbered"), id="part"),
        pytest.param("A day", there(Day, "numbered"), id="day"),
        pytest.param("A card", there(Card, "shown"), id="card"),
        pytest.param("Papers in short", there(Short), id="short"),
        pytest.param("An entry", there(Entry), id="entry"),
        pytest.param("A piece", there(Piece), id="piece"),
    ],
)
def test_the_page_names_all_that_templates_are_given_and_nothing_else(heading: str, names: dict[str, str]) -> None:
    assert documented(heading) == names


def test_the_page_names_every_template() -> None:
    assert {row[0] for row in rows("The templates")} == TEMPLATES.keys()


def test_the_page_names_every_filter_and_function() -> None:
    assert {row[0] for row in rows("Filters")} == FILTERS.keys()
    assert {row[0].partition("(")[0] for row in rows("Functions")} == {"cards", *sayings(ENGLISH)}


def test_what_the_page_says_of_a_language_is_there() -> None:
    assert documented("A language") == {
        name: kind for name, kind in there(Language).items() if name in documented("A language")
    }


@pytest.mark.parametrize(("expression", "told"), [(row[2], row[3]) for row in rows("Filters")])
def test_a_documented_filter_gives_what_the_page_says(expression: str, told: str) -> None:
    one = paper(1, "A lantern at sea")
    shown = digest("ada", sections=(Section("Lanterns", (match(one, "lantern"),)),))

    made = renderer(templates={"_paper.html.j2": f"<i>{{{{ {expression} }}}}</i>"}).page(shown, {one.id: one})

    assert f"<i>{told}</i>" in made.html
