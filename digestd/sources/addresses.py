"""Which addresses of the net a source may lead to. They are looked at when a connection is made, not when a name is read."""

import ipaddress
import socket

from aiohttp import AddrInfoType

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")  # RFC 4291 2.4: all else in IPv6 is local, mapped, or not given out
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the last 32 bits are the IPv4 address that is reached


def public_socket(info: AddrInfoType) -> socket.socket:
    """Return a socket for an address about to be dialled; raise OSError unless it is public."""
    if not is_public(host := str(info[4][0])):
        raise OSError(f"{host} is not a public address (allow_private lets a source ask it)")
    return socket.socket(*info[:3])


def private_socket(info: AddrInfoType) -> socket.socket:
    """Return a socket for an address about to be dialled; raise OSError where not even a private source may lead."""
    if is_link_local(host := str(info[4][0])):
        raise OSError(f"{host} is a link-local address, where clouds keep the secrets of their machines")
    return socket.socket(*info[:3])


def is_public(host: str) -> bool:
    """Return whether anyone may be asked there: it is not private, shared, local, multicast, reserved, or IPv4 in disguise."""
    address = _undisguised(ipaddress.ip_address(host))
    if isinstance(address, ipaddress.IPv6Address) and (address not in _GLOBAL_UNICAST or address.sixtofour or address.teredo):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def is_link_local(host: str) -> bool:
    """Return whether it is an address that holds on one wire alone, such as 169.254.169.254 (RFC 3927, RFC 4291 2.5.6)."""
    address = ipaddress.ip_address(host)
    return (getattr(address, "ipv4_mapped", None) or _undisguised(address)).is_link_local


def _undisguised(address: IPAddress) -> IPAddress:
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else address
