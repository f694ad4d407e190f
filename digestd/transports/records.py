"""What DNS says of a domain in its TXT records: who may send for it, and with which keys."""

from collections.abc import Sequence

from dns.asyncresolver import Resolver
from dns.exception import DNSException
from dns.resolver import NXDOMAIN

_PATIENCE = 5.0  # seconds, for all tries together
PORT = 53


class Unasked(Exception):
    """No server gave an answer, so that nobody knows whether there are records: why."""


class Records:
    """The TXT records that the DNS server at *host* knows of, or the one of this machine."""

    def __init__(self, host: str | None = None, port: int = PORT) -> None:
        self._host = host
        self._port = port

    async def texts(self, name: str) -> Sequence[str]:
        """Return the texts at *name*: none where there are none. Raises Unasked."""
        try:
            answer = await self._resolver().resolve(name, "TXT", search=False, raise_on_no_answer=False)
        except NXDOMAIN:
            return []
        except (DNSException, OSError) as error:
            raise Unasked(" ".join(str(error).split()) or type(error).__name__) from error
        return [b"".join(record.strings).decode("utf-8", "replace") for record in answer.rrset or ()]

    def _resolver(self) -> Resolver:
        resolver = Resolver(configure=self._host is None)
        if self._host is not None:
            resolver.nameservers, resolver.port = [self._host], self._port
        resolver.lifetime = resolver.timeout = _PATIENCE
        return resolver
