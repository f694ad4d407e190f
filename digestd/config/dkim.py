"""[dkim]: the keys that sign our mail, where no relay does."""

import stat
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

_LABELS = r"^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$"


class DkimKeys(BaseModel):
    """Who signs, and with which keys: an RSA key that all verify, and beside it one that some do."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    domain: str | None = Field(default=None, pattern=_LABELS, max_length=253)
    selector: str | None = Field(default=None, pattern=_LABELS, max_length=63)
    key: SecretStr | None = None
    key_file: Path | None = None
    ed25519_selector: str | None = Field(default=None, pattern=_LABELS, max_length=63)
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
