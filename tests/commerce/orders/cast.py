"""Something that she has bought, for tests of what is seen and done afterwards."""

from __future__ import annotations

from spindel.catalogue.models import Place, Price
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.draft import Draft, Item
from spindel.kit.idempotency import Request
from spindel.staff.actors import Actor
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
