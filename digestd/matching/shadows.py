"""Which mute of a profile hides all that a query of it can find, by their words alone."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, reduce

from digestd.matching.library import wishes
from digestd.matching.phrase import Word
from digestd.matching.phrases import IN_TEXT
from digestd.matching.plurals import singular
from digestd.matching.query import And, Query, Term
from digestd.matching.text import View, fold
from digestd.model.digest import Field

_PLURALS = """
e s es ie ies ces ices ves a ae ta era ora i n en ren ice eet eeth
"""
_VOWELS = tuple("aeiou")
_LONGEST_CUT = 4  # letters that a plural has not: tooth and teeth
_VIEWS: tuple[View, ...] = ("written", "folded", "singular")  # from the strictest on


class Mutes:
    """The mutes of a profile as a tree of words: those that hide a keyword are looked up in it, not tried one by one."""

    def __init__(self, entries: Mapping[str, Query]) -> None:
        self._entries, self._root = [*entries], _Node()
        for number, query in enumerate(entries.values()):
            for wish in wishes(query):
                if isinstance(wish, Term):
                    self._root.put(wish, number)

    def hiding(self, query: Query) -> str | None:
        """Return the first mute that hides each of a query's wishes."""
        common: set[int] | None = None
        for wish in wishes(query):
            hiding = {number for term in _needed(wish) for number in self._root.hiding(term)}
            common = hiding if common is None else common & hiding
            if not common:
                return None
        return self._entries[min(common)] if common else None


class _Node:
    """The mutes that end after some words, with the fields they are for, and the words that come next, by how they begin."""

    def __init__(self) -> None:
        self.ends: list[tuple[int, frozenset[Field]]] = []
        self._words: dict[str, dict[Word, _Node]] = {}
        self._starts: dict[str, dict[Word, _Node]] = {}
        self._lengths: set[int] = set()  # of the starts

    def put(self, term: Term, number: int) -> None:
        node = reduce(_Node.with_, term.words, self)
        node.ends.append((number, frozenset(term.fields)))

    def with_(self, word: Word) -> "_Node":
        """Return what comes after a word, made where there is nothing yet."""
        if not word.prefix:
            return self._words.setdefault(_common(word), {}).setdefault(word, _Node())
        start = _folded(word)
        self._lengths.add(len(start))
        return self._starts.setdefault(start, {}).setdefault(word, _Node())

    def hiding(self, term: Term) -> Iterator[int]:
        """Yield the mutes that each paper has which has *term*: their words are among its words."""
        starts = range(len(term.words)) if term.scope in IN_TEXT else ()
        for start in starts:
            yield from (number for number, fields in self._along(term.words, start) if fields.issuperset(term.fields))

    def after(self, asked: Word) -> Iterator["_Node"]:
        """Yield what comes after the words that accept all that one does."""
        for words in self._near(asked):
            yield from (node for word, node in words.items() if _within(asked, word))

    def _along(self, words: Sequence[Word], start: int) -> Iterator[tuple[int, frozenset[Field]]]:
        nodes = [self]
        for at in range(start, len(words)):
            nodes = [after for node in nodes for after in node.after(words[at])]
            if not nodes:
                return
            yield from (end for node in nodes for end in node.ends)

    def _near(self, asked: Word) -> Iterator[Mapping[Word, "_Node"]]:
        """Yield words of which some may accept all that one does."""
        yield self._words.get(_common(asked), {})
        folded = _folded(asked)
        yield from (self._starts.get(folded[:length], {}) for length in self._lengths if length <= len(folded))


def _common(word: Word) -> str:
    """Return what words have in common of which one may accept all that the other does."""
    return word.forms[0] if word.view == "singular" else _seen(word.forms[0], "singular")


def _folded(word: Word) -> str:
    return _seen(word.forms[0], "folded") if word.view == "written" else word.forms[0]


def _needed(wish: Query) -> Iterator[Term]:
    """Yield the terms without which a wish does not hold."""
    for part in wish.parts if isinstance(wish, And) else (wish,):
        if isinstance(part, Term):
            yield part


def _within(asked: Word, hidden: Word) -> bool:
    """Tell whether all that one word accepts is accepted by the other."""
    if asked == hidden:
        return True
    stricter = _VIEWS.index(asked.view) <= _VIEWS.index(hidden.view)
    if not (stricter or hidden.prefix) or (asked.prefix and not hidden.prefix):
        return False
    if asked.view == "singular" and hidden.prefix:
        return all(map(hidden.accepts, _numbers(asked.forms[0])))
    return all(hidden.accepts(form if asked.view == hidden.view else _seen(form, hidden.view)) for form in asked.forms)


@lru_cache(maxsize=1 << 12)
def _numbers(one: str) -> Sequence[str]:
    """Return a singular, and its plurals: what `singular` takes for it among what has another of their endings."""
    stems = [one[: len(one) - cut] for cut in range(min(len(one), _LONGEST_CUT) + 1)]
    plurals = (stem + ending for stem in stems for ending in _PLURALS.split() if not _is_odd(stem, ending))
    return one, *(plural for plural in plurals if singular(plural) == one)


def _is_odd(stem: str, ending: str) -> bool:
    """Tell surveies, which is no plural of survey."""
    return ending.startswith("ie") and stem.endswith(_VOWELS)


def _seen(form: str, view: View) -> str:
    match view:
        case "written":
            return form
        case "folded":
            return fold(form)
        case "singular":
            return singular(fold(form))
