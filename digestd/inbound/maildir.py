"""A Maildir on this machine (https://cr.yp.to/proto/maildir.html), where a mail server puts what comes back."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import structlog

from digestd.inbound.mailbox import AT_ONCE, MailboxTrouble
from digestd.inbound.mime import MOST

log = structlog.get_logger("digestd.inbound")


class Maildir:
    """The mailbox at *path*: a message is moved to `cur` and marked as seen when it was taken.

    What is no regular file is named once and left alone; a message that cannot be read does not stop those after it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._odd: set[Path] = set()

    def hand_over(self, take: Callable[[bytes], object]) -> None:
        if not self._path.exists():
            return  # a mail server makes it for the first message, as its own
        try:
            waiting = list(self._unseen())
        except OSError as trouble:
            raise MailboxTrouble(f"{_told(trouble)}; a Maildir has new, cur and tmp, which digestd must write") from trouble
        self._hand_over_all(waiting, take)

    def _hand_over_all(self, waiting: list[Path], take: Callable[[bytes], object]) -> None:
        """Hand over as many messages as one look takes. Raises MailboxTrouble at the end, for those that failed."""
        taken, troubles = 0, list[OSError]()
        for message in waiting:
            try:
                taken += _hand_over(message, take)
            except OSError as trouble:
                troubles.append(trouble)
            if taken == AT_ONCE:
                break
        if troubles:
            more = f" (and {len(troubles) - 1} more)" if len(troubles) > 1 else ""
            raise MailboxTrouble(f"{_told(troubles[0])}{more}") from troubles[0]

    def _unseen(self) -> Iterator[Path]:
        """Yield messages not taken yet, also those that a mail program has moved to `cur` to show them."""
        yield from self._messages("new")
        (self._path / "cur").mkdir(exist_ok=True)
        yield from (message for message in self._messages("cur") if "S" not in message.name.partition(":2,")[2])

    def _messages(self, folder: str) -> Iterator[Path]:
        with os.scandir(self._path / folder) as found:
            entries = sorted((entry.name, entry.is_file(follow_symlinks=False)) for entry in found)
        for name, regular in entries:
            path = self._path / folder / name
            if regular and not name.startswith("."):
                yield path
            elif not regular and path not in self._odd:
                self._odd.add(path)
                log.warning("inbound.no_message", path=str(path), why="not a regular file; take it away")


def _hand_over(message: Path, take: Callable[[bytes], object]) -> bool:
    """Hand over a message, and return whether it was there."""
    try:
        with open(message, "rb", opener=_opened) as file:
            content = file.read(MOST)
    except FileNotFoundError:
        return False  # somebody else was faster
    take(content)
    name, _, flags = message.name.partition(":2,")
    message.replace(message.parents[1] / "cur" / f"{name}:2,{''.join(sorted({*flags, 'S'}))}")
    return True


def _opened(path: str, flags: int) -> int:
    """Open a file, and nothing that was put in its place: a pipe would hold us for ever."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _told(trouble: OSError) -> str:
    return f"{trouble.filename}: {trouble.strerror or trouble}"
