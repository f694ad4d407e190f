"""The outbox, a step at a time: what a delivery does in one exchange."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from digestd.model.delivery import Claim, Ended
from digestd.model.traffic import Wish
from digestd.ports import Outbox


def claim_from(outbox: Outbox, now: datetime, lease: timedelta, most: int) -> Sequence[Claim]:
    """Claim up to so many digests that are due."""
    (claims,) = outbox.exchange([], [Wish(most=most)], lease, now).claims
    return claims


def settle_in(outbox: Outbox, ended: Sequence[Ended], now: datetime) -> int:
    """Store how tries *ended*; return how many still held their claim."""
    return len(outbox.exchange(ended, [], timedelta(), now).held)
