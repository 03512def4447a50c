"""No role is shown, on any page or by any operation, a link by which a customer would act."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from django.test import Client

from spindel.commerce.carts.actions import Edit, change_of_shopper, share
from spindel.commerce.carts.models import Cart
from spindel.commerce.common import links
from spindel.commerce.orders import customer_orders
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement.draft import Item
from spindel.commerce.payments.models import Payment
from spindel.commerce.quotes import actions as quotes
from spindel.kit.idempotency import Request
from spindel.staff import actions
from spindel.staff.api import needs
from spindel.staff.models import Role, Scope
from spindel.staff.permissions import allowed
from spindel.timeline.models import Fact, Source
from tests.commerce.conftest import Shop, anna, crm, shop
from tests.commerce.orders.cast import bought
from tests.commerce.orders.ordering import come
from tests.commerce.quotes.cast import OSKAR, offer
from tests.console.conftest import Told, as_role, told
from tests.house.routes import operations, routes
from tests.shopping import AtShop

__all__ = ["anna", "as_role", "crm", "shop", "told"]

As = Callable[[Role], Client]

# A signed code of ours, as Django's signer writes it: what it is of, and a signature.
_SIGNED = re.compile(r"[A-Za-z0-9_-]+(?::|%3A)[A-Za-z0-9_-]{43}(?![\w-])", re.IGNORECASE)
_LOGIN = "kWy8Q2bq0ZrJx7n_TgVYpLsD4mHc1AeU"  # as it stands in a mail
_PAYS_AT = "https://pay.example/c/cs_live_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9"


@dataclass(frozen=True)
class World:
    """Anna, with an order to pay, a quote, a cart that she has shared, and pages that she saw."""

    customer: int
    order: Order
    quote: int
    quote_number: str
    device: bytes
    secrets: tuple[str, ...]

    def given_away(self, said: str) -> set[str]:
        """What of hers a text gives away."""
        found = {one for one in self.secrets if one in said or quote(one, safe="") in said}
        return found | set(_SIGNED.findall(said))


@pytest.fixture
def world(told: Told, shop: Shop, anna: int) -> World:
    made = bought(shop, anna, language="sv")
    Payment.objects.filter(order_id=made.pk).update(provider="card", url=_PAYS_AT)
    drawn = quotes.make(
        offer(Item(shop.large, 1)), OSKAR, identifier=anna, request=Request("test", "q")
    )
    drawn = quotes.send(drawn.pk, drawn.revision, Request("tests", "s"), by="Oskar", mail=False)
    device = come("phone")
    change_of_shopper(device, Edit("vinga-38", quantity=1))
    codes = (
        links.code("order", made.pk),
        links.code("quote", drawn.pk),
        share(device)[0],
        _LOGIN,
        _PAYS_AT.rpartition("/")[2],
    )
    for one in codes:
        page = f"https://spindel.nordsko.example/o/{one}/"
        told(
            "Page Viewed",
            {"url": page, "path": f"/o/{one}/", "title": page, "label": one, "referrer": page},
            context={"page": {"url": f"{page}?code={one}", "search": f"?code={one}"}},
        )
    told("Customer Identified", {"portal": f"https://spindel.nordsko.example/o/{codes[0]}/"})
    customer = customer_orders.owners([made.pk])[made.pk]
    return World(customer, made, drawn.pk, drawn.number, device, codes)


def _addresses(world: World) -> Iterator[str]:
    """Every page, of what is Anna's."""
    source = Source.objects.get(slug="web").pk
    ids = (
        ("/customers/", world.customer),
        ("/privacy/customers/", world.customer),
        ("/store/customers/", world.customer),
        *((f"/{name}/of/", world.customer) for name in ("carts", "holds", "orders", "quotes")),
        ("/orders/", world.order.pk),
        ("/quotes/", world.quote),
        ("/sources/", source),
    )
    for path in routes():
        first = next((id for start, id in ids if path.startswith(start)), 1)
        path = path.replace("<id:id>", str(first)).replace("<str:number>", world.order.number)
        facts = Fact.objects.filter(name="Page Viewed").values_list("pk", flat=True)
        each = [path.replace("<uuid:fact>", str(fact)) for fact in facts]
        for one in each if "<uuid:fact>" in path else [path]:
            yield re.sub(r"<[^>]+>", "1", one)


def _seen(client: Client, world: World) -> dict[str, set[str]]:
    """By page, what of Anna's the client is given."""
    found = {}
    for path in dict.fromkeys(_addresses(world)):
        answer = client.get(path)
        said = b"".join(answer) if answer.streaming else answer.content
        heads = " ".join(f"{name}: {value}" for name, value in answer.items())
        if given := world.given_away(said.decode("utf-8", "replace") + heads):
            found[path] = given
    return found


@pytest.mark.slow
@pytest.mark.parametrize("role", [one for one in Role if one not in allowed()["links.see"]])
def test_no_page_gives_a_link_to_a_role_that_may_not_act(
    as_role: As, world: World, role: Role
) -> None:
    assert _seen(as_role(role), world) == {}


@pytest.mark.slow
def test_a_clerk_is_given_no_link_of_whom_she_has_not_looked_up(as_role: As, world: World) -> None:
    client = as_role(Role.CLERK)
    client.post("/store/choose/", {"place": "goteborg"})
    assert _seen(client, world) == {}


@pytest.mark.slow
def test_whoever_sells_is_given_them(as_role: As, world: World) -> None:
    """Or the tests above could not fail."""
    seen = _seen(as_role(Role.AGENT), world)
    order, quote = f"/orders/{world.order.pk}/", f"/quotes/{world.quote}/"
    assert {order, quote, f"/customers/{world.customer}/timeline/"} <= set(seen)
    given = set().union(*seen.values())
    assert set(world.secrets) <= given


def test_whoever_may_act_by_links_sees_contacts_and_acts_anyway() -> None:
    for name in ("contacts.see", "orders.handle", "quotes.make"):
        assert allowed()["links.see"] <= allowed()[name]


def test_no_operation_gives_a_link_to_a_token_that_may_not_act(world: World) -> None:
    parts = {
        "customers": str(world.customer),
        "orders": world.order.number,
        "quotes": world.quote_number,
        "returns": world.order.number,
    }
    given: dict[str, set[str]] = {}
    allowed: set[str] = set()
    for method, path, (asked,) in operations():
        if method != "GET" or not isinstance(asked, needs):
            continue
        part = parts.get(path.split("/")[2], "1")
        address = re.sub(r"\{[^}]+\}", part, path)
        for scopes in ([asked.scope], [asked.scope, Scope.WRITE_ORDERS]):
            secret = actions.create_token(path, scopes, None)[1]
            answer = Client().get(address, headers={"Authorization": f"Bearer {secret}"})
            found = world.given_away(answer.content.decode())
            if scopes[1:]:
                allowed |= found
            elif found:
                given[address] = found
    assert given == {}
    assert set(world.secrets) <= allowed


def test_a_shopper_is_given_no_link_of_anothers(world: World) -> None:
    shops = actions.create_token("shop", [Scope.SHOP], None)[1]
    stranger = AtShop(shops, "another")
    for method, path, (asked,) in operations():
        if method == "GET" and path.startswith("/api/shop/") and not isinstance(asked, needs):
            address = re.sub(r"\{[^}]+\}", world.order.number, path.removeprefix("/api/shop/"))
            assert world.given_away(stranger.ask("GET", address).content.decode()) == set()
    assert Cart.objects.count() > 0
