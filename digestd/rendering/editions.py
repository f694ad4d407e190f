"""The templates in each language."""

from collections.abc import Mapping
from functools import cache

from digestd.rendering.language import ENGLISH, Language, Languages
from digestd.rendering.templates import Templates


class Editions:
    """The templates in *texts*, by name, in each of *languages*: made when it is first asked for, and kept.

    Raises TemplateError for what is wrong in any language.
    """

    def __init__(self, texts: Mapping[str, str], languages: Languages | None = None) -> None:
        self._languages = languages or Languages()
        self._edition = cache(lambda language: Templates(texts, language))
        self._edition(ENGLISH)

    def of(self, language: str) -> tuple[Language, Templates]:
        """Return the language of that name, and the templates in it."""
        found = self._languages.of(language)
        return found, self._edition(found)
