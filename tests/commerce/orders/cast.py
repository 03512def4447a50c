"""Something that she has bought, for tests of what is seen and done afterwards."""

from __future__ import annotations

import pytest

from spindel.catalogue.markets import Market
from spindel.catalogue.models import Place, Price
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.draft import Draft, Item
from spindel.commerce.orders.placement.placing import Checkout
from spindel.identity import identifiers
from spindel.kit.idempotency import Request
from spindel.offers import actions as offers
from spindel.offers.models import Offer
from spindel.offers.terms import PercentOff, Terms
from spindel.shoppers import actions as sessions
from spindel.shoppers import reading as shoppers
from spindel.staff.actors import Actor
from spindel.timeline.models import Fact
from tests.commerce import acting
from tests.commerce.conftest import Shop
from tests.commerce.quotes.cast import ANNA, HOME
from tests.commerce.stock.cast import deliver


def bought(shop: Shop, whose: int, quantity: int = 1, language: str = "en") -> Order:
    """An order of hers of what is in the warehouse, on an invoice; of both sizes there is more."""
    for variant in (shop.small, shop.large):
        Price.objects.create(variant_id=variant, market="SE", currency="SEK", amount=129_900)
        deliver(variant, shop.warehouse, 9)
    Place.objects.filter(pk=shop.warehouse).update(ships=True)
    return placing.sell(
        Draft(
            request=Request("test", "k"),
            items=[Item(shop.small, quantity)],
            market="SE",
            currency="SEK",
            language=language,
            actor=Actor(channel="web"),
            pay_by="invoice",
            contact=ANNA,
            address=HOME,
            whose=whose,
        )
    )


@pytest.fixture
def priced(shop: Shop) -> Shop:
    """Vinga costs 1,299 kronor, and the warehouse sends."""
    for variant in (shop.small, shop.large):
        Price.objects.create(variant_id=variant, market="SE", currency="SEK", amount=129_900)
    Place.objects.filter(pk=shop.warehouse).update(ships=True)
    return shop


def come(browser: str = "phone-of-anna") -> bytes:
    """Come to the shop with a browser; the session's key."""
    secret = sessions.let_in(
        browser=identifiers.identifier("anonymous_id", browser), market=Market("SE", "SEK", "sv")
    )
    return shoppers.digest(secret)


def checkout(pay_by: str = "invoice", **more: object) -> Checkout:
    return Checkout(pay_by, ANNA, HOME, **more)  # type: ignore[arg-type]  # whatever a test wants


def counter(shop: Shop, key: str, *items: Item, **more: object) -> Draft:
    words: dict[str, object] = {
        "source": "till",
        "key": key,
        "items": items or [Item(shop.small, 1, "hand_over", shop.goteborg)],
        "market": "SE",
        "currency": "SEK",
        "language": "sv",
        "channel": "store",
        "pay_by": "till",
        "by": "Oskar",
        "place": shop.goteborg,
    }
    return acting.drafted(**(words | more))  # type: ignore[arg-type]  # the words are right


def facts() -> list[str]:
    return list(Fact.objects.order_by("sequence").values_list("name", flat=True))


def give_offer(key: str, benefit: object = PercentOff(1_000), **terms: object) -> Offer:
    """Make an offer, and give it."""
    names = {"sv": f"{key} på svenska", "en": key}
    offers.keep(key, Terms(names=names, benefit=benefit, **terms), by="astrid")
    return offers.set_state(key, Offer.State.LIVE, "astrid")
