"""A profile, understood once."""

from dataclasses import dataclass

from digestd.matching.parser import author, parse
from digestd.matching.query import Query, QueryError, Term
from digestd.model.subscriber import Profile


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a profile as its reader wrote it, and the query that it is."""

    key: str
    written: str
    query: Query


@dataclass(frozen=True, slots=True)
class CompiledProfile:
    """A profile whose entries have been parsed. *wanted* are keywords and authors: any one of them will do."""

    profile: Profile
    wanted: tuple[Entry, ...]
    mutes: tuple[Entry, ...]

    @property
    def wants_all(self) -> bool:
        """Say whether the profile asks for all papers of its categories and sources."""
        profile = self.profile
        return not (self.wanted or profile.like) and bool(profile.categories or profile.sources)


def compile_profile(profile: Profile) -> CompiledProfile:
    """Return *profile* ready to be matched. Raises QueryError for the first entry that cannot be understood."""
    keywords = tuple(_entry("keywords", number, written) for number, written in enumerate(profile.keywords))
    authors = tuple(_entry("authors", number, written) for number, written in enumerate(profile.authors))
    mutes = tuple(_entry("mute", number, written) for number, written in enumerate(profile.mute))
    return CompiledProfile(profile, keywords + authors, mutes)


def _entry(key: str, number: int, written: str) -> Entry:
    try:
        return Entry(key, written, _author(written) if key == "authors" else parse(written))
    except QueryError as error:
        raise error.at(key, number) from None


def _author(written: str) -> Term:
    return author(written)
