"""Incidents of time: a clock that jumps, and runs that were missed in sleep. Papers are told once, and soon."""

from datetime import datetime, timedelta

import pytest

from digestd.pipeline.poll import Polled
from tests.incidents.scene import NO_MAIL, Scene, at
from tests.incidents.services import announces, feed

pytestmark = pytest.mark.asyncio(loop_scope="package")

DAY = timedelta(days=1)
THURSDAY, THURSDAY_MAIL = at("2026-03-05 06:00"), at("2026-03-05 08:00")
FRIDAY, FRIDAY_MAIL, SATURDAY_MAIL = at("2026-03-06 06:00"), at("2026-03-06 08:00"), at("2026-03-07 08:00")
WRONG = [
    pytest.param(at("2036-03-05 07:00"), id="ten_years_ahead"),
    pytest.param(at("1970-01-01 00:10"), id="at_its_beginning"),
]
BEHIND = pytest.param(at("2025-11-20 07:00"), id="a_hundred_days_behind")


@pytest.mark.parametrize("wrong", [*WRONG, BEHIND])
async def test_incident_18_what_came_while_the_clock_was_wrong_is_told_when_it_is_right(scene: Scene, wrong: datetime) -> None:
    scene.asks("feed")
    scene.site.serve("/feed", feed([1, 2]), etag='"1"')
    await scene.polls(THURSDAY)
    assert len(scene.digest(THURSDAY_MAIL).papers) == 2

    scene.site.serve("/feed", feed([1, 2, 3]), etag='"2"')
    await scene.polls(wrong)  # and the clock is put right before anything is composed

    scene.reopens()
    scene.site.serve("/feed", feed([1, 2, 3, 4]), etag='"3"')
    assert scene.due(FRIDAY) == ["feed"]
    assert await scene.polls(FRIDAY) == {"feed": Polled("feed", 4, 1)}
    assert scene.healths(FRIDAY) == {"feed": "fresh"}
    assert len(scene.digest(FRIDAY_MAIL).papers) + len(scene.digest(SATURDAY_MAIL).papers) == 2
    assert len(scene.told()) == len(set(scene.told())) == 4


@pytest.mark.parametrize("wrong", [*WRONG, BEHIND])
async def test_incident_18_a_digest_composed_by_a_wrong_clock_does_not_silence_those_after_it(
    scene: Scene, wrong: datetime
) -> None:
    scene.asks("feed")
    scene.site.serve("/feed", feed([1, 2]))
    await scene.polls(THURSDAY)
    scene.digest(THURSDAY_MAIL)
    scene.digest(wrong)

    for number, day in enumerate((FRIDAY, FRIDAY + DAY), 3):
        scene.site.serve("/feed", feed(range(1, number + 1)))
        await scene.polls(day)

    assert len(scene.digest(FRIDAY_MAIL).papers) + len(scene.digest(SATURDAY_MAIL).papers) == 2
    assert len(scene.told()) == len(set(scene.told())) == 4


@pytest.mark.parametrize("kind", ["arxiv", "huggingface", "pubmed"])
@pytest.mark.parametrize("wrong", WRONG)
async def test_incident_18_a_clock_that_is_put_right_lets_a_list_go_on(scene: Scene, kind: str, wrong: datetime) -> None:
    scene.asks(kind)
    for now, numbers in ((THURSDAY, [1]), (wrong, [1]), (FRIDAY, [1, 2])):
        announces(scene, kind, numbers, etag=f'"{now}"')
        told = await scene.polls(now)

    assert (told[kind].error, told[kind].news) == (None, 1)
    assert len(scene.news()) == 2
    assert scene.healths(FRIDAY) == {kind: "fresh"}
    assert scene.due(FRIDAY + DAY) == [kind]


async def test_incident_18_a_weekend_slept_through_is_one_digest(scene: Scene) -> None:
    scene.asks("feed")
    scene.site.serve("/feed", feed([1]))
    await scene.polls(THURSDAY)
    assert len(scene.digest(THURSDAY_MAIL).papers) == 1

    scene.site.serve("/feed", feed([1, 2]))
    await scene.polls(FRIDAY - DAY / 2)
    monday = at("2026-03-09 21:17")  # the lid is opened
    assert scene.due(monday) == ["feed"]
    scene.site.serve("/feed", feed([1, 2, 3]))
    await scene.polls(monday)

    assert len(scene.digest(monday).papers) == 1  # of the period that is over
    assert scene.digest(monday + timedelta(minutes=1)) == NO_MAIL
    assert len(scene.digest(at("2026-03-10 08:00")).papers) == 1
    assert len(scene.told()) == len(set(scene.told())) == 3
