"""Which addresses of the net a source may lead to."""

import ipaddress
import socket

from aiohttp import AddrInfoType

_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")  # RFC 4291 2.4: all else in IPv6 is local, mapped, or not given out
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the last 32 bits are the IPv4 address that is reached


def public_socket(info: AddrInfoType) -> socket.socket:
    """Return a socket for an address about to be dialled; raise OSError unless it is public."""
    family, kind, protocol, _, address = info
    if not is_public(host := str(address[0])):
        raise OSError(f"{host} is not a public address (allow_private lets a source ask it)")
    return socket.socket(family, kind, protocol)


def is_public(host: str) -> bool:
    """Return whether anyone may be asked there: it is not private, shared, local, multicast, reserved, or IPv4 in disguise."""
    address = ipaddress.ip_address(host)
    if address in _NAT64:
        address = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if isinstance(address, ipaddress.IPv6Address) and (address not in _GLOBAL_UNICAST or address.sixtofour or address.teredo):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved
