"""Where a document is asked for, and how far redirects may lead from there."""

from dataclasses import dataclass, replace

from yarl import URL

from digestd.model.source import Cursor
from digestd.sources.trouble import Unfit

_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Place:
    """An address of the web, and the one that was asked first. *lasting* says that only permanent redirects lie between."""

    url: URL
    first: URL
    lasting: bool = True

    def __post_init__(self) -> None:
        if self.url.scheme not in {"http", "https"} or not self.url.host:
            raise Unfit("the address does not begin with http:// or https://")

    @property
    def host(self) -> str:
        return self.url.host or ""

    @property
    def server(self) -> tuple[str, str, int | None]:
        return self.url.scheme, self.host, self.url.port

    @property
    def shown(self) -> str:
        """Return the address without a name and password."""
        return str(self.url.with_user(None))

    @property
    def asked(self) -> str:
        """Return the address that was asked first, without a name and password."""
        return str(self.first.with_user(None))

    def is_known_to(self, cursor: Cursor) -> bool:
        """Return whether the validators of *cursor* are this place's: they are from where the source moved or was asked."""
        return self.url == (_url(cursor.moved_to) if cursor.moved_to else self.first)

    def redirected(self, to: str, *, permanent: bool) -> "Place":
        """Return the place that a redirect leads to; a name and password go no further than to the same server."""
        there = Place(self.url.join(_url(to)).with_fragment(None), self.first, self.lasting and permanent)
        if (self.url.scheme, there.url.scheme) == ("https", "http"):
            raise Unfit("the server redirects from https to http, where anyone may answer in its name")
        ours = (self.url.user, self.url.password) if there.server == self.server else (None, None)
        return replace(there, url=there.url.with_user(ours[0]).with_password(ours[1]))

    def kept_in(self, cursor: Cursor) -> Cursor:
        """Return *cursor* with the address to ask next time, and without validators of one that is not (RFC 9110 8.8)."""
        if self.lasting and self.url != self.first and not self.url.user and len(str(self.url)) <= _LONGEST:
            return replace(cursor, moved_to=str(self.url))
        return cursor if self.url == self.first else replace(cursor, etag=None, last_modified=None)


def place(address: str) -> Place:
    """Return the place at *address*. Raises Unfit when that is not one of the web."""
    url = _url(address)
    return Place(url, url)


def _url(text: str) -> URL:
    try:
        return URL(text)
    except ValueError as error:
        raise Unfit("the address is not one of the web") from error
