"""Incidents of lists that announce by a calendar: repeated, stale, late, or rightly empty."""

from datetime import timedelta

import pytest

from digestd.pipeline.poll import Polled
from tests.incidents.scene import Scene, at
from tests.incidents.services import arxiv_ids, arxiv_items, arxiv_list
from tests.sources.arxiv_documents import found, harvest, harvest_error, record, row
from tests.sources.documents import rss

pytestmark = pytest.mark.asyncio(loop_scope="package")

THURSDAY, THURSDAY_MAIL = at("2026-03-05 12:00"), at("2026-03-06 08:00")  # that day's list has settled
FRIDAY, FRIDAY_NIGHT = at("2026-03-06 12:00"), at("2026-03-06 20:00")
SATURDAY_MAIL, SATURDAY = at("2026-03-07 08:00"), at("2026-03-07 12:00")
LG, AI = "/rss/cs.LG", "/rss/cs.AI"
BATCH = arxiv_list([1, 2])
CUT = rss(*arxiv_items(range(10, 2009), "replace"), *arxiv_items([3]))


@pytest.fixture
def arxiv(scene: Scene) -> Scene:
    scene.asks("arxiv")
    return scene


@pytest.fixture
def both(scene: Scene) -> Scene:
    scene.asks("arxiv", categories=("cs.LG", "cs.AI"))
    return scene


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(BATCH, id="the_same_bytes"),
        pytest.param(BATCH.replace("Thu, 05 Mar", "Fri, 06 Mar"), id="under_todays_date"),
        pytest.param(arxiv_list([2, 1]), id="in_another_order"),
    ],
)
async def test_incident_01_the_same_batch_twice(arxiv: Scene, again: str) -> None:
    arxiv.site.serve(LG, BATCH, etag='"1"')
    await arxiv.polls(THURSDAY)
    assert arxiv.digest(THURSDAY_MAIL).papers == tuple(arxiv_ids([1, 2]))

    arxiv.reopens()
    arxiv.site.serve(LG, again, etag='"2"')
    told = await arxiv.polls(FRIDAY)

    assert told["arxiv"].error is None
    assert told["arxiv"].news == 0
    assert arxiv.news() == arxiv_ids([1, 2])
    assert (arxiv.healths(FRIDAY), arxiv.healths(FRIDAY_NIGHT)) == ({"arxiv": "waiting"}, {"arxiv": "stale"})
    assert arxiv.cursor("arxiv").etag == '"2"'
    assert arxiv.row("arxiv", FRIDAY)["last_news_at"] == "2026-03-05T12:00:00Z"
    assert arxiv.digest(SATURDAY_MAIL).papers == ()


async def test_incident_02_one_category_stale_while_another_is_fresh(both: Scene) -> None:
    for path, numbers in ((LG, [1, 2]), (AI, [11, 12])):
        both.site.serve(path, arxiv_list(numbers), etag='"1"')
    await both.polls(THURSDAY)
    both.digest(THURSDAY_MAIL)

    both.site.serve(LG, arxiv_list([3]), etag='"2"')
    told = await both.polls(FRIDAY)

    assert told == {"arxiv:cs.LG": Polled("arxiv:cs.LG", 1, 1), "arxiv:cs.AI": Polled("arxiv:cs.AI")}
    assert both.healths(FRIDAY) == {"arxiv:cs.LG": "fresh", "arxiv:cs.AI": "stale"}
    assert both.cursor("arxiv:cs.AI").etag == '"1"'
    mail = both.digest(SATURDAY_MAIL)
    assert mail.papers == tuple(arxiv_ids([3]))
    assert "arxiv:cs.AI announced nothing new although something was due; its papers will follow once available." in mail.text


async def test_incident_02_what_a_stale_category_never_listed_is_asked_for_when_it_moves_again(both: Scene) -> None:
    for path, numbers in ((LG, [1, 2]), (AI, [11, 12])):
        both.site.serve(path, arxiv_list(numbers), etag='"1"')
    await both.polls(THURSDAY)
    both.site.serve(LG, arxiv_list([3]), etag='"2"')
    await both.polls(FRIDAY)

    monday = at("2026-03-09 06:00")
    for path, numbers in ((LG, [4]), (AI, [14])):
        both.site.serve(path, arxiv_list(numbers), etag='"3"')
    both.site.serve("/oai", harvest(*(record(f"2603.{n:05}", created="2026-03-05") for n in (12, 13))))
    await both.polls(monday)

    assert sorted(both.news()) == arxiv_ids([1, 2, 3, 4, 11, 12, 13, 14])
    assert set(both.healths(monday).values()) == {"fresh"}
    assert [one.path for one in both.site.requests if "/oai" in one.path] == [
        "/oai?verb=ListRecords&metadataPrefix=arXiv&set=cs:cs:AI&from=2026-03-05"
    ]


async def test_incident_03_a_list_under_yesterdays_date_is_news(arxiv: Scene) -> None:
    arxiv.site.serve(LG, BATCH, etag='"1"')
    await arxiv.polls(THURSDAY)
    arxiv.digest(THURSDAY_MAIL)

    arxiv.site.serve(LG, arxiv_list([3], pubDate="Thu, 05 Mar 2026 00:00:00 -0500"), etag='"2"')
    told = await arxiv.polls(FRIDAY)

    assert told == {"arxiv": Polled("arxiv", 1, 1)}
    assert arxiv.healths(FRIDAY_NIGHT) == {"arxiv": "fresh"}
    mail = arxiv.digest(SATURDAY_MAIL)
    assert mail.papers == tuple(arxiv_ids([3]))
    assert "nothing new" not in mail.text


async def test_incident_04_a_left_over_run_before_the_real_batch(arxiv: Scene) -> None:
    until_midnight = {"Cache-Control": "max-age=84600"}
    arxiv.site.serve(LG, BATCH, etag='"1"')
    await arxiv.polls(THURSDAY)

    early = at("2026-03-06 05:30")
    arxiv.site.serve(LG, BATCH.replace("Thu, 05 Mar", "Fri, 06 Mar"), etag='"2"', headers=until_midnight)
    await arxiv.polls(early)
    assert arxiv.healths(early) == {"arxiv": "waiting"}
    assert arxiv.news() == arxiv_ids([1, 2])
    assert arxiv.due(at("2026-03-06 11:30")) == ["arxiv"]  # not at the midnight that max-age promises

    arxiv.reopens()
    arxiv.site.serve(LG, arxiv_list([3]), etag='"3"', headers=until_midnight)
    assert await arxiv.polls(at("2026-03-06 11:30")) == {"arxiv": Polled("arxiv", 1, 1)}
    assert arxiv.healths(FRIDAY_NIGHT) == {"arxiv": "fresh"}
    assert arxiv.news() == arxiv_ids([1, 2, 3])
    assert arxiv.digest(SATURDAY_MAIL).papers == tuple(arxiv_ids([1, 2, 3]))


@pytest.mark.parametrize(
    ("last_list", "now"),
    [
        pytest.param("2026-03-06 12:00", "2026-03-07 12:00", id="saturday"),
        pytest.param("2026-03-06 12:00", "2026-03-08 12:00", id="sunday_on_which_summer_time_begins"),
        pytest.param("2026-03-06 12:00", "2026-03-09 03:30", id="before_midnight_in_new_york_in_summer_time"),
        pytest.param("2026-10-30 12:00", "2026-11-01 12:00", id="sunday_on_which_summer_time_ends"),
        pytest.param("2026-10-30 12:00", "2026-11-02 04:30", id="before_midnight_in_new_york_in_winter_time"),
        pytest.param("2026-11-25 12:00", "2026-11-26 12:00", id="thanksgiving"),
        pytest.param("2026-11-26 12:00", "2026-11-27 12:00", id="after_thanksgiving"),
        pytest.param("2026-12-24 12:00", "2026-12-25 12:00", id="christmas"),
    ],
)
async def test_incident_08_an_empty_list_on_a_day_of_rest(arxiv: Scene, last_list: str, now: str) -> None:
    arxiv.site.serve(LG, arxiv_list(range(1, 21)), etag='"1"')
    await arxiv.polls(at(last_list))
    told_before = arxiv.news()

    arxiv.site.serve(LG, arxiv_list([]), etag='"2"')

    assert await arxiv.polls(at(now)) == {"arxiv": Polled("arxiv")}
    assert arxiv.healths(at(now)) == {"arxiv": "quiet"}
    assert arxiv.row("arxiv", at(now))["last_error"] is None
    assert arxiv.news() == told_before
    assert [one.path for one in arxiv.site.requests] == [LG, LG]


@pytest.mark.parametrize(
    ("last_list", "now"),
    [
        pytest.param("2026-03-06 12:00", "2026-03-09 04:30", id="monday_after_summer_time_began"),
        pytest.param("2026-10-30 12:00", "2026-11-02 05:30", id="monday_after_summer_time_ended"),
        pytest.param("2026-11-26 12:00", "2026-11-30 12:00", id="monday_after_thanksgiving"),
    ],
)
async def test_incident_08_an_empty_list_on_a_working_day_is_a_failure(arxiv: Scene, last_list: str, now: str) -> None:
    arxiv.site.serve(LG, arxiv_list(range(1, 21)), etag='"1"')
    await arxiv.polls(at(last_list))
    before = arxiv.validators("arxiv")

    arxiv.site.serve(LG, arxiv_list([]), etag='"2"')

    assert (await arxiv.polls(at(now)))["arxiv"].error == "no papers, where there were 20 at the last poll"
    assert arxiv.validators("arxiv") == before
    assert arxiv.row("arxiv", at(now))["health"] == "failing"


@pytest.mark.parametrize(
    ("last_list", "midnight"),
    [
        pytest.param("2026-03-06 12:00", "2026-03-09 04:00", id="after_summer_time_began"),
        pytest.param("2026-10-30 12:00", "2026-11-02 05:00", id="after_summer_time_ended"),
    ],
)
async def test_incident_08_a_list_is_waited_for_from_midnight_in_new_york(arxiv: Scene, last_list: str, midnight: str) -> None:
    arxiv.site.serve(LG, BATCH, etag='"1"')
    await arxiv.polls(at(last_list))

    healths = {}
    for minutes in (-1, 0, 12 * 60, 12 * 60 + 1):
        now = at(midnight) + timedelta(minutes=minutes)
        assert await arxiv.polls(now) == {"arxiv": Polled("arxiv")}
        healths[minutes] = arxiv.healths(now)["arxiv"]

    assert healths == {-1: "quiet", 0: "waiting", 720: "waiting", 721: "stale"}


async def test_incident_08_a_list_is_news_over_a_holiday_weekend_and_a_change_of_clocks(arxiv: Scene) -> None:
    """Poll through Thanksgiving and the weekend after it: nothing is told twice, and nobody is alarmed."""
    days = {"25": [1], "26": [2], "27": [], "28": [], "29": [], "30": [3]}
    healths = []
    for day, numbers in days.items():
        arxiv.site.serve(LG, arxiv_list(numbers), etag=f'"{day}"')
        await arxiv.polls(at(f"2026-11-{day} 12:00"))
        healths.append(arxiv.healths(at(f"2026-11-{day} 12:00"))["arxiv"])

    assert arxiv.news() == arxiv_ids([1, 2, 3])
    assert healths == ["fresh", "quiet", "quiet", "quiet", "quiet", "fresh"]
    assert {one.path for one in arxiv.site.requests} == {LG}


async def test_incident_06_a_list_of_two_thousand_is_made_whole(arxiv: Scene) -> None:
    arxiv.site.serve(LG, BATCH, etag='"1"')
    await arxiv.polls(THURSDAY)
    arxiv.digest(THURSDAY_MAIL)

    arxiv.site.serve(LG, CUT, etag='"2"')
    arxiv.site.serve("/api/query", found(*(row(f"2603.{n:05}", title=f"Lantern number {n}") for n in (2, 3, 4))))

    assert await arxiv.polls(FRIDAY) == {"arxiv": Polled("arxiv", 2002, 2)}
    assert sorted(arxiv.news()) == arxiv_ids([1, 2, 3, 4])
    assert arxiv.healths(FRIDAY) == {"arxiv": "fresh"}
    mail = arxiv.digest(SATURDAY_MAIL)
    assert sorted(mail.papers) == arxiv_ids([3, 4])
    assert "could not be read" not in mail.text


async def test_incident_06_a_list_of_two_thousand_that_cannot_be_made_whole(arxiv: Scene) -> None:
    arxiv.site.serve(LG, BATCH, etag='"1"')
    await arxiv.polls(THURSDAY)
    arxiv.digest(THURSDAY_MAIL)

    arxiv.site.serve(LG, CUT, etag='"2"')
    arxiv.site.serve("/api/query", status=503)
    told = (await arxiv.polls(FRIDAY))["arxiv"]

    assert (told.papers, told.news) == (2000, 1)  # what came is kept
    assert told.error is not None
    assert told.error.startswith("arXiv cut this list at 2,000 entries")
    assert arxiv.healths(FRIDAY) == {"arxiv": "failing"}
    assert arxiv.row("arxiv", FRIDAY)["last_error"] == told.error
    assert arxiv.validators("arxiv") == (None, None, None)  # the next poll must not hear that nothing has changed
    assert "arXiv could not be read; its papers will follow once" in arxiv.digest(SATURDAY_MAIL).text

    arxiv.reopens()
    arxiv.site.serve("/api/query", found(*(row(f"2603.{n:05}", title=f"Lantern number {n}") for n in (3, 4))))
    assert (await arxiv.polls(SATURDAY))["arxiv"].news == 1
    assert arxiv.healths(SATURDAY) == {"arxiv": "quiet"}
    assert sorted(arxiv.news()) == arxiv_ids([1, 2, 3, 4])


async def test_a_list_that_was_read_too_soon_is_asked_for_on_the_next_day(arxiv: Scene) -> None:
    """Just after midnight it was yesterday's still, and nobody looked again on that day."""
    arxiv.site.serve("/oai", harvest(record("2603.00002", created="2026-03-04", title="Lantern number 2")))
    for day, numbers in ((5, [1]), (6, [3])):
        arxiv.site.serve(LG, arxiv_list(numbers), etag=f'"{day}"')
        assert (await arxiv.polls(at(f"2026-03-0{day} 05:05")))["arxiv"].error is None

    assert sorted(arxiv.news()) == arxiv_ids([1, 2, 3])


async def test_a_list_of_which_only_a_left_over_was_read_is_asked_for_on_the_next_day(arxiv: Scene) -> None:
    arxiv.site.serve("/oai", harvest(record("2603.00003", created="2026-03-04", title="Lantern number 3")))
    for now, numbers in (("2026-03-04 12:00", [1]), ("2026-03-05 05:30", [2]), ("2026-03-06 06:00", [4])):
        arxiv.site.serve(LG, arxiv_list(numbers), etag=f'"{now}"')
        await arxiv.polls(at(now))

    assert sorted(arxiv.news()) == arxiv_ids([1, 2, 3, 4])


async def test_who_looks_every_hour_never_catches_up_but_after_the_first_day(arxiv: Scene) -> None:
    arxiv.site.serve("/oai", harvest(record("2603.00001", created="2026-03-02", title="Lantern number 1")))
    for hour in range(24 * 8):
        now = at("2026-03-03 05:10") + timedelta(hours=hour)
        day = now - timedelta(hours=5)
        arxiv.site.serve(LG, arxiv_list([day.day] if day.weekday() < 5 else []), etag=f'"{day.day}"')
        assert (await arxiv.polls(now))["arxiv"].error is None

    assert [one.path for one in arxiv.site.requests if "/oai" in one.path] == [
        "/oai?verb=ListRecords&metadataPrefix=arXiv&set=cs:cs:LG&from=2026-03-02"
    ]


async def test_a_week_of_which_nobody_knows_anything_is_no_quiet_week(arxiv: Scene) -> None:
    arxiv.site.serve(LG, arxiv_list(range(1, 13)), etag='"2"')
    await arxiv.polls(at("2026-03-02 12:00"))
    arxiv.site.serve(LG, arxiv_list(range(21, 33)), etag='"6"')
    arxiv.site.serve("/oai", harvest_error("noRecordsMatch"))
    arxiv.site.serve("/api/query", found())

    told = (await arxiv.polls(FRIDAY))["arxiv"]
    assert told.news == 12
    assert told.error == (
        "announcements of 2026-03-03 to 2026-03-05 could not be caught up: "
        "arXiv's other services found no papers, not even today's"
    )

    arxiv.site.serve("/oai", harvest(*(record(f"2603.{n:05}", created="2026-03-03", title=f"Lantern {n}") for n in (13, 14))))
    assert (await arxiv.polls(FRIDAY_NIGHT))["arxiv"].news == 2
    assert arxiv.healths(FRIDAY_NIGHT) == {"arxiv": "fresh"}
