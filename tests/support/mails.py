"""The renderer as tests use it, and mails read back as a mail program reads them."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from digestd.rendering import Editions, Letterhead, Renderer

TEMPLATES = {path.name: path.read_text(encoding="utf-8") for path in (Path(__file__).parents[2] / "templates").glob("*.j2")}
KEY = b"a made-up key of enough bytes"


def letterhead(**fields: Any) -> Letterhead:
    plain: dict[str, Any] = {
        "name": "digestd",
        "address": "digest@digest.example.org",
        "list_id": "papers.digest.example.org",
        "contact": "admin@example.org",
        "base_url": "https://digest.example.org",
    }
    return Letterhead(**(plain | fields))


def renderer(max_bytes: int = 90_000, templates: dict[str, str] | None = None, **fields: Any) -> Renderer:
    """Return a renderer with our own templates, or those with some of them replaced."""
    return Renderer(Editions(TEMPLATES | (templates or {})), letterhead(**fields), KEY, max_bytes)


def read(content: bytes) -> EmailMessage:
    """Return the mail in *content* as Python's parser reads it."""
    return message_from_bytes(content, policy=policy.SMTP)


def body(mail: EmailMessage, kind: str) -> str:
    """Return a part's text: *kind* is "plain" or "html"."""
    part = mail.get_body((kind,))
    assert isinstance(part, EmailMessage)
    return str(part.get_content()).replace("\r\n", "\n")
