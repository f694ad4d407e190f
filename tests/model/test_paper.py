"""One paper keeps one identity, whatever names it."""

from datetime import timedelta

import pytest

from digestd.model.paper import Identifiers, Links, Paper, PaperId, arxiv_id, doi, identity, paper_id
from digestd.model.shapes import paper_from_json, paper_to_json
from digestd.model.union import merge
from tests.support.builders import NOON, paper


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("oai:arXiv.org:2613.01250v3", ("2613.01250", 3)),
        ("https://arxiv.org/abs/2613.01250", ("2613.01250", None)),
        ("http://arxiv.org/abs/hep-ex/9913015v1", ("hep-ex/9913015", 1)),
        ("https://arxiv.org/pdf/2613.01250v2.pdf", ("2613.01250", 2)),
        ("https://doi.org/10.48550/arXiv.2613.01250", ("2613.01250", None)),
        ("https://huggingface.co/papers/2613.01250", ("2613.01250", None)),
        ("arXiv:math.GT/9913136", ("math/9913136", None)),
        ("https://arxiv.org/abs/2613.01250/", ("2613.01250", None)),
        ("https://example.org/abs/2613.01250", None),
        ("2613.01250", None),
        ("https://doi.org/10.5555/857789", None),
        ("", None),
    ],
)
def test_an_arxiv_id_is_read_only_where_arxiv_is_named(text: str, found: tuple[str, int | None] | None) -> None:
    assert arxiv_id(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("doi:10.5555/857789", "10.5555/857789"),
        ("https://doi.org/10.5555/ABC.Def?rss=1", "10.5555/abc.def"),
        ("https://journal.example.org/doi/full/10.5555/x1", "10.5555/x1"),
        ("10.5555/plain.", "10.5555/plain"),
        ("https://journal.example.org/doi/10.5555/abc.12/full", "10.5555/abc.12"),
        ("https://journal.example.org/article?id=doi%3A10.5555%2FS0140%2826%2900001-2", "10.5555/s0140(26)00001-2"),
        ("https://example.org/10.5555", None),
        ("doi:10.5555/a\x1b]0;b\u202e", "10.5555/a"),
    ],
)
def test_a_doi_is_read_in_lower_case(text: str, found: str | None) -> None:
    assert doi(text) == found


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("arXiv:2613.01250", "arXiv:2613.01250", id="arxiv_id"),
        pytest.param(" ArXiv: 2613.01250v2 [cs.LG]", "arXiv:2613.01250", id="arxiv_id_as_its_page_shows_it"),
        pytest.param("2613.01250v2", "arXiv:2613.01250", id="bare_arxiv_id"),
        pytest.param("math.GT/9913136", "arXiv:math/9913136", id="bare_arxiv_id_of_old"),
        pytest.param("HEP-EX/9913015", "arXiv:hep-ex/9913015", id="capitals"),
        pytest.param("https://arxiv.org/pdf/2613.01250v2.pdf#page=3", "arXiv:2613.01250", id="arxiv_link"),
        pytest.param("https://doi.org/10.48550/arXiv.2613.01250", "arXiv:2613.01250", id="arxivs_doi"),
        pytest.param("doi:10.5555/ABC", "doi:10.5555/abc", id="doi"),
        pytest.param("https://doi.org/10.5555/ABC", "doi:10.5555/abc", id="doi_link"),
        pytest.param(
            "https://www.biorxiv.org/content/10.1101/2026.03.01.999999v2", "doi:10.1101/2026.03.01.999999", id="biorxiv_link"
        ),
        pytest.param(
            "https://www.medrxiv.org/content/10.64898/2026.03.01.99999999v1.full.pdf+html?rss=1",
            "doi:10.64898/2026.03.01.99999999",
            id="medrxiv_text",
        ),
        pytest.param("https://press.example.org/article/10.5555/ABC", "doi:10.5555/abc", id="publishers_link"),
        pytest.param("https://press.example.org/plain/article?id=10.5555/ABC", "doi:10.5555/abc", id="publishers_query"),
        pytest.param("https://ar5iv.org/abs/2613.01250v2", "arXiv:2613.01250", id="reader_of_arxiv"),
        pytest.param("PMID: 38000001", "pmid:38000001", id="pmid"),
        pytest.param("https://pubmed.ncbi.nlm.nih.gov/38000001/", "pmid:38000001", id="pubmed_link"),
        pytest.param("https://openreview.net/forum?id=Lantern01", "openreview:Lantern01", id="openreview_link"),
        pytest.param("id:0123456789abcdef01234567", "id:0123456789abcdef01234567", id="what_papers_lists_for_a_feed"),
        pytest.param("38000001", None, id="a_number_of_anything"),
        pytest.param("lanterns", None, id="a_word"),
        pytest.param("https://example.org/2613.01250", None, id="somebodys_link"),
        pytest.param("2613.012500", None, id="a_digit_too_many"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_what_people_copy_names_a_paper(text: str, name: str | None) -> None:
    assert paper_id(text) == name


@pytest.mark.parametrize(
    ("ids", "name"),
    [
        (Identifiers("2613.01250", "10.5555/1", "38000001"), "arXiv:2613.01250"),
        (Identifiers(None, "10.5555/1", "38000001"), "doi:10.5555/1"),
        (Identifiers(None, None, "38000001"), "pmid:38000001"),
    ],
)
def test_the_strongest_name_is_the_identity(ids: Identifiers, name: str) -> None:
    assert identity(ids, weak="https://example.org/1") == name


def test_without_a_strong_name_the_weak_one_decides() -> None:
    first, again, other = (identity(Identifiers(), weak=weak) for weak in ("guid 1", "guid 1", "guid 2"))

    assert first == again != other


def test_two_records_of_a_paper_become_their_union() -> None:
    announced = paper(1, sources=("arxiv",), abstract="Short.", categories=("cs.LG",), published=NOON)
    listed = paper(
        1,
        sources=("daily",),
        abstract="Longer than short.",
        version=None,
        categories=("cs.CL",),
        votes=42,
        published=NOON + timedelta(1),
    )

    whole = merge(announced, listed)

    assert whole.sources == ("arxiv", "daily")
    assert whole.categories == ("cs.LG", "cs.CL")
    assert whole.abstract == "Longer than short."
    assert (whole.votes, whole.version, whole.published) == (42, 1, NOON)


def test_a_newer_version_has_the_last_word() -> None:
    first, second = paper(1, "Old title", version=1), paper(1, "New title", abstract="New.", version=2)

    assert merge(first, second).title == merge(second, first).title == "New title"
    assert merge(first, second).abstract == "New."


def test_a_paper_comes_back_from_its_shape() -> None:
    whole = paper(1, votes=3, comments=1, organization="Tidal Institute", links=Links("https://a.example", "https://p.example"))

    assert paper_from_json(paper_to_json(whole)) == whole


def test_a_shape_needs_an_id_and_a_title_alone() -> None:
    read = paper_from_json({"id": "https://arxiv.org/abs/2613.00001v2", "title": "Tides"})

    assert (read.id, read.title, read.abstract) == (PaperId("arXiv:2613.00001"), "Tides", "")


@pytest.mark.parametrize("shape", [{"id": "x"}, {"title": "x"}, {"id": 1, "title": "x"}, {"id": "x", "title": None}])
def test_a_shape_without_them_is_refused(shape: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError)):
        paper_from_json(shape)


def test_a_paper_that_two_tell_of_keeps_every_link_of_both() -> None:
    first = Paper(
        PaperId("arXiv:2603.00001"), "Tide", links=Links("https://arxiv.org/abs/2603.00001", html="https://a.example/whole")
    )
    second = Paper(PaperId("arXiv:2603.00001"), "Tide", links=Links("https://b.example/1", code="https://code.example/tide"))

    assert merge(first, second).links == merge(second, first).links
    assert merge(first, second).links.html == "https://a.example/whole"
    assert merge(first, second).links.code == "https://code.example/tide"
