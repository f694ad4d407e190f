"""[[sources]]: where papers are announced, and what to ask there."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator

from digestd.config.keys import Keys
from digestd.config.units import Duration, shaped
from digestd.config.wording import said

_ISSN = re.compile(r"\d{4}-\d{3}[\dXx]")


class SourceKeys(Keys):
    """A place where papers are announced."""

    kind: Literal["arxiv", "arxiv_api", "huggingface", "biorxiv", "medrxiv", "pubmed", "crossref", "openreview", "feed"]
    name: Annotated[str, shaped(r"[\w .:/+-]*", "a name of letters, digits, blanks and . : / + - alone")] = Field(
        default="", max_length=60
    )
    url: str | None = None
    every: Duration | None = None
    allow_private: bool | None = None
    categories: tuple[str, ...] = ()
    query: str | None = None
    date_field: Annotated[str, shaped("[a-z-]+", 'the name of a date of that service, such as "created"')] | None = None
    issn: tuple[str, ...] = ()
    venue: str | None = None
    api_key: SecretStr | None = None
    api_key_file: Path | None = None

    @field_validator("url")
    @classmethod
    def _is_web_address(cls, url: str | None) -> str | None:
        if url is not None and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname):
            raise ValueError(f"{said(url)} is not an http or https address")
        return url

    @field_validator("issn")
    @classmethod
    def _are_issns(cls, issns: tuple[str, ...]) -> tuple[str, ...]:
        for issn in issns:
            if not _ISSN.fullmatch(issn) or not _has_its_check_digit(issn):
                raise ValueError(
                    f"{said(issn)} is not an ISSN: eight digits as in 1234-5679, the last of which checks the others"
                )
        return issns

    @field_validator("categories")
    @classmethod
    def _are_different(cls, categories: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(categories))

    def parts(self) -> Iterator[str]:
        """Yield the names of the sources that this entry stands for, where it stands for several."""
        if self.kind == "arxiv" and len(self.categories) > 1:
            yield from (f"{self.name}:{category}" for category in self.categories)

    @model_validator(mode="after")
    def _is_whole(self) -> "SourceKeys":
        for key in sorted(self.model_fields_set & _OWN.keys()):
            if self.kind not in _OWN[key]:
                raise ValueError(f'a source of kind "{self.kind}" has no {key}: that is for {", ".join(_OWN[key])}')
        needed, sample = _NEEDED.get(self.kind, ((), ""))
        if needed and not any(getattr(self, key) for key in needed):
            raise ValueError(f'a source of kind "{self.kind}" needs {sample}')
        return self


def _has_its_check_digit(issn: str) -> bool:
    """Say whether an ISSN's last digit is right (ISO 3297: the weighted sum is a multiple of eleven)."""
    digits = [10 if digit in "Xx" else int(digit) for digit in issn.replace("-", "")]
    return sum(digit * weight for digit, weight in zip(digits, range(8, 0, -1), strict=True)) % 11 == 0


_OWN: Mapping[str, Sequence[str]] = {  # keys that only some kinds have
    "categories": ["arxiv", "biorxiv", "medrxiv"],
    "query": ["arxiv_api", "pubmed", "crossref"],
    "date_field": ["arxiv_api", "pubmed", "crossref"],
    "issn": ["crossref"],
    "venue": ["openreview"],
    "api_key": ["pubmed"],
    "api_key_file": ["pubmed"],
}

_NEEDED: Mapping[str, tuple[Sequence[str], str]] = {
    "arxiv": (["categories"], 'categories, such as ["cs.LG"]'),
    "arxiv_api": (["query"], 'a query, such as "cat:cs.LG AND abs:lantern"'),
    "pubmed": (["query"], 'a query, such as "lanterns[Title/Abstract]"'),
    "crossref": (["query", "issn"], 'an issn, such as ["1234-5679"], or a query'),
    "openreview": (["venue"], 'a venue, such as "Example.org/2026/Conference"'),
    "feed": (["url"], "a url"),
}


def source_keys(kind: str, ask: str | None) -> SourceKeys:
    """Return the settings of a source that asks for a category, query, ISSN or venue, as its *kind* needs.

    Raises ValueError, in words, where there is nothing to ask for, or it is malformed.
    """
    keys: dict[str, Any] = {"kind": kind, "name": kind}
    needed = [key for key in _NEEDED.get(kind, ([], ""))[0] if key != "url"]
    key = "issn" if "issn" in needed and ask and _ISSN.fullmatch(ask) else next(iter(needed), None)
    if ask and key:
        keys[key] = [ask] if key in {"categories", "issn"} else ask
    try:
        return SourceKeys.model_validate(keys)
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None
