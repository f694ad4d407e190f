"""A digest as a page, and as the mail that carries it."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from itertools import chain

from digestd.model.digest import Digest, Message
from digestd.model.paper import Paper, PaperId
from digestd.model.period import PeriodKey
from digestd.rendering.block import Text
from digestd.rendering.clean import line
from digestd.rendering.dkim import Signer
from digestd.rendering.editions import Editions
from digestd.rendering.letter import Letterhead, mailto
from digestd.rendering.mime import Field, address_field, link_field, list_field, mail, text_field
from digestd.rendering.sheet import LESS, Sheet, fitted, sheet
from digestd.rendering.templates import Templates, tidy
from digestd.rendering.tokens import token

_SUBJECT = 78
_LARGEST = 190_000  # bytes of both parts as they are sent: what is larger is slow to come on a phone
_SHORTEST_KEY = 16


@dataclass(frozen=True, slots=True)
class Page:
    """What a reader sees of a digest."""

    subject: str
    text: str
    html: str


class Renderer:
    """Makes pages and mails of digests: the same bytes every time, but for the Date.

    *editions* are the templates in each language, *key* is the secret that unsubscribe tokens are made with, *max_bytes* is
    the most that the HTML may have; without a *signer* mails leave unsigned.
    """

    def __init__(
        self,
        editions: Editions,
        letterhead: Letterhead,
        key: bytes,
        max_bytes: int = 90_000,
        signer: Signer | None = None,
    ) -> None:
        if len(key) < _SHORTEST_KEY:
            raise ValueError(f"the key for unsubscribe links has {len(key)} bytes; give it at least {_SHORTEST_KEY}")
        self._editions = editions
        self._letterhead = letterhead
        self._key = key
        self._max_bytes = max_bytes
        self._signer = signer

    def page(self, digest: Digest, papers: Mapping[PaperId, Paper]) -> Page:
        """Return the page of *digest*; papers that are not in *papers* are left out of it."""
        subject, text, html = self._texts(digest, papers, token(self._key, "unsubscribe", digest.key.subscriber))
        return Page(subject, str(text), str(html))

    def _texts(self, digest: Digest, papers: Mapping[PaperId, Paper], leaving: str) -> tuple[str, Text, Text]:
        """Return the subject, the text and the HTML of *digest*; *leaving* is the token of a reader who wants no more."""
        language, templates = self._editions.of(digest.language)
        whole = sheet(digest, papers, language, self._letterhead, leaving)
        cut, text, html = self._fitting(whole, templates)
        return line(str(templates.render("subject.txt.j2", cut)), _SUBJECT), text, html

    def _fitting(self, whole: Sheet, templates: Templates) -> tuple[Sheet, Text, Text]:
        """Return the fullest cut of *whole* whose HTML has at most max_bytes and which makes no large mail, and its texts."""
        for cut in chain([whole], (fitted(whole, room) for room in LESS)):
            html = templates.render("digest.html.j2", cut)
            if html.size <= self._max_bytes:
                text = templates.render("digest.txt.j2", cut)
                if text.weight + html.weight <= _LARGEST:
                    break
        else:
            text = templates.render("digest.txt.j2", cut)
        return cut, replace(text, frame=tidy(text.frame)), html

    def message(self, digest: Digest, papers: Mapping[PaperId, Paper], sent_at: datetime) -> Message:
        """Return *digest* as a mail dated *sent_at*."""
        leaving, returning = (token(self._key, purpose, digest.key.subscriber) for purpose in ("unsubscribe", "bounce"))
        subject, text, html = self._texts(digest, papers, leaving)
        made = mail(self._fields(digest, subject, leaving, sent_at), text.quoted(), html.quoted())
        return Message(
            key=digest.key,
            message_id=digest.message_id,
            sender=self._letterhead.envelope_sender(returning),
            recipient=digest.email,
            content=bytes(self._signer.signed(made, sent_at) if self._signer else made),
            envelope_id=returning,
        )

    def _fields(self, digest: Digest, subject: str, leaving: str, sent_at: datetime) -> Iterator[Field]:
        letterhead = self._letterhead
        yield address_field("From", letterhead.name, letterhead.address)
        yield address_field("To", line(digest.name, 60), digest.email)
        if letterhead.reply_to:
            yield address_field("Reply-To", "", letterhead.reply_to)
        yield text_field("Subject", subject)
        yield Field("Date", (_date(sent_at.replace(microsecond=0)),))
        yield Field("Message-ID", (digest.message_id,))
        yield Field("MIME-Version", ("1.0",))
        yield from self._list_fields(leaving)
        yield Field("Auto-Submitted", ("auto-generated",))
        yield Field("Precedence", ("bulk",))
        yield Field("X-Auto-Response-Suppress", ("All",))
        if self._signer:
            yield Field("Feedback-ID", (_feedback_id(digest.key.period, self._signer.domain),))
        yield Field("Content-Language", (self._editions.of(digest.language)[0].tag,))

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


@lru_cache(4)  # many mails go out in a second
def _date(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC))


@lru_cache(64)
def _feedback_id(period: PeriodKey, domain: str) -> str:
    """Return by what a provider counts complaints: the issue, and a name that stays the sender's; nothing of the reader."""
    sender = hashlib.sha256(domain.encode()).hexdigest()[:10]
    return f"digest:{period.replace('/', '-')}:digestd:{sender}"
