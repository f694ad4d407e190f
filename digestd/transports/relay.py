"""The mail server that we hand messages to, and the terms on which we talk to it."""

import asyncio
import socket
import ssl
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

GOODBYE = timedelta(seconds=5)  # how long we wait for a server's
Security = Literal["tls", "starttls", "none"]


class BadRelay(ValueError):
    """The relay cannot be used as it is configured."""


@dataclass(frozen=True, slots=True)
class Relay:
    """A submission server (RFC 6409), how to reach it, and how much to ask of it.

    *ca_file* holds the certificates to trust instead of the system's. *timeout* is for opening a connection up to the
    log-in, and again for all that is said before a message; *data_timeout* is for the message and the answer to it.
    """

    host: str
    port: int
    security: Security = "tls"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    connections: int = 4
    messages_per_connection: int = 100
    timeout: timedelta = timedelta(minutes=1)
    data_timeout: timedelta = timedelta(minutes=10)  # RFC 5321 4.5.3.2.6: giving up early makes duplicates
    ca_file: Path | str | None = None

    def __post_init__(self) -> None:
        if (self.username is None) != (self.password is None):
            raise BadRelay("a username and a password go together")
        if self.username is not None and self.security == "none":
            raise BadRelay('a password only goes over TLS: use security "tls" or "starttls", or drop the username')
        if min(self.connections, self.messages_per_connection) < 1:
            raise BadRelay("at least one connection and one message to a connection are needed")

    @property
    def longest_try(self) -> timedelta:
        """Return how long handing over one message can take: a worn-out connection is tried before a new one."""
        return 3 * self.timeout + self.data_timeout + 2 * GOODBYE

    async def check(self) -> None:
        """Raise BadRelay if mail would leave this machine in the clear."""
        if self.security == "none" and not all(map(is_loopback, await self._addresses())):
            raise BadRelay(f'{self.host} is not this machine: security "none" is for loopback only, use "tls" or "starttls"')

    async def _addresses(self) -> list[str]:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or "it is no name of a host"
            raise BadRelay(f'{self.host} is not found ({why}): see host; security "none" needs a loopback address') from error
        return [str(address[0]) for *_, address in found]

    def tls(self) -> ssl.SSLContext | None:
        """Return the terms of TLS: certificates and names are always verified."""
        if self.security == "none":
            return None
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except ssl.SSLError as error:
            raise BadRelay(f"ca_file {self.ca_file} holds no certificates in PEM") from error
        except OSError as error:
            raise BadRelay(f"ca_file {self.ca_file}: {error.strerror}") from error


def is_loopback(address: str) -> bool:
    """Return whether a numeric address is this machine's own; `::ffff:127.0.0.1` is too."""
    ip = ip_address(address.partition("%")[0])
    return (getattr(ip, "ipv4_mapped", None) or ip).is_loopback
