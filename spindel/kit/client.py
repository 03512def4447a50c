"""Whoever has connected, by the network address."""

from __future__ import annotations

import ipaddress

from django.http import HttpRequest

from spindel.kit import environment

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def address(request: HttpRequest) -> str:
    """The network address that a request came from, "" where it is not known.

    Of `X-Forwarded-For` as many of the last addresses are believed as there are proxies of ours in
    front: each has added the one that it was asked from. Who came round them is whoever connected.
    """
    proxies = environment.number("SPINDEL_TRUSTED_PROXIES")
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if proxies > 0 and len(hops) >= proxies and (found := _parsed(hops[-proxies])):
        return str(found)
    return str(_parsed(request.META.get("REMOTE_ADDR", "")) or "")


def network(address: str) -> str:
    """What the addresses of one household, or of one machine, have in common; "" for none.

    Of the long kind each has 2^64, which begin alike.
    """
    found = _parsed(address)
    if isinstance(found, ipaddress.IPv6Address):
        found = ipaddress.IPv6Address(int(found) >> 64 << 64)
    return str(found or "")


def _parsed(text: str) -> Address | None:
    try:
        found = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address):
        return found.ipv4_mapped or found  # a socket for both kinds writes the short one so
    return found
