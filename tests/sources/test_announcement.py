"""Two ways to read arXiv's lists, a strict one and feedparser's, that say the same."""

import time
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestd.sources.announcement import Announcements, announcements, leniently, strictly
from digestd.sources.arxiv import paper_of
from digestd.sources.document import Body
from tests.sources.documents import arxiv_atom_entry, arxiv_item, atom, body, rss

LETTERS = st.sampled_from("n<k>&'\"{}\\$^_ \t\n\r éÃ¶ß–中\u2028\xa0\xad\u200b;#x1")
PIECES = ["When $O(n<k)$ & <b>bold", "Andr\\'e, Zo{\\\"e}", "&amp; &lt;i&gt;", "]]>", "Ada Q (Tide Lab, Port), Bo", "lanterns"]
ODD_PIECES = ["Ã¶", "a@b.org", "&#147;", "&#xe9;"]
NAMES = ("title", "link", "description", "guid", "pubDate", "arxiv:announce_type", "dc:creator")
OTHERS = ("category", "arxiv:DOI", "arxiv:journal_reference", "dc:rights")
ODD_OTHERS = ("comments", "dc:date", "media:title", "title", "pubDate")
DATE = "Mon, 27 Apr 2026 00:00:00 -0400"
LIKELY = {
    "guid": ["oai:arXiv.org:2603.00001v2", " oai:arXiv.org:hep-ex/0307015v1 ", "", "tide"],
    "link": ["https://arxiv.org/abs/2603.00002", " https://arxiv.org/abs/math.GT/0309136v2", "/abs/1", ""],
    "arxiv:announce_type": ["new", " cross ", "replace-cross", ""],
    "arxiv:DOI": ["10.5555/Tide.1", "10.48550/arXiv.2603.00001", "none"],
}
ODD_DATES = [" Thu, 30 Feb 2026 00:00:00 -0500", "2026-04-27", ""]


@st.composite
def part(draw: st.DrawFn, name: str, *, odd: bool) -> str:
    """Return a part of an item; an *odd* one may hold what arXiv does not send."""
    pieces = st.text(LETTERS, max_size=12) | st.sampled_from([*PIECES, *(ODD_PIECES if odd else ())])
    text = " ".join(draw(st.lists(pieces, max_size=4)))
    if name == "description":
        text = f"arXiv:2603.00001v2 Announce Type: cross \nAbstract: {text}"
    if name == "pubDate":
        text = draw(st.sampled_from([DATE, f" {DATE}\n", *(ODD_DATES if odd else ())]))
    text = draw(st.sampled_from(LIKELY.get(name, [text])))
    inside = draw(st.sampled_from([escape(text), escape(text, {'"': "&quot;"}), f"<![CDATA[{text.replace(']]>', '')}]]>"]))
    mark = draw(st.sampled_from(["", ' isPermaLink="false"' if name == "guid" else "", ' xml:lang="en"' if odd else ""]))
    return f"<{name}{mark}>{inside}</{name}>"


@st.composite
def listed(draw: st.DrawFn) -> Body:
    """Return a list of a few entries; in an odd one parts are missing, or there are others."""
    odd, items = draw(st.integers(0, 3)) == 0, []
    for _ in range(draw(st.integers(0, 3))):
        others = draw(st.lists(st.sampled_from(OTHERS), max_size=4, unique=True))
        names = [name for name in NAMES if not odd or draw(st.booleans())] + others
        names += ["category"] * draw(st.integers(0, 2)) + (
            draw(st.lists(st.sampled_from(ODD_OTHERS), max_size=2)) if odd else []
        )
        items.append(f"<item>{''.join(draw(part(name, odd=odd)) for name in draw(st.permutations(names)))}</item>")
    document = rss(*items, title=draw(st.sampled_from(["cs.LG updates on arXiv.org", "Feed error for query: x"])))
    return body(document.replace("<rss ", '<rss xmlns:media="http://search.yahoo.com/mrss/" '))


@given(listed())
def test_both_ways_say_the_same(document: Body) -> None:
    strict, lenient = strictly(document), leniently(document)

    if strict is not None:
        assert isinstance(lenient, Announcements)
        assert strict.title == lenient.title
        assert [paper_of(one, "arxiv") for one in strict.entries] == [paper_of(one, "arxiv") for one in lenient.entries]


def test_a_list_as_arxiv_sends_it_is_read_strictly() -> None:
    told = strictly(body(rss(arxiv_item(arxiv_DOI="10.5555/tide.1"), arxiv_item("2603.00002", dc_rights="CC0"))))

    assert told is not None
    assert [entry.guid for entry in told.entries] == ["oai:arXiv.org:2603.00001v1", "oai:arXiv.org:2603.00002v1"]


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(atom(arxiv_atom_entry()), id="the_atom_form"),
        pytest.param(rss(arxiv_item(comments="9 pages")), id="another_part"),
        pytest.param(rss(arxiv_item().replace("<guid>", "<title>x</title><guid>")), id="a_part_twice"),
        pytest.param(rss(arxiv_item().replace("<title>", '<title xml:lang="en">')), id="an_attribute"),
        pytest.param(rss(arxiv_item().replace("Lanterns", "<b>Lanterns</b>")), id="an_element_inside"),
        pytest.param(rss(arxiv_item(pubDate="yesterday")), id="another_form_of_date"),
        pytest.param(rss(arxiv_item(dc_creator="Ada (ada@example.org)")), id="an_address_of_an_author"),
        pytest.param(rss(arxiv_item(title="BÃ¶jen")), id="text_encoded_twice"),
        pytest.param(rss(arxiv_item(title="\x93tide\x94")), id="letters_of_windows"),
        pytest.param(rss(arxiv_item()).replace('encoding="utf-8"', 'encoding="iso-8859-1"'), id="another_encoding"),
        pytest.param(rss(arxiv_item())[:-6], id="cut_short"),
        pytest.param("<!DOCTYPE rss [<!ENTITY t 'x'>]>" + rss(arxiv_item()).partition("?>")[2], id="entities_of_its_own"),
    ],
)
def test_any_other_form_is_left_to_feedparser(document: str) -> None:
    assert strictly(body(document)) is None


def test_a_charset_that_the_server_names_is_heeded() -> None:
    document = rss(arxiv_item())

    assert strictly(body(document, content_type="application/rss+xml; charset=utf-8")) is not None
    assert strictly(body(document, content_type="application/rss+xml; charset=iso-8859-1")) is None


def test_the_strict_way_costs_an_eighth_at_most() -> None:
    document = body(rss(*(arxiv_item(f"2603.{number:05}", title="Tide " * 9) for number in range(300))))
    announcements(document)

    assert 8 * min(cost(strictly, document) for _ in range(5)) < cost(leniently, document)


def cost(read: object, document: Body) -> float:
    assert callable(read)
    begun = time.process_time()
    read(document)
    return time.process_time() - begun
