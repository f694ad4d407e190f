import pytest

from digestd.rendering import Letterhead, Renderer, TemplateError
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
