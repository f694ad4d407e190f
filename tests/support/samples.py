"""Six made-up digests: of one paper, five, twenty, sixty, of a week, and of all that is nasty.

What they show, mark, count and hide is what matching finds and choosing keeps.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from functools import cache

from digestd.model.digest import Digest, DigestKey, Message, Section, message_id
from digestd.model.paper import Paper, PaperId
from digestd.model.period import Schedule
from digestd.model.subscriber import Profile, Subscriber
from digestd.pipeline.choose import chosen
from digestd.pipeline.match import named
from digestd.rendering import Editions, Letterhead, Page, Renderer, Signer
from tests.support.builders import DAY, NOON
from tests.support.finding import looks
from tests.support.mails import KEY, TEMPLATES
from tests.support.samples_demo import demo_papers
from tests.support.samples_learning import LEARNING
from tests.support.samples_nasty import NASTY
from tests.support.samples_nature import NATURE

KINDS = ("one", "five", "twenty", "sixty", "weekly", "nasty")
DOMAIN = "digest.example.org"
LETTERHEAD = Letterhead(
    name="Lantern Digest",
    address=f"digest@{DOMAIN}",
    list_id=f"papers.{DOMAIN}",
    contact=f"help@{DOMAIN}",
    base_url=f"https://{DOMAIN}",
    reply_to=f"help@{DOMAIN}",
    postal_address="Library of the Institute of Examples, 1 Quay Street, Tideford",
    bounce_address=f"bounce@{DOMAIN}",
)
_NASTY_LETTERHEAD = replace(
    LETTERHEAD,
    name='Läntern & "Tide" Digest, 灯笼\r\nBcc: המד \u202eyadiloH\u202c',
    postal_address="1 <Quay> & Sons\r\n\r\n.\r\nFrom Tideford",
)
_MORNING = Schedule("weekday", time(7, 30), "Europe/Berlin")
_ATTENTION = Profile("Sparse attention", ("sparse attention^2", "LoRA", "long context", "mixture of experts"), mute=("survey",))
_TIDES = Profile("Tides & moons", ("tid*", "exomoon*", "sea level"), authors=("Ravnborg, S.",))


@dataclass(frozen=True, slots=True)
class Sample:
    """A digest with all that it takes to make a mail of it."""

    digest: Digest
    papers: Mapping[PaperId, Paper]
    letterhead: Letterhead = LETTERHEAD

    def page(self) -> Page:
        return self._renderer().page(self.digest, self.papers)

    def message(self, signer: Signer, sent_at: datetime) -> Message:
        return self._renderer(signer).message(self.digest, self.papers, sent_at)

    def _renderer(self, signer: Signer | None = None) -> Renderer:
        return Renderer(Editions(TEMPLATES), self.letterhead, KEY, signer=signer)


@cache
def sample(kind: str) -> Sample:
    """Return the digest of one of KINDS."""
    makers = {"one": _one, "five": _five, "twenty": _twenty, "sixty": _sixty, "weekly": _weekly, "nasty": _nasty}
    return makers[kind]()


def _one() -> Sample:
    reader = Subscriber("ruiz@example.net", _MORNING, (Profile("Exomoons", ("exomoon*",)),), name="Doménica Ruiz")
    return _sample(reader, NATURE)


def _five() -> Sample:
    reader = Subscriber("aaltonen@example.net", _MORNING, (_ATTENTION, _TIDES), name="Zoë Ångström-Aaltonen", max_papers=5)
    return _sample(reader, [*LEARNING, *NATURE])


def _twenty() -> Sample:
    light = Profile("Light and instruments", ("light*", "instrument*", "spectrograph*"), max_papers=7)
    alike = Profile("Like my own papers", like=("arXiv:2613.01101", "10.5555/2026.03.03.640417"), max_papers=5)
    profiles = (replace(_ATTENTION, max_papers=6), replace(_TIDES, max_papers=5), light, alike)
    reader = Subscriber("obi@example.net", _MORNING, profiles, name="Emeka Obi")
    return _sample(reader, [*LEARNING, *NATURE, *demo_papers()])


def _sixty() -> Sample:
    machines = Profile("Learning machines", ("model*", "attention", "train*", "learn*", "network*"), max_papers=60)
    everything = Profile("All the rest", ("the", "we"), max_papers=60)
    reader = Subscriber("library@example.net", _MORNING, (machines, everything), name="Library of the Institute", max_papers=60)
    return _sample(reader, [*LEARNING, *NATURE, *demo_papers()])


def _weekly() -> Sample:
    weekly = Schedule("week", time(9), "Asia/Tokyo", on=3)
    proteins = Profile("Proteins", ("protein*", "binder*", "inverse folding"), authors=("Achterberg, N.",), max_papers=5)
    reader = Subscriber(
        "tsukimori@example.net", weekly, (_TIDES, proteins), name="月森 はるか (Haruka Tsukimori)", max_papers=12
    )
    made = _sample(reader, [*LEARNING, *NATURE, *demo_papers()])
    digest = replace(made.digest, since=NOON - 7 * DAY, looked_at=1_482, failing=("pubmed",), stale=("quiet instruments",))
    return replace(made, digest=digest)


def _nasty() -> Sample:
    signs = Profile("潮汐 · المد والجزر · גאות ושפל", ("الفوانيس^9", "פנסים^7", "灯笼", "灯台"))
    words = Profile("Lanterns & <tides> \u202e\r\nBcc: eve@example.net", ("lantern*", "lanternophoto*"))
    name = 'Zoë "Zed" Ångström, <zed@example.org>\r\nBcc: x@example.net 王小明 \u202eאבג 🏮'
    reader = Subscriber("reader+nasty=1@example.net", Schedule(), (signs, words), name=name, max_papers=40)
    made = _sample(reader, NASTY)
    digest = replace(made.digest, failing=("Journal <of> Tides\r\nX: y", "灯笼学报", "\u202eesrever\u202c"))
    return replace(made, digest=digest, letterhead=_NASTY_LETTERHEAD)


def _sample(reader: Subscriber, papers: Sequence[Paper]) -> Sample:
    """Return the digest of a reader to whom all *papers* are news, but those named as examples."""
    key = DigestKey(reader.id, reader.schedule.latest_period(NOON).key)
    digest = Digest(
        key=key,
        message_id=message_id(key, DOMAIN),
        since=NOON - DAY,
        until=NOON,
        email=reader.email,
        name=reader.name,
        schedule=reader.schedule,
        sections=tuple(_sections(reader, papers)),
        looked_at=len(papers) + 150,
    )
    return Sample(digest, {paper.id: paper for paper in papers})


def _sections(reader: Subscriber, papers: Sequence[Paper]) -> Iterator[Section]:
    """Yield what each profile of *reader* tells."""
    news = [paper for paper in papers if paper.id not in named(reader)]
    look = looks([reader], news, recent=papers, known=papers)
    found = look.findings([reader.id])[reader.id]
    for profile, choice in zip(reader.profiles, chosen(reader, found), strict=True):
        over, hidden = (tuple(map(look.id, some)) for some in (choice.overflow, choice.hidden))
        yield Section(profile.name, look.matches(profile, choice.shown), over, hidden)
