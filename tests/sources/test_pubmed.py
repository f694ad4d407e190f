"""PubMed: the search by entry date, the records, and all that may go wrong with them."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from digestd.model.paper import Identifiers, Links, Paper
from digestd.model.source import Cursor, Failed, Fetched
from digestd.sources import pubmed
from digestd.sources.http import Web
from digestd.sources.pubmed import found_in, read
from tests.sources.documents import body, item, rss
from tests.sources.wanted import Wanted
from tests.support.web import Request, Site

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
UNASKED = Cursor()
SEARCH, FETCH = "/esearch.fcgi", "/efetch.fcgi"


def article(pmid: int = 99000001, title: str = "Lanterns at low tide.", article: str = "", data: str = "") -> str:
    """Return a record; *article* and *data* are more XML within."""
    printed = "<PubDate><Year>2026</Year><Month>Mar</Month></PubDate>"
    return (
        f'<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">{pmid}</PMID><Article PubModel="Print"><Journal>'
        f"<JournalIssue>{printed}</JournalIssue><Title>Annals of tides</Title></Journal>"
        f"<ArticleTitle>{title}</ArticleTitle>{article}</Article></MedlineCitation><PubmedData><History>"
        f"{entered('pubmed', 4)}{entered('entrez', 3)}</History>{data}</PubmedData></PubmedArticle>"
    )


def entered(status: str, day: int) -> str:
    date = f"<Year>2026</Year><Month>3</Month><Day>{day}</Day><Hour>9</Hour><Minute>52</Minute>"
    return f'<PubMedPubDate PubStatus="{status}">{date}</PubMedPubDate>'


def records(*articles: str) -> str:
    doctype = '<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle//EN" "https://dtd.example.org/pubmed.dtd">'
    return f'<?xml version="1.0" ?>\n{doctype}\n<PubmedArticleSet>{"".join(articles)}</PubmedArticleSet>'


def found(*ids: int, **told: object) -> str:
    return json.dumps({"esearchresult": {"count": str(len(ids)), "idlist": [str(one) for one in ids]} | told})


def papers(document: str) -> tuple[Paper, ...]:
    told = read(body(document), "pubmed")
    assert isinstance(told, Fetched)
    return told.papers


class TestARecord:
    def test_it_becomes_a_paper(self) -> None:
        (paper,) = papers(
            records(
                article(
                    title="Lanterns at <i>low</i> tide: 10<sup>5</sup> &lt; n of CO<sub>2</sub>.",
                    article='<ELocationID EIdType="pii">S1</ELocationID><ELocationID EIdType="doi" ValidYN="Y">10.5555/Tide.1'
                    '</ELocationID><Abstract><AbstractText Label="BACKGROUND">We light a <b>lantern</b>.</AbstractText>'
                    '<AbstractText Label="UNLABELLED">It is seen.</AbstractText><AbstractText>So.</AbstractText></Abstract>'
                    "<AuthorList><Author><LastName>Quill</LastName><ForeName>Ada</ForeName><Initials>A</Initials></Author>"
                    '<Author ValidYN="N"><LastName>Qill</LastName></Author>'
                    "<Author><LastName>Reed</LastName><Initials>B</Initials><Suffix>Jr</Suffix></Author>"
                    "<Author><CollectiveName>The Tide &amp; Lantern Group</CollectiveName></Author></AuthorList>",
                )
            )
        )

        assert paper == Paper(
            id=paper.id,
            title="Lanterns at low tide: 10$^{5}$ < n of CO$_{2}$.",
            abstract="BACKGROUND: We light a lantern. It is seen. So.",
            authors=("Ada Quill", "B Reed Jr", "The Tide & Lantern Group"),
            published=datetime(2026, 3, 3, tzinfo=UTC),
            sources=("pubmed",),
            links=Links("https://pubmed.ncbi.nlm.nih.gov/99000001/"),
            ids=Identifiers(doi="10.5555/tide.1", pmid="99000001"),
            journal="Annals of tides",
        )
        assert paper.id == "doi:10.5555/tide.1"

    def test_without_a_doi_it_has_its_number(self) -> None:
        assert papers(records(article()))[0].id == "pmid:99000001"

    @pytest.mark.parametrize(
        ("where", "doi"),
        [
            ('<ELocationID EIdType="doi" ValidYN="N">10.5555/wrong</ELocationID>', "10.5555/right"),
            ('<ELocationID EIdType="doi">not a doi</ELocationID>', "10.5555/right"),
            ('<ELocationID EIdType="doi">10.5555/first</ELocationID>', "10.5555/first"),
        ],
    )
    def test_its_doi_is_the_first_that_is_valid_and_never_that_of_a_reference(self, where: str, doi: str) -> None:
        cited = '<ReferenceList><Reference><ArticleIdList><ArticleId IdType="doi">10.5555/cited</ArticleId></ArticleIdList>'
        own = '<ArticleIdList><ArticleId IdType="doi">10.5555/right</ArticleId></ArticleIdList>'

        assert papers(records(article(article=where, data=f"{own}{cited}</Reference></ReferenceList>")))[0].ids.doi == doi
        assert papers(records(article(data=f"{cited}</Reference></ReferenceList>")))[0].ids.doi is None

    def test_what_pubmed_central_has_can_be_read_there(self) -> None:
        own = (
            '<ArticleIdList><ArticleId IdType="pii">PMC</ArticleId><ArticleId IdType="pmc">PMC99000007</ArticleId>'
            "</ArticleIdList>"
        )

        assert papers(records(article(data=own)))[0].links.html == "https://pmc.ncbi.nlm.nih.gov/articles/PMC99000007/"
        assert papers(records(article()))[0].links.html is None

    def test_a_preprint_of_arxiv_has_arxivs_identity(self) -> None:
        (paper,) = papers(records(article(article='<ELocationID EIdType="pii">arXiv:2603.00001v2</ELocationID>')))

        assert (paper.id, paper.ids.pmid) == ("arXiv:2603.00001", "99000001")

    @pytest.mark.parametrize(
        ("dates", "day"),
        [
            pytest.param("", (2026, 3, 3), id="a_month_is_no_day_so_when_it_entered"),
            pytest.param("<Year>2026</Year><Month>02</Month><Day>28</Day>", (2026, 2, 28), id="electronic"),
            pytest.param("<Year>2027</Year><Month>Feb</Month><Day>1</Day>", (2027, 2, 1), id="to_come"),
            pytest.param("<Year>2026</Year><Month>Brumaire</Month><Day>1</Day>", (2026, 3, 3), id="a_month_that_is_none"),
            pytest.param("<Year>2026</Year><Month>2</Month><Day>30</Day>", (2026, 3, 3), id="a_day_that_is_none"),
            pytest.param("<MedlineDate>2026 Jan-Feb</MedlineDate>", (2026, 3, 3), id="a_span"),
        ],
    )
    def test_its_date_is_the_electronic_one_where_that_is_whole(self, dates: str, day: tuple[int, int, int]) -> None:
        (paper,) = papers(records(article(article=f"<ArticleDate>{dates}</ArticleDate>" if dates else "")))

        assert paper.published == datetime(*day, tzinfo=UTC)

    def test_a_title_that_was_not_translated_is_in_its_own_language(self) -> None:
        told = article(title="[Not Available].", article="<VernacularTitle>Marées basses.</VernacularTitle>")

        assert papers(records(told))[0].title == "Marées basses."

    def test_a_chapter_of_a_book_is_a_paper_too(self) -> None:
        (paper,) = papers(
            records(
                "<PubmedBookArticle><BookDocument><PMID>99000007</PMID><Book><BookTitle>Tide tables</BookTitle></Book>"
                "<ArticleTitle>Neap tides</ArticleTitle><Abstract><AbstractText>Low.</AbstractText></Abstract>"
                "<ContributionDate><Year>2026</Year><Month>1</Month><Day>2</Day></ContributionDate></BookDocument></PubmedBookArticle>"
            )
        )

        assert (paper.id, paper.title, paper.journal, paper.abstract) == ("pmid:99000007", "Neap tides", "Tide tables", "Low.")
        assert paper.published == datetime(2026, 1, 2, tzinfo=UTC)

    @pytest.mark.parametrize("broken", [article(title=""), article(pmid=0), "<PubmedArticle/>"])
    def test_one_that_names_no_paper_is_a_complaint_and_the_rest_goes_on(self, broken: str) -> None:
        told = read(body(records(broken, article())), "pubmed")

        assert isinstance(told, Fetched)
        assert len(told.papers) == 1
        assert told.complaints == ("record 1 has no PMID or no title",)


FAILURES = {
    "a_search": (found(1, 2), "lists ids alone"),
    "a_search_in_xml": ("<eSearchResult><Count>1</Count><IdList><Id>1</Id></IdList></eSearchResult>", "lists ids alone"),
    "an_error": ("<eFetchResult><ERROR>Cannot process ID list</ERROR></eFetchResult>", 'answered "Cannot process ID list"'),
    "an_error_in_json": ('{"error": "API rate limit exceeded", "limit": "3"}', "API rate limit exceeded"),
    "an_error_of_several_lines": ('{"esearchresult": {"ERROR": "Exception:\n retstart"}}', "Exception: retstart"),
    "html": ("<html><body>Down for repairs</body></html>", "not PubMed's records"),
    "html_that_is_no_xml": ("<!DOCTYPE html><html><body><br></html>", "broken or cut short"),
    "nothing": ("", "broken or cut short"),
    "cut_short": (records(article())[:-60], "broken or cut short"),
    "other_json": ('{"tide": "high"}', "not an answer"),
    "deep_json": ('{"result":' + "[" * 100_000, "not an answer"),
    "entities": (
        '<!DOCTYPE x [<!ENTITY a "tide"><!ENTITY b "&a;&a;">]><PubmedArticleSet>&b;</PubmedArticleSet>',
        "entities",
    ),
    "depth": ("<PubmedArticleSet>" + "<a>" * 100_000, "too deep"),
    "no_names_at_all": (records(article(title=""), article(pmid=0)), "none of the 2 records"),
    "an_encoding_nobody_knows": ('<?xml version="1.0" encoding="tidal-8"?><PubmedArticleSet/>', "encoding"),
}


TROUBLE = {
    "an_error": (found(1, ERROR="Search Backend failed"), 'PubMed answered "Search Backend failed"'),
    "an_error_alone": ('{"esearchresult": {"ERROR": "Empty term"}}', 'PubMed answered "Empty term"'),
    "an_error_in_two_lines": ('{"esearchresult": {"ERROR": "Search failed:\ntoo far"}}', "Search failed: too far"),
    "a_phrase_it_does_not_know": (
        found(1, errorlist={"phrasesnotfound": ["lanternfish wick"], "fieldsnotfound": []}),
        "does not know 'lanternfish wick'",
    ),
    "a_field_it_does_not_know": (found(1, errorlist={"fieldsnotfound": ["tides"]}), "does not know 'tides'"),
    "fewer_than_it_counts": (found(1, count="3"), "found 3 papers, and lists 1"),
    "html": ("<html>Down for repairs</html>", "not an answer of PubMed's search"),
    "nulls": ('{"esearchresult": {"count": null, "idlist": null}}', "not an answer"),
    "wrong_types": ('{"esearchresult": {"count": 3, "idlist": {"a": 1}}}', "not an answer"),
    "a_list": ("[1]", "not an answer"),
    "an_absurd_count": (found(1, count="9" * 5_000), "not an answer"),
}


class TestOtherDocuments:
    def test_a_summary_in_xml_is_read(self) -> None:
        (paper,) = papers(
            "<eSummaryResult><DocSum><Id>99000001</Id>"
            '<Item Name="PubDate" Type="Date">2026 Mar</Item><Item Name="EPubDate" Type="Date">2026 Feb 28</Item>'
            '<Item Name="AuthorList" Type="List"><Item Name="Author" Type="String">Quill A</Item></Item>'
            '<Item Name="Title" Type="String">Lanterns at low tide.</Item>'
            '<Item Name="ArticleIds" Type="List"><Item Name="doi" Type="String">10.5555/1</Item></Item>'
            '<Item Name="FullJournalName" Type="String">Annals of tides</Item></DocSum></eSummaryResult>'
        )

        assert (paper.id, paper.ids.pmid, paper.authors) == ("doi:10.5555/1", "99000001", ("Quill A",))
        assert (paper.journal, paper.published) == ("Annals of tides", datetime(2026, 2, 28, tzinfo=UTC))

    def test_a_summary_in_json_is_read(self) -> None:
        summary = {
            "uid": "99000001",
            "title": "Lanterns at &lt;i&gt;low&lt;/i&gt; tide.",
            "pubdate": "2026 Mar",
            "epubdate": "",
            "authors": [{"name": "Quill A", "authtype": "Author"}, None],
            "articleids": [{"idtype": "pubmed", "value": "99000001"}, {"idtype": "doi", "value": "10.5555/1"}],
            "history": [{"pubstatus": "entrez", "date": "2026/03/03 09:52"}],
            "fulljournalname": "Annals of tides",
        }

        (paper,) = papers(json.dumps({"result": {"uids": ["99000001"], "99000001": summary}}))
        assert (paper.id, paper.title, paper.authors) == ("doi:10.5555/1", "Lanterns at low tide.", ("Quill A",))
        assert paper.published == datetime(2026, 3, 3, tzinfo=UTC)

    @pytest.mark.parametrize("odd", [[], {}, None, 7, "\ud800"])
    def test_a_summary_of_wrong_types_spoils_no_other(self, odd: object) -> None:
        summary = {"uid": "99000001", "title": "Tides", "articleids": [{"idtype": odd, "value": odd}], "authors": odd}
        result = {"uids": ["99000001", "2"], "99000001": summary, "2": summary | {"uid": "2", "title": odd}}

        told = read(body(json.dumps({"result": result})), "pubmed")

        assert isinstance(told, Fetched)
        assert [paper.ids.pmid for paper in told.papers] == ["99000001"]
        assert told.complaints == ("record 2 has no PMID or no title",)

    def test_a_search_kept_as_a_feed_is_read(self) -> None:
        assert papers(rss(item(guid="pubmed:99000001", dc_identifier="doi:10.5555/1")))[0].ids == Identifiers(
            doi="10.5555/1", pmid="99000001"
        )

    @pytest.mark.parametrize("scenario", FAILURES)
    def test_what_holds_no_records_is_a_failure_with_a_reason(self, scenario: str) -> None:
        document, words = FAILURES[scenario]

        failed = read(body(document), "pubmed")

        assert isinstance(failed, Failed)
        assert words in failed.reason


class TestTheSearch:
    async def test_the_papers_of_the_last_days_are_searched_and_fetched(self, web: Web, site: Site) -> None:
        site.serve(SEARCH, found(99000001, 99000002))
        serve_records(site, article(), article(99000002, "Lanterns at high tide."))

        told = await fetch(site, web, query="lanterns AND tide[ti]", api_key="key of the tide")

        assert isinstance(told, Fetched)
        assert [paper.id for paper in told.papers] == ["pmid:99000001", "pmid:99000002"]
        assert [paper.sources for paper in told.papers] == [("tides",)] * 2
        assert told.day_list
        assert told.gap is None
        assert told.cursor.reached == NOW
        search, records = map(asked, site.requests)
        assert search == ours | {
            "db": "pubmed",
            "term": "lanterns AND tide[ti]",
            "datetype": "edat",
            "mindate": "2026/03/02",
            "maxdate": "2026/03/06",
            "retmode": "json",
            "retmax": "9999",
        }
        assert records == ours | {"db": "pubmed", "retmode": "xml", "id": "99000001,99000002"}

    async def test_a_later_poll_begins_two_days_before_the_last(self, web: Web, site: Site) -> None:
        site.serve(SEARCH, found())

        told = await fetch(site, web, Cursor(reached=NOW - timedelta(hours=1)))

        assert isinstance(told, Fetched)
        assert told.papers == ()
        assert told.cursor.reached == NOW
        assert asked(site.requests[0])["mindate"] == "2026/03/03"

    async def test_after_a_long_rest_days_are_asked_for_in_their_order(self, web: Web, site: Site) -> None:
        site.serve(SEARCH, found(99000001))
        serve_records(site, article())

        told = await fetch(site, web, Cursor(reached=NOW - timedelta(days=90)))

        assert isinstance(told, Fetched)
        assert told.gap == "only what entered up to 2026-01-02 was asked for yet: the rest follows"
        assert told.cursor.reached == datetime(2026, 1, 3, tzinfo=UTC)

    async def test_a_paper_that_enters_months_late_is_news(self, web: Web, site: Site) -> None:
        site.serve(SEARCH, found(99000001))
        serve_records(site, article(article="<ArticleDate><Year>2025</Year><Month>9</Month><Day>1</Day></ArticleDate>"))

        told = await fetch(site, web, Cursor(reached=NOW))

        assert isinstance(told, Fetched)
        assert told.day_list
        assert told.papers[0].published == datetime(2025, 9, 1, tzinfo=UTC)
        assert not told.back_catalogue

    async def test_asked_by_another_date_its_dates_decide(self, web: Web, site: Site) -> None:
        site.serve(SEARCH, found(99000001))
        serve_records(site, article())

        told = await fetch(site, web, date_field="pdat")

        assert isinstance(told, Fetched)
        assert not told.day_list
        assert asked(site.requests[0])["datetype"] == "pdat"

    async def test_many_records_are_fetched_by_the_hundred(self, web: Web, site: Site) -> None:
        every = range(99000001, 99000202)
        site.serve(SEARCH, found(*every))
        serve_records(site, *(article(one) for one in every))

        told = await fetch(site, web)

        assert isinstance(told, Fetched)
        assert len(told.papers) == 201
        assert told.gap is None
        assert [len(asked(request)["id"].split(",")) for request in site.requests[1:]] == [100, 100, 1]
        assert all(len(request.path) < 1_200 for request in site.requests)

    async def test_of_more_than_can_be_listed_the_first_days_are_read_and_the_rest_follows(self, web: Web, site: Site) -> None:
        serve_search(site, "2026/03/02", "2026/03/06", found(99000009, count="10001"))
        serve_search(site, "2026/03/02", "2026/03/04", found(99000001))
        serve_search(site, "2026/03/03", "2026/03/06", found(99000002))
        serve_records(site, article())
        serve_records(site, article(99000002))

        first = await fetch(site, web)
        assert isinstance(first, Fetched)
        second = await fetch(site, web, first.cursor)

        assert isinstance(second, Fetched)
        assert [paper.ids.pmid for told in (first, second) for paper in told.papers] == ["99000001", "99000002"]
        assert (first.gap, second.gap) == ("only what entered up to 2026-03-04 was asked for yet: the rest follows", None)
        assert (first.cursor.reached, second.cursor.reached) == (datetime(2026, 3, 5, tzinfo=UTC), NOW)

    async def test_where_one_day_fills_a_list_days_are_read_one_by_one_without_those_before(self, web: Web, site: Site) -> None:
        site.serve(SEARCH, found(99000009, count="10001"))
        for day, pmid in (("2026/03/04", 99000001), ("2026/03/05", 99000002)):
            serve_search(site, day, day, found(pmid))
            serve_records(site, article(pmid))

        first = await fetch(site, web, Cursor(reached=NOW - timedelta(days=1)))
        assert isinstance(first, Fetched)
        second = await fetch(site, web, first.cursor)

        assert isinstance(second, Fetched)
        assert [paper.ids.pmid for told in (first, second) for paper in told.papers] == ["99000001", "99000002"]
        assert "so much enters" in first.complaints[0]
        assert (second.cursor.reached, second.gap) == (NOW, None)

    async def test_a_query_for_nearly_everything_is_a_failure(self, web: Web, site: Site) -> None:
        site.serve(SEARCH, found(1, count="30000"))

        told = await fetch(site, web)

        assert isinstance(told, Failed)
        assert "narrow the query" in told.reason

    async def test_records_that_do_not_come_are_a_gap_and_the_others_are_kept(self, web: Web, site: Site) -> None:
        site.serve(SEARCH, found(99000001, 99000002))
        site.serve(FETCH, records(article()))

        told = await fetch(site, web)

        assert isinstance(told, Fetched)
        assert len(told.papers) == 1
        assert told.gap == "PubMed did not send 1 of the 2 records that it lists: PMID 99000002"

    @pytest.mark.parametrize("reached", [None, NOW - timedelta(hours=3), NOW - timedelta(days=6)])
    async def test_records_that_did_not_come_are_asked_for_again(self, web: Web, site: Site, reached: datetime | None) -> None:
        site.serve(SEARCH, found(99000001, 99000002))
        site.serve(FETCH, records(article()))
        first = await fetch(site, web, Cursor(reached=reached))
        assert isinstance(first, Fetched)
        site.serve(FETCH, records(article(), article(99000002)))

        second = await fetch(site, web, first.cursor)

        assert isinstance(second, Fetched)
        assert asked(site.requests[2])["mindate"] <= asked(site.requests[0])["mindate"]
        assert (len(second.papers), second.gap, second.cursor.reached) == (2, None, NOW)

    async def test_records_that_never_come_are_asked_for_no_longer_than_a_week(self, web: Web, site: Site) -> None:
        site.serve(SEARCH, found(99000001, *range(99000011, 99000018)))
        site.serve(FETCH, records(article()))

        told = await fetch(site, web, Cursor(reached=NOW - timedelta(days=8)))

        assert isinstance(told, Fetched)
        assert told.cursor.reached == NOW - timedelta(days=7)
        assert told.gap == (
            "PubMed did not send 7 of the 8 records that it lists: PMID 99000011, 99000012, 99000013, 99000014, 99000015, …; "
            "what entered before 2026-02-24 is not asked for again"
        )

    async def test_records_that_never_come_keep_nothing_newer_waiting(self, web: Web, site: Site) -> None:
        site.serve(SEARCH, found(99000001, 99000002))
        site.serve(FETCH, records(article()))

        told = await fetch(site, web, Cursor(reached=NOW - timedelta(days=60)))

        assert isinstance(told, Fetched)
        assert told.cursor.reached == datetime(2026, 2, 2, tzinfo=UTC)

    async def test_two_records_of_one_paper_are_no_gap(self, web: Web, site: Site) -> None:
        one_doi = '<ELocationID EIdType="doi">10.5555/1</ELocationID>'
        site.serve(SEARCH, found(99000001, 99000002))
        serve_records(site, article(article=one_doi), article(99000002, article=one_doi))

        told = await fetch(site, web)

        assert isinstance(told, Fetched)
        assert (len(told.papers), told.gap, told.cursor.reached) == (1, None, NOW)

    async def test_a_record_without_a_title_is_a_complaint_and_no_gap(self, web: Web, site: Site) -> None:
        site.serve(SEARCH, found(99000001, 99000002))
        site.serve(FETCH, records(article(), article(99000002, title="")))

        told = await fetch(site, web)

        assert isinstance(told, Fetched)
        assert told.gap is None
        assert told.complaints == ("record 2 has no PMID or no title",)

    async def test_pages_that_came_before_a_failure_are_kept_and_asked_for_again(self, web: Web, site: Site) -> None:
        every = range(99000001, 99000102)
        site.serve(SEARCH, found(*every))
        serve_records(site, *(article(one) for one in every[:100]))

        told = await fetch(site, web)

        assert isinstance(told, Fetched)
        assert len(told.papers) == 100
        assert told.cursor.reached is None
        assert told.gap is not None
        assert told.gap.startswith("page 2: the server answered 404")

    @pytest.mark.parametrize("scenario", TROUBLE)
    def test_an_answer_that_went_wrong_is_a_failure_with_a_reason(self, scenario: str) -> None:
        document, words = TROUBLE[scenario]

        told = found_in(body(document))

        assert isinstance(told, Failed)
        assert words in told.reason

    async def test_a_search_that_failed_brings_nothing_and_tells_no_secret(self, web: Web, site: Site) -> None:
        site.serve(SEARCH, found(1, ERROR="Search Backend failed"))

        assert await fetch(site, web, api_key="key of the tide") == Failed('PubMed answered "Search Backend failed"')

    async def test_records_of_which_none_comes_are_a_failure(self, web: Web, site: Site) -> None:
        site.serve(SEARCH, found(*range(99000001, 99000010)))
        site.serve(FETCH, records())

        assert await fetch(site, web) == Failed("PubMed sent none of the 9 records that it lists")

    async def test_one_record_that_never_comes_is_a_gap(self, web: Web, site: Site) -> None:
        site.serve(SEARCH, found(99000007))
        site.serve(FETCH, records())

        told = await fetch(site, web)

        assert isinstance(told, Fetched)
        assert told.gap == "PubMed sent none of the 1 records that it lists: PMID 99000007"

    async def test_a_page_of_records_without_titles_does_not_stop_the_walk(self, web: Web, site: Site) -> None:
        every = range(99000001, 99000102)
        site.serve(SEARCH, found(*every))
        serve_records(site, *(article(one, title="" if one == every[-1] else "Tides") for one in every))

        told = await fetch(site, web)

        assert isinstance(told, Fetched)
        assert (len(told.papers), len(told.complaints), told.gap) == (100, 1, None)

    async def test_a_phrase_whose_words_are_searched_is_a_complaint(self, web: Web, site: Site) -> None:
        site.serve(SEARCH, found(warninglist={"quotedphrasesnotfound": ['"lantern of the tide"']}))

        told = await fetch(site, web)

        assert isinstance(told, Fetched)
        assert len(told.complaints) == 1

    def test_its_origin_is_what_is_asked_and_no_secret(self, web: Web) -> None:
        def origin(**wanted: Any) -> str:
            return pubmed.sources(Wanted("pubmed", **wanted), web)[0].origin

        assert origin() == origin(api_key="another")
        assert len({origin(), origin(query="tides"), origin(date_field="crdt"), origin(url="https://m.example.org")}) == 4


ours = {"tool": "digestd", "email": "tester@example.org"}


def asked(request: Request) -> dict[str, str]:
    told = {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}
    told.pop("api_key", None)
    return told


def serve_search(site: Site, begin: str, end: str, document: str) -> None:
    term = f"{SEARCH}?db=pubmed&term=lanterns&datetype=edat&mindate={begin}&maxdate={end}&retmode=json&retmax=9999"
    site.serve(f"{term}&tool=digestd&email=tester@example.org", document)


def serve_records(site: Site, *articles: str) -> None:
    """Serve records by the hundred, as they are asked for."""
    by_number = {re.findall(r"<PMID[^>]*>(\d+)", one)[0]: one for one in articles}
    for at in range(0, len(by_number), 100):
        part = list(by_number)[at : at + 100]
        path = f"{FETCH}?db=pubmed&retmode=xml&id={','.join(part)}&tool=digestd&email=tester@example.org"
        for key in ("", "&api_key=key+of+the+tide"):
            site.serve(path + key, records(*(by_number[one] for one in part)))


async def fetch(site: Site, web: Web, cursor: Cursor = UNASKED, **wanted: Any) -> Fetched | Failed:
    (source,) = pubmed.sources(Wanted("pubmed", site.url("/"), **wanted), web)
    told = await source.fetch(cursor, NOW)
    assert isinstance(told, Fetched | Failed)
    return told
