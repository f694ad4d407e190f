"""An installation whose papers, readers, mail server and time are ours, on either database."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from digestd.storage import Address
from tests.crash.judge import Verdict, judge
from tests.crash.mail import MailServer
from tests.support.builders import DAY, NOON
from tests.support.site import Site, make_site
from tests.support.web import Site as Web

CONNECTIONS = 3
LISTED = 60  # as many papers does the source list at most

SETTINGS = """\
database = "{database}"
contact = "admin@example.org"

[sender]
address = "digest@example.org"

[smtp]
host = "127.0.0.1"
port = {port}
connections = {connections}

[digest]
max_papers = 100

[deliver]
processes = 2

[poll]
every = 0
per_host_gap = 0
allow_private = true

[[sources]]
kind = "feed"
name = "Annals"
url = "{web}/feed.json"
"""
READER = """\
email = "{email}"
schedule = {{ every = "day", at = "07:30", timezone = "UTC" }}

[[profiles]]
name = "Papers"
keywords = {keywords}
"""
_KEYWORDS = (["lantern*"], ["kite*"], ["lantern*", "kite*"])


class Scene:
    """What a test acts in. Time stands still until it is moved."""

    def __init__(self, site: Site, address: Address, web: Web, mail: MailServer, readers: int) -> None:
        self.site, self.address, self.web, self.mail = site, address, web, mail
        self.now = NOON
        self._readers = readers
        self._items: list[dict[str, str]] = []
        self.grow(4)

    def grow(self, number: int) -> None:
        """Let the source announce *number* more papers."""
        first = len(self._items)
        self._items += [_paper(paper, self.now) for paper in range(first, first + number)]
        feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Annals", "items": self._items[: -LISTED - 1 : -1]}
        self.web.serve("/feed.json", json.dumps(feed))

    def begin(self, *words: str, ahead: timedelta = timedelta()) -> ForkServerProcess:
        """Begin a life of digestd at the time that it is, or some time *ahead*."""
        return self.site.begin("--now", (self.now + ahead).isoformat(), *words)

    def live(self, *words: str, ahead: timedelta = timedelta()) -> int:
        """Let digestd do something and end by itself; return its exit code."""
        life = self.begin(*words, ahead=ahead)
        life.join(60)
        assert life.exitcode is not None, f"{words} does not end"
        return life.exitcode

    def come_to_rest(self) -> Verdict:
        """Let two days pass without trouble, and return what the mail server's log proves then."""
        for _ in range(3):
            self.now += DAY
            assert self.live("tick") == 0, self.said()
        # A reader of documents whose digestd was killed says so of its pipe.
        assert self.said().count("Traceback") == self.said().count("BrokenPipeError: [Errno 32]"), self.said()
        return judge(self.mail.log, self.wanted())

    def wanted(self) -> Mapping[str, Sequence[int]]:
        """Return the papers that each reader asked for, of all that the source has announced."""
        return {
            _email(reader): [paper for paper in range(len(self._items)) if _wants(reader, paper)]
            for reader in range(self._readers)
        }

    def said(self) -> str:
        return (self.site.folder / "said").read_text(encoding="utf-8", errors="replace")


@contextmanager
def scene(folder: Path, address: Address, web: Web, *, readers: int = 6, delay: float = 0.0) -> Iterator[Scene]:
    """Set an installation up on the database at *address*, with a mail server that takes *delay* seconds for a mail."""
    database = f"sqlite:///{address}" if isinstance(address, Path) else str(address)
    with MailServer(folder, delay) as mail:
        settings = SETTINGS.format(database=database, port=mail.port, connections=CONNECTIONS, web=web.url())
        files = {f"{number}.toml": reader_file(number) for number in range(readers)}
        yield Scene(make_site(folder / "site", settings, files), address, web, mail, readers)


def reader_file(number: int) -> str:
    return READER.format(email=_email(number), keywords=json.dumps(_KEYWORDS[number % 3]))


def _email(reader: int) -> str:
    return f"reader{reader}@example.org"


def _wants(reader: int, paper: int) -> bool:
    return f"{_about(paper)}*" in _KEYWORDS[reader % 3]


def _about(paper: int) -> str:
    return ("lantern", "kite", "lantern", "granite")[paper % 4]


def _paper(number: int, at: datetime) -> dict[str, str]:
    address = f"https://annals.example.org/{number}"
    title = f"Paper {number} on {_about(number)}s"
    return {"id": address, "url": address, "title": title, "summary": "We look at it.", "date_published": at.isoformat()}
