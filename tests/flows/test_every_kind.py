"""Every page of every face opens, for every kind of order, quote, hold, return and shopper."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from html import unescape
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from spindel.catalogue.models import Place, Product
from spindel.commerce.common import links
from spindel.commerce.orders.models import Return
from spindel.commerce.stock.reading import levels
from spindel.demo.storefront.app import _routes
from spindel.staff.actions import create_token
from spindel.staff.api import needs
from spindel.staff.models import Role, Scope
from spindel.timeline.models import Source
from tests.console.conftest import as_role
from tests.demo.storefront import Shopper, Street, furnish, opened
from tests.house.test_routes import example, operations, routes
from tests.kinds import Cast, cast
from tests.strict import strict

__all__ = ["as_role", "strict"]

pytestmark = pytest.mark.slow  # half a minute: some thousand pages

As = Callable[[Role], Client]
LANGUAGES = itertools.cycle(("en", "sv", "da"))


@pytest.fixture
def kinds(web: Source, strict: None, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """One of each."""
    monkeypatch.setenv("SPINDEL_SHOP_URL", "http://shop.example/shop")
    monkeypatch.setenv("SPINDEL_STRIPE_KEY", "sk_test")
    monkeypatch.setenv("SPINDEL_STRIPE_WEBHOOK_SECRET", "whsec_test")
    furnish()
    made = cast(web)
    assert levels.verify() == []
    return made


# All in one test: to make one of each takes longer than to look at them all.
def test_every_page_of_every_face_opens_for_every_kind(
    kinds: Cast, as_role: As, subtests: pytest.Subtests
) -> None:
    """What a template shows must have been given to it, too: see tests/strict.py."""
    with subtests.test("in the console and on the tablet"):
        admin = _admin(as_role)
        assert {k: v for some in _addresses(kinds) for k, v in _wrong(admin, some).items()} == {}
    with subtests.test("for whoever sees no contact"):
        orders = [reverse("order", args=[one.pk]) for one in kinds.orders.values()]
        assert _wrong(as_role(Role.ANALYST), ["/orders/", *orders[::3]], {200}) == {}
    with subtests.test("behind a link"):
        codes = [links.code("order", one.pk) for one in kinds.orders.values() if one.identifier_id]
        paths = [f"/o/{one}/{part}" for one in codes for part in ("", "receipt/")]
        paths += [f"/o/{one}/receipt.pdf" for one in codes[::4]]
        quotes = [f"/q/{links.code('quote', one.pk)}/" for one in kinds.quotes.values()]
        assert _wrong(Client(), [*paths, *quotes], {200}) == {}
    with subtests.test("for machines"):
        assert _not_answered(kinds) == {}
    with opened() as street:
        with subtests.test("in the shop, for each kind of shopper"):
            assert _closed(street, kinds) == {}
        with subtests.test("and what was exchanged leads there and back, with both sizes"):
            _exchange_is_told(street, kinds)
        with subtests.test("and what other systems have told of stands among the orders"):
            _told_is_shown(street, kinds, as_role)


# --- ours -----------------------------------------------------------------------------------------


def _admin(as_role: As) -> Client:
    found = as_role(Role.ADMIN)
    found.post("/store/choose/", {"place": "vallgatan"})
    return found


def _pages(kinds: Cast) -> dict[str, Iterable[object]]:
    """By how an address begins, what there is of it."""
    orders, quotes, customers = kinds.orders.values(), kinds.quotes.values(), kinds.customers
    products = Product.objects.values_list("pk", flat=True)
    places = Place.objects.values_list("pk", flat=True)
    numbers = Return.objects.values_list("number", flat=True)
    known = [one.pk for one in orders if one.identifier_id is not None]
    return {
        "/carts/of/<id:id>/": customers.values(),
        "/customers/<id:id>/": customers.values(),
        "/holds/of/<id:id>/": customers.values(),
        "/orders/of/<id:id>/": customers.values(),
        "/privacy/customers/<id:id>/": customers.values(),
        "/quotes/of/<id:id>/": customers.values(),
        "/store/customers/<id:id>/": customers.values(),
        "/orders/<id:id>/": [one.pk for one in orders],
        "/store/orders/<number:number>/": [one.number for one in orders],
        "/store/returns/<number:number>/": numbers,
        "/store/holds/<id:id>/": [one.pk for one in kinds.holds.values()],
        "/quotes/<id:id>/": [one.pk for one in quotes],
        "/o/<str:code>/": [links.code("order", one) for one in known],
        "/q/<str:code>/": [links.code("quote", one.pk) for one in quotes],
        "/holds/at/<id:id>/": places,
        "/places/<id:id>/": places,
        "/products/<id:id>/": products,
        "/stock/products/<id:id>/": products,
        "/store/products/<id:id>/": products,
    }


def _addresses(kinds: Cast) -> Iterator[list[str]]:
    """Every address, with everything that it can be of; a few of what customers open by a link."""
    of = _pages(kinds)
    for path in routes():
        begins = next((one for one in of if path.startswith(one)), None)
        if begins is None:
            yield [example(path)]
            continue
        part = re.search("<.*?>", begins)
        assert part
        rest = path.removeprefix(begins)
        values = [
            quote(str(one).replace("~", "~0").replace("/", "~1"), safe=":") for one in of[begins]
        ]
        if path.endswith(".pdf") or begins in ("/o/<str:code>/", "/q/<str:code>/"):
            values = values[:3]
        yield [begins.replace(part[0], one) + (example(rest) if rest else "") for one in values]


def _wrong(
    client: Client,
    paths: Iterable[str],
    right: Collection[int] = (200, 301, 302, 403, 404, 405, 410),
) -> dict[str, object]:
    """Which of the addresses do not open, and why."""
    found: dict[str, object] = {}
    for path in paths:
        try:
            answer = client.get(path, headers={"Accept-Language": next(LANGUAGES)})
            if answer.streaming:
                b"".join(answer)
        except Exception as error:  # whatever it is, it is said with its address
            found[path] = repr(error)
        else:
            if answer.status_code not in right:
                found[path] = answer.status_code
            if answer.status_code == 405:  # so is the next
                break
    return found


def _not_answered(kinds: Cast) -> dict[str, object]:
    """Which questions of machines, and of shops for each shopper, are not answered."""
    secret = create_token("all", list(Scope), None)[1]
    parts = {
        "/api/orders/{": [one.number for one in kinds.orders.values()],
        "/api/quotes/{": [one.number for one in kinds.quotes.values()],
        "/api/returns/{": Return.objects.values_list("number", flat=True),
        "/api/customers/{": kinds.customers.values(),
    }
    wrong: dict[str, object] = {}
    for method, path, (asked,) in operations():
        if method != "GET":
            continue
        values = next((some for begins, some in parts.items() if path.startswith(begins)), ["1"])
        keys = [secret] if isinstance(asked, needs) else kinds.shoppers.values()
        for value, key in itertools.product(values, keys):
            address = re.sub(r"\{[^}]+\}", quote(str(value), safe=""), path)
            answer = Client().get(address, headers={"Authorization": f"Bearer {key}"})
            if answer.status_code not in (200, 400, 401, 404, 422):
                wrong[address] = answer.status_code
    return wrong


# --- the shop -------------------------------------------------------------------------------------


def _of_the_shop(numbers: Iterable[str]) -> Iterator[str]:
    """Every page of the shop; those of orders for each."""
    for one in _routes():
        if one.methods is None or "GET" not in one.methods or one.path.endswith("/live"):
            continue
        part = re.search(r"\{(\w+)(:\w+)?\}", one.path)
        values = {
            None: [""],
            "number": numbers if "/orders/" in one.path else ["vinga", "kiruna", "nothing"],
            "code": ["x"],
            "name": ["shop.css", "vinga-white.svg"],
        }[part[1] if part else None]
        for value in values:
            yield one.path.replace(part[0], quote(value, safe="")) if part else one.path


def _came(street: Street, key: str, language: str) -> Shopper:
    found = street.shopper(language)
    if key:
        found.client.cookies.set("shop_session", key, domain="shop.example", path="/shop/")
    return found


def _closed(street: Street, kinds: Cast) -> dict[str, object]:
    """Which pages of the shop do not open, to whom; and which of Anna's orders she does not see."""
    hers = {order.number: name for name, order in kinds.orders.items() if kinds.is_annas(order)}
    assert len(hers) > 40
    few = [*list(hers)[:2], "R00000000000"]
    found: dict[str, object] = {}
    shoppers = {**kinds.shoppers, "whose session is over": "sh_" + "x" * 40, "nobody": ""}
    for name, key in shoppers.items():
        come = _came(street, key, next(LANGUAGES))
        for path in _of_the_shop(hers if name == "logged in" else few):
            status = come.get(path).status_code
            number = path.removeprefix("/shop/orders/").replace("%2F", "/").replace("%20", " ")
            must_be_seen = name == "logged in" and number in hers
            if status != 200 and (must_be_seen or status != 404):
                found[f"{name}: {path} {hers.get(number, '')}"] = status
    return found


def _exchange_is_told(street: Street, kinds: Cast) -> None:
    order = kinds.orders["over the counter: exchanged"]
    new = Return.objects.get(order=order).exchange
    assert new
    anna, told = _came(street, kinds.shoppers["logged in"], "en"), "Vinga: 38 → 39"
    for one, other in ((order, new), (new, order)):
        page = unescape(anna.get(f"/shop/orders/{one.number}").text)
        assert f'<a href="/shop/orders/{other.number}">{told}</a>' in page
        page = Client().get(f"/o/{links.code('order', one.pk)}/?in=en").content.decode()
        assert told in page
    assert told in unescape(anna.get("/shop/my").text)


def _told_is_shown(street: Street, kinds: Cast, as_role: As) -> None:
    page = _came(street, kinds.shoppers["logged in"], "sv").get("/shop/my").text
    agent = as_role(Role.AGENT)
    for number in ("NO-1", "NO-2", "NO-3", "NO-4", "NO-5"):
        assert number in page
        found = agent.get(reverse("orders"), {"q": number}).content.decode()
        assert f'class="order-number small muted">{number}' in found
    assert "Köpt i Vallgatan" in page
    assert "NO-1" not in _came(street, kinds.shoppers["unknown"], "en").get("/shop/my").text
