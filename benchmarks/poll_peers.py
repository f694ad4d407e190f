"""Other programs that poll feeds, in virtual environments that are thrown away: rss2email, and reader, a library."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import quoteattr

from benchmarks.measure import tell

Command = Sequence[str | Path]

_READER = "import sys; from reader import make_reader; reader = make_reader(sys.argv[1]); "
_ADDS, _POLLS = "[reader.add_feed(one) for one in sys.argv[2:]]", "reader.update_feeds(scheduled=False, workers=10)"


@dataclass(frozen=True, slots=True)
class Peer:
    """A program, and what tells it of feeds, in a folder of its own, and returns the command that polls them."""

    name: str
    prepare: Callable[[Path, Sequence[str]], Command]


def installed(folder: Path) -> Sequence[Peer]:
    """Install the peers below *folder*, and return those that could be had."""
    rss2email, reader = folder / "rss2email", folder / "reader"
    peers = []
    if _has(rss2email, "rss2email"):
        peers.append(Peer("rss2email", lambda home, feeds: _rss2email(rss2email / "bin/r2e", home, feeds)))
    if _has(reader, "reader", "sgmllib3k"):  # its own copy of feedparser imports sgmllib
        peers.append(Peer("reader", lambda home, feeds: _reader(reader / "bin/python", home, feeds)))
    return peers


def _has(folder: Path, *packages: str) -> bool:
    """Install *packages* in an environment of their own; return whether that could be done, and tell if not."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [str(folder / "bin/python"), "-m", "pip", "--disable-pip-version-check", "--retries", "1"]
    done = subprocess.run([*pip, "install", *packages], check=False, capture_output=True).returncode == 0
    if not done:
        tell(f"{packages[0]}: skipped, pip cannot install it here")
    return done


def _rss2email(program: Path, home: Path, feeds: Sequence[str]) -> Command:
    outlines = "".join(f'<outline type="rss" text="feed{at}" xmlUrl={quoteattr(feed)}/>' for at, feed in enumerate(feeds))
    listed = home / "feeds.opml"
    listed.write_text(f'<opml version="1.0"><head/><body>{outlines}</body></opml>', encoding="utf-8")
    begin: list[str | Path] = [program, "-c", home / "rss2email.cfg", "-d", home / "rss2email.json"]
    for verb in (("new", "you@example.org"), ("opmlimport", str(listed))):
        subprocess.run([*begin, *verb], check=True, capture_output=True)
    return [*begin, "run", "--no-send"]


def _reader(python: Path, home: Path, feeds: Sequence[str]) -> Command:
    subprocess.run([python, "-c", _READER + _ADDS, home / "reader.db", *feeds], check=True)
    return [python, "-c", _READER + _POLLS, home / "reader.db"]
