"""Made-up papers, readers and digests, as short as a test can say them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from digestd.model.digest import Digest, DigestKey, Evidence, Match, Section, message_id
from digestd.model.paper import Identifiers, Links, Paper, PaperId
from digestd.model.period import PeriodKey, Schedule
from digestd.model.subscriber import Profile, Subscriber, SubscriberId

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def paper(number: int, title: str = "", **fields: Any) -> Paper:
    """Return the made-up arXiv paper of that number."""
    arxiv = f"2603.{number:05}"
    plain: dict[str, Any] = {
        "id": PaperId(f"arXiv:{arxiv}"),
        "title": title or f"Paper {number} on tidal lanterns",
        "abstract": f"We light lantern number {number} and watch the tide.",
        "authors": ("Ada Quill",),
        "categories": ("cs.LG",),
        "published": NOON,
        "sources": ("arxiv",),
        "links": Links(f"https://arxiv.org/abs/{arxiv}"),
        "ids": Identifiers(arxiv=arxiv),
        "version": 1,
    }
    return Paper(**(plain | fields))


def profile(*keywords: str, name: str = "Lanterns", **fields: Any) -> Profile:
    return Profile(name=name, keywords=keywords, **fields)


def subscriber(name: str = "ada", *profiles: Profile, **fields: Any) -> Subscriber:
    plain: dict[str, Any] = {
        "email": f"{name}@example.org",
        "name": name.title(),
        "schedule": Schedule(),
        "profiles": profiles or (profile("lantern*"),),
    }
    return Subscriber(**(plain | fields))


def match(shown: Paper, *words: str, profile: str = "Lanterns", score: float = 1.0) -> Match:
    """Return a match of *shown* whose evidence is each of *words*, found in its title or abstract."""
    return Match(shown.id, profile, score, tuple(_evidence(shown, word) for word in words))


def digest(name: str = "ada", *shown: Paper, day: str = "2026-03-05", **fields: Any) -> Digest:
    """Return a digest that shows *shown* to the reader of that name."""
    key = DigestKey(SubscriberId(f"{name}@example.org"), PeriodKey(f"daily/{day}"))
    plain: dict[str, Any] = {
        "key": key,
        "message_id": message_id(key, "digest.example.org"),
        "since": NOON - DAY,
        "until": NOON,
        "email": f"{name}@example.org",
        "name": name.title(),
        "schedule": Schedule(),
        "sections": (Section("Lanterns", tuple(match(one) for one in shown)),),
        "looked_at": len(shown),
    }
    return Digest(**(plain | fields))


def _evidence(shown: Paper, word: str) -> Evidence:
    if (start := shown.title.find(word)) >= 0:
        return Evidence(word, "title", start, start + len(word), 1.0, word)
    start = shown.abstract.index(word)
    return Evidence(word, "abstract", start, start + len(word), 1.0, word)
