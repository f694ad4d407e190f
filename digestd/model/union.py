"""When two records are of one paper, and what they say together: the same in whatever order they come."""

import re
import unicodedata
from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from digestd.model.paper import KINDS, PREPRINTS, Identifiers, Links, Paper, plain_ids, strong

_DECIDING = {*KINDS, "id"}
_TELLING = 16  # bytes of a plain title that no two works by one author share by chance
_GENERIC = re.compile(
    r"(?:(?:author|publisher)(?:'s)? )?"
    r"(?:editorial|correction|corrigendum|erratum|retraction|repl(?:y|ies)|response to|letters? to the editor|book reviews?"
    r"|in this issue|comments? on|announcement|news|introduction|preface|foreword|obituary|in memoriam|acknowledge?ments?"
    r"|table of contents|contents|index|addendum|commentary)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+")
_ASIDE = bytes(code for code in range(128) if not chr(code).isalnum())
_TEX = re.compile(r"\\[a-zA-Z]+|[^\w\s,-]")
_INITIALS = re.compile(r"[A-Z]{1,3}")


def names(paper: Paper) -> tuple[str, ...]:
    """Return every name that *paper* goes by: strong and weak ones, and its title with the first author."""
    title = title_name(paper)
    given = (paper.id, *strong(paper.ids), *paper.names)
    return tuple(dict.fromkeys((*given, title) if title else given))


def title_name(paper: Paper) -> str | None:
    """Return the name that a paper has of its title and its first author's family name; None where the title is anybody's."""
    if not paper.authors or _GENERIC.match(paper.title):
        return None
    title, family = plain_title(paper.title), _family(paper.authors[0])
    return f"title:{title[:200]}:{family}" if family and len(title.encode()) >= _TELLING else None


def plain_title(title: str) -> str:
    """Return the letters and digits of *title*, whatever its case, accents, spaces and punctuation."""
    if title.isascii():
        return title.encode().lower().translate(None, _ASIDE).decode()
    return "".join(_WORD.findall(_folded(title)))


def is_strong(name: str) -> bool:
    """Say whether two records that go by *name* are of one paper, whatever else they say."""
    return name.partition(":")[0] in _DECIDING


def are_one(known: Paper, told: Paper, shared: AbstractSet[str]) -> bool:
    """Say whether two records that share these names are of one paper.

    A strong name decides, but for a DOI that two arXiv papers share: it is of their proceedings. A weaker one counts unless
    strong names contradict it: a guid or a link only if the titles agree, for some feeds give one to all they announce; a
    title in one source only if the dates agree, for a column has one title every month.
    """
    if any(map(is_strong, shared)):
        return not _differ(known.ids.arxiv, told.ids.arxiv) or any(name.startswith("arXiv:") for name in shared)
    if any(map(_differ, plain_ids(known.ids), plain_ids(told.ids))):
        return False
    if any(name.startswith(("guid:", "link:")) for name in shared):
        return are_akin(known.title, told.title)
    is_another = known.published and told.published and known.published != told.published
    return not (is_another and set(told.sources) & set(known.sources))


def are_akin(one: str, other: str) -> bool:
    """Say whether two titles are forms of one: at least half of all their words are in both."""
    first, second = set(_WORD.findall(_folded(one))), set(_WORD.findall(_folded(other)))
    return 2 * len(first & second) >= len(first | second) > 0 or plain_title(one) == plain_title(other)


def _differ(one: str | None, other: str | None) -> bool:
    return bool(one and other and one != other)


def merge(known: Paper, told: Paper) -> Paper:
    """Return the union of two records of one paper, the same in whatever order records come.

    The newest version's title, its fullest abstract, the most authors, every badge, the most votes. A record that names no
    version is of the first.
    """
    newest, older = sorted((known, told), key=_recency, reverse=True)
    fullest, shorter = sorted((known, told), key=_fullness, reverse=True)
    ids, others = _united(known.ids, told.ids)
    version = max(filter(None, (known.version, told.version)), default=None)
    of = _abstract_version(fullest)
    return Paper(
        id=min(known.id, told.id, key=_strength),
        title=newest.title or older.title,
        abstract=fullest.abstract or shorter.abstract,
        authors=max(known.authors, told.authors, key=lambda authors: (len(authors), sum(map(len, authors)), authors)),
        categories=tuple(dict.fromkeys((*known.categories, *told.categories))),
        published=min(filter(None, (known.published, told.published)), default=None),
        sources=tuple(sorted({*known.sources, *told.sources})),
        links=_links(ids, known.links, told.links),
        ids=ids,
        version=version,
        votes=_most(known.votes, told.votes),
        comments=_most(known.comments, told.comments),
        organization=_longest(known.organization, told.organization),
        journal=_longest(known.journal, told.journal),
        comment=_longest(known.comment, told.comment),
        names=tuple(sorted({*known.names, *told.names, *others})),
        abstract_version=None if of == (version or 1) else of,
    )


def _strength(name: str) -> tuple[int, bool, str]:
    """Return how a name ranks as an identity, strongest least: a preprint's own DOI is before its journal's."""
    kind, _, plain = name.partition(":")
    return (KINDS.index(kind) if kind in KINDS else len(KINDS)), not plain.startswith(PREPRINTS), name


def _united(known: Identifiers, told: Identifiers) -> tuple[Identifiers, tuple[str, ...]]:
    """Return the strongest id of each kind, and the names that the others give."""
    if known == told:
        return known, ()
    every = sorted({*strong(known), *strong(told)}, key=_strength)
    first = {kind: next((name for name in every if name.startswith(f"{kind}:")), None) for kind in KINDS}
    ids = Identifiers(*(name.partition(":")[2] if name else None for name in first.values()))
    return ids, tuple(name for name in every if name not in first.values())


def _recency(paper: Paper) -> tuple[int, int, str]:
    return paper.version or 1, len(paper.title), paper.title


def _fullness(paper: Paper) -> tuple[bool, int, int, str]:
    return bool(paper.abstract), _abstract_version(paper), len(paper.abstract), paper.abstract


def _abstract_version(paper: Paper) -> int:
    return paper.abstract_version or paper.version or 1


def _links(ids: Identifiers, known: Links, told: Links) -> Links:
    """Return where a paper is read: an arXiv paper there, another at the shortest address given."""
    both = [known, told]
    if ids.arxiv:
        both = [links for links in both if ids.arxiv in links.abstract] or both
    pages = (links.abstract for links in both if links.abstract)
    pdfs = (links.pdf for links in both)
    whole = (links.html for links in both)
    return Links(min(pages, key=_shortest, default=""), _nearest(pdfs), _nearest(whole), _nearest((known.code, told.code)))


def _nearest(addresses: Iterable[str | None]) -> str | None:
    return min(filter(None, addresses), key=_shortest, default=None)


def _shortest(address: str) -> tuple[int, str]:
    return len(address), address


def _longest(one: str | None, other: str | None) -> str | None:
    return max(filter(None, (one, other)), key=lambda text: (len(text), text), default=None)


def _most(one: int | None, other: int | None) -> int | None:
    return max((count for count in (one, other) if count is not None), default=None)


def _family(author: str) -> str:
    """Return the family name of "Ada Quill", "Quill, Ada", "Quill A" and `Ada Qu\\"ill`, folded."""
    name = _TEX.sub("", author) if "\\" in author else author
    family, comma, _ = name.partition(",")
    words = family.split()
    if not comma and len(words) > 1 and _INITIALS.fullmatch(words[-1]):
        words = words[:-1]
    return plain_title(words[-1]) if words else ""


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    return "".join(one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one))
