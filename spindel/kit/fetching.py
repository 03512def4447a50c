"""Fetching what somebody has typed an address of: from outside alone, and no more than is asked.

Whoever types an address must not reach through us what only our network reaches. So its name is
resolved once, every address that it has must be one of the internet, and the connection goes to
just that address: resolved again, the name might lead inside. Each redirect is checked alike.
"""

from __future__ import annotations

import ipaddress
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO, Any, NamedTuple

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
    """Where an address leads: what is asked there, and the name that it goes by, as it is sent."""

    url: httpx.URL
    name: str
    host: str  # the name, with its port


def fetch(address: str, most: int) -> IO[bytes]:
    """What lies at the address, of `most` bytes at most, in a file that is deleted when it is
    closed. Raises NotFetched.
    """
    until = time.monotonic() + _LONGEST
    with cut_at(until) as watched:
        for _ in range(_REDIRECTS + 1):
            place = _pinned(address)
            if time.monotonic() > until:
                raise NotFetched(address, "too slow")
            headers = {"Host": place.host, "User-Agent": "Spindel", "Accept-Encoding": "identity"}
            extensions = {"sni_hostname": place.name, "trace": watched}
            # Through no proxy of the environment: it would resolve the name once more.
            with httpx.Client(trust_env=False, timeout=_PATIENCE) as client:
                try:
                    with client.stream(
                        "GET", place.url, headers=headers, extensions=extensions
                    ) as answer:
                        if not answer.is_redirect:
                            return _read(answer, address, most, until)
                        to = answer.headers.get("Location", "")
                        address = str(httpx.URL(address).join(to))
                except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
                    raise NotFetched(address, type(error).__name__) from None
    raise NotFetched(address, "too many redirects")


def _read(answer: httpx.Response, address: str, most: int, until: float) -> IO[bytes]:
    if answer.status_code != 200:
        raise NotFetched(address, f"status {answer.status_code}")
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  # the caller closes it
    try:
        read = 0
        for part in answer.iter_raw():
            read += len(part)
            if read > most:
                raise NotFetched(address, "too large")
            file.write(part)
        if time.monotonic() > until:  # what was cut may look like the end
            raise NotFetched(address, "too slow")
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


@contextmanager
def cut_at(until: float) -> Iterator[Callable[[str, Mapping[str, Any]], None]]:
    """What a request of httpx takes as its extension `trace`, for its connection to be cut at the
    moment (monotonic): its own timeouts are for each read alone, and a server may send a byte at a
    time. What was cut may look like an answer that has ended, so ask the clock after it.
    """
    opened: list[Any] = []

    def cut() -> None:
        for one in opened:
            with suppress(OSError):
                one.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    def trace(event: str, info: Mapping[str, Any]) -> None:
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            opened.append(info["return_value"])
            if time.monotonic() > until:
                cut()

    timer = threading.Timer(max(0.0, until - time.monotonic()), cut)
    timer.daemon = True
    timer.start()
    try:
        yield trace
    finally:
        timer.cancel()


def _pinned(address: str) -> _Place:
    """The address with the name resolved. Raises NotFetched."""
    try:
        url = httpx.URL(address)
        name = url.raw_host.decode("ascii")
    except (httpx.InvalidURL, ValueError):
        raise NotFetched(address, "no address") from None
    if url.scheme not in ("http", "https") or not name or url.userinfo:
        raise NotFetched(address, "no address")
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError):
        raise NotFetched(address, "no such host") from None
    addresses = [str(one[4][0]) for one in found]
    if not addresses or not all(is_outside(one) for one in addresses):
        raise NotFetched(address, "an address inside the network")
    pinned = url.copy_with(host=addresses[0], port=port)
    return _Place(pinned, name, url.netloc.decode("ascii"))


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
        if found in _NAT64_INSIDE or found.is_site_local:
            return False
        if found in _NAT64:
            return is_outside(str(ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF)))
    return found.is_global and not found.is_multicast


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052
_NAT64_INSIDE = ipaddress.IPv6Network("64:ff9b:1::/48")  # RFC 8215
