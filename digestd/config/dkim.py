"""[dkim]: the keys that sign our mail, where no relay does."""

import stat
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, model_validator

from digestd.config.keys import Keys
from digestd.config.units import shaped

_LABELS = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*"
Selector = Annotated[str, shaped(_LABELS, 'a name of letters, digits and hyphens, such as "digestd1"')]


class DkimKeys(Keys):
    """Who signs, and with which keys: an RSA key that all verify, and beside it one that some do."""

    domain: Annotated[str, shaped(_LABELS, 'a domain, such as "example.org"')] | None = Field(default=None, max_length=253)
    selector: Selector | None = Field(default=None, max_length=63)
    key: SecretStr | None = None
    key_file: Path | None = None
    ed25519_selector: Selector | None = Field(default=None, max_length=63)
    ed25519_key: SecretStr | None = None
    ed25519_key_file: Path | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> "DkimKeys":
        for selector, keys in _WITH.items():
            told = [key for key in keys if getattr(self, key) is not None]
            if told and getattr(self, selector) is None:
                raise ValueError(
                    f'{told[0]} needs a {selector}, such as "digestd1": the name under which its public half stands'
                )
        if self.selector is not None and self.selector == self.ed25519_selector:
            raise ValueError("selector and ed25519_selector are the same: give each key a name of its own")
        return self


_WITH = {
    "ed25519_selector": ("ed25519_key", "ed25519_key_file"),
    "selector": ("domain", "key", "key_file", "ed25519_selector"),
}


def guarded(path: Path) -> str:
    """Return the text of a file that not everybody may read. Raises OSError, also where everybody may."""
    if path.stat().st_mode & stat.S_IROTH:
        raise PermissionError(f"everybody on this machine may read it: `chmod o= {path}`; others may know the key by now")
    return path.read_text(encoding="utf-8")
