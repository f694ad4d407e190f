"""How the log tells what came of a try."""

import pytest
import structlog

from digestd.model.delivery import Accepted, Claim, Deferred, Outcome, Rejected, Uncertain
from digestd.pipeline.round import Round
from tests.support.builders import DAY, NOON, digest


@pytest.mark.parametrize(
    ("outcome", "level"),
    [
        pytest.param(Accepted("250 ok"), "info", id="accepted"),
        pytest.param(Deferred("451 later"), "info", id="deferred"),
        pytest.param(Uncertain("the line broke"), "warning", id="may_have_arrived"),
        pytest.param(Rejected("550 no such reader", "address"), "info", id="a_dead_address"),
        pytest.param(Rejected("550 5.7.26 not authenticated", "ours"), "error", id="our_fault"),
    ],
)
def test_a_try_is_told_as_loud_as_it_matters(outcome: Outcome, level: str) -> None:
    claim = Claim(digest("ada"), 1, 0, NOON, NOON + DAY)
    with structlog.testing.capture_logs() as events:
        Round().report(claim, outcome, held=True)

    (event,) = events
    assert (event["log_level"], event["digest"], event["settled"]) == (level, claim.digest.message_id, True)
    assert "held" not in event
