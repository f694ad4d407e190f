"""From a digest to signed bytes: ten thousand readers, twenty of two thousand made-up papers each, against the plain stack.

The plain stack renders the same text and HTML with jinja2 for each mail, builds it as an EmailMessage and signs it with dkimpy.
Both take turns on the same digests; of each mail the CPU time counts, and medians are compared.
"""

import base64
import random
import statistics
import textwrap
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import TypeVar

import dkim
import jinja2
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from jinja2.filters import do_mark_safe

from benchmarks.measure import tell
from digestd.model.digest import Digest, DigestKey, Evidence, Match, Section, message_id
from digestd.model.paper import Identifiers, Links, Paper, PaperId
from digestd.model.period import PeriodKey, Schedule
from digestd.model.subscriber import SubscriberId
from digestd.rendering import ENGLISH, Editions, Letterhead, Renderer, Signer, rsa_key
from digestd.rendering.sayings import sayings
from digestd.rendering.sheet import Day, sheet
from digestd.rendering.templates import FILTERS

READERS, PAPERS, EACH = 10_000, 2_000, 20
PLAIN_READERS = 300  # more would only take longer
MOST_PER_MAIL, LEAST_RATIO = 1.0, 12.0  # milliseconds, times
DOMAIN, SELECTOR = "digest.example.org", "bench"
KEY = b"a made-up key of enough bytes"
NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
TEMPLATES = {path.name: path.read_text(encoding="utf-8") for path in (Path(__file__).parents[1] / "templates").glob("*.j2")}
LETTERHEAD = Letterhead("digestd", f"digest@{DOMAIN}", f"papers.{DOMAIN}", "admin@example.org", f"https://{DOMAIN}")
ROOM = 600  # characters of an abstract, as in ours

Mail = Callable[[Digest], bytes]
Given = TypeVar("Given")


def main() -> None:
    """Tell the CPU time of a mail, and how many times less it is than the plain stack's."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    papers = {one.id: one for one in made_up_papers()}
    key = rsa_key(SELECTOR, pem.decode())
    renderer = Renderer(Editions(TEMPLATES), LETTERHEAD, KEY, signer=Signer(DOMAIN, [key]))
    digests, others = digests_of(papers), digests_of(papers, 500, 2_000)

    def make(digest: Digest) -> bytes:
        return renderer.message(digest, papers, NOW).content

    ours, theirs = _race(make, plain_stack(papers, pem), digests)
    apart = [_seconds(make, digest) for digest in others]
    public = base64.b64encode(private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    _check(renderer.message(digests[-1], papers, NOW).content, b"v=DKIM1; k=rsa; p=" + public)
    _tell(ours, theirs)
    tell(f"          where each reader has words of his own {1000 * statistics.median(apart):.2f} ms")
    alone = [_seconds(key.sign, str(number).encode()) for number in range(1_000)]
    tell(f"          of which {1000 * statistics.median(alone):.2f} ms is the operation with the private key alone")


def _race(ours: Mail, theirs: Mail, digests: list[Digest]) -> tuple[list[float], list[float]]:
    """Return the CPU seconds of each mail of ours, and of some of theirs in between."""
    every = len(digests) // PLAIN_READERS
    spent: list[float] = []
    others: list[float] = []
    for at, digest in enumerate(digests):
        spent.append(_seconds(ours, digest))
        if at % every == 0:
            others.append(_seconds(theirs, digest))
    return spent, others


def _seconds(make: Callable[[Given], bytes], given: Given) -> float:
    begin = time.process_time()
    make(given)
    return time.process_time() - begin


def _tell(ours: list[float], theirs: list[float]) -> None:
    each, other = 1000 * statistics.median(ours), 1000 * statistics.median(theirs)
    first, mean = 1000 * statistics.fmean(ours[:500]), 1000 * statistics.fmean(ours)
    ratio = other / each
    tell(f"render    {each:.2f} ms of CPU, digest to signed bytes: {ratio:.0f} times less than the plain stack, {other:.1f} ms")
    tell(f"          mean {mean:.2f} ms; of the first 500, for which nothing is ready, {first:.2f} ms")
    if each > MOST_PER_MAIL or ratio < LEAST_RATIO:
        tell(f"          over the line: at most {MOST_PER_MAIL} ms, at least {LEAST_RATIO:.0f} times less")


def _check(mail: bytes, record: bytes) -> None:
    assert dkim.verify(mail, dnsfunc=lambda *_, **__: record), "the signature is wrong"


def plain_stack(papers: dict[PaperId, Paper], pem: bytes) -> Mail:
    """Return what makes a mail as the libraries' own pages show it."""
    jinja = jinja2.Environment(autoescape=jinja2.select_autoescape(("html.j2",)), trim_blocks=True, lstrip_blocks=True)
    jinja.loader = jinja2.DictLoader(TEMPLATES)
    jinja.filters |= {**FILTERS, "wrap": _wrap}
    jinja.globals |= sayings(ENGLISH)

    def make(digest: Digest) -> bytes:
        whole = sheet(digest, papers, ENGLISH, LETTERHEAD, "token")
        names = {**vars(whole), "cards": lambda name, _, day: _cards(jinja.get_template(name), day)}
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"] = LETTERHEAD.address, digest.email
        mail["Subject"] = jinja.get_template("subject.txt.j2").render(names)
        mail["Message-ID"] = digest.message_id
        mail.set_content(jinja.get_template("digest.txt.j2").render(names), cte="quoted-printable")
        mail.add_alternative(jinja.get_template("digest.html.j2").render(names), subtype="html", cte="quoted-printable")
        content = mail.as_bytes()
        return (
            bytes(dkim.sign(content, SELECTOR.encode(), DOMAIN.encode(), pem, canonicalize=(b"relaxed", b"relaxed"))) + content
        )

    return make


def _cards(template: jinja2.Template, day: Day) -> str:
    text = "".join(template.render(card=card) for card in day.cards)
    return do_mark_safe(text) if str(template.name).endswith("html.j2") else text


def _wrap(text: str, indent: int = 0, first: str = "") -> str:
    margin = " " * indent
    return textwrap.fill(text, 72, initial_indent=first or margin, subsequent_indent=margin, break_long_words=False)


def made_up_papers() -> Iterator[Paper]:
    chance = random.Random(1)
    words = ["".join(chance.choices("abcdefghilmnoprstuv", k=chance.randint(2, 11))) for _ in range(4_000)]
    for number in range(PAPERS):
        arxiv = f"2603.{number:05}"
        yield Paper(
            id=PaperId(f"arXiv:{arxiv}"),
            title=" ".join(chance.choices(words, k=10)).capitalize(),
            abstract=". ".join(" ".join(chance.choices(words, k=18)).capitalize() for _ in range(9)) + " – in $O(n\\log n)$.",
            authors=tuple(" ".join(chance.choices(words, k=2)).title() for _ in range(chance.randint(1, 9))),
            categories=("cs.LG", "cs.CL"),
            published=NOW,
            sources=("arXiv",),
            links=Links(f"https://arxiv.org/abs/{arxiv}", f"https://arxiv.org/pdf/{arxiv}"),
            ids=Identifiers(arxiv=arxiv),
        )


def digests_of(papers: dict[PaperId, Paper], ways: int = 12, readers: int = READERS) -> list[Digest]:
    """Return a digest for each reader; a paper can be found in so many *ways*, some by many readers, and most by few."""
    chance = random.Random(ways)
    known = list(papers.values())
    found = {one.id: [*_ways_to_find(one, ways, chance)] for one in known}
    return [_digest(number, chance.sample(known, EACH), found, chance) for number in range(readers)]


def _ways_to_find(paper: Paper, ways: int, chance: random.Random) -> Iterator[tuple[Evidence, ...]]:
    words = paper.abstract.split()
    for _ in range(ways):
        at = chance.randrange(len(words) - 3)
        start = len(" ".join(words[:at])) + (at > 0)
        text = " ".join(words[at : at + 2])
        yield (Evidence(text, "abstract", start, start + len(text), 1.0, text),)


def _digest(number: int, shown: list[Paper], found: dict[PaperId, list[tuple[Evidence, ...]]], chance: random.Random) -> Digest:
    key = DigestKey(SubscriberId(f"reader{number}@example.org"), PeriodKey("daily/2026-03-05"))
    # Of twelve ways each is taken half as often as the one before: a paper has few popular words, and many that few ask for.
    ways = [found[one.id][int(chance.expovariate(8 / len(found[one.id]))) % len(found[one.id])] for one in shown]
    matches = tuple(Match(one.id, "Lanterns", 1.0, way) for one, way in zip(shown, ways, strict=True))
    sections = (Section("Lanterns", matches[:12]), Section("Tides", matches[12:]))
    return Digest(
        key=key,
        message_id=message_id(key, DOMAIN),
        since=NOW - timedelta(days=1),
        until=NOW,
        email=key.subscriber,
        name=f"Reader {number}",
        schedule=Schedule(),
        sections=sections,
        looked_at=PAPERS,
    )


if __name__ == "__main__":
    main()
