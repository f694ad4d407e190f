"""What changed since a day, as arXiv's OAI-PMH tells it."""

import gzip
from datetime import UTC, date, datetime

import pytest

from digestd.model.paper import Links
from digestd.model.source import Failed, Fetched
from digestd.sources import arxiv
from digestd.sources.arxiv_oai import first, page, set_of
from digestd.sources.pages import Page
from tests.sources.arxiv_documents import deleted, harvest, harvest_error, record
from tests.sources.documents import body
from tests.support.shared import shared

SINCE = date(2026, 3, 2)


def told(document: str, since: date = SINCE) -> Page | Failed:
    return page(body(document), name="arxiv", since=since, address="https://oai.example.org/oai")


def page_of(document: str, since: date = SINCE) -> Page:
    one = told(document, since)
    assert isinstance(one, Page)
    return one


def test_a_record_becomes_a_paper() -> None:
    document = harvest(record(doi="10.5555/Tide.1", journal_ref="Annals of Tides 3 (2026)", comments="9 pages"))
    (paper,) = page_of(document).papers

    assert paper.id == "arXiv:2603.00001"
    assert (paper.title, paper.abstract) == ("Lanterns at low tide", "We light a lantern.")
    assert paper.authors == ("Ada Quill Jr", "Reed")
    assert paper.categories == ("cs.LG", "cs.AI")
    assert paper.published == datetime(2026, 3, 2, tzinfo=UTC)
    assert (paper.ids.arxiv, paper.ids.doi, paper.version) == ("2603.00001", "10.5555/tide.1", None)
    assert (paper.journal, paper.comment) == ("Annals of Tides 3 (2026)", "9 pages")
    assert paper.links == Links("https://arxiv.org/abs/2603.00001", "https://arxiv.org/pdf/2603.00001")
    assert paper.sources == ("arxiv",)


@pytest.mark.parametrize(
    ("listed", "is_new"),
    [
        pytest.param(record(created="2026-03-02"), True, id="submitted_last_night"),
        pytest.param(record(created="2026-02-05"), True, id="held_by_moderation"),
        pytest.param(record(created="2026-01-15"), False, id="held_longer_than_anything_is"),
        pytest.param(record("1901.00001", created="2019-01-01", updated="2026-03-03"), False, id="an_old_paper_replaced"),
        pytest.param(record("2602.00001", created="2026-02-20", updated="2026-03-03"), False, id="last_months_replaced"),
        pytest.param(record("2603.00001", created="2026-03-02", updated="2026-03-03"), True, id="updated_by_its_announcement"),
        pytest.param(
            record("1901.00001", created="2026-03-02", updated="2026-03-03"), False, id="created_is_of_the_newest_version"
        ),
        pytest.param(record("hep-ex/0307015", created="2026-03-02", updated="2026-03-03"), False, id="an_id_of_the_old_form"),
        pytest.param(record(created=""), False, id="no_date"),
        pytest.param(record(created="the day before yesterday"), False, id="a_date_that_is_none"),
    ],
)
def test_only_a_new_paper_is_dated(listed: str, is_new: bool) -> None:
    (paper,) = page_of(harvest(listed)).papers

    assert (paper.published is not None) == is_new


@pytest.mark.parametrize(
    ("category", "spec"),
    [
        ("cs.LG", "cs:cs:LG"),
        ("math.AG", "math:math:AG"),
        ("q-bio.NC", "q-bio:q-bio:NC"),
        ("hep-ex", "physics:hep-ex"),
        ("quant-ph", "physics:quant-ph"),
        ("math-ph", "physics:math-ph"),
        ("astro-ph.CO", "physics:astro-ph:CO"),
        ("cond-mat.mes-hall", "physics:cond-mat:mes-hall"),
        ("physics.optics", "physics:physics:optics"),
        ("cs", "cs:cs"),
    ],
)
def test_a_category_is_a_set_of_its_archives_group(category: str, spec: str) -> None:
    assert set_of(category) == spec


def test_what_changed_since_a_day_is_asked_for() -> None:
    step = first("https://oai.example.org", "cs.LG", SINCE, "arxiv")

    assert step.address == (
        "https://oai.example.org/oai?verb=ListRecords&metadataPrefix=arXiv&set=cs%3Acs%3ALG&from=2026-03-02"
    )


def test_a_token_asks_for_the_next_document_and_is_quoted_once() -> None:
    then = page_of(harvest(record(), token="verb%3DListRecords%26skip%3D9|a b")).then

    assert then is not None
    assert then.address == (
        "https://oai.example.org/oai?verb=ListRecords&resumptionToken=verb%253DListRecords%2526skip%253D9%7Ca+b"
    )


@pytest.mark.parametrize("end", [None, "", "  "], ids=["no_token", "an_empty_token", "a_blank_token"])
def test_a_document_without_a_token_is_the_last(end: str | None) -> None:
    assert page_of(harvest(record(), token=end)).then is None


def test_a_deleted_record_is_passed_over() -> None:
    listed = page_of(harvest(deleted("2603.00009"), record()))

    assert [paper.id for paper in listed.papers] == ["arXiv:2603.00001"]
    assert listed.complaints == ()


def test_nothing_new_is_an_answer() -> None:
    assert told(harvest_error("noRecordsMatch", "Nothing")) == Page()
    assert told(harvest(deleted("2603.00009"))) == Page()


def test_a_record_that_cannot_be_read_is_a_complaint_and_the_rest_goes_on() -> None:
    listed = page_of(harvest(record(title=""), record("tide"), record()))

    assert len(listed.papers) == 1
    assert listed.complaints == ("record 1 has no arXiv id or no title", "record 2 has no arXiv id or no title")


@pytest.mark.parametrize(
    ("document", "words"),
    [
        pytest.param(harvest_error("badResumptionToken", "expired"), "badResumptionToken: expired", id="token_expired"),
        pytest.param(harvest_error("badArgument", "ask http://x:y@oai.example.org/z"), "badArgument: ask z", id="no_addresses"),
        pytest.param(harvest(record(title="")), "none of the answer's 1 records", id="nothing_readable"),
        pytest.param(harvest(record())[:-40], "cut short", id="truncated"),
        pytest.param("<html><body>Busy</body></html>", "HTML", id="html_with_200"),
        pytest.param("", "no", id="nothing"),
        pytest.param("<OAI-PMH/>", "no list of OAI-PMH", id="no_list"),
        pytest.param("<!DOCTYPE x [<!ENTITY t 'tide'>]>" + harvest(record()), "not", id="entities_of_its_own"),
        pytest.param(harvest(record()).replace("<header>", "<head&er>", 1), "not well-formed", id="not_well_formed"),
    ],
)
def test_an_answer_that_cannot_be_believed_is_a_failure(document: str, words: str) -> None:
    failed = told(document)

    assert isinstance(failed, Failed)
    assert words in failed.reason


def test_a_real_answer_is_read() -> None:
    capture = shared("data", "feeds", "arxiv_oai", "oai_listrecords_cs_2016-03-01.xml.gz")
    read = arxiv.read(body(gzip.decompress(capture.read_bytes())), "arxiv")

    assert isinstance(read, Fetched)
    assert len(read.papers) == 1_000
    assert read.complaints == ()
    assert all(paper.title and paper.abstract and paper.authors and paper.categories for paper in read.papers)
