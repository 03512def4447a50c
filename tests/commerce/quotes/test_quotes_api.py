"""Quotes for machines."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any  # what JSON holds

import pytest
from django.test import Client

from spindel.catalogue.models import Place, Price
from spindel.commerce.quotes import actions
from spindel.commerce.quotes.models import Quote
from spindel.messages.models import Mail
from spindel.staff.actions import create_token
from spindel.staff.models import Scope
from tests.commerce.conftest import Shop
from tests.commerce.quotes.cast import ANNA, HOME, in_days
from tests.commerce.stock.cast import deliver

Ask = Callable[..., Any]


@pytest.fixture
def priced(shop: Shop) -> Shop:
    """Vinga costs 1,299 kronor, and the warehouse sends."""
    for variant in (shop.small, shop.large):
        Price.objects.create(variant_id=variant, market="SE", currency="SEK", amount=129_900)
    Place.objects.filter(pk=shop.warehouse).update(ships=True)
    deliver(shop.small, shop.warehouse, 2)
    return shop


@pytest.fixture
def ask(database: str) -> Ask:
    """Ask the API with a token that reads and writes orders; the answer's status and JSON."""
    _, secret = create_token("ERP", [Scope.READ_ORDERS, Scope.WRITE_ORDERS], None)

    def ask(method: str, path: str, body: object = None, key: str = "") -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {secret}"} | ({"Idempotency-Key": key} if key else {})
        sent = b"" if body is None else json.dumps(body).encode()
        kind = "application/json"
        answer = Client().generic(method, f"/api/quotes{path}", sent, kind, headers=headers)
        return answer.status_code, answer.json()

    return ask


def offered(**more: object) -> dict[str, object]:
    return {
        "items": [{"sku": "vinga-38", "quantity": 2, "amount": 100_000}],
        "until": in_days(7).isoformat(),
        "contact": ANNA,
        "address": HOME,
        **more,
    }


def test_a_quote_is_made_changed_sent_and_withdrawn(priced: Shop, ask: Ask) -> None:
    offer = offered(holds=True)
    status, made = ask("POST", "", offer, "k")
    assert (status, made["state"], made["total"], made["by"]) == (201, "draft", 200_000, "API: ERP")
    assert ask("POST", "", offer, "k")[1] == made
    number = f"/{made['number']}"
    status, changed = ask("PUT", number, offered(revision=1, note="Hej"))
    assert (status, changed["revision"], changed["note"]) == (200, 2, "Hej")
    status, problem = ask("PUT", number, offered(revision=1))
    assert (status, problem["code"], problem["quote"]["revision"]) == (409, "changed", 2)
    for _ in range(2):
        status, sent = ask("POST", f"{number}/send", {"revision": 2}, "s")
        assert (status, sent["state"]) == (200, "sent")
    assert Mail.objects.count() == 1
    assert ask("GET", number)[1]["url"].endswith("/")
    assert ask("POST", f"{number}/withdraw")[1]["state"] == "withdrawn"
    status, problem = ask("POST", f"{number}/send", {"revision": 2}, "s2")
    assert (status, problem["code"], problem["state"]) == (409, "not_open", "withdrawn")


def test_what_lacks_is_said_and_nothing_is_made(priced: Shop, ask: Ask) -> None:
    many = [{"sku": "vinga-38", "quantity": 3}]
    status, problem = ask("POST", "", offered(holds=True, items=many), "k")
    assert (status, problem["code"]) == (409, "not_enough")
    assert problem["available"] == [{"sku": "vinga-38", "available": 2}]
    assert Quote.objects.count() == 0


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"items": []}, 422),
        ({"items": [{"sku": "nothing"}]}, 404),
        ({"items": [{"sku": "vinga-38", "fulfilment": "pick_up", "place": "mars"}]}, 404),
        ({"items": [{"sku": "vinga-38", "amount": -1}]}, 422),
        ({"items": [{"sku": "vinga-38", "amount": 129_901}]}, 409),
        ({"until": "soon"}, 422),
        ({"until": "2020-01-01T00:00:00Z"}, 409),
        ({"whose": "nothing"}, 422),
        ({"note": "\0"}, 422),
        ({"language": "de"}, 422),
        ({"pay_by": "till"}, 422),
    ],
)
def test_what_is_no_quote_is_refused(
    priced: Shop, ask: Ask, more: dict[str, object], status: int
) -> None:
    assert ask("POST", "", offered(**more), "k")[0] == status
    assert Quote.objects.count() == 0


def test_they_are_listed_in_pages_and_by_whose(priced: Shop, ask: Ask) -> None:
    for n in range(5):
        whose = "email:bo@example.se" if n == 2 else "email:anna@example.se"
        ask("POST", "", offered(whose=whose, note=str(n)), f"k{n}")
    first = ask("GET", "?limit=2")[1]
    assert [one["note"] for one in first["items"]] == ["4", "3"]
    rest = ask("GET", f"?limit=3&before={first['next']}")[1]
    assert ([one["note"] for one in rest["items"]], rest["next"]) == (["2", "1", "0"], None)
    hers = ask("GET", "?identifier=email:anna@example.se")[1]
    assert [one["note"] for one in hers["items"]] == ["4", "3", "1", "0"]
    actions.withdraw(Quote.objects.get(note="4").pk, by="Maja")
    assert len(ask("GET", "?state=withdrawn")[1]["items"]) == 1
    assert ask("GET", "?before=nothing")[0] == 422
    assert ask("GET", "/Q00000000000")[0] == 404
