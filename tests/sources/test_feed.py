"""Feeds of any kind, well made and badly."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from digestd.model.paper import Links, Paper
from digestd.model.source import Failed, Fetched
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


def test_an_entry_without_a_title_is_a_complaint_and_the_rest_goes_on() -> None:
    fetched = read(body(rss(item(title=""), item())), "annals")

    assert isinstance(fetched, Fetched)
    assert len(fetched.papers) == 1
    assert fetched.complaints == ("entry 1 has no title",)


def test_one_guid_on_every_item_names_none_of_them() -> None:
    told = papers(rss(*(item(title=f"Tide {n}", guid="same", link=f"https://annals.example.org/{n}") for n in range(3))))

    assert len({paper.id for paper in told}) == 3


def test_one_guid_one_link_and_one_doi_on_every_item_leave_the_titles() -> None:
    told = papers(rss(*(item(title=f"Tide {n}", guid="same", dc_identifier="doi:10.5555/issue") for n in range(3))))

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
    (here,), (there,) = papers(rss(item(guid="1")), "here"), papers(rss(item(guid="1")), "there")
    (near,), (far,) = papers(rss(item()), "here"), papers(rss(item(link="http://annals.example.org/1?rss=1")), "there")

    assert here.id != there.id
    assert near.id == far.id


def test_a_paper_of_arxiv_in_a_feed_has_arxivs_identity() -> None:
    (paper,) = papers(rss(item(link="https://arxiv.org/abs/2603.00001v2", dc_identifier="10.48550/arXiv.2603.00001")))

    assert paper.id == "arXiv:2603.00001"
    assert paper.version == 2
    assert paper.ids.doi is None


@pytest.mark.parametrize(
    ("creator", "authors"),
    [
        ("Ada Quill, Bo Reed", ("Ada Quill", "Bo Reed")),
        ("Quill, A.; Reed, B.", ("Quill, A.", "Reed, B.")),
        ("Quill, Ada", ("Quill, Ada",)),
        ("Ada Quill", ("Ada Quill",)),
    ],
)
def test_authors_strung_together_are_taken_apart(creator: str, authors: tuple[str, ...]) -> None:
    assert papers(rss(item(dc_creator=creator)))[0].authors == authors


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
    "no_titles_at_all": (rss(item(title=""), item(title="")), "none of the feed's 2 entries"),
    "entries_nobody_can_read": ('<rss version="2.0"><tides><item', "cut short"),
    "a_letter_that_does_not_exist": (rss(item()).replace("We light", "&#1114112;"), "beyond reading"),
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


def papers(document: str, name: str = "annals") -> tuple[Paper, ...]:
    fetched = read(body(document), name)
    assert isinstance(fetched, Fetched)
    return fetched.papers
