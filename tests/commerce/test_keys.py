"""A key is for one request, whole: the same again answers the same, any other learns nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from spindel.catalogue.models import Place, Price
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement.draft import Item
from spindel.commerce.orders.placement.placing import Bought
from spindel.commerce.payments.giftcard import cards
from spindel.commerce.payments.giftcard.cards import Making
from spindel.console.api import api
from spindel.staff.actions import create_token
from spindel.staff.models import Scope
from spindel.timeline.models import Source
from tests.commerce import acting
from tests.commerce.carts.cast import at_shop as at_shop  # a fixture
from tests.commerce.conftest import Shop
from tests.commerce.quotes.cast import in_days, make
from tests.commerce.stock.cast import deliver, reserve
from tests.shopping import Come
from tests.telling import tell

Body = dict[str, Any]
Send = Callable[[str, Body], HttpResponse]

ANNA = {"name": "Anna Öst", "email": "anna@example.se", "phone": "+46701234567"}
BERTA = {"name": "Berta By", "email": "berta@example.se", "phone": "+46707654321"}
HOME = {"street": "Storgatan 1", "postcode": "411 01", "city": "Göteborg", "country": "SE"}
AWAY = {"street": "Ågatan 2", "postcode": "111 22", "city": "Stockholm", "country": "SE"}
NOW = timezone.now()
YESTERDAY, BEFORE = in_days(-1).isoformat(), in_days(-2).isoformat()
WEEK, MONTH = in_days(7).isoformat(), in_days(30).isoformat()

_CONTACT: Body = {f"contact.{name}": BERTA[name] for name in ANNA}
_ADDRESS: Body = {f"address.{name}": AWAY[name] for name in ("street", "postcode", "city")}
_LINE: Body = {"lines.0.sku": "vinga-39", "lines.0.quantity": 2}
_ITEM: Body = {
    "items.0.sku": "vinga-39",
    "items.0.quantity": 2,
    "items.0.fulfilment": "hand_over",
    "items.0.place": "stockholm",
    "items.0.amount": 5,
}
_WANTED = {"sku": "vinga-39", "fulfilment": "pick_up", "place": "goteborg"}
_SOME: Body = {"lines.0.line": 1, "lines.0.quantity": 2}
_BACK: Body = {
    **{"order": "R-2", "place": "stockholm", "channel": "phone", "whose": "email:berta@example.se"},
    **{"lines.0.line": 1, "lines.0.quantity": 2, "lines.0.condition": "damaged"},
    "lines.0.reason": "faulty",
}

# What they answer is told once, or the request says nothing besides: tested with what they do.
ELSEWHERE = {"POST /gift-cards", "POST /club/rewards", "POST /shop/club/rewards"}

# Every operation that takes a key: its request, and what each of its fields may be instead.
REQUESTS: dict[str, tuple[Body, Body]] = {
    "POST /orders": (
        {
            "items": [{"sku": "vinga-38", "fulfilment": "pick_up", "place": "goteborg"}],
            "whose": "email:anna@example.se",
            "contact": ANNA,
            "address": HOME,
            "place": "goteborg",
        },
        {
            **_ITEM,
            **_CONTACT,
            **_ADDRESS,
            "address.country": "DK",
            "whose": "email:berta@example.se",
            "pay_by": "store",
            "market": "DK",
            "language": "da",
            "channel": "phone",
            "place": "stockholm",
        },
    ),
    "POST /orders/{number}/ship": (
        {
            **{"place": "boras", "carrier": "PostNord", "tracking": "1", "tracking_url": ""},
            "lines": [{"line": 0, "quantity": 1}],
        },
        {
            **_SOME,
            **{"place": "goteborg", "carrier": "DHL", "tracking": "2"},
            "tracking_url": "https://dhl.example/2",
            "{number}": "R-2",
        },
    ),
    "POST /orders/{number}/hand-over": (
        {"place": "goteborg", "lines": [{"line": 0, "quantity": 1}]},
        {**_SOME, "place": "stockholm", "{number}": "R-2"},
    ),
    "POST /orders/purchases": (
        {
            **{"number": "R-9", "place": "goteborg", "at": YESTERDAY, "currency": "SEK"},
            "whose": "email:anna@example.se",
            "lines": [{"sku": "vinga-38", "quantity": 1, "amount": 10}],
        },
        {
            **_LINE,
            **{"place": "stockholm", "at": BEFORE, "currency": "DKK", "lines.0.amount": 5},
            "whose": "email:berta@example.se",
        },
    ),
    "POST /stock/sales": (
        {
            **{"key": "k", "place": "goteborg", "at": YESTERDAY},
            "lines": [{"sku": "vinga-38", "quantity": 1}],
        },
        {**_LINE, "place": "stockholm", "at": BEFORE},
    ),
    "POST /stock/movements": (
        {
            "movements": [
                {
                    **{"key": "k", "kind": "transfer", "sku": "vinga-38", "place": "goteborg"},
                    **{"quantity": 1, "at": YESTERDAY, "to": "stockholm"},
                }
            ]
        },
        {
            "movements.0.sku": "vinga-39",
            "movements.0.place": "boras",
            "movements.0.quantity": 2,
            "movements.0.at": BEFORE,
            "movements.0.to": "boras",
        },
    ),
    "POST /stock/holds": (
        {
            "lines": [{"sku": "vinga-38", "place": "goteborg", "quantity": 1}],
            **{"until": "tomorrow", "whose": "email:anna@example.se", "channel": "web"},
        },
        {
            **_LINE,
            **{"lines.0.place": "stockholm", "until": "hour", "whose": "email:berta@example.se"},
            "channel": "phone",
        },
    ),
    "POST /stock/holds/{hold_id}/extend": ({"until": WEEK}, {"until": "tomorrow"}),
    "POST /returns": (
        {
            **{"order": "R-1", "place": "goteborg", "channel": "store"},
            **{"whose": "email:anna@example.se", "lines": [{"line": 0, "quantity": 1}]},
        },
        _BACK,
    ),
    "POST /returns/exchanges": (
        {
            **{"order": "R-1", "place": "goteborg", "channel": "store", "pay_by": "till"},
            **{"whose": "email:anna@example.se", "lines": [{"line": 0, "quantity": 1}]},
            **{"wanted": [_WANTED], "contact": ANNA, "address": HOME},
        },
        {
            **_BACK,
            **_CONTACT,
            **_ADDRESS,
            "address.country": "DK",
            "wanted.0.sku": "vinga-38",
            "wanted.0.quantity": 2,
            "wanted.0.fulfilment": "ship",
            "wanted.0.place": "stockholm",
            "pay_by": "invoice",
            "difference": 0,
        },
    ),
    "POST /quotes": (
        {
            "items": [{"sku": "vinga-38", "fulfilment": "pick_up", "place": "goteborg"}],
            **{"until": WEEK, "contact": ANNA, "address": HOME, "place": "goteborg"},
            "whose": "email:anna@example.se",
        },
        {
            **_ITEM,
            **_CONTACT,
            **_ADDRESS,
            "address.country": "DK",
            **{"until": MONTH, "pay_by": "store", "market": "DK", "language": "da", "holds": True},
            **{"note": "Hej", "channel": "phone", "place": "stockholm"},
            "whose": "email:berta@example.se",
        },
    ),
    "POST /quotes/{number}/send": ({"revision": 1, "mail": True}, {"revision": 2, "mail": False}),
    "POST /carts/order": (
        {
            **{"contact": ANNA, "address": HOME, "version": 1, "total": 10},
            **{"?whose": "user_id:anna", "counter": "goteborg"},
        },
        {
            **_CONTACT,
            **_ADDRESS,
            "address.country": "DK",
            **{"pay_by": "till", "version": 2, "total": 11, "counter": "stockholm"},
            **{"gift_card": "GIFTCARD2"},
            **{"?whose": "user_id:berta", "?market": "DK", "?language": "da", "?channel": "phone"},
        },
    ),
    "POST /shop/orders": (
        {"pay_by": "invoice", "contact": ANNA, "address": HOME, "version": 1, "total": 10},
        {
            **_CONTACT,
            **_ADDRESS,
            "address.country": "DK",
            **{"pay_by": "store", "version": 2, "total": 11, "gift_card": "GIFTCARD2"},
        },
    ),
    "POST /promises": (
        {
            **{"benefit": {"type": "percent", "rate": 500}, "products": ["vinga"], "until": WEEK},
            "?whose": "user_id:anna",
        },
        {
            **{"benefit": {"type": "percent", "rate": 600}, "products.0": "nothing"},
            **{"until": MONTH, "why": "Late", "market": "DK", "language": "da"},
            **{"channel": "phone", "?whose": "user_id:berta"},
        },
    ),
    "POST /shop/holds": (
        {"sku": "vinga-38", "place": "goteborg"},
        {"sku": "vinga-39", "place": "stockholm", "quantity": 2, "until": "hour"},
    ),
    "POST /shop/cart/lines": (
        {"sku": "vinga-38", "fulfilment": "pick_up", "place": "goteborg"},
        {
            **{"sku": "vinga-39", "quantity": 2, "fulfilment": "hand_over", "place": "stockholm"},
            "version": 1,
        },
    ),
}
# That say in the body which request it is, or are the key themselves.
_IN_BODY = {"POST /orders/purchases": "number", "POST /stock/sales": "key"}
_IN_ROWS = "POST /stock/movements"


def test_each_operation_that_takes_a_key_is_here_with_each_of_its_fields() -> None:
    schema = api.get_openapi_schema(path_prefix="")
    parts = schema["components"]["schemas"]
    seen = {_IN_ROWS, *_IN_BODY}
    for path, methods in schema["paths"].items():
        for method, said in methods.items():
            name = f"{method.upper()} {path}"
            headers = [one["name"] for one in said.get("parameters", []) if one["in"] == "header"]
            if "Idempotency-Key" in headers:
                seen.add(name)
            if name in seen - ELSEWHERE and name != _IN_ROWS and "requestBody" in said:
                body = said["requestBody"]["content"]["application/json"]["schema"]
                fields = set(_fields(body, parts))
                asked = {one["name"] for one in said.get("parameters", []) if one["in"] == "query"}
                fields |= {f"?{one}" for one in asked}
                changed = {one for one in REQUESTS[name][1] if not one.startswith("{")}
                assert fields - {_IN_BODY.get(name, "")} == changed, name
    assert seen - ELSEWHERE == set(REQUESTS)


def _fields(schema: Body, parts: Body, prefix: str = "") -> list[str]:
    """The names of what a body can say, down to what is no object."""
    for one in (schema, *schema.get("anyOf", []), *schema.get("allOf", [])):
        if "$ref" in one:
            part = parts[one["$ref"].rpartition("/")[2]]
            if "properties" not in part:
                break
            return [
                name
                for field, below in part["properties"].items()
                for name in _fields(below, parts, f"{prefix}.{field}" if prefix else field)
            ]
        if one.get("type") == "array":
            return _fields(one["items"], parts, f"{prefix}.0")
    return [prefix]


@pytest.fixture
def send(shop: Shop, web: Source, at_shop: Come) -> Send:
    """Sends a request with the key "k"; all that the requests here need is there."""
    people = [
        {"type": "identify", "messageId": name, "userId": name, "traits": {"email": f"{name}@e.se"}}
        for name in ("anna", "berta")
    ]
    tell(people)
    Place.objects.filter(pk=shop.warehouse).update(ships=True)
    for variant in (shop.small, shop.large):
        Price.objects.create(variant_id=variant, market="SE", currency="SEK", amount=10)
        Price.objects.create(variant_id=variant, market="DK", currency="DKK", amount=10)
        for place in (shop.goteborg, shop.stockholm, shop.warehouse):
            deliver(variant, place, 20)
    cards.bring("GIFTCARD2", Making(1, 5, "SEK"), "Oskar")
    where = Place.objects.get(pk=shop.goteborg)
    for number in ("R-1", "R-2"):
        lines = [Bought(variant, 3, 10) for variant in (shop.small, shop.large)]
        how: Body = {"place": where, "at": None, "whose": None, "currency": "SEK"}
        acting.tell_purchase(number, lines, by="till", source="pos", **how)
    scopes = [Scope.READ_ORDERS, Scope.WRITE_ORDERS, Scope.READ_STOCK, Scope.WRITE_STOCK]
    client = Client(headers={"Authorization": f"Bearer {create_token('ERP', scopes, None)[1]}"})
    device = at_shop("one")
    (hold,) = reserve((shop.small, shop.goteborg, 1))
    names = {
        "hold_id": str(hold.pk),
        "POST /quotes/{number}/send": make(Item(shop.small, 1)).number,
    }

    def ask(name: str, body: Body, key: str = "k") -> HttpResponse:
        path = name.partition(" ")[2].replace("{hold_id}", names["hold_id"])
        path = path.replace("{number}", str(body.get("{number}", names.get(name))))
        query = {one[1:]: value for one, value in body.items() if one[0] == "?"}
        said = {one: value for one, value in body.items() if one[0] not in "?{"}
        if path.startswith("/shop/"):
            return device.ask("POST", path[6:], said, **{"Idempotency-Key": key})
        return client.post(
            f"/api{path}",
            json.dumps(said),
            content_type="application/json",
            query_params=query,
            headers={"Idempotency-Key": key},
        )

    names["POST /orders/{number}/ship"] = _ordered(ask, "ship")
    names["POST /orders/{number}/hand-over"] = _ordered(ask, "pick_up", "goteborg")
    cart = {"quantity": 1}
    assert client.put(
        "/api/carts/lines/vinga-38",
        json.dumps(cart),
        content_type="application/json",
        query_params={"whose": "user_id:anna"},
    ).json()["version"]
    return ask


def _ordered(ask: Callable[..., HttpResponse], fulfilment: str, place: str | None = None) -> str:
    item = {"quantity": 3, "fulfilment": fulfilment, "place": place}
    items = [{"sku": sku, **item} for sku in ("vinga-38", "vinga-39")]
    body = {"items": items, "contact": ANNA, "address": HOME}
    answer = ask("POST /orders", body, key=f"before {fulfilment}")
    assert answer.status_code == 201, answer.content
    return str(answer.json()["number"])


def _with(body: Body, field: str, value: object) -> Body:
    """The body with that field changed."""
    changed: Body = json.loads(json.dumps(body))
    if field[0] in "?{":
        return changed | {field: value}
    *path, last = [int(part) if part.isdigit() else part for part in field.split(".")]
    inner: Any = changed
    for part in path:
        inner = inner[part]
    inner[last] = value
    return changed


@pytest.mark.parametrize("name", REQUESTS)
def test_the_same_key_with_any_field_changed_is_refused_and_tells_nothing(
    send: Send, name: str
) -> None:
    body, instead = REQUESTS[name]
    if name == "POST /shop/orders":
        send("POST /shop/cart/lines", {"sku": "vinga-38"})
    if "version" in body:
        body = {one: value for one, value in body.items() if one != "version"}
    first = send(name, body)
    assert first.status_code in (200, 201), first.content
    assert send(name, body).status_code == first.status_code
    orders = Order.objects.count()
    for field, value in instead.items():
        if (name, field) == ("POST /shop/cart/lines", "version"):
            continue  # another version is what has changed meanwhile, and shows her own cart
        answer = send(name, _with(body, field, value))
        said = answer.content.decode()
        assert (answer.status_code, answer.json().get("code")) == (409, "key_reused"), (field, said)
        assert set(answer.json()) <= {"code", "message"}, field
        for told in (*ANNA.values(), *HOME.values(), "R-9"):
            assert told not in said or len(told) < 3, field
    assert Order.objects.count() == orders
    again = send(name, body)
    assert again.status_code == first.status_code
    assert name == _IN_ROWS or again.json().get("number") == first.json().get("number")
