"""Example papers are looked up once, remembered, and nobody is pestered about them."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from digestd.model.paper import PaperId
from digestd.model.source import Failed
from digestd.pipeline.examples import Examples, LookedUp, named_by
from digestd.pipeline.poll import poll
from digestd.storage import Database, PaperStore
from tests.support.builders import DAY, NOON, paper, profile, subscriber
from tests.support.fakes import FakeArchive, FakeSource, announces

HOUR = timedelta(hours=1)
NOTHING = LookedUp()


@pytest.fixture
def seen(database: Database) -> PaperStore:
    return PaperStore(database)


def ids(*numbers: int) -> list[PaperId]:
    return [paper(number).id for number in numbers]


def named(seen: PaperStore, archive: FakeArchive, *numbers: int) -> Examples:
    """Return the look-up of papers of these numbers."""
    return Examples(lambda: ids(*numbers), seen, archive)


def stored(seen: PaperStore, *numbers: int) -> Sequence[PaperId]:
    return list(seen.papers(ids(*numbers)))


async def test_what_is_named_is_looked_up_once_and_is_no_news(seen: PaperStore) -> None:
    archive = FakeArchive(paper(1), paper(2))
    examples = named(seen, archive, 1, 2)

    assert await examples.look_up(NOON) == LookedUp(asked=2, found=2)
    assert await examples.look_up(NOON) == await examples.look_up(NOON + 30 * DAY) == NOTHING
    assert archive.asked == [ids(1, 2)]
    assert stored(seen, 1, 2) == ids(1, 2)
    assert seen.window(NOON - DAY, NOON + DAY) == []


async def test_what_a_source_announced_is_not_looked_up(seen: PaperStore) -> None:
    await poll([FakeSource([announces(paper(1))])], seen, 3 * DAY, NOON)
    archive = FakeArchive(paper(1))

    assert await named(seen, archive, 1).look_up(NOON) == NOTHING
    assert archive.asked == []


async def test_a_looked_up_paper_that_a_source_announces_later_is_news(seen: PaperStore) -> None:
    await named(seen, FakeArchive(paper(1)), 1).look_up(NOON)

    (told,) = await poll([FakeSource([announces(paper(1))])], seen, 3 * DAY, NOON + DAY)
    assert told.news == 1


async def test_an_unknown_id_is_asked_for_once_in_seven_days(seen: PaperStore) -> None:
    archive = FakeArchive(paper(1))
    examples = named(seen, archive, 1, 9)

    assert await examples.look_up(NOON) == LookedUp(asked=2, found=1, unknown=ids(9))
    assert await examples.look_up(NOON + 7 * DAY - HOUR) == NOTHING
    archive.papers = (paper(9),)
    assert await examples.look_up(NOON + 7 * DAY) == LookedUp(asked=1, found=1)
    assert await examples.look_up(NOON + 14 * DAY) == NOTHING


async def test_only_what_the_archive_may_know_is_looked_up(seen: PaperStore) -> None:
    archive = FakeArchive(paper(1))
    examples = Examples(lambda: [PaperId("doi:10.5555/a"), *ids(1)], seen, archive)

    assert await examples.look_up(NOON) == LookedUp(asked=1, found=1)
    assert archive.asked == [ids(1)]


async def test_a_first_day_is_spread_over_ticks_of_five_hundred(seen: PaperStore) -> None:
    numbers = range(1_101)
    archive = FakeArchive(*map(paper, numbers))
    examples = named(seen, archive, *numbers)

    assert [(await examples.look_up(NOON)).found for _ in range(4)] == [500, 500, 101, 0]
    assert [len(asked) for asked in archive.asked] == [100] * 11 + [1]
    assert [one for asked in archive.asked for one in asked] == ids(*numbers)


async def test_a_failure_keeps_what_came_before_and_waits_an_hour(seen: PaperStore) -> None:
    archive = FakeArchive(*map(paper, range(150)))
    whole, part = named(seen, archive, *range(150)), named(seen, archive, *range(100))
    await part.look_up(NOON)
    archive.answer = Failed("the server answered 500")

    assert await whole.look_up(NOON) == LookedUp(error="the server answered 500")
    assert len(stored(seen, *range(150))) == 100
    assert await whole.look_up(NOON + HOUR / 2) == NOTHING

    archive.answer = None
    assert await whole.look_up(NOON + HOUR) == LookedUp(asked=50, found=50)
    assert seen.sources()[archive.name].failures == 0


async def test_a_failure_is_on_record(seen: PaperStore) -> None:
    archive = FakeArchive(answer=Failed("the server answered 503", wait=2 * HOUR))
    await named(seen, archive, 1).look_up(NOON)

    state = seen.sources()[archive.name]
    assert (state.last_error, state.failures) == ("the server answered 503", 1)
    assert state.cursor.not_before == state.cursor.next_poll_at == NOON + 2 * HOUR


@pytest.mark.parametrize(
    ("wait", "retries"),
    [
        pytest.param(None, True, id="the_line_broke"),
        pytest.param(6 * HOUR, False, id="the_server_asked_to_be_left_alone"),
    ],
)
async def test_the_operator_may_ask_again_at_once_unless_the_service_forbids(
    seen: PaperStore, wait: timedelta | None, retries: bool
) -> None:
    archive = FakeArchive(answer=Failed("no", wait=wait))
    examples = named(seen, archive, 1)
    await examples.look_up(NOON)

    await examples.look_up(NOON, retry=True)

    assert len(archive.asked) == 1 + retries


async def test_a_clock_that_once_ran_years_ahead_stops_no_look_up(seen: PaperStore) -> None:
    archive = FakeArchive(paper(1), answer=Failed("no", wait=HOUR))
    await named(seen, archive, 1).look_up(NOON + 3650 * DAY)
    archive.answer = None

    assert await named(seen, archive, 1).look_up(NOON) == LookedUp(asked=1, found=1)


@pytest.mark.parametrize(
    "archive",
    [
        pytest.param(FakeArchive(answer=RuntimeError("ours")), id="in_asking"),
        pytest.param(FakeArchive(paper(1, title="\ud800")), id="in_storing"),
    ],
)
async def test_a_fault_over_what_comes_is_the_archives_failure(seen: PaperStore, archive: FakeArchive) -> None:
    done = await named(seen, archive, 1).look_up(NOON)

    assert done.error is not None
    assert done.error.endswith("over what it says")
    assert stored(seen, 1) == []
    assert seen.sources()[archive.name].failures == 1


def test_each_example_of_a_reader_in_force_is_named_once() -> None:
    ada = subscriber(
        "ada", profile(like=("2603.00001", "arXiv:2603.00002v2")), profile(dislike=("https://arxiv.org/abs/2603.00001",))
    )
    ben = subscriber("ben", profile(like=("lantern 7", "doi:10.5555/A", "arXiv:2603.00002")))
    away = subscriber("cyd", profile(like=("2603.00009",)), paused=True)

    assert named_by([ada, ben, away]) == [*ids(1, 2), "doi:10.5555/a"]
