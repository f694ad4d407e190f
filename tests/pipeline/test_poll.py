"""Poll: what is new is stored, what went wrong is said, and neither looks like the other."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from digestd.model.paper import PaperId
from digestd.model.period import Calendar
from digestd.model.source import Cursor, Failed, Fetched, NotModified
from digestd.pipeline.health import healths
from digestd.pipeline.poll import Polled, allowed, due, poll, standing
from digestd.ports import SeenPapers
from digestd.storage import Database, PaperStore
from tests.support.builders import DAY, NOON, paper
from tests.support.fakes import Answer, FakeSource, announces

HOUR = timedelta(hours=1)
LOOK_BACK = 3 * DAY
OLD = NOON - 4 * DAY


@pytest.fixture
def seen(database: Database) -> SeenPapers:
    return PaperStore(database)


async def test_the_same_batch_twice_is_news_once(seen: SeenPapers) -> None:
    source = FakeSource([announces(paper(1), paper(2))])

    assert await poll([source], seen, LOOK_BACK, NOON) == [Polled("arxiv", 2, 2)]
    assert await poll([source], seen, LOOK_BACK, NOON + HOUR) == [Polled("arxiv", 2, 0)]


async def test_validators_go_to_the_next_poll(seen: SeenPapers) -> None:
    source = FakeSource([Fetched((), Cursor(etag='"1"', last_modified="then"), day_list=True), NotModified(Cursor(etag='"2"'))])

    for hours in range(3):
        await poll([source], seen, LOOK_BACK, NOON + hours * HOUR)

    assert [cursor.etag for cursor in source.asked] == [None, '"1"', '"2"']


async def test_a_first_poll_seeds(seen: SeenPapers) -> None:
    archive = [paper(1, published=OLD), paper(2, published=None), paper(3, published=NOON)]

    said = "1 paper has no date, and is taken as known: this is the first poll, and what comes from now on is news"
    assert await poll([FakeSource([announces(*archive)])], seen, LOOK_BACK, NOON) == [Polled("arxiv", 3, 1, complaints=(said,))]


async def test_a_first_poll_of_the_days_own_list_is_news_whatever_its_dates(seen: SeenPapers) -> None:
    source = FakeSource([announces(paper(1, published=OLD), day_list=True)])

    assert await poll([source], seen, LOOK_BACK, NOON) == [Polled("arxiv", 1, 1)]


async def test_after_the_first_poll_whatever_is_first_seen_is_news(seen: SeenPapers) -> None:
    source = FakeSource([announces(paper(1)), announces(paper(1), paper(2, published=OLD))])
    await poll([source], seen, LOOK_BACK, NOON)

    assert await poll([source], seen, LOOK_BACK, NOON + HOUR) == [Polled("arxiv", 2, 1)]


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(Failed("HTTP 503"), id="server_error"),
        pytest.param(announces(), id="no_papers_where_there_were_many"),
        pytest.param(RuntimeError("a fault of ours"), id="unexpected_fault"),
    ],
)
async def test_trouble_never_looks_like_a_quiet_day(seen: SeenPapers, trouble: Answer) -> None:
    many = Fetched(tuple(paper(number) for number in range(20)), Cursor(etag='"1"'))
    source = FakeSource([many, trouble])
    await poll([source], seen, LOOK_BACK, NOON)

    (told,) = await poll([source], seen, LOOK_BACK, NOON + HOUR)

    state = seen.sources()["arxiv"]
    assert told.error
    assert state.failures == 1
    assert state.cursor.etag == '"1"'


async def test_an_empty_list_of_one_day_is_a_quiet_day(seen: SeenPapers) -> None:
    many = announces(*(paper(number) for number in range(20)), day_list=True)
    source = FakeSource([many, announces(day_list=True)])
    await poll([source], seen, LOOK_BACK, NOON)

    assert await poll([source], seen, LOOK_BACK, NOON + HOUR) == [Polled("arxiv", 0, 0)]
    assert seen.sources()["arxiv"].failures == 0


async def test_one_bad_source_never_stops_the_others(seen: SeenPapers) -> None:
    sources = [FakeSource([RuntimeError("broken")], "broken"), FakeSource([announces(paper(1))], "good")]

    broken, good = await poll(sources, seen, LOOK_BACK, NOON)

    assert broken.error == "RuntimeError over what it announces"
    assert good == Polled("good", 1, 1)


async def test_a_paper_that_cannot_be_stored_is_its_sources_failure_alone(seen: SeenPapers) -> None:
    unfit = announces(paper(1, id=PaperId("doi:10.5555/\ud800")))
    sources = [FakeSource([unfit], "bad"), FakeSource([announces(paper(2))], "good")]

    bad, good = await poll(sources, seen, LOOK_BACK, NOON)

    assert bad.error is not None
    assert good == Polled("good", 1, 1)
    assert seen.sources()["bad"].failures == 1


async def test_a_source_is_due_when_its_turn_has_come(seen: SeenPapers) -> None:
    source = FakeSource([announces(paper(1)), announces(paper(1), wait=timedelta(hours=8))])
    await poll([source], seen, LOOK_BACK, NOON)

    assert due([source], seen, NOON + HOUR - timedelta(seconds=1)) == []
    assert due([source], seen, NOON + HOUR) == [source]
    await poll([source], seen, LOOK_BACK, NOON + HOUR)
    assert due([source], seen, NOON + 3 * HOUR) == []


async def test_a_failing_source_is_asked_less_often_and_never_given_up(seen: SeenPapers) -> None:
    source = FakeSource([Failed("HTTP 500")])
    pauses = []
    now = NOON
    for _ in range(12):
        await poll([source], seen, LOOK_BACK, now)
        at = seen.sources()["arxiv"].cursor.next_poll_at
        assert at is not None
        pauses.append(at - now)
        now = at

    assert timedelta(minutes=3.75) <= pauses[0] <= timedelta(minutes=5)
    assert all(later >= earlier for earlier, later in pairwise(pauses[:7]))
    assert all(timedelta(hours=4.5) <= pause <= timedelta(hours=6) for pause in pauses[8:])
    assert len(set(pauses[8:])) > 1  # many sources that fail together do not come back together


async def test_nobody_asks_a_server_that_wants_to_be_left_alone(seen: SeenPapers) -> None:
    source = FakeSource([Failed("HTTP 429", wait=8 * HOUR)])
    await poll([source], seen, LOOK_BACK, NOON)

    assert allowed([source], seen, NOON + 7 * HOUR) == due([source], seen, NOON + 7 * HOUR) == []
    assert allowed([source], seen, NOON + 8 * HOUR) == [source]


async def test_a_failed_first_poll_leaves_the_next_one_the_first(seen: SeenPapers) -> None:
    source = FakeSource([Failed("HTTP 500"), announces(paper(1, published=OLD))])
    await poll([source], seen, LOOK_BACK, NOON)

    assert await poll([source], seen, LOOK_BACK, NOON + HOUR) == [Polled("arxiv", 1, 0)]


async def test_a_poll_with_a_gap_keeps_what_came_and_counts_as_failed(seen: SeenPapers) -> None:
    source = FakeSource([announces(paper(1), gap="page 2 did not come"), announces(paper(1), paper(2))])

    assert await poll([source], seen, LOOK_BACK, NOON) == [Polled("arxiv", 1, 1, "page 2 did not come")]
    state = seen.sources()["arxiv"]
    assert (state.failures, state.last_error) == (1, "page 2 did not come")
    assert state.cursor.next_poll_at is not None
    assert state.cursor.next_poll_at < NOON + HOUR

    assert await poll([source], seen, LOOK_BACK, NOON + HOUR) == [Polled("arxiv", 2, 1)]
    assert seen.sources()["arxiv"].failures == 0


async def test_a_first_poll_with_a_gap_leaves_the_next_one_the_first(seen: SeenPapers) -> None:
    source = FakeSource([announces(paper(1), gap="page 2 did not come"), announces(paper(1), paper(2, published=OLD))])
    await poll([source], seen, LOOK_BACK, NOON)

    assert await poll([source], seen, LOOK_BACK, NOON + HOUR) == [Polled("arxiv", 2, 0)]


async def test_another_address_that_fails_under_an_old_name_is_failing(seen: SeenPapers) -> None:
    before = FakeSource([announces(paper(1), cursor=Cursor(etag='"1"'))], origin="here")
    after = FakeSource([Failed("HTTP 429", wait=8 * HOUR)], origin="elsewhere")
    await poll([before], seen, LOOK_BACK, NOON)

    await poll([after], seen, LOOK_BACK, NOON + HOUR)

    assert healths([after], seen.sources(), NOON + HOUR) == {"arxiv": "failing"}
    assert allowed([after], seen, NOON + 2 * HOUR) == []
    assert (seen.sources()["arxiv"].cursor.etag, seen.sources()["arxiv"].last_ok_at) == (None, None)


async def test_a_feed_that_moved_on_farther_than_it_reaches_says_so(seen: SeenPapers) -> None:
    source = FakeSource([announces(paper(1), paper(2)), announces(paper(3), paper(4))])
    await poll([source], seen, LOOK_BACK, NOON)

    (told,) = await poll([source], seen, LOOK_BACK, NOON + 7 * DAY)

    said = (
        "nothing that it listed on 2026-03-05 12:00 UTC was still there on 2026-03-12 12:00 UTC: "
        "papers announced in between may have been missed"
    )
    assert told == Polled("arxiv", 2, 2, complaints=(said,))
    assert seen.sources()["arxiv"].lost == said


async def test_another_address_under_an_old_name_begins_anew(seen: SeenPapers) -> None:
    before = FakeSource([announces(paper(1), cursor=Cursor(etag='"1"'))], origin="here")
    after = FakeSource([announces(paper(2, published=OLD), paper(3))], origin="elsewhere")
    await poll([before], seen, LOOK_BACK, NOON)

    assert await poll([after], seen, LOOK_BACK, NOON + HOUR) == [Polled("arxiv", 2, 1)]
    assert after.asked == [Cursor()]


async def test_a_source_that_is_gone_is_not_asked_again_by_itself(seen: SeenPapers) -> None:
    source = FakeSource([Failed("the server answered 410 (gone)", gone=True), announces(paper(1))])
    await poll([source], seen, LOOK_BACK, NOON)

    assert due([source], seen, NOON + 30 * DAY) == standing([source], seen) == []
    assert healths([source], seen.sources(), NOON + 30 * DAY) == {"arxiv": "failing"}

    assert await poll([source], seen, LOOK_BACK, NOON + 30 * DAY) == [Polled("arxiv", 1, 0)]
    assert due([source], seen, NOON + 31 * DAY) == standing([source], seen) == [source]


async def test_a_clock_that_once_ran_years_ahead_stops_no_source(seen: SeenPapers) -> None:
    source = FakeSource([announces(paper(1), wait=HOUR), Failed("HTTP 429", wait=HOUR)])
    await poll([source], seen, LOOK_BACK, NOON + 3650 * DAY)
    assert due([source], seen, NOON) == [source]

    await poll([source], seen, LOOK_BACK, NOON + 3650 * DAY)
    assert due([source], seen, NOON) == allowed([source], seen, NOON) == [source]


async def test_an_empty_list_on_a_day_of_rest_is_quiet_and_on_a_working_day_is_not(seen: SeenPapers) -> None:
    many = announces(*(paper(number) for number in range(20)), day_list=True)
    source = FakeSource([many, announces(day_list=True)], calendar=Calendar("UTC"))
    await poll([source], seen, LOOK_BACK, NOON + DAY)  # a Friday

    assert await poll([source], seen, LOOK_BACK, NOON + 2 * DAY) == [Polled("arxiv")]
    assert healths([source], seen.sources(), NOON + 2 * DAY) == {"arxiv": "quiet"}

    (told,) = await poll([source], seen, LOOK_BACK, NOON + 4 * DAY)
    assert told.error == "no papers, where there were 20 at the last poll"
    assert healths([source], seen.sources(), NOON + 4 * DAY) == {"arxiv": "failing"}


async def test_a_lists_health_comes_from_its_calendar_and_its_peers(seen: SeenPapers) -> None:
    one, two = (announces(paper(number), day_list=True) for number in (1, 2))
    calendar = Calendar("UTC")
    moving, standing_still = (
        FakeSource([one, two], "arXiv:cs.LG", calendar=calendar),
        FakeSource([one], "arXiv:cs.AI", calendar=calendar),
    )
    both, midnight = [moving, standing_still], NOON + DAY / 2
    assert set(healths(both, seen.sources(), NOON).values()) == {"waiting"}
    await poll(both, seen, LOOK_BACK, NOON)
    assert set(healths(both, seen.sources(), NOON).values()) == {"fresh"}

    await poll([standing_still], seen, LOOK_BACK, midnight + HOUR)
    assert healths([standing_still], seen.sources(), midnight + HOUR) == {"arXiv:cs.AI": "waiting"}
    assert healths([standing_still], seen.sources(), midnight + 13 * HOUR) == {"arXiv:cs.AI": "stale"}

    await poll([moving], seen, LOOK_BACK, midnight + HOUR)
    assert healths(both, seen.sources(), midnight + HOUR) == {"arXiv:cs.LG": "fresh", "arXiv:cs.AI": "stale"}


async def test_a_feed_without_a_calendar_is_quiet_when_it_says_nothing_new(seen: SeenPapers) -> None:
    source = FakeSource([announces(paper(1))])
    await poll([source], seen, LOOK_BACK, NOON)
    assert healths([source], seen.sources(), NOON + HOUR) == {"arxiv": "fresh"}

    await poll([source], seen, LOOK_BACK, NOON + 2 * DAY)
    assert healths([source], seen.sources(), NOON + 2 * DAY) == {"arxiv": "quiet"}
    assert healths([source], seen.sources(), NOON + 4 * DAY) == {"arxiv": "stale"}  # nobody asked it
    assert healths([replace(source, origin="elsewhere")], seen.sources(), NOON) == {"arxiv": "waiting"}
