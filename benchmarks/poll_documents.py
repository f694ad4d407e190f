"""Made-up feeds for the polling benchmark: arXiv's RSS as it comes, and RSS and Atom of journals; the same bytes every time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from xml.sax.saxutils import escape

_SPACES = 'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"'
_GIVEN, _FAMILIES = ("Ada", "Bo", "Zoe", r"J\"urgen", "Mina", "Per"), ("Quill", "Reed", r"Nov\'ak", "Tidewater", "Ferr", "Lund")
_LETTERS = "abdefghiklmnoprstuvw"
_WORDS_OF_ABSTRACT, _WORDS_OF_TITLE = 165, 10  # about 1,200 characters, as arXiv's have


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper that nobody wrote."""

    number: int
    title: str
    abstract: str
    authors: tuple[str, ...]


def arxiv_lists(lists: int, entries: int) -> list[bytes]:
    """Return so many of arXiv's lists of a day, of so many entries."""
    return [_arxiv(some).encode() for some in _entries(lists, entries)]


def journals(feeds: int, entries: int) -> list[bytes]:
    """Return so many feeds of so many entries, RSS and Atom by turns."""
    forms: tuple[Callable[[Sequence[Entry]], str], ...] = (_rss, _atom)
    return [forms[at % 2](some).encode() for at, some in enumerate(_entries(feeds, entries))]


KINDS: Mapping[str, Callable[[int, int], list[bytes]]] = {"arxiv": arxiv_lists, "feed": journals}


def _entries(documents: int, entries: int) -> list[list[Entry]]:
    chance = Random(1)
    words = ["".join(chance.choices(_LETTERS, k=chance.randint(3, 10))) for _ in range(12_000)]
    weights = [1 / rank for rank in range(2, len(words) + 2)]
    return [[_entry(chance, words, weights, document * entries + at) for at in range(entries)] for document in range(documents)]


def _entry(chance: Random, words: Sequence[str], weights: Sequence[float], number: int) -> Entry:
    told = chance.choices(words, weights, k=_WORDS_OF_TITLE + _WORDS_OF_ABSTRACT)
    authors = tuple(
        f"{chance.choice(_GIVEN)} {chance.choice(_FAMILIES)}{chance.choice(told[:5])}" for _ in range(chance.randint(1, 8))
    )
    title, abstract = " ".join(told[:_WORDS_OF_TITLE]), " ".join(told[_WORDS_OF_TITLE:])
    return Entry(number, title.capitalize(), f"We show that $n < k^2$ {'–' if number % 30 == 0 else '-'} {abstract}.", authors)


def _arxiv(entries: Sequence[Entry]) -> str:
    head = "<title>cs.LG updates on arXiv.org</title><link>http://rss.arxiv.org/rss/cs.LG</link><language>en-us</language>"
    items = "\n".join(map(_arxiv_item, entries))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<rss {_SPACES} version="2.0"><channel>{head}\n{items}\n</channel></rss>'


def _arxiv_item(entry: Entry) -> str:
    name = f"{2601 + entry.number // 90_000}.{10_000 + entry.number % 90_000}"
    return f"""    <item>
      <title>{escape(entry.title)}</title>
      <link>https://arxiv.org/abs/{name}</link>
      <description>arXiv:{name}v1 Announce Type: new \nAbstract: {escape(entry.abstract)}</description>
      <guid isPermaLink="false">oai:arXiv.org:{name}v1</guid>
      <category>cs.LG</category>
      <category>stat.ML</category>
      <pubDate>Thu, 05 Mar 2026 00:00:00 -0500</pubDate>
      <arxiv:announce_type>new</arxiv:announce_type>
      <dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights>
      <dc:creator>{escape(", ".join(entry.authors))}</dc:creator>
    </item>"""


def _rss(entries: Sequence[Entry]) -> str:
    head = "<title>Annals of Tidal Lanterns</title><link>https://annals.example.org/</link><description>New</description>"
    items = "\n".join(map(_rss_item, entries))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<rss {_SPACES} version="2.0"><channel>{head}\n{items}\n</channel></rss>'


def _rss_item(entry: Entry) -> str:
    link = f"https://annals.example.org/papers/{entry.number}"
    return f"""    <item>
      <title>{escape(entry.title)}</title>
      <link>{link}</link>
      <guid isPermaLink="true">{link}</guid>
      <description>{escape(_html(entry))}</description>
      <category>tides</category>
      <pubDate>Thu, 05 Mar 2026 00:00:00 -0500</pubDate>
      {"".join(f"<dc:creator>{escape(author)}</dc:creator>" for author in entry.authors)}
    </item>"""


def _atom(entries: Sequence[Entry]) -> str:
    head = "<title>Journal of Harbour Lights</title><id>https://lights.example.org/</id><updated>2026-03-05T05:00:00Z</updated>"
    items = "\n".join(map(_atom_entry, entries))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">{head}\n{items}\n</feed>'


def _atom_entry(entry: Entry) -> str:
    link = f"https://lights.example.org/articles/{entry.number}"
    return f"""  <entry>
    <title type="text">{escape(entry.title)}</title>
    <id>{link}</id>
    <link rel="alternate" href="{link}"/>
    <updated>2026-03-05T05:00:00Z</updated>
    <published>2026-03-05T05:00:00Z</published>
    {"".join(f"<author><name>{escape(author)}</name></author>" for author in entry.authors)}
    <category term="lights"/>
    <summary type="html">{escape(_html(entry))}</summary>
  </entry>"""


def _html(entry: Entry) -> str:
    return f"<p>{escape(entry.abstract)}</p> <p>From <i>n</i> = 10<sup>5</sup> lanterns.</p>"
