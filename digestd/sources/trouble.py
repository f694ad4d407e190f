"""What went wrong between us and a server, in words for a person that show no address: one may hold secrets."""

import zlib
from datetime import timedelta
from http import HTTPStatus

import aiohttp


class Unfit(ValueError):
    """An answer, or an address, that is of no use, said in words for a person."""


class LeftAlone(Unfit):
    """A service that is not asked now, for it wants to be left alone: *wait* is how long still, *status* how it said so."""

    def __init__(self, wait: timedelta, status: int | None) -> None:
        super().__init__("the service asked to be left alone when it was last asked, and is not asked again yet")
        self.wait, self.status = wait, status


_HINTS = {
    401: "; it wants a name and a password, or other ones",
    403: "; do not ask again before you know why",
    404: "; is the address right?",
    410: "; it is gone for good: remove this source, or ask once more with `digestd poll NAME`",
    429: "; it is asked too often",
}
_WHY: tuple[tuple[type[Exception], str], ...] = (
    (TimeoutError, "no whole answer within the time allowed"),
    (aiohttp.ClientConnectorCertificateError, "the server's TLS certificate does not hold"),
    (aiohttp.ClientConnectorDNSError, "the server's name leads nowhere"),
    (aiohttp.ServerDisconnectedError, "the server closed the connection without an answer"),
    (aiohttp.ClientPayloadError, "the document was cut short"),
    (aiohttp.ClientResponseError, "what came is no proper answer of a web server"),
    (zlib.error, "the document's compressed data is damaged"),
    (aiohttp.InvalidURL, "the address is not one of the web"),
    (UnicodeError, "the address is not one of the web"),
)


def refusal(status: int) -> str:
    """Return in words what an HTTP status other than success says."""
    phrase = HTTPStatus(status).phrase.lower() if status in set(HTTPStatus) else "unknown status"
    return f"the server answered {status} ({phrase}){_HINTS.get(status, '')}"


def why(error: Exception) -> str:
    """Return in words why a request failed. An error's own text may hold an address with its password, so few are quoted."""
    if isinstance(error, Unfit):
        return str(error)
    if said := next((words for kind, words in _WHY if isinstance(error, kind)), None):
        return said
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"no connection: {error.os_error.strerror or error.os_error}"
    if isinstance(error, OSError):
        return f"the connection broke off ({type(error).__name__})"
    return f"no proper answer ({type(error).__name__})"
