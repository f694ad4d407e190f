"""The languages that digests are written in: English, and those of the catalogues that come with digestd."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator

from digestd.config.complaint import did_you_mean
from digestd.config.wording import said

ENGLISH = "en"


@cache
def catalogues() -> Mapping[str, str]:
    """Return the texts of the catalogues, by the name of their language."""
    found = sorted(Path(str(files("digestd"))).glob("locale/*/LC_MESSAGES/digestd.po"))
    return {path.parts[-3]: path.read_text(encoding="utf-8") for path in found}


def _language(value: Any) -> str:
    known = _known()
    if value in known:
        return str(value)
    hint = did_you_mean(value.casefold(), known) if isinstance(value, str) else ""
    raise ValueError(f"{said(value)} is none of the languages there are, {', '.join(map(said, known))}{hint}")


def _known() -> Sequence[str]:
    return sorted({ENGLISH, *catalogues()})


LanguageName = Annotated[str, BeforeValidator(_language)]
