import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestd.model.digest import Evidence, Match, Section
from digestd.rendering import Letterhead, Renderer, TemplateError
from digestd.rendering.templates import wrapped
from tests.support.builders import digest, paper
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
        pytest.param(
            "one\ntwo {{ papr }}", r"^subject\.txt\.j2:2: 'papr' is undefined; use one of: masthead, reader,", id="unknown"
        ),
        pytest.param("{{ count.of }}", r"^subject\.txt\.j2:1: .*no attribute 'of'; use one of", id="unknown_attribute"),
        pytest.param("one\n{{ count", r"^subject\.txt\.j2:2: unexpected end of template.*; correct this line$", id="syntax"),
        pytest.param("\n\n{% if count %}", r"^subject\.txt\.j2:3: .*endif.*; correct this line$", id="block_never_closed"),
        pytest.param("{{ count | shout }}", r"^subject\.txt\.j2:1: No filter named 'shout'", id="unknown_filter"),
        pytest.param("\n{{ 1 / 0 }}", r"^subject\.txt\.j2:2: ZeroDivisionError: division by zero; correct", id="arithmetic"),
        pytest.param(
            "\n{% include 'nowhere.j2' %}", r"^subject\.txt\.j2:2: includes nowhere\.j2, and there is no such", id="include"
        ),
    ],
)
def test_a_wrong_template_is_named_with_its_line(template: str, complaint: str) -> None:
    with pytest.raises(TemplateError, match=complaint):
        draw(subject=template)


def test_the_line_is_that_of_the_template_included() -> None:
    with pytest.raises(TemplateError, match=r"^part\.txt\.j2:2: 'papr' is undefined"):
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


def test_a_fault_in_the_template_for_papers_is_named_with_its_line() -> None:
    with pytest.raises(TemplateError, match=r"^_paper\.html\.j2:2: .*no attribute 'titel'"):
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


def test_a_missing_template_is_named() -> None:
    without = {name: text for name, text in TEMPLATES.items() if name != "digest.txt.j2"}

    with pytest.raises(TemplateError, match=r"^digest\.txt\.j2: there is no such template"):
        Renderer(without, letterhead(), KEY)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="give it at least 16"):
        Renderer(TEMPLATES, Letterhead("d", "d@example.org", "d.example.org", "d@example.org"), b"short")


@given(
    st.lists(st.text(alphabet="x-\u00a0é王 \t", max_size=90), max_size=30),
    st.sampled_from([(0, ""), (4, "1.  "), (4, "1000. ")]),
)
def test_lines_are_those_of_textwrap(words: list[str], margins: tuple[int, str]) -> None:
    text, (indent, first) = " ".join(words), margins
    margin = " " * indent

    told = wrapped(text, indent, first)

    assert told == textwrap.fill(
        text, 72, initial_indent=first or margin, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False
    )
