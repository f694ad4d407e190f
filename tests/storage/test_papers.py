"""The contract of SeenPapers."""

from itertools import pairwise

import pytest

from digestd.model.paper import Identifiers, Links, Paper, PaperId
from digestd.model.records import FirstSeen
from digestd.model.source import Cursor, Failed, Fetched
from digestd.ports import SeenPapers
from digestd.storage import Database, OutboxStore, PaperStore, RecordStore
from tests.support.builders import DAY, NOON, digest, paper


@pytest.fixture
def seen(database: Database) -> SeenPapers:
    return PaperStore(database)


def fetched(*papers: Paper, etag: str = '"1"', old: tuple[PaperId, ...] = ()) -> Fetched:
    return Fetched(papers, Cursor(etag=etag), back_catalogue=frozenset(old))


def ids(papers: SeenPapers) -> list[str]:
    return [sighting.paper.id for sighting in papers.window(NOON - DAY, NOON + 30 * DAY)]


def test_a_paper_is_news_once(seen: SeenPapers) -> None:
    assert seen.record("arxiv", fetched(paper(1), paper(2)), NOON) == [paper(1).id, paper(2).id]
    assert seen.record("arxiv", fetched(paper(1), paper(2), paper(3)), NOON + DAY) == [paper(3).id]
    assert seen.record("daily", fetched(paper(1)), NOON + DAY) == []


def test_papers_and_cursor_are_stored_together(seen: SeenPapers) -> None:
    seen.record("arxiv", fetched(paper(1), paper(2), etag='W/"a b"'), NOON)

    state = seen.sources()["arxiv"]
    assert state.cursor.etag == 'W/"a b"'
    assert (state.last_ok_at, state.papers_last, state.failures) == (NOON, 2, 0)


def test_back_catalogue_is_never_news_at_its_source(seen: SeenPapers) -> None:
    seen.record("feed", fetched(paper(1), paper(2), old=(paper(1).id,)), NOON)

    assert seen.record("feed", fetched(paper(1), paper(2)), NOON + DAY) == []
    assert ids(seen) == [paper(2).id]
    assert paper(1).id in seen.papers([paper(1).id])


def test_back_catalogue_becomes_news_when_another_source_announces_it(seen: SeenPapers) -> None:
    seen.record("feed", fetched(paper(1), old=(paper(1).id,)), NOON)

    assert seen.record("arxiv", fetched(paper(1)), NOON + DAY) == [paper(1).id]


def test_two_sources_make_one_paper_with_both_badges(seen: SeenPapers) -> None:
    seen.record("arxiv", fetched(paper(1, sources=("arxiv",))), NOON)
    seen.record("daily", fetched(paper(1, sources=("daily",), votes=42, version=None)), NOON)

    whole = seen.papers([paper(1).id])[paper(1).id]
    assert (whole.sources, whole.votes) == (("arxiv", "daily"), 42)


def test_a_document_that_names_a_paper_twice_tells_it_once(seen: SeenPapers) -> None:
    assert seen.record("arxiv", fetched(paper(1), paper(1, votes=3)), NOON) == [paper(1).id]
    assert seen.papers([paper(1).id])[paper(1).id].votes == 3


def test_a_failed_poll_changes_no_papers_and_no_validators(seen: SeenPapers) -> None:
    seen.record("arxiv", fetched(paper(1), etag='"1"'), NOON)
    seen.failed("arxiv", Failed("HTTP 503"), Cursor(next_poll_at=NOON + DAY))
    seen.failed("arxiv", Failed("HTTP 503"), Cursor(next_poll_at=NOON + 2 * DAY))

    state = seen.sources()["arxiv"]
    assert (state.cursor.etag, state.cursor.next_poll_at) == ('"1"', NOON + 2 * DAY)
    assert (state.failures, state.last_error, state.last_ok_at, state.papers_last) == (2, "HTTP 503", NOON, 1)


def test_a_good_poll_ends_a_failure(seen: SeenPapers) -> None:
    seen.failed("arxiv", Failed("HTTP 503"), Cursor())
    seen.unchanged("arxiv", Cursor(etag='"2"'), NOON)

    state = seen.sources()["arxiv"]
    assert (state.failures, state.last_error, state.cursor.etag) == (0, None, '"2"')


def test_a_window_is_half_open_and_in_the_order_of_our_knowledge(seen: SeenPapers) -> None:
    seen.record("arxiv", fetched(paper(3)), NOON)
    seen.record("arxiv", fetched(paper(1), paper(2)), NOON + DAY)

    assert [one.paper.id for one in seen.window(NOON, NOON + DAY)] == [paper(3).id]
    assert [one.paper.id for one in seen.window(NOON, NOON + 2 * DAY)] == [paper(3).id, paper(1).id, paper(2).id]


def test_a_sample_is_half_open_by_news_and_whole_where_it_fits(seen: SeenPapers) -> None:
    seen.record("arxiv", fetched(paper(3)), NOON)
    seen.record("arxiv", fetched(paper(2), paper(1), paper(4), old=(paper(4).id,)), NOON + DAY)
    seen.record("arxiv", fetched(paper(5)), NOON + 2 * DAY)

    assert seen.sample(NOON, NOON + DAY, 10) == [paper(3)]
    assert [one.id for one in seen.sample(NOON, NOON + 2 * DAY, 3)] == [paper(3).id, paper(1).id, paper(2).id]
    assert seen.sample(NOON - DAY, NOON, 10) == seen.sample(NOON + 3 * DAY, NOON + 4 * DAY, 10) == []


@pytest.mark.parametrize(("count", "most"), [(100, 10), (101, 10), (99, 100), (1000, 300), (7, 1)], ids=str)
def test_a_sample_is_bounded_and_evenly_spread(seen: SeenPapers, count: int, most: int) -> None:
    for hour in range(count):
        seen.record("arxiv", fetched(paper(hour)), NOON + hour * DAY / 24)

    sample = seen.sample(NOON, NOON + 50 * DAY, most)
    hours = [int(one.id[-5:]) for one in sample]

    assert min(count, most) / 2 <= len(sample) <= most
    assert hours == sorted(set(hours))
    assert len({later - hour for hour, later in pairwise(hours)}) <= 1
    assert seen.sample(NOON, NOON + 50 * DAY, most) == sample


def test_what_was_told_is_known_for_each_reader(seen: SeenPapers, database: Database) -> None:
    seen.record("arxiv", fetched(paper(1), paper(2)), NOON)
    ada = digest("ada", paper(1))
    OutboxStore(database).enqueue([ada], NOON)

    who = ada.key.subscriber
    assert seen.told([who, digest("ben").key.subscriber], NOON) == {who: {paper(1).id}}
    assert seen.told([who], NOON + DAY) == {}


def test_thousands_of_papers_go_in_at_once(seen: SeenPapers) -> None:
    many = [paper(number) for number in range(12_000)]

    assert len(seen.record("arxiv", fetched(*many), NOON)) == 12_000
    assert len(seen.papers(one.id for one in many)) == 12_000


def test_a_paper_without_a_strong_id_is_one_paper(seen: SeenPapers) -> None:
    note = paper(1, id=PaperId("id:abc"), ids=Identifiers())
    seen.record("feed", fetched(note), NOON)

    assert seen.record("feed", fetched(note), NOON + DAY) == []
    assert seen.papers([note.id]) == {note.id: note}


def test_papers_are_found_by_the_address_of_their_page(seen: SeenPapers, database: Database) -> None:
    pages = "https://lab.example/Tide_1", "https://lab.example/TideX1", "http://LAB.example/Tide_1/?utm_source=rss", ""
    seen.record("feed", fetched(*(paper(place, links=Links(page)) for place, page in enumerate(pages))), NOON)
    records = RecordStore(database)

    assert [one.id for one in records.at_page("https://lab.example/Tide_1/")] == [paper(0).id, paper(2).id]
    assert [*records.at_page("https://lab.example/"), *records.at_page("lab"), *records.at_page("")] == []


def test_a_remembered_paper_is_back_catalogue_until_a_source_announces_it(seen: SeenPapers, database: Database) -> None:
    seen.remember([paper(1, sources=())], [], NOON)

    assert seen.papers([paper(1).id]) == {paper(1).id: paper(1, sources=())}
    assert ids(seen) == []
    assert seen.sources() == {}
    first = RecordStore(database).first_seen(paper(1).id)
    assert first == FirstSeen(NOON, None)

    assert seen.record("arxiv", fetched(paper(1)), NOON + DAY) == [paper(1).id]
    assert [(one.paper.sources, one.at) for one in seen.window(NOON, NOON + 2 * DAY)] == [(("arxiv",), NOON + DAY)]


def test_a_remembered_paper_that_comes_again_as_old_stays_old(seen: SeenPapers) -> None:
    seen.remember([paper(1)], [], NOON)

    assert seen.record("arxiv", fetched(paper(1, version=2), old=(paper(1).id,)), NOON + DAY) == []
    assert ids(seen) == []


def test_news_that_is_remembered_too_stays_news(seen: SeenPapers) -> None:
    seen.record("arxiv", fetched(paper(1)), NOON)
    seen.remember([paper(1, sources=(), comment="9 pages")], [], NOON + DAY)

    (known,) = seen.window(NOON, NOON + DAY)
    assert (known.at, known.paper.sources, known.paper.comment) == (NOON, ("arxiv",), "9 pages")


def test_a_preprint_is_remembered_of_an_article_that_was_news(seen: SeenPapers) -> None:
    article = paper(1, id=PaperId("doi:10.5555/a"), ids=Identifiers(doi="10.5555/a"), sources=("annals",))
    seen.record("annals", fetched(article), NOON)
    seen.remember([paper(1, ids=Identifiers("2603.00001", "10.5555/a"), sources=())], [], NOON + DAY)

    assert [(one.paper.id, one.paper.sources, one.at) for one in seen.window(NOON, NOON + DAY)] == [
        (paper(1).id, ("annals",), NOON)
    ]


def test_what_is_stored_under_any_name_is_not_asked_for(seen: SeenPapers) -> None:
    seen.record("arxiv", fetched(paper(1, ids=Identifiers("2603.00001", "10.5555/a"))), NOON)
    seen.remember([paper(2)], [], NOON)
    wanted = [paper(1).id, PaperId("doi:10.5555/a"), paper(2).id, paper(3).id]

    assert seen.unasked(wanted, NOON) == {paper(3).id}
    assert seen.unasked([], NOON) == set()


def test_an_unknown_id_is_asked_for_again_after_a_week(seen: SeenPapers) -> None:
    for days in (0, 7):
        seen.remember([], [paper(1).id, paper(2).id], NOON + days * DAY)

        assert seen.unasked([paper(1).id, paper(3).id], NOON + (days + 6.99) * DAY) == {paper(3).id}
        assert seen.unasked([paper(1).id, paper(3).id], NOON + (days + 7) * DAY) == {paper(1).id, paper(3).id}


def test_an_id_that_was_unknown_to_a_clock_that_ran_ahead_is_asked_for(seen: SeenPapers) -> None:
    seen.remember([], [paper(1).id], NOON + 3650 * DAY)

    assert seen.unasked([paper(1).id], NOON) == {paper(1).id}


def test_thousands_of_ids_are_asked_about_at_once(seen: SeenPapers) -> None:
    seen.remember([paper(number) for number in range(10)], [paper(number).id for number in range(10, 40_000)], NOON)

    assert seen.unasked((paper(number).id for number in range(40_001)), NOON) == {paper(40_000).id}
