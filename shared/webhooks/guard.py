"""Where a request that a user asked for may go: not into the network this installation stands in.

The name is resolved here and the connection is made to the very address that was looked at, so that a name server
cannot give one answer to the check and another to the request. Every address a name has must pass: one bad one is
enough to refuse.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable

from shared.errors import AppError

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Refused(AppError):
    """The request may not be made; `detail` says why."""

    status = 422
    title = "Address refused"


async def resolve(host: str, port: int, *, allow_private: bool) -> str:
    """The address to connect to for a host. Raises Refused for one that leads inside, or leads nowhere."""
    addresses = await _lookup(host, port)
    if not allow_private:
        check(addresses, host)
    return str(addresses[0])


def check_literal(host: str, *, allow_private: bool) -> None:
    """Refuse at once what can be told from the name alone; names proper are looked at when a message goes out."""
    if allow_private:
        return
    name = host.casefold().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        raise _inside(host)
    literal = _literal(name)
    if literal is not None:
        check([literal], host)


def check(addresses: Iterable[_Address], host: str) -> None:
    """Raise Refused if any of these is not an address of the public internet."""
    if any(not _is_public(address) for address in addresses):
        raise _inside(host)


def _is_public(address: _Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return _is_public(inner)
        if address.teredo is not None or address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


async def _lookup(host: str, port: int) -> list[_Address]:
    literal = _literal(host)
    if literal is not None:
        return [literal]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Refused(f"The name {host} cannot be resolved.") from error
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


def _literal(host: str) -> _Address | None:
    """An address written as one, in the odd spellings too (`0`, `0x7f.1`, `2130706433`), as the resolver reads them."""
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None


def _inside(host: str) -> Refused:
    return Refused(
        f"“{host}” is inside this network. Afterword calls only public addresses, unless the person who runs it sets "
        "WEBHOOKS_TO_PRIVATE_ADDRESSES=1."
    )
