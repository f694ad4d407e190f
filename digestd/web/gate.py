"""How often somebody may ask, and who that is."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_MOST_CLIENTS = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many a second, and so many at once after a rest."""

    per_second: float
    at_once: int


class Gate:
    """Lets each client pass at one rate, and all of them together at another. Of clients, it remembers the latest."""

    def __init__(self, each: Rate, together: Rate) -> None:
        self._each, self._together = each, together
        self._next: dict[str, float] = {}
        self._next_of_all = 0.0

    def wait(self, client: str, now: float) -> float:
        """Let *client* pass and return 0, or return how many seconds it is to wait."""
        own = max(self._next.pop(client, now), now)
        others = max(self._next_of_all, now)
        wait = max(_wait(own, self._each, now), _wait(others, self._together, now))
        if not wait:
            own += 1 / self._each.per_second
            self._next_of_all = others + 1 / self._together.per_second
        self._next[client] = own
        if len(self._next) > _MOST_CLIENTS:
            del self._next[next(iter(self._next))]
        return wait


def client_of(peer: str, forwarded: Sequence[str], proxies: Collection[str]) -> str:
    """Return who asks: the peer; where that is one of our *proxies*, the last whom they say it is *forwarded* for.

    A host of IPv6 may take any address of its network, so there the network stands for it.
    """
    if peer not in proxies:
        return _name(_address(peer))
    told = (_address(hop.strip()) for field in reversed(forwarded) for hop in reversed(field.split(",")))
    return _name(next(_strangers(told, proxies), _address(peer)))


def _strangers(
    hops: Iterator[IPv4Address | IPv6Address | None], proxies: Collection[str]
) -> Iterator[IPv4Address | IPv6Address]:
    """Yield the hops before those that are proxies of ours, up to what is no address."""
    for hop in hops:
        if hop is None:
            return
        if str(hop) not in proxies:
            yield hop


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _name(address: IPv4Address | IPv6Address | None) -> str:
    return str(ip_network((address, 64), strict=False) if isinstance(address, IPv6Address) else address)


def _wait(due: float, rate: Rate, now: float) -> float:
    """Return how long somebody whose next turn is *due* must wait, who may be ahead of it by a burst (ITU-T I.371)."""
    return max(0.0, due - now - (rate.at_once - 1) / rate.per_second)
