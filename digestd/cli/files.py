"""Mails as files, to look at."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Parts:
    """A mail as it goes over the wire, and its two parts."""

    content: bytes
    html: str
    text: str


def write_mail(folder: Path, name: str, parts: Parts) -> Path:
    """Write NAME.eml, NAME.html and NAME.txt into *folder*; return the first."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = folder / name.replace("/", "_")  # a slash may stand in an address (RFC 5322 3.2.3)
    mail = stem.with_name(f"{stem.name}.eml")
    mail.write_bytes(parts.content)
    stem.with_name(f"{stem.name}.html").write_text(parts.html, encoding="utf-8")
    stem.with_name(f"{stem.name}.txt").write_text(parts.text, encoding="utf-8")
    return mail
