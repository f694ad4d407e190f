"""How a language says things: texts by a catalogue of gettext, dates, numbers and lists by Babel (CLDR)."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from functools import cached_property, lru_cache, partial
from gettext import c2py

from babel import Locale
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

_OF_ENGLISH = "en_GB"  # 5 March 2026, and 07:30: what readers anywhere take for the same
_KEPT = 4_096
_PLACE = re.compile(r"%\(\w+\)s|%%|%")  # for a value; a percent sign; and what would be taken for a place

_Said = str | tuple[str, ...] | list[str] | None  # a text, or one for each form of the plural


@dataclass(frozen=True, eq=False)
class Language:
    """A language by its name, such as `de` or `pt_BR`. *catalogue* is the text of a .po file; English needs none.

    In a text `%(name)s` stands for a value by name, and `%%` for a percent sign.
    Each is itself alone: that makes it a quick key.
    """

    name: str
    catalogue: str = field(default="", repr=False)

    @cached_property
    def tag(self) -> str:
        """The name as HTML and mails have it (BCP 47)."""
        return self.name.replace("_", "-")

    @cached_property
    def direction(self) -> str:
        """Where text runs: "ltr" or "rtl"."""
        return self._locale.text_direction

    def gettext(self, text: str, /, **named: object) -> str:
        """Return *text* in this language."""
        return self.raw(text) % named

    def raw(self, text: str) -> str:
        """Return *text* in this language, with the places for its values."""
        return self._told[text][0] if text in self._told else text

    def ngettext(self, one: str, many: str, count: int, /, **named: object) -> str:
        """Return what goes with *count*, which is written as it is done there."""
        told = self._told.get(one)
        said = told[self._form(count)] if told else one if count == 1 else many
        return said % {"count": self.number(count), **named}

    @cached_property
    def number(self) -> Callable[[int], str]:
        """What writes a whole number: "1,203"."""
        return lru_cache(_KEPT)(partial(format_decimal, locale=self._locale))

    @cached_property
    def day(self) -> Callable[[date], str]:
        """What writes a day: "Thursday, 5 March 2026"."""
        return lru_cache(_KEPT)(partial(format_date, format="full", locale=self._locale))

    @cached_property
    def short_day(self) -> Callable[[date], str]:
        """What writes a day in short: "5 Mar 2026"."""
        return lru_cache(_KEPT)(partial(self._locale.datetime_skeletons["yMMMd"].apply, locale=self._locale))

    def weekday(self, number: int) -> str:
        """Return what a weekday is called, from 0 for Monday."""
        return str(self._locale.days["format"]["wide"][number])

    def time(self, at: time) -> str:
        return format_time(at, "short", locale=self._locale)

    def listed(self, names: Sequence[str]) -> str:
        """Return *names* as a sentence has them: "a, b and c"."""
        return format_list(names, locale=self._locale)

    def ordinal(self, number: int) -> str:
        """Return how a place in an order is counted: in English "one" (21st), "two" (22nd), "few" (23rd) or "other"."""
        return self._locale.ordinal_form(number)

    @cached_property
    def _locale(self) -> Locale:
        return Locale.parse(_OF_ENGLISH if self.name == "en" else self.name)

    @cached_property
    def _entries(self) -> Catalog:
        return read_po(self.catalogue.splitlines(keepends=True), ignore_obsolete=True)

    @cached_property
    def _told(self) -> Mapping[str, tuple[str, ...]]:
        """What is said for a text: one thing, or one for each form of the plural.

        What is not translated is not there, nor what names a value that its text does not have.
        """
        sure = [one for one in self._entries if one.id and not one.fuzzy] if self.catalogue else []
        return {_forms(one.id)[0]: told for one in sure if all(told := _forms(one.string)) and _places(told) <= _places(one.id)}

    @cached_property
    def _form(self) -> Callable[[int], int]:
        """What says which form of the plural goes with a count."""
        return c2py(self._entries.plural_expr)


def _forms(said: _Said) -> tuple[str, ...]:
    return tuple(said) if isinstance(said, tuple | list) else (said or "",)


def _places(said: _Said) -> set[str]:
    """Return what is filled in where that is said; a percent sign is one for itself."""
    return {place for text in _forms(said) for place in _PLACE.findall(text)} - {"%%"}


ENGLISH = Language("en")


class Languages:
    """English, and those of *catalogues*, which are texts of .po files by the name of their language."""

    def __init__(self, catalogues: Mapping[str, str] | None = None) -> None:
        self._known = {name: Language(name, text) for name, text in (catalogues or {}).items()}

    def of(self, name: str) -> Language:
        """Return the language of that name; English for one that is no longer there."""
        return self._known.get(name, ENGLISH)
