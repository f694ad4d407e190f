"""A digest as a page, and as the mail that carries it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from digestd.model.digest import Digest, Message
from digestd.model.paper import Paper, PaperId
from digestd.rendering.clean import line
from digestd.rendering.letter import Letterhead, mailto, unsubscribe_token
from digestd.rendering.mime import Field, address_field, link_field, list_field, mail, text_field
from digestd.rendering.sheet import ROOMS, Sheet, fitted, sheet
from digestd.rendering.templates import Templates

_SUBJECT = 78
_SHORTEST_KEY = 16


@dataclass(frozen=True, slots=True)
class Page:
    """What a reader sees of a digest."""

    subject: str
    text: str
    html: str


class Renderer:
    """Makes pages and mails of digests: the same bytes every time, but for the Date.

    *templates* are texts by name, *key* is the secret that unsubscribe tokens are made with, *max_bytes* is the most
    that the HTML may have.
    """

    def __init__(self, templates: Mapping[str, str], letterhead: Letterhead, key: bytes, max_bytes: int = 90_000) -> None:
        if len(key) < _SHORTEST_KEY:
            raise ValueError(f"the key for unsubscribe links has {len(key)} bytes; give it at least {_SHORTEST_KEY}")
        self._templates = Templates(templates)
        self._letterhead = letterhead
        self._key = key
        self._max_bytes = max_bytes

    def page(self, digest: Digest, papers: Mapping[PaperId, Paper]) -> Page:
        """Return the page of *digest*; papers that are not in *papers* are left out of it."""
        whole = sheet(digest, papers, self._letterhead, unsubscribe_token(self._key, digest.key.subscriber))
        cut, html = self._fitting(whole)
        return Page(
            subject=line(self._templates.render("subject.txt.j2", cut), _SUBJECT),
            text=_tidy(self._templates.render("digest.txt.j2", cut)),
            html=html,
        )

    def _fitting(self, whole: Sheet) -> tuple[Sheet, str]:
        """Return the fullest cut of *whole* whose HTML has at most max_bytes, and that HTML."""
        *rooms, least = ROOMS
        for room in rooms:
            cut = fitted(whole, room)
            html = self._templates.render("digest.html.j2", cut)
            if len(html.encode()) <= self._max_bytes:
                return cut, html
        cut = fitted(whole, least)
        return cut, self._templates.render("digest.html.j2", cut)

    def message(self, digest: Digest, papers: Mapping[PaperId, Paper], sent_at: datetime) -> Message:
        """Return *digest* as a mail dated *sent_at*."""
        page = self.page(digest, papers)
        return Message(
            key=digest.key,
            message_id=digest.message_id,
            sender=self._letterhead.address,
            recipient=digest.email,
            content=mail([*self._fields(digest, page, sent_at)], page.text, page.html),
        )

    def _fields(self, digest: Digest, page: Page, sent_at: datetime) -> Iterator[Field]:
        letterhead = self._letterhead
        yield address_field("From", letterhead.name, letterhead.address)
        yield address_field("To", line(digest.name, 60), digest.email)
        if letterhead.reply_to:
            yield address_field("Reply-To", "", letterhead.reply_to)
        yield text_field("Subject", page.subject)
        yield Field("Date", (format_datetime(sent_at.astimezone(UTC)),))
        yield Field("Message-ID", (digest.message_id,))
        yield Field("MIME-Version", ("1.0",))
        yield from self._list_fields(unsubscribe_token(self._key, digest.key.subscriber))
        yield Field("Auto-Submitted", ("auto-generated",))
        yield Field("Precedence", ("bulk",))
        yield Field("X-Auto-Response-Suppress", ("All",))
        yield Field("Content-Language", ("en",))

    def _list_fields(self, token: str) -> Iterator[Field]:
        """Yield what makes this a list's mail (RFC 2919, RFC 2369), that one click leaves (RFC 8058, https alone)."""
        letterhead = self._letterhead
        page = letterhead.unsubscribe_page(token)
        yield list_field("List-Id", letterhead.name, letterhead.list_id)
        yield link_field("List-Unsubscribe", *([page] if page else []), letterhead.unsubscribe_mail(token))
        if page and page.startswith("https://"):
            yield Field("List-Unsubscribe-Post", ("List-Unsubscribe=One-Click",))
        yield link_field("List-Help", f"{mailto(letterhead.owner)}?subject=help")
        yield link_field("List-Owner", mailto(letterhead.owner))
        yield Field("List-Post", ("NO",))


def _tidy(text: str) -> str:
    """Return *text* without spaces at line ends (but for the mark of a signature, RFC 3676 4.3) or gaps of many lines."""
    text = re.sub(r"(?m)(?<!^--)[ \t]+$", "", text.replace("\r", ""))
    return re.sub(r"\n{4,}", "\n\n\n", text).strip("\n") + "\n"
