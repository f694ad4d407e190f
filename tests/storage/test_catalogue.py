"""Records become papers: the same ones, whatever order the records come in and however polls cut them up."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestd.model.paper import Identifiers, Links, Paper, PaperId, identity, weak_name
from digestd.model.source import Cursor, Fetched
from digestd.model.union import names, plain_title
from digestd.storage import OutboxStore, PaperStore, open_database
from digestd.storage.catalogue import Catalogue
from tests.support.builders import DAY, NOON, digest, paper, subscriber

WORKS = [
    (Identifiers("2613.00001", "10.5555/a", "38000001"), "Lanterns that burn under water at low tide", "Ada Quill"),
    (Identifiers(None, "10.5555/b", "38000002", "forum0002"), "Glow worms in the ballast of herring boats", "Ada Quill"),
    (Identifiers("2613.00003", None, None, "forum0003"), "On the sleep of harbour seals in winter light", "Bo Reed"),
    (Identifiers(None, "10.1101/2613.04", None), "A catalogue of northern mooring bells and their makers", "Chi Ndo"),
    (Identifiers(), "Reading the tide tables of the eleventh century", "Dee Oak"),
    (Identifiers(), "Reading the tide tables of the eleventh century", "Eve Pine"),
]
ABSTRACTS = ["", "We light it.", "We light it, and watch.", "We light it twice, and watch it go out."]


@st.composite
def records(draw: st.DrawFn) -> Paper:
    """Return what some source says of some work: some of its ids, or none and only a guid, a link and its author."""
    number = draw(st.integers(0, len(WORKS) - 1))
    ids, title, author = WORKS[number]
    kept = [name if draw(st.booleans()) else None for name in (ids.arxiv, ids.doi, ids.pmid, ids.openreview)]
    known = Identifiers(*kept)
    version = draw(st.sampled_from([None, 1, 2]))
    weak = draw(st.sampled_from([f"guid {number}", f"guid {number} elsewhere", "the guid of all"]))
    return Paper(
        id=identity(known, weak=f"{weak}\0{plain_title(title)}"),
        title=f"{title}{' (revised)' * (version == 2)}",
        abstract=draw(st.sampled_from(ABSTRACTS)),
        authors=(author,),
        categories=(draw(st.sampled_from(["cs.LG", "cs.CL"])),),
        published=draw(st.sampled_from([None, NOON - number * DAY])),
        sources=(draw(st.sampled_from(["arXiv", "daily", "journal"])),),
        links=Links(f"https://{draw(st.sampled_from(['a', 'journal']))}.example.org/{number}"),
        ids=known,
        version=version,
        votes=draw(st.sampled_from([None, 3, 40])),
        names=(weak_name("guid", weak), weak_name("link", f"{number}")),
    )


@settings(max_examples=300)
@given(st.data())
def test_any_order_of_the_same_records_gives_the_same_papers(data: st.DataObject) -> None:
    told = data.draw(st.lists(records(), max_size=10))
    shuffled = data.draw(st.permutations(told))

    assert catalogued(told) == catalogued(shuffled)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_polls_may_cut_the_records_up_as_they_like(data: st.DataObject) -> None:
    told = data.draw(st.lists(records(), max_size=8))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(told)), max_size=3)))
    polls = [told[start:end] for start, end in zip([0, *cuts], [*cuts, len(told)], strict=True)]

    with TemporaryDirectory() as folder, open_database(Path(folder) / "digestd.db", NOON) as database:
        seen = PaperStore(database)
        for number, poll in enumerate(polls):
            seen.record(f"source {number}", Fetched(tuple(poll), Cursor()), NOON)
        stored = {one.paper.id: plain(one.paper) for one in seen.window(NOON, NOON + DAY)}

    assert stored == catalogued(told)


@pytest.mark.parametrize(
    ("one", "other", "papers"),
    [
        pytest.param(paper(1), paper(1, "Another title", authors=("Bo Reed",)), 1, id="one_arxiv_id"),
        pytest.param(
            {"doi": "10.5555/x"}, {"doi": "10.5555/x", "arxiv": "2613.1"}, 1, id="one_doi_of_a_preprint_and_a_journal"
        ),
        pytest.param({"doi": "10.5555/x"}, {"doi": "10.5555/y"}, 2, id="two_dois_under_one_title"),
        pytest.param(
            {"arxiv": "2613.1", "doi": "10.5555/p"}, {"arxiv": "2613.2", "doi": "10.5555/p"}, 2, id="the_doi_of_the_proceedings"
        ),
        pytest.param({"guid": "g"}, {"guid": "h", "day": "5"}, 2, id="a_column_with_one_title_every_month"),
        pytest.param({"guid": "g"}, {"guid": "h"}, 1, id="a_site_built_anew"),
        pytest.param(
            {"title": "Author Correction: bells"}, {"title": "Author Correction: bells", "link": "b"}, 2, id="corrections"
        ),
        pytest.param(
            {"guid": "g", "title": "Learning to rank tides"},
            {"guid": "g", "title": "Learning to plan harbours"},
            2,
            id="half_alike",
        ),
        pytest.param({"doi": "10.5555/x"}, {"pmid": "7"}, 1, id="one_title_and_author_under_two_kinds_of_id"),
        pytest.param({"guid": "g"}, {"guid": "g", "link": "b"}, 1, id="one_guid"),
        pytest.param(
            {"guid": "g"}, {"guid": "g", "title": "Mooring bells, and who made them"}, 2, id="one_guid_for_everything"
        ),
        pytest.param({"guid": "g"}, {"guid": "g", "title": "Lanterns at low tide, corrected in proof"}, 1, id="a_title_mended"),
        pytest.param({"link": "a"}, {"link": "b", "author": "Quill, A."}, 1, id="one_title_and_author_in_two_feeds"),
        pytest.param({"link": "a"}, {"link": "b", "author": "Bo Reed"}, 2, id="one_title_by_two_authors"),
        pytest.param({"link": "a"}, {"link": "b", "author": ""}, 2, id="one_title_and_no_author"),
        pytest.param(
            {"link": "a", "title": "Letter to the Editor, again"},
            {"link": "b", "title": "Letter to the Editor, again"},
            2,
            id="no_title",
        ),
    ],
)
def test_records_of_one_paper_are_told_from_those_of_two(
    one: Paper | dict[str, str], other: Paper | dict[str, str], papers: int
) -> None:
    assert len(catalogued([record(one), record(other)])) == len(catalogued([record(other), record(one)])) == papers


def test_a_title_joins_no_paper_that_the_stronger_names_contradict() -> None:
    shared = "Lanterns in the fog of the estuary"
    first, second = record({"doi": "10.5555/x", "title": shared}), record({"doi": "10.5555/y", "pmid": "7", "title": "Bells"})

    assert len(catalogued([first, second, record({"pmid": "7", "title": shared})])) == 2


def test_a_record_that_links_two_papers_joins_them_and_nobody_is_told_twice(tmp_path: Path) -> None:
    preprint, article = record({"doi": "10.1101/x"}), record({"doi": "10.5555/y", "title": "Lanterns, in print at last"})
    link = replace(preprint, names=("doi:10.5555/y",), version=2)
    with open_database(tmp_path / "digestd.db", NOON) as database:
        seen, outbox = PaperStore(database), OutboxStore(database)
        seen.record("rxiv", Fetched((preprint,), Cursor()), NOON)
        seen.record("journal", Fetched((article,), Cursor()), NOON + DAY)
        outbox.enqueue([digest("ada", article), digest("ben", preprint)], NOON + DAY)

        assert seen.record("rxiv", Fetched((link,), Cursor()), NOON + 2 * DAY) == []

        (whole,) = seen.window(NOON, NOON + 9 * DAY)
        assert (whole.paper.id, whole.at, whole.paper.version) == ("doi:10.1101/x", NOON + DAY, 2)
        assert set(whole.paper.sources) == {"tides"}
        everybody = [subscriber("ada").id, subscriber("ben").id]
        assert seen.told(everybody, NOON) == {one: {preprint.id} for one in everybody}
        assert seen.papers([article.id])[article.id].id == preprint.id


def test_a_digest_drafted_before_two_papers_joined_tells_the_one_that_is_left(tmp_path: Path) -> None:
    article = record({"doi": "10.5555/y"})
    with open_database(tmp_path / "digestd.db", NOON) as database:
        seen = PaperStore(database)
        seen.record("journal", Fetched((article,), Cursor()), NOON)
        drafted = digest("ada", article)
        seen.record("arxiv", Fetched((record({"doi": "10.5555/y", "arxiv": "2613.00009"}),), Cursor()), NOON)

        OutboxStore(database).enqueue([drafted], NOON)

        assert seen.told([subscriber("ada").id], NOON) == {subscriber("ada").id: {PaperId("arXiv:2613.00009")}}


def record(told: Paper | dict[str, str]) -> Paper:
    """Return a made-up record: its strong ids, else its guid and link, are as *told*."""
    if isinstance(told, Paper):
        return told
    ids = Identifiers(told.get("arxiv"), told.get("doi"), told.get("pmid"))
    title, author = told.get("title", "Lanterns at low tide"), told.get("author", "Ada Quill")
    weak = [weak_name(kind, told[kind]) for kind in ("guid", "link") if kind in told]
    return Paper(
        id=identity(ids, weak=f"{weak}\0{plain_title(title)}"),
        title=title,
        abstract="We light lanterns and watch the tide.",
        authors=(author,) if author else (),
        published=NOON + int(told.get("day", 0)) * DAY,
        sources=("tides",),
        ids=ids,
        names=tuple(weak),
    )


def catalogued(told: Sequence[Paper]) -> dict[PaperId, Paper]:
    catalogue = Catalogue({}, {})
    for one in told:
        catalogue.add(one, names(one))
    return {name: plain(one) for name, one in catalogue.papers.items()}


def plain(whole: Paper) -> Paper:
    """Return a paper with its badges in one order, and without the names that the store keeps apart."""
    return replace(whole, categories=tuple(sorted(whole.categories)), sources=tuple(sorted(whole.sources)), names=())
