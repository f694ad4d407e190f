"""What mail programs ask of HTML (Gmail, Outlook, Apple Mail; WCAG 2.2 as far as it can be read), held by six digests."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestd.model.digest import Match, Section
from digestd.model.paper import PaperId
from digestd.rendering import Page
from tests.npm.node import needs_node, told_by
from tests.support.builders import digest, paper
from tests.support.mails import renderer
from tests.support.samples import KINDS, sample

ACTIVE = {
    "script",
    "form",
    "input",
    "iframe",
    "object",
    "embed",
    "video",
    "audio",
    "link",
    "base",
    "svg",
    "canvas",
    "button",
    "math",
}
VOID = {"img", "br", "hr", "meta"}
GMAIL_CLIPS = 102_400

every_kind = pytest.mark.parametrize("kind", KINDS)


@dataclass
class Seen(HTMLParser):
    """What stands in a page: its tags with their attributes, links with their words, visible text, and what goes before it."""

    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    text: str = ""
    style: str = ""
    title: str = ""
    preview: str = ""
    _open: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.tags.append((tag, told))
        if tag == "a":
            self.links.append((told.get("href", ""), ""))
        if tag not in VOID:
            self._open.append((tag, told))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag  # nothing is left open

    def handle_data(self, data: str) -> None:
        within = [tag for tag, _ in self._open]
        if within[-1:] == ["style"]:
            self.style += data
        elif within[-1:] == ["title"]:
            self.title += data
        elif any("display:none" in told.get("style", "") for _, told in self._open):
            self.preview += data
        elif "body" in within:
            self.text += data
            if "a" in within:
                self.links[-1] = (self.links[-1][0], self.links[-1][1] + data)

    def named(self, tag: str) -> Iterator[dict[str, str]]:
        return (told for name, told in self.tags if name == tag)

    @property
    def styles(self) -> Iterator[str]:
        return (told["style"] for _, told in self.tags if "style" in told)


@cache
def page(kind: str) -> Page:
    return sample(kind).page()


@cache
def seen(kind: str) -> Seen:
    made = Seen()
    made.feed(page(kind).html)
    made.close()
    return made


@every_kind
def test_it_is_a_whole_document(kind: str) -> None:
    metas = {told.get("name") or "charset": told.get("content") or told.get("charset") for told in seen(kind).named("meta")}
    (html,) = seen(kind).named("html")

    assert page(kind).html.startswith("<!DOCTYPE html>")
    assert len(page(kind).html.encode()) <= 90_000 < GMAIL_CLIPS
    assert html.keys() >= {"lang", "dir"}
    assert seen(kind).title.strip()
    assert metas["charset"] == "utf-8"
    assert "width=device-width" in str(metas["viewport"])
    assert metas["color-scheme"] == metas["supported-color-schemes"] == "light dark"


@every_kind
def test_nothing_in_it_acts_loads_or_hides(kind: str) -> None:
    assert not ACTIVE & {tag for tag, _ in seen(kind).tags}
    assert not {name for _, told in seen(kind).tags for name in told if name.startswith("on") or name in {"src", "background"}}
    assert not re.search(r"(?i)url\(|@import|@font-face|javascript:|data:|ld\+json|amp4email", seen(kind).style)
    assert list(seen(kind).named("img")) == []


@every_kind
def test_its_style_is_read_by_all(kind: str) -> None:
    """One fault, and Gmail drops all that stands in `<style>`; what must hold stands with its tag."""
    style = seen(kind).style
    everywhere = style + ";".join(seen(kind).styles)

    assert len(style.encode()) <= 16_384
    assert style.count("{") == style.count("}")
    assert "prefers-color-scheme:dark" in style
    assert "[data-ogsc]" in style
    assert not re.search(r"var\(|position\s*:|display\s*:\s*(flex|grid)|float\s*:|rgba?\(|/\*|calc\(", everywhere)


@every_kind
def test_letters_are_large_enough(kind: str) -> None:
    styles = [*seen(kind).styles]
    sizes = [float(one) for style in styles for one in re.findall(r"font(?:-size)?:[^;]*?(\d+)px", style)]
    shorthand = [(float(size), float(line)) for style in styles for size, line in re.findall(r"(\d+)px/(\d+)px", style)]
    parted = re.findall(r"font-size:(\d+)px;line-height:(\d+)px", ";".join(styles))

    assert min(sizes) >= 14
    assert all(float(line) / float(size) >= 1.25 for size, line in shorthand)
    assert all(float(line) / float(size) >= 1.4 for size, line in parted)


@every_kind
def test_tables_are_for_looks_alone(kind: str) -> None:
    for table in seen(kind).named("table"):
        assert (table["role"], table["cellpadding"], table["cellspacing"], table["border"]) == ("presentation", "0", "0", "0")
    assert any("word-break:break-word" in style for style in seen(kind).styles)


@every_kind
def test_every_link_leads_to_the_web_and_says_where(kind: str) -> None:
    for url, words in seen(kind).links:
        parts = urlsplit(url)
        assert parts.scheme in {"https", "mailto"}
        assert url.isascii()
        assert not re.fullmatch(r"[\d.]+", parts.hostname or "")
        assert words.strip().lower() not in {"", "here", "click here", "link", "more", "read more", "this"}
        if found := re.match(r"\s*(?:https?://|www\.)[^\s/]+", words):
            assert (parts.hostname or "") in found[0]


@every_kind
def test_headings_have_an_order(kind: str) -> None:
    levels = [int(tag[1]) for tag, _ in seen(kind).tags if re.fullmatch("h[1-6]", tag)]
    (article,) = (told for told in seen(kind).named("div") if told.get("role") == "article")

    assert levels.count(1) == levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert article.keys() >= {"aria-roledescription", "aria-label", "lang"}


@every_kind
def test_an_inbox_shows_what_is_in_it(kind: str) -> None:
    assert 30 <= len(seen(kind).preview.strip()) <= 150
    assert page(kind).html.partition("<body")[2].partition("<div")[2].startswith(' style="display:none;')


@every_kind
def test_nothing_is_left_of_template_or_encoding(kind: str) -> None:
    assert not re.search(r"\{\{|\{%|\bNone\b|undefined|Undefined", seen(kind).text)
    assert not re.search(r"\u00c3[\u0080-\u00bf]|\u00e2\u20ac|\ufffd|&amp;(?:amp|lt|gt|quot|#\d+);", page(kind).html)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "nasty"])
def test_no_tex_is_left(kind: str) -> None:
    assert not re.search(r"\\[a-zA-Z]{2,}|\\[%&$#_{}]|\^\{|_\{", seen(kind).text)


@every_kind
def test_it_says_why_it_came_and_how_to_leave(kind: str) -> None:
    links = {words: url for url, words in seen(kind).links}

    assert re.fullmatch(r"https://digest\.example\.org/u/[a-z2-7]{26}", links["Unsubscribe"])
    assert links["Change schedule or pause"] == f"{links['Unsubscribe']}?settings"
    assert "because you subscribed" in seen(kind).text
    assert sample(kind).digest.email in seen(kind).text


@needs_node
def test_html_validate_finds_no_fault(tmp_path: Path) -> None:
    for kind in KINDS:
        (tmp_path / f"{kind}.html").write_text(page(kind).html, encoding="utf-8")

    assert told_by("validate_html.mjs", tmp_path) == {f"{kind}.html": [] for kind in KINDS}


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("{{ 7 * 7 }} {% raw %} ${x} %(y)s", id="templates"),
        pytest.param("None of undefined", id="words_of_templates"),
        pytest.param("a &amp; b &lt;i&gt; &nbsp; &#x202e;", id="entities"),
        pytest.param("</td></tr></table><p>", id="tags_that_close"),
        pytest.param('" style="display:none" x="', id="attributes"),
        pytest.param("<!--[if mso]> <![CDATA[ ]]>", id="comments"),
    ],
)
def test_what_looks_like_more_is_letters(words: str) -> None:
    shown = paper(1, f"A {words} lantern", abstract=words, authors=(words,), categories=(words,), sources=(words,))
    made = Seen()

    made.feed(renderer().page(digest("ada", shown), {shown.id: shown}).html)

    assert re.sub(r"\s+", " ", made.text).count(re.sub(r"\s+", " ", words)) >= 4


@settings(max_examples=25)
@given(
    st.integers(0, 90),
    st.integers(0, 4_000),
    st.integers(0, 2_000),
    st.integers(1, 4),
    st.sampled_from(["a ", "漢字", "é ", "<&"]),
)
def test_every_paper_is_told_within_the_room_there_is(papers: int, length: int, over: int, sections: int, letters: str) -> None:
    shown = [paper(number, f"Tide {number}: {letters * 20}", abstract=(letters * length)[:length]) for number in range(papers)]
    parts = [
        Section(f"Part {at}", tuple(Match(one.id, f"Part {at}", 1.0, ()) for one in shown[at::sections]))
        for at in range(sections)
    ]
    more = Section("More", overflow=tuple(PaperId(f"x{number}") for number in range(over)))
    told = digest("ada", sections=(*parts, more))

    made = renderer().page(told, {one.id: one for one in shown})

    assert len(made.html.encode()) <= 90_000
    assert len(set(re.findall(r"abs/2603\.(\d{5})", made.html))) == papers
    assert len(set(re.findall(r"abs/2603\.(\d{5})", made.text))) == papers
    assert not over or f"{over:,} more matched" in made.text
