"""Feeds of any kind, well made and badly."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digestd.model.paper import Links, Paper
from digestd.model.source import Failed, Fetched
from digestd.sources import json_feed as json_feed_module
from digestd.sources import syndication
from digestd.sources.document import Body
from digestd.sources.feed import read
from tests.sources.documents import atom, body, item, json_feed, rss


def test_an_item_becomes_a_paper() -> None:
    told = papers(
        rss(
            item(
                title="Lanterns &lt;i&gt;at&lt;/i&gt; low tide".replace("&lt;", "<").replace("&gt;", ">"),
                description="<p>We light a <b>lantern</b>.</p><p>It is seen.</p>",
                guid="tide-1",
                category="Optics",
                dc_creator="Ada Quill, Bo Reed",
                dc_identifier="doi:10.5555/Tide.1",
                pubDate="Thu, 05 Mar 2026 12:00:00 GMT",
            )
        )
    )

    (paper,) = told
    assert paper.id == "doi:10.5555/tide.1"
    assert paper.title == "Lanterns at low tide"
    assert paper.abstract == "We light a lantern. It is seen."
    assert paper.authors == ("Ada Quill", "Bo Reed")
    assert paper.categories == ("Optics",)
    assert paper.published == datetime(2026, 3, 5, 12, tzinfo=UTC)
    assert paper.links == Links("https://annals.example.org/1")
    assert paper.sources == ("annals",)


def test_no_feed_is_a_days_list_and_nothing_in_it_is_back_catalogue() -> None:
    fetched = read(body(rss(item())), "annals")

    assert isinstance(fetched, Fetched)
    assert not fetched.day_list
    assert not fetched.back_catalogue


def test_rdf_links_lose_the_space_around_them() -> None:
    rdf = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
      xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://annals.example.org/"><title>Annals</title></channel>
      <item rdf:about="https://annals.example.org/7v1?rss=1"><title>
        Lanterns at low tide
      </title><link>
        https://annals.example.org/7v1?rss=1
      </link><description>We light a lantern.</description><dc:identifier>doi:10.5555/7</dc:identifier></item></rdf:RDF>"""

    (paper,) = papers(rdf)
    assert paper.links.abstract == "https://annals.example.org/7v1?rss=1"
    assert paper.id == "doi:10.5555/7"


def test_a_feed_without_entries_is_a_quiet_day() -> None:
    fetched = read(body(rss()), "annals")

    assert isinstance(fetched, Fetched)
    assert fetched.papers == ()


@pytest.mark.parametrize("title", ["Tides & lanterns", "Tides <br> lanterns"])
def test_a_feed_without_entries_whose_xml_is_broken_and_whole_is_a_quiet_day(title: str) -> None:
    assert papers(f'<rss version="2.0"><channel><title>{title}</title></channel></rss><!-- told at noon -->\n') == ()


def test_an_entry_without_a_title_is_a_complaint_and_the_rest_goes_on() -> None:
    fetched = read(body(rss(item(title=""), item())), "annals")

    assert isinstance(fetched, Fetched)
    assert len(fetched.papers) == 1
    assert fetched.complaints == ("entry 1 has no title",)


def test_one_guid_on_every_item_names_none_of_them() -> None:
    told = papers(rss(*(item(title=f"Tide {n}", guid="same", link=f"https://annals.example.org/{n}") for n in range(3))))

    assert len({paper.id for paper in told}) == 3


def test_one_guid_one_link_and_one_doi_on_every_item_leave_the_titles() -> None:
    told = papers(
        rss(*(item(title=word, guid="same", dc_identifier="doi:10.5555/issue") for word in ("Ebb", "Flood", "Slack")))
    )

    assert len({paper.id for paper in told}) == 3
    assert all(paper.ids.doi is None for paper in told)


def test_titles_that_differ_in_case_alone_are_one_paper_where_nothing_else_tells() -> None:
    assert len(papers(rss(item(title="Tide", link=""), item(title="TIDE", link="")))) == 1


@pytest.mark.parametrize("guid", ["", "tide-1", "https://annals.example.org/1"])
def test_a_paper_keeps_its_identity_whatever_stands_around_it(guid: str) -> None:
    alone = papers(rss(item(guid=guid)))
    among = papers(rss(item(title="High tide", guid="tide-2", link="https://annals.example.org/2"), item(guid=guid)))

    assert among[1].id == alone[0].id


def test_an_entry_told_twice_is_one_paper() -> None:
    assert len(papers(rss(item(guid="tide-1"), item(guid="tide-1")))) == 1


def test_a_guid_is_its_own_feeds_and_a_link_is_everyones() -> None:
    (here,), (there,) = (
        papers(rss(item(guid="1")), at="https://here.example.org/"),
        papers(rss(item(guid="1")), at="https://a.org/"),
    )
    (near,), (far,) = papers(rss(item()), "here"), papers(rss(item(link="http://annals.example.org/1?rss=1")), "there")

    assert here.id != there.id
    assert near.id == far.id


def test_a_paper_of_arxiv_in_a_feed_has_arxivs_identity() -> None:
    (paper,) = papers(rss(item(link="https://arxiv.org/abs/2603.00001v2", dc_identifier="10.48550/arXiv.2603.00001")))

    assert paper.id == "arXiv:2603.00001"
    assert paper.version == 2
    assert paper.ids.doi is None


def test_authors_are_taken_apart_as_the_feed_writes_them() -> None:
    told = papers(
        rss(
            item(title="Ebb", dc_creator="Reyes Lamp, Ana Maria"),
            item(title="Flood").replace(
                "</item>", "<dc:creator>Quill, Ada</dc:creator><dc:creator>Reed, Bo</dc:creator></item>"
            ),
        )
    )

    assert [paper.authors for paper in told] == [("Reyes Lamp, Ana Maria",), ("Quill, Ada", "Reed, Bo")]


@pytest.mark.parametrize("told", ["pubmed:99000001", "https://pubmed.ncbi.nlm.nih.gov/99000001/?utm_source=Other&v=2"])
def test_a_paper_of_pubmed_has_its_number(told: str) -> None:
    (paper,) = papers(rss(item(guid=told, link="https://annals.example.org/1")))

    assert paper.id == "pmid:99000001"
    assert paper.ids.pmid == "99000001"


def test_pubmeds_feed_tells_the_whole_abstract_after_where_the_paper_appeared() -> None:
    (paper,) = papers(
        rss(
            item(
                description="We light a lantern at low...",
                content_encoded='<div><p style="color: green">Ann Tides. 2026</p><p><b>ABSTRACT</b></p><p>We light a lantern at'
                ' low tide.</p><p style="color: grey">PMID:<a href="https://pubmed.ncbi.nlm.nih.gov/99000001/">99000001</a></p></div>',
                dc_source="Annals of tides",
                dc_identifier="doi:10.5555/1",
            )
        )
    )

    assert paper.abstract == "We light a lantern at low tide."
    assert (paper.journal, paper.id) == ("Annals of tides", "doi:10.5555/1")


def test_a_summary_under_labels_is_told_apart() -> None:
    (paper,) = papers(
        rss(
            item(
                description="<p>Publication date: May 2026</p><p><b>Source:</b> Annals of Tides, Volume 7</p>"
                "<p>Author(s): Ada Quill, Bo Reed</p><p>DOI: 10.5555/tide.7</p>"
            )
        )
    )

    assert (paper.authors, paper.journal, paper.abstract) == (("Ada Quill", "Bo Reed"), "Annals of Tides", "")
    assert paper.id == "doi:10.5555/tide.7"


@pytest.mark.parametrize(
    ("field", "told", "journal"),
    [
        ("prism_publicationName", "Annals of Tides", "Annals of Tides"),
        ("dc_source", "Annals of Tides; Vol. 7 No. 1 (2026); 1-9", "Annals of Tides"),
        ("dc_source", "https://annals.example.org/", None),
    ],
)
def test_the_journal_is_told_without_volume_and_pages(field: str, told: str, journal: str | None) -> None:
    assert papers(rss(item(**{field: told})))[0].journal == journal


def test_a_heading_is_no_part_of_an_abstract() -> None:
    assert papers(rss(item(description="<div>Abstract</div><p>Abstract tides rise.</p>")))[0].abstract == "Abstract tides rise."


@pytest.mark.parametrize(
    ("told", "wait"),
    [
        ("<ttl>120</ttl>", timedelta(hours=2)),
        ("<ttl>1</ttl>", timedelta(minutes=30)),
        ("<ttl>999999</ttl>", timedelta(days=1)),
        ("<ttl>soon</ttl>", timedelta(minutes=30)),
        ("<ttl>-5</ttl>", timedelta(minutes=30)),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", timedelta(hours=6)),
        ("<sy:updatePeriod>weekly</sy:updatePeriod>", timedelta(days=1)),
        ("<sy:updatePeriod>at springtide</sy:updatePeriod>", timedelta(minutes=30)),
    ],
)
def test_a_feed_stays_fresh_as_long_as_it_or_the_server_says(told: str, wait: timedelta) -> None:
    space = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" version="2.0"'
    document = rss(item()).replace("<item>", f"{told}<item>").replace('version="2.0"', space)

    fetched = read(body(document, wait=timedelta(minutes=30)), "annals")

    assert isinstance(fetched, Fetched)
    assert fetched.wait == wait


def test_a_relative_link_is_seen_from_the_feed() -> None:
    fetched = read(body(rss(item(link="/papers/1")), address="https://annals.example.org/feed"), "annals")

    assert isinstance(fetched, Fetched)
    assert fetched.papers[0].links.abstract == "https://annals.example.org/papers/1"


@pytest.mark.parametrize(("charset", "declared"), [("latin-1", ""), ("", "iso-8859-1"), ("", ""), ("utf-16", "utf-16")])
def test_the_charset_of_the_server_or_the_document_holds(charset: str, declared: str) -> None:
    text = rss(item(title="Marées basses")).replace('encoding="utf-8"', f'encoding="{declared}"' if declared else "")
    content = text.encode(declared or charset or "utf-8")

    fetched = read(Body(content, content_type=f"text/xml; charset={charset}" if charset else "text/xml"), "annals")

    assert isinstance(fetched, Fetched)
    assert fetched.papers[0].title == "Marées basses"


def test_an_ampersand_that_breaks_xml_loses_no_entry() -> None:
    assert (
        len(papers(rss(item(), item(title="T", link="https://annals.example.org/2")).replace("We light", "A & B <br> light")))
        == 2
    )


FAILURES: dict[str, tuple[str | bytes, str]] = {
    "html_with_200": ("<!DOCTYPE html><html><body><h1>Down for repairs</h1></body></html>", "HTML page"),
    "nothing": ("", "not a feed"),
    "some_text": ("tide tables", "not a feed"),
    "other_xml": ("<tides><tide/></tides>", "not a feed"),
    "truncated": (rss(item(), item())[:-60], "cut short"),
    "truncated_in_utf_16": (rss(item(), item()).replace("utf-8", "utf-16")[:-60].encode("utf-16"), "cut short"),
    "an_end_before_the_beginning": ('<?</rss>xml version="1.0"?><rss version="2.0"><channel', "cut short"),
    "an_entry_whose_beginning_is_lost": (
        rss(item(), item(), item()).replace("<item>", "<ite<b>m>", 1),
        "3 entries, 2 of which",
    ),
    "no_titles_at_all": (rss(item(title=""), item(title="")), "none of the feed's 2 entries"),
    "entries_nobody_can_read": ('<rss version="2.0"><tides><item', "cut short"),
    "a_section_that_does_not_end": (rss(*(item(guid=str(n)) for n in range(9))).replace("We", "<![CDATA[We", 1), "9 entries, "),
    "a_section_that_ends_where_the_next_does": (
        rss(item(), item(), item()).replace("We", "<![CDATA[We").replace("lantern.", "lantern.]]>").replace("]]>", "", 1),
        "3 entries, 2 of which",
    ),
    "a_comment_that_does_not_end": (rss(item(), item()).replace("<link>", "<!-- <link>", 1), "of which could be read"),
    "json_of_another_kind": ('{"tide": "high"}', "not a feed"),
    "broken_json": ('{"version": "https://jsonfeed.org/version/1"', "not a feed"),
    "deep_json": ('{"items":' + "[" * 100_000, "not a feed"),
}


@pytest.mark.parametrize("scenario", FAILURES)
def test_what_is_no_whole_feed_is_a_failure_with_a_reason(scenario: str) -> None:
    content, words = FAILURES[scenario]

    failed = read(body(content), "annals")

    assert isinstance(failed, Failed)
    assert words in failed.reason


@pytest.mark.parametrize(
    ("lantern", "told"),
    [
        ("&#1114112;", "A \ufffd at low tide"),
        ("&#xD800;", "A \ufffd at low tide"),
        ("&#x0;", "A \ufffd at low tide"),
        (f"&#{'9' * 5_000};", "A \ufffd at low tide"),
        ("\x0blantern\x1b", "A lantern at low tide"),
        ("&lantern;", "A &lantern; at low tide"),
        ("<![CDATA[lantern]]>", "A lantern at low tide"),
    ],
)
def test_a_letter_that_is_none_spoils_nothing_else(lantern: str, told: str) -> None:
    documents = rss(item(title="LANTERN"), item(title="Marée", guid="2")).replace("LANTERN", f"A {lantern} at low tide")

    assert [paper.title for paper in papers(documents)] == [told, "Marée"]


@pytest.mark.parametrize("spoilt", [b"\xed\xa0\x80", b"\xff", b"\xc3"])
def test_a_byte_that_is_no_utf_8_spoils_one_letter_only(spoilt: bytes) -> None:
    content = rss(item(title="Marées, étoiles, lumières et ☾ LANTERN")).encode().replace(b"LANTERN", spoilt)

    assert papers(content)[0].title.startswith("Marées, étoiles, lumières et ☾ \ufffd")


def test_a_document_that_declares_entities_of_its_own_is_read_without_them() -> None:
    document = rss(item()).replace("<rss", '<!DOCTYPE rss [<!ENTITY path "C:\\tides">]><rss', 1)

    assert len(papers(document)) == 1


def test_what_looks_like_entries_within_words_is_none() -> None:
    document = rss(item(title="Ebb"), "<!-- <item> -->", item(title="Flood")).replace(
        "We light", "<![CDATA[<item> We <entry>]]>"
    )

    assert len(papers(document)) == 2


def test_of_a_feed_too_long_to_read_the_first_entries_are_kept_and_the_rest_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syndication, "MOST", 3)
    long = rss(*(item(title=f"{word} tide", guid=word) for word in "abcde"))

    fetched = read(body(long), "annals")

    assert isinstance(fetched, Fetched)
    assert [paper.title for paper in fetched.papers] == ["a tide", "b tide", "c tide"]
    assert fetched.gap == "the feed has 5 entries, and only the first 3 were read"


def test_of_a_feed_too_large_to_read_what_begins_in_time_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    large = rss(*(item(title=f"{word} tide", guid=word) for word in "abcde"))
    monkeypatch.setattr(syndication, "_LONG", large.index("c tide"))

    fetched = read(body(large), "annals")

    assert isinstance(fetched, Fetched)
    assert [paper.title for paper in fetched.papers] == ["a tide", "b tide", "c tide"]
    assert fetched.gap == "the feed has 5 entries, and only the first 3 were read"


OLD = {
    "rss_0.91": '<rss version="0.91"><channel><title>Annals</title>ITEMS</channel></rss>',
    "rss_0.92": '<rss version="0.92"><channel><title>Annals</title>ITEMS</channel></rss>',
    "rss_without_a_version": "<rss><channel><title>Annals</title>ITEMS</channel></rss>",
    "rss_0.90": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://my.netscape.com/rdf/simple/0.9/">'
    "<channel><title>Annals</title></channel>ITEMS</rdf:RDF>",
    "rdf_with_prefixes": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:rss="http://purl.org/rss/1.0/">'
    "<rss:channel><rss:title>Annals</rss:title></rss:channel>PREFIXED</rdf:RDF>",
}


@pytest.mark.parametrize("form", OLD)
def test_old_forms_are_read(form: str) -> None:
    items = "".join(
        f"<item><title>{word} tide</title><link>https://annals.example.org/{word}</link></item>" for word in ("Low", "High")
    )
    prefixed = items.replace("</", "</rss:").replace("<", "<rss:").replace("<rss:/rss:", "</rss:")

    told = papers(OLD[form].replace("ITEMS", items).replace("PREFIXED", prefixed))

    assert [(paper.title, paper.links.abstract[-4:]) for paper in told] == [("Low tide", "/Low"), ("High tide", "High")]


def test_atom_before_it_was_a_standard_is_read() -> None:
    (paper,) = papers(
        '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>Annals</title><entry><title>Low tide</title>'
        '<id>tag:annals,1</id><link rel="alternate" href="https://annals.example.org/1"/><issued>2004-03-05T12:00:00Z</issued>'
        '<summary type="text/html" mode="escaped">&lt;i&gt;Tide&lt;/i&gt;</summary></entry></feed>'
    )

    assert (paper.title, paper.abstract, paper.links.abstract) == ("Low tide", "Tide", "https://annals.example.org/1")
    assert paper.published == datetime(2004, 3, 5, 12, tzinfo=UTC)


def test_a_body_that_is_a_path_opens_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "feed.xml"
    secret.write_text(rss(item(title="A secret")))

    assert isinstance(read(body(str(secret)), "annals"), Failed)


def test_a_date_that_is_none_or_in_the_future_is_told_as_it_is() -> None:
    nonsense, future = papers(
        rss(
            item(pubDate="the day after tomorrow", guid="1"),
            item(title="Later", pubDate="Fri, 05 Mar 2100 12:00:00 GMT", guid="2"),
        )
    )

    assert nonsense.published is None
    assert future.published == datetime(2100, 3, 5, 12, tzinfo=UTC)


def test_an_atom_entry_says_which_of_its_words_are_html() -> None:
    entry = (
        '<entry><id>tag:annals,1</id><title type="text">n &lt;i&gt; k</title>'
        '<summary type="html">&lt;i&gt;Tide&lt;/i&gt;</summary>'
        '<link href="https://annals.example.org/1"/><link rel="enclosure" type="application/pdf" href="/1.pdf"/>'
        "<updated>2026-03-05T12:00:00Z</updated></entry>"
    )
    fetched = read(body(atom(entry), address="https://annals.example.org/feed"), "annals")

    assert isinstance(fetched, Fetched)
    (paper,) = fetched.papers
    assert (paper.title, paper.abstract) == ("n <i> k", "Tide")
    assert paper.links == Links("https://annals.example.org/1", "https://annals.example.org/1.pdf")
    assert paper.published == datetime(2026, 3, 5, 12, tzinfo=UTC)


def test_a_json_feed_is_read_too() -> None:
    (paper,) = papers(
        json_feed(
            {
                "id": 7,
                "url": "https://annals.example.org/7",
                "title": "Lanterns where n<k",
                "content_html": "<p>We light a lantern.</p>",
                "date_published": "2026-03-05T12:00:00Z",
                "authors": [{"name": "Ada Quill"}],
                "tags": ["optics"],
            }
        )
    )

    assert (paper.title, paper.abstract) == ("Lanterns where n<k", "We light a lantern.")
    assert (paper.authors, paper.categories) == (("Ada Quill",), ("optics",))
    assert paper.published == datetime(2026, 3, 5, 12, tzinfo=UTC)


def test_a_json_feed_of_nonsense_keeps_what_can_be_read() -> None:
    fetched = read(
        body(json_feed(1, None, {"title": 7}, {"title": "Tide", "authors": 7, "tags": {}, "author": [], "id": None})), "annals"
    )

    assert isinstance(fetched, Fetched)
    assert [paper.title for paper in fetched.papers] == ["Tide"]
    assert len(fetched.complaints) == 3


def test_a_json_feed_too_long_to_read_has_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_feed_module, "MOST", 1)

    fetched = read(body(json_feed({"id": "1", "title": "Ebb"}, {"id": "2", "title": "Flood"})), "annals")

    assert isinstance(fetched, Fetched)
    assert [paper.title for paper in fetched.papers] == ["Ebb"]
    assert fetched.gap == "the feed has 2 entries, and only the first 1 were read"


def papers(document: str | bytes, name: str = "annals", at: str = "") -> tuple[Paper, ...]:
    fetched = read(body(document, address=at), name)
    assert isinstance(fetched, Fetched)
    return fetched.papers
