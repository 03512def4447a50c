"""Fetching what somebody has typed an address of: from outside alone, and no more than is asked.

Whoever types an address must not reach through us what only our network reaches. So its name is
resolved once, every address that it has must be one of the internet, and the connection goes to
just that address: resolved again, the name might lead inside. Each redirect is checked alike.
"""

from __future__ import annotations

import ipaddress
import socket
import tempfile
import time
from typing import IO, NamedTuple
from urllib.parse import urljoin, urlsplit

import httpx

from spindel.kit.refusal import Refusal

_REDIRECTS = 3
_PATIENCE = 10.0  # seconds for each part, and
_LONGEST = 120.0  # for all of it
_IN_MEMORY = 1024 * 1024  # bytes


class NotFetched(Refusal):
    """It could not be had; `why` says so in a word."""

    code = "not_fetched"

    def __init__(self, address: str, why: str) -> None:
        super().__init__(address=address[:200], why=why[:200])


class _Place(NamedTuple):
    """Where an address leads: what is asked there, of whom, and the name that it goes by."""

    url: httpx.URL
    host: str


def fetch(address: str, most: int) -> IO[bytes]:
    """What lies at the address, of `most` bytes at most, in a file that is deleted when it is
    closed. Raises NotFetched.
    """
    until = time.monotonic() + _LONGEST
    for _ in range(_REDIRECTS + 1):
        place = _pinned(address)
        headers = {"Host": place.host, "User-Agent": "Spindel", "Accept-Encoding": "identity"}
        extensions = {"sni_hostname": urlsplit(address).hostname or ""}
        # Through no proxy of the environment: it would resolve the name once more.
        with httpx.Client(trust_env=False, timeout=_PATIENCE) as client:
            try:
                with client.stream(
                    "GET", place.url, headers=headers, extensions=extensions
                ) as answer:
                    if not answer.is_redirect:
                        return _read(answer, address, most, until)
                    address = urljoin(address, answer.headers.get("Location", ""))
            except httpx.HTTPError as error:
                raise NotFetched(address, type(error).__name__) from None
    raise NotFetched(address, "too many redirects")


def _read(answer: httpx.Response, address: str, most: int, until: float) -> IO[bytes]:
    if answer.status_code != 200:
        raise NotFetched(address, f"status {answer.status_code}")
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  # the caller closes it
    read = 0
    for part in answer.iter_raw():
        read += len(part)
        if read > most or time.monotonic() > until:
            file.close()
            raise NotFetched(address, "too large" if read > most else "too slow")
        file.write(part)
    file.seek(0)
    return file


def _pinned(address: str) -> _Place:
    """The address with the name resolved. Raises NotFetched."""
    try:
        parts = urlsplit(address)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise NotFetched(address, "no address") from None
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        raise NotFetched(address, "no address")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotFetched(address, "no such host") from None
    addresses = [str(one[4][0]) for one in found]
    if not addresses or not all(is_outside(one) for one in addresses):
        raise NotFetched(address, "an address inside the network")
    url = httpx.URL(address).copy_with(host=addresses[0], port=port)
    return _Place(url, parts.netloc)


def is_outside(address: str) -> bool:
    """Whether the IP address is one of the internet, and of one machine there."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        # An IPv4 address within one leads where that leads.
        inside = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inside is not None:
            return is_outside(str(inside))
        if found in _NAT64:
            return is_outside(str(ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF)))
    return found.is_global and not found.is_multicast


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052
