"""Where messages wait for us: what every mailbox can do."""

from collections import Counter
from collections.abc import Callable
from typing import Protocol

from digestd.inbound.desk import Desk
from digestd.model.standing import Intake

AT_ONCE = 500  # messages in one look; the next look takes the rest


class MailboxTrouble(Exception):
    """The mailbox cannot be read; the text says which, and why. Its messages wait there."""


class Mailbox(Protocol):
    """A place where messages come in. It is told apart there which were taken, so that none is lost and none comes twice."""

    def hand_over(self, take: Callable[[bytes], object]) -> None:
        """Give each new message to *take*, and mark it as taken after that.

        Raises MailboxTrouble, and whatever *take* raises: that message stays new.
        """
        ...


def take_all(mailbox: Mailbox, desk: Desk) -> Intake:
    """Take what waits in *mailbox*; return what it was, and why not all was had, if so."""
    tally: Counter[str] = Counter()

    def take(content: bytes) -> None:
        tally[str(desk.take(content))] += 1

    try:
        mailbox.hand_over(take)
    except MailboxTrouble as trouble:
        return Intake(tally, str(trouble))
    return Intake(tally)
