"""Stock through HTTP, as shops, tills and ERPs use it; and the panel that people see."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from spindel.catalogue.models import Product
from spindel.commerce.stock.models import Hold, StockCheck
from spindel.identity.models import Identifier
from spindel.staff import actions as staff
from spindel.staff.models import Scope, User
from spindel.timeline.models import Fact
from tests.commerce.conftest import Shop
from tests.commerce.stock.cast import deliver, let_time_pass, reserve

Ask = Callable[..., HttpResponse]
PAIR = {"sku": "vinga-38", "place": "goteborg", "quantity": 1}


@pytest.fixture
def ask(shop: Shop) -> Ask:
    """Asks the API with a token for stock."""
    secret = staff.create_token("till", [Scope.READ_STOCK, Scope.WRITE_STOCK], None)[1]

    def call(path: str, body: object = None, key: str = "") -> HttpResponse:
        headers = {"Authorization": f"Bearer {secret}"}
        if key:
            headers["Idempotency-Key"] = key
        client = Client(headers=headers)
        if body is None:
            return client.get(f"/api/stock{path}")
        return client.post(f"/api/stock{path}", json.dumps(body), content_type="application/json")

    return call


def test_a_pair_is_held_read_extended_and_handed_over(ask: Ask, shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 1)
    wanted = {"lines": [PAIR], "until": "hour", "whose": "email:anna@Example.se", "channel": "web"}
    answer = ask("/holds", wanted, key="k1")
    assert answer.status_code == 201
    (made,) = answer.json()["items"]
    assert ask("/holds", wanted, key="k1").json()["items"] == [made]
    assert (made["sku"], made["place"], made["state"]) == ("vinga-38", "goteborg", "active")
    fact = Fact.objects.get(name="Stock Reserved")
    assert Identifier.objects.get(pk=fact.identifier_id).value == "anna@example.se"
    assert fact.channel == "web"

    tomorrow = ask(f"/holds/{made['id']}/extend", {"until": "tomorrow"}, key="e1").json()
    until = Hold.objects.get().until.astimezone(ZoneInfo("Europe/Stockholm"))
    today = timezone.now().astimezone(ZoneInfo("Europe/Stockholm")).date()
    assert (until.date(), until.hour) == (today + timedelta(days=1), 18)
    assert tomorrow["state"] == "active"
    assert ask(f"/holds/{made['id']}/set-aside", {}).json()["set_aside"] is True
    assert ask(f"/holds/{made['id']}/hand-over", {}).json()["state"] == "handed_over"
    refused = ask(f"/holds/{made['id']}/release", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "ended")
    assert ask(f"/holds/{made['id']}").json()["state"] == "handed_over"


def test_too_little_is_answered_with_what_there_is(ask: Ask, shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 1)
    answer = ask("/holds", {"lines": [PAIR, PAIR], "until": "hour"}, key="k")
    assert answer.status_code == 409
    said = answer.json()
    assert said["code"] == "not_enough"
    assert said["available"] == [{"sku": "vinga-38", "place": "goteborg", "available": 1}]


def test_what_can_not_be_is_refused_in_words(ask: Ask, shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 5)
    one = {"lines": [PAIR], "until": "hour"}
    assert ask("/holds", one).status_code == 422  # without a key
    assert ask("/holds", one, key="k").status_code == 201
    for code, status, body, key in (
        ("key_reused", 409, one | {"until": "tomorrow"}, "k"),
        ("no_such_variant", 404, {"lines": [PAIR | {"sku": "x"}], "until": "hour"}, "a"),
        ("no_such_place", 404, {"lines": [PAIR | {"place": "x"}], "until": "hour"}, "b"),
        ("bad_until", 422, one | {"until": "soon"}, "c"),
        ("bad_until", 422, one | {"until": "2026-01-01T10:00:00"}, "d"),
        ("refused", 409, one | {"until": "2019-01-01"}, "e"),
        ("refused", 409, one | {"until": str((timezone.now() + timedelta(days=30)).date())}, "f"),
        ("bad_identifier", 422, one | {"whose": "anna"}, "g"),
    ):
        answer = ask("/holds", body, key=key)
        assert (answer.json()["code"], answer.status_code) == (code, status)
    assert ask("/holds/987654").status_code == 404
    assert ask(f"/holds/{2**70}").status_code == 404


def test_an_erp_and_a_till_tell_and_levels_are_read(ask: Ask, shop: Shop) -> None:
    now = timezone.now().isoformat()
    counts = [
        {"sku": "vinga-38", "place": place, "quantity": 3, "at": now}
        for place in ("stockholm", "goteborg", "boras")
    ]
    assert ask("/counts", {"counts": counts}).json()["applied"] == 3
    assert ask("/counts", {"counts": counts}).json()["applied"] == 0
    move = PAIR | {"key": "m1", "kind": "transfer", "to": "stockholm"}
    assert ask("/movements", {"movements": [move]}).json()["changes"] == 2
    assert ask("/movements", {"movements": [move]}).json()["changes"] == 0
    again = ask("/movements", {"movements": [move | {"quantity": 2}]})
    assert (again.status_code, again.json()["code"]) == (409, "key_reused")
    sale = {"key": "r1", "place": "goteborg", "lines": [{"sku": "vinga-38", "quantity": 3}]}
    for told in (False, True):
        sold = ask("/sales", sale).json()
        assert sold["again"] is told
        assert [one["available"] for one in sold["short"]] == [-1]
    levels = ask("/levels/vinga-38?near=goteborg").json()["items"]
    assert [(one["place"], one["available"]) for one in levels] == [
        ("goteborg", -1),
        ("boras", 3),
        ("stockholm", 4),
    ]
    assert levels[2]["kilometres"] == pytest.approx(397, abs=10)
    assert ask("/levels/nothing").status_code == 404


def test_what_is_not_found_names_the_next_place(ask: Ask, shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 1)
    deliver(shop.small, shop.stockholm, 1)
    (made,) = ask("/holds", {"lines": [PAIR], "until": "hour"}, key="k").json()["items"]
    answer = ask(f"/holds/{made['id']}/not-found", {}).json()
    assert (answer["hold"]["state"], answer["next_place"]) == ("missing", "stockholm")


def test_another_token_has_keys_of_its_own(ask: Ask, shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 2)
    (made,) = ask("/holds", {"lines": [PAIR], "until": "hour"}, key="k").json()["items"]
    secret = staff.create_token("shop", [Scope.WRITE_STOCK], None)[1]
    answer = Client().post(
        "/api/stock/holds",
        json.dumps({"lines": [PAIR], "until": "hour"}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": "k"},
    )
    assert answer.json()["items"][0]["id"] != made["id"]


def test_the_panel_shows_sizes_by_place(shop: Shop, clerk: User) -> None:
    client = Client()
    client.force_login(clerk, backend="allauth.account.auth_backends.AuthenticationBackend")
    panel = f"/stock/products/{Product.objects.get().pk}/"
    empty = client.get(panel).content.decode()
    assert "Nothing is known of its stock yet" in empty
    deliver(shop.small, shop.goteborg, 4)
    deliver(shop.large, shop.stockholm, 2)
    (late,) = reserve((shop.small, shop.goteborg, 2))
    reserve((shop.small, shop.goteborg, 1))
    let_time_pass(late)
    StockCheck.objects.create(pk=1, at=timezone.now(), levels=2, wrong=1)
    page = client.get(panel).content.decode()
    words = " ".join(page.replace("<", " <").split())
    assert "Göteborg" in page
    assert "Borås" not in page
    assert re.search(r'<td class="heat-3"> <a [^>]*>3 </a>', words)
    assert "1 held" in page
    assert "do not add up for 1 level" in page
    assert client.get(f"/stock/products/{2**63}/").status_code == 404
