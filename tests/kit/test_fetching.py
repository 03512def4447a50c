"""What somebody types an address of is fetched from outside alone."""

from __future__ import annotations

import socket
import time

import pytest

from spindel.kit import fetching
from spindel.kit.fetching import NotFetched, fetch, is_outside
from tests.kit.outside import asked
from tests.kit.outside import site as site  # a fixture


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"),
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "ff02::1"),
        *("64:ff9b:1::5db8:d822", "fec0::1", "localhost"),
    ],
)
def test_an_address_inside_is_none_of_the_internet(address: str) -> None:
    assert not is_outside(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "64:ff9b::5db8:d822"])
def test_an_address_of_the_internet_is(address: str) -> None:
    assert is_outside(address)


@pytest.mark.parametrize(
    "address",
    [
        *("http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://0x7f000001/"),
        *("http://2130706433/", "http://127.1/", "http://169.254.169.254/latest/meta-data/"),
        *("file:///etc/passwd", "ftp://example.com/", "http://", "//example.com/", "gopher://x/"),
        *("http://user:word@example.com/", "http://example.com:99999/", "javascript:alert(1)"),
        *("http://[x", "http://a\x01b/", "http://example.com/\x01", "http://\udcff.example/"),
        *(f"http://{'a' * 64}.example/", "http://..example/", "http://xn--\xfc.example/"),
    ],
)
def test_what_leads_inside_or_nowhere_is_refused(address: str) -> None:
    with pytest.raises(NotFetched):
        fetch(address, 1_000)


def test_what_is_outside_is_fetched_by_its_name(site: str) -> None:
    with fetch(f"{site}/feed?key=1", 1_000) as file:
        assert file.read() == b"xxxxx"
    assert asked == [(site.removeprefix("http://"), "/feed?key=1")]


def test_a_redirect_is_followed_but_not_inside(site: str) -> None:
    with fetch(f"{site}/to//feed", 1_000) as file:
        assert file.read() == b"xxxxx"
    port = site.rpartition(":")[2]
    for inside in (
        f"http://inside.example:{port}/secret",
        "http://10.0.0.1/",
        "file:///etc/passwd",
    ):
        with pytest.raises(NotFetched):
            fetch(f"{site}/to/{inside}", 1_000)
    assert "/secret" not in [path for _, path in asked]


@pytest.mark.parametrize("path", ["/large", "/gone", "/to//to//to//to//to//to//feed"])
def test_what_is_too_large_gone_or_leads_on_and_on_is_refused(site: str, path: str) -> None:
    with pytest.raises(NotFetched):
        fetch(site + path, 1_000)


def test_a_name_is_resolved_once(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it might be checked as one address and asked as another."""
    before = socket.getaddrinfo
    names: list[str] = []

    def counting(host: str, *more: object, **others: object) -> object:
        names.append(host)
        return before(host, *more, **others)  # type: ignore[arg-type]  # as asked

    monkeypatch.setattr(socket, "getaddrinfo", counting)
    fetch(f"{site}/feed", 1_000).close()
    assert names.count("feeds.example") == 1


def test_a_name_with_letters_of_its_own_is_asked_by_what_is_sent_of_it(site: str) -> None:
    fetch(site.replace("feeds", "b\xfccher"), 1_000).close()
    assert asked[0][0] == site.removeprefix("http://").replace("feeds", "xn--bcher-kva")


@pytest.mark.parametrize("to", ["http://[x", "http://a%01b/", "http://a\x01b/", "http://x:y/"])
def test_a_redirect_to_no_address_is_refused(site: str, to: str) -> None:
    with pytest.raises(NotFetched):
        fetch(f"{site}/to/{to}", 1_000)


@pytest.mark.parametrize("path", ["/drips", "/drips-headers"])
def test_what_comes_byte_by_byte_is_not_waited_for(
    site: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "_LONGEST", 0.2)
    began = time.monotonic()
    with pytest.raises(NotFetched):
        fetch(site + path, 100_000)
    assert time.monotonic() - began < 5
