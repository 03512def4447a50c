"""Mails with links to log in by are few: for an address, a session, and a network address."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from spindel.messages.models import Mail
from spindel.shoppers import actions as shoppers
from spindel.shoppers.models import LoginLink, Shopper
from spindel.staff.actions import create_token
from spindel.staff.models import Scope
from tests.commerce.conftest import Shop
from tests.commerce.quotes.cast import at_once


class Device:
    """A session that began from a network address."""

    def __init__(self, secret: str, browser: str, address: str) -> None:
        self.key = secret
        answer = self.ask("sessions", browser=browser, address=address)
        assert answer.status_code == 201, answer.content
        self.key = answer.json()["key"]

    def ask(self, path: str, meta: Mapping[str, str] | None = None, **body: object) -> HttpResponse:
        return Client(**(meta or {})).post(
            f"/api/shop/{path}",
            json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.key}"},
        )

    def mail(self, who: int | str, **meta: str) -> int:
        return self.ask("login", meta, email=f"somebody-{who}@example.se").status_code


@pytest.fixture
def come(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> partial[Device]:
    """Comes to the shop with a device, from a network address."""
    monkeypatch.setenv("SPINDEL_SHOP_URL", "https://shop.example")
    return partial(Device, create_token("shop", [Scope.SHOP], None)[1])


def test_one_session_asks_for_a_few_whoevers_they_are(come: partial[Device]) -> None:
    phone = come("phone", "203.0.113.7")
    assert [phone.mail(n) for n in range(6)] == [202] * 5 + [429]
    assert Mail.objects.count() == 5
    answer = phone.ask("login", email="somebody@example.se").json()
    assert answer["code"] == "too_many"
    assert "Wait" in answer["message"]
    assert come("laptop", "203.0.113.8").mail(1) == 202
    LoginLink.objects.update(made_at=timezone.now() - timedelta(hours=1))
    assert phone.mail(7) == 202


def test_of_one_network_address_only_so_many_are_sent(
    come: partial[Device], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shoppers, "_MOST_OF_NETWORK", 3)
    for address, other in (
        ("203.0.113.7", "203.0.113.8"),
        ("2001:db8:1:2::1", "2001:db8:1:3::1"),
    ):
        for n in range(3):
            assert come(f"{address} {n}", address).mail(n) == 202
        same = address.replace("::1", "::77")  # of one household
        assert come(f"{address} more", same).mail("more") == 429
        assert come(f"{address} other", other).mail("other") == 202


def test_where_no_address_is_told_those_are_counted_together_who_connect_from_one(
    come: partial[Device], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shoppers, "_MOST_OF_CALLER", 3)
    for caller, same, other in (
        ("203.0.113.7", "::ffff:203.0.113.7", "203.0.113.8"),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::77", "2001:db8:1:3::1"),
    ):
        devices = [come(f"{caller} {n}", "") for n in range(5)]
        for n, device in enumerate(devices[:3]):
            assert device.mail(n, REMOTE_ADDR=caller) == 202
        assert devices[3].mail("more", REMOTE_ADDR=same) == 429
        assert devices[4].mail("other", REMOTE_ADDR=other) == 202
        told = come(f"{caller} told", f"198.51.100.{len(caller)}")
        assert told.mail("told", REMOTE_ADDR=caller) == 202, "counted by what the shop tells"


@pytest.mark.parametrize(
    ("proxies", "header", "same"),
    [
        (0, "198.51.100.{n}", True),
        (1, "198.51.100.{n}, 203.0.113.9", True),
        (1, "203.0.113.9, 198.51.100.{n}", False),
        (2, "198.51.100.{n}, 203.0.113.9, 192.0.2.1", True),
        (2, "198.51.100.{n}", True),  # not through both: round our proxies
        (1, "nonsense-{n}", True),
    ],
)
def test_who_connects_is_not_what_a_header_of_their_own_says(
    come: partial[Device],
    monkeypatch: pytest.MonkeyPatch,
    proxies: int,
    header: str,
    same: bool,
) -> None:
    monkeypatch.setattr(shoppers, "_MOST_OF_CALLER", 2)
    monkeypatch.setenv("SPINDEL_TRUSTED_PROXIES", str(proxies))
    sent = [come(f"d{n}", "").mail(n, HTTP_X_FORWARDED_FOR=header.format(n=n)) for n in range(3)]
    assert sent == [202, 202, 429 if same else 202]


@pytest.mark.parametrize("address", ["203.0.113.7", ""])
def test_sessions_of_one_network_that_ask_at_once_are_counted(
    come: partial[Device], monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(shoppers, "_MOST_OF_NETWORK", 2)
    monkeypatch.setattr(shoppers, "_MOST_OF_CALLER", 2)
    asks = [partial(come(f"d{n}", address).mail, n) for n in range(4)]
    assert sorted(map(str, at_once(*asks))) == ["202", "202", "429", "429"]


def test_nothing_of_the_address_is_kept_but_a_hash(come: partial[Device]) -> None:
    come("phone", "203.0.113.7").mail(1)
    kept = Shopper.objects.get().network
    assert re.fullmatch("[0-9a-f]{32}", kept)
    assert LoginLink.objects.get().network == kept


def test_asked_for_at_once_they_are_counted(come: partial[Device]) -> None:
    phone = come("phone", "203.0.113.7")
    for n in range(4):
        phone.mail(n)
    asks = [partial(phone.mail, n) for n in (5, 6, 7)]
    assert sorted(map(str, at_once(*asks))) == ["202", "429", "429"]


def test_an_address_that_no_mail_goes_to_is_said_to_be_none(come: partial[Device]) -> None:
    phone = come("phone", "203.0.113.7")
    for none in ("åsa@example.se", "anna@example.se>", "anna@[127.0.0.1]", "anna"):
        answer = phone.ask("login", email=none)
        assert (answer.status_code, answer.json()["code"]) == (409, "refused"), none
    assert Mail.objects.count() == LoginLink.objects.count() == 0


@pytest.mark.parametrize(
    ("typed", "proved"),
    [
        ("Anna@Example.se", "anna@example.se"),
        ("An.Na+shop@googlemail.com", "anna@gmail.com"),
        ("ANNA@räksmörgås.se", "anna@xn--rksmrgs-5wao1o.se"),
    ],
)
def test_the_link_goes_to_the_address_that_it_proves(
    come: partial[Device], typed: str, proved: str
) -> None:
    """Elsewhere Anna@ and anna@ could be two, and one would log in as the other."""
    assert come("phone", "203.0.113.7").ask("login", email=typed).status_code == 202
    assert LoginLink.objects.get().identifier.value == proved
    assert Mail.objects.get().to == proved


def test_the_mail_is_not_sent_any_more_once_its_link_has_ended(come: partial[Device]) -> None:
    come("phone", "203.0.113.7").mail("x")
    assert Mail.objects.get().ends_at == LoginLink.objects.get().ends_at
