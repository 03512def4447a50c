"""One price, from the letter to the app, the store, the phone and the chat; and nobody asks twice.

Each channel is asked for what it really shows: the web shop's page, the app's API, the tablet's
page, and the page on which somebody here talks to her.
"""

from __future__ import annotations

import re
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from spindel.catalogue.models import Product, Variant
from spindel.identity import customers
from spindel.offers import actions as offers
from spindel.offers.models import CustomerList, Offer
from spindel.offers.terms import Goods, PercentOff, Terms
from spindel.staff.models import Role, Scope, User
from tests.console.conftest import as_role, text
from tests.demo.storefront import Shopper, Street, bring, login_link
from tests.demo.storefront import street as street  # a fixture
from tests.flows.cast import Machine
from tests.flows.cast import at_shop as at_shop  # a fixture
from tests.shopping import AtShop, log_in
from tests.store.cast import Tablet
from tests.telling import follow

__all__ = ["as_role"]

EMAIL = "anna@example.com"
SKU = "vinga-black-38"
CHANNELS = ("web shop", "app", "store", "phone and chat")


class Channels:
    """What a pair costs Anna, wherever she asks."""

    def __init__(self, street: Street, clerk: User, agent: Client) -> None:
        self.laptop: Shopper = street.shopper()
        page = self.laptop.get(login_link(self.laptop, EMAIL))
        self.laptop.send(page, "/shop/login/confirm")
        token = Machine(Scope.SHOP)
        self.app = AtShop(token.secret, "app-of-anna")
        log_in(self.app, EMAIL)
        follow()
        found = customers.by_identifier("email", EMAIL)
        assert found
        self.customer = found
        self.tablet, self.agent = Tablet(clerk).at("vallgatan"), agent
        self.product = Product.objects.get(number="vinga").pk
        self.variant = Variant.objects.get(sku=SKU).pk

    def all(self) -> dict[str, int]:
        return {
            "web shop": self._web(),
            "app": self.app.ask("GET", f"prices?sku={SKU}").json()["items"][0]["total"],
            "store": self._store(),
            "phone and chat": self._agent(),
        }

    def _web(self) -> int:
        page = self.laptop.get(f"/shop/products/vinga?sku={SKU}").text
        return _marked(page)

    def _store(self) -> int:
        self.tablet.get("/store/customers/?q=anna@example")
        self.tablet.get(f"/store/customers/{self.customer}/")
        return _marked(self.tablet.get(f"/store/products/{self.product}/?variant={self.variant}"))

    def _agent(self) -> int:
        return _marked(text(self.agent.get(f"/promises/of/{self.customer}/new/?product=vinga")))


def _marked(page: str) -> int:
    found = re.search(r'data-total="(\d+)"', page)
    assert found, page
    return int(found[1])


def test_one_price_from_the_letter_to_the_chat(
    street: Street,
    clerk: User,
    as_role: object,
) -> None:
    agent: Client = as_role(Role.AGENT)  # type: ignore[operator]  # a fixture that logs in
    anna = Channels(street, clerk, agent)
    assert anna.all() == dict.fromkeys(CHANNELS, 129_900)

    # The letter: ten per cent until the day after tomorrow.
    terms = Terms(
        names={"en": "The letter's"},
        benefit=PercentOff(1_000),
        goods=Goods(categories=frozenset({"Sneakers"})),
        until=timezone.now() + timedelta(days=2),
    )
    offers.keep("letter", terms, by="astrid")
    offers.set_state("letter", Offer.State.LIVE, "astrid")
    CustomerList.objects.create(key="letter", name="Letter")
    machine = Machine(Scope.WRITE_OFFERS, Scope.READ_OFFERS)
    who = {"kind": "email", "value": EMAIL}
    machine.ask("POST", "lists/letter/customers", {"add": [who]})
    assert machine.ask("POST", "offers/letter/shown", {"list": "letter"}).status_code == 200
    assert anna.all() == dict.fromkeys(CHANNELS, 116_910)

    # It is stopped the next morning; she was sent it, and somebody else was not.
    offers.set_state("letter", Offer.State.ENDED, "astrid")
    assert anna.all() == dict.fromkeys(CHANNELS, 116_910)
    other = AtShop(Machine(Scope.SHOP).secret, "somebody")
    assert other.ask("GET", f"prices?sku={SKU}").json()["items"][0]["total"] == 129_900

    # On the phone she gets a better one; five minutes later she asks in the chat.
    day = (timezone.localdate() + timedelta(days=3)).isoformat()
    told = {"kind": "price", "value": "1150", "day": day, "key": "k"}
    asked = f"/promises/of/{anna.customer}/new/?product=vinga"
    assert agent.post(asked, told).status_code == 302
    assert anna.all() == dict.fromkeys(CHANNELS, 115_000)

    # She orders in the app; what was promised is kept, once, and the letter's still holds.
    bring(SKU, "lager", 5)
    anna.app.add(SKU)
    assert anna.app.ask("GET", "cart").json()["total"] == 115_000
    order = {
        "contact": {"name": "Anna", "email": EMAIL},
        "address": {"street": "S 1", "postcode": "411 01", "city": "Göteborg", "country": "SE"},
        "pay_by": "invoice",
    }
    placed = anna.app.ask("POST", "orders", order, **{"Idempotency-Key": "k"})
    assert placed.status_code == 201, placed.content
    assert anna.all() == dict.fromkeys(CHANNELS, 116_910)
