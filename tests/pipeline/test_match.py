"""What matching is told: who reads, what is rare since midnight, and which papers readers named."""

from datetime import UTC, datetime, timedelta

import pytest

from digestd.matching.corpus import Corpus
from digestd.matching.matcher import Matcher
from digestd.model.paper import Paper
from digestd.model.source import Cursor, Fetched
from digestd.pipeline.match import RECENT, examples, named, prepared
from digestd.ports import SeenPapers
from digestd.storage import Database, PaperStore
from tests.support.builders import DAY, NOON, paper, profile, subscriber

ADA = subscriber("ada", profile("tide"))
MIDNIGHT = datetime(2026, 3, 5, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def seen(database: Database) -> SeenPapers:
    return PaperStore(database)


def sees(seen: SeenPapers, *papers: Paper, at: datetime) -> None:
    seen.record("arxiv", Fetched(papers, Cursor()), at)


def worth(matcher: Matcher, seen: SeenPapers, now: datetime) -> float:
    """Return the score of a paper on tides for Ada, prepared then."""
    look = prepared(matcher, [ADA], seen, now).look(Corpus([paper(1, "Tide", abstract="")]), {}, now)
    [[found]] = look.findings([ADA.id])[ADA.id]
    return found.score


@pytest.mark.parametrize(
    ("at", "counts"),
    [
        pytest.param(MIDNIGHT - SECOND, True, id="last_night"),
        pytest.param(MIDNIGHT, False, id="today"),
        pytest.param(MIDNIGHT - RECENT, True, id="four_weeks_ago"),
        pytest.param(MIDNIGHT - RECENT - SECOND, False, id="longer_ago"),
    ],
)
def test_what_became_news_in_the_four_weeks_before_midnight_says_what_is_rare(
    seen: SeenPapers, at: datetime, *, counts: bool
) -> None:
    untold = worth(Matcher(), seen, NOON)
    sees(seen, *(paper(number, "Tide") for number in range(500)), at=at)

    assert (worth(Matcher(), seen, NOON) < untold) is counts


def test_a_day_has_one_answer_and_the_next_another(seen: SeenPapers) -> None:
    matcher = Matcher()
    first = worth(matcher, seen, MIDNIGHT)
    sees(seen, *(paper(number, "Tide") for number in range(500)), at=MIDNIGHT + SECOND)

    assert worth(matcher, seen, MIDNIGHT + DAY - SECOND) == worth(Matcher(), seen, NOON) == first
    assert worth(matcher, seen, MIDNIGHT + DAY) < first


def test_examples_go_by_the_name_they_have_and_unknown_ones_are_left_out(seen: SeenPapers) -> None:
    sees(seen, paper(1), paper(2), paper(3), at=NOON)
    fan = subscriber(
        "ben", profile(like=("https://arxiv.org/abs/2603.00001v3", "2603.00009")), profile(dislike=("2603.00002", "?"))
    )

    assert [*named(fan)] == [paper(1).id, paper(9).id, paper(2).id]
    assert examples([fan, ADA], seen) == {paper(1).id: paper(1), paper(2).id: paper(2)}
    assert examples([], seen) == {}
