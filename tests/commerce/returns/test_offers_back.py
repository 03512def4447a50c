"""Whether what comes back gives the use of an offer back, as the offer says."""

from __future__ import annotations

import pytest

from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.draft import Item
from spindel.commerce.returns.actions import Back
from spindel.offers import actions as offers
from spindel.offers.models import OfferUse
from tests.commerce import acting
from tests.commerce.conftest import Shop
from tests.commerce.orders.cast import counter, give_offer
from tests.commerce.orders.cast import priced as priced  # a fixture
from tests.commerce.stock.cast import deliver


def sold(shop: Shop, anna: int, key: str) -> Order:
    item = Item(shop.small, 2, "hand_over", shop.goteborg)
    return placing.sell(counter(shop, key, item, whose=anna))


@pytest.mark.parametrize("back", [True, False])
def test_all_of_an_order_that_comes_back_gives_a_use_back_where_the_offer_says_so(
    priced: Shop, anna: int, back: bool
) -> None:
    deliver(priced.small, priced.goteborg, 9)
    give_offer("once", most_each=1, most_uses=5, back_on_return=back)
    order = sold(priced, anna, "1")
    assert order.total == 2 * 116_910
    for number in (1, 2):
        assert OfferUse.objects.filter(returned_at=None).count() == 1
        acting.take_back(
            order.pk,
            [Back(0, 1)],
            by="Oskar",
            user=None,
            source="tablet",
            place=priced.goteborg,
            key=f"b{number}",
        )
    assert OfferUse.objects.filter(returned_at=None).count() == (0 if back else 1)
    assert offers.Offer.objects.get().limits.get().left == (5 if back else 4)
    assert sold(priced, anna, "2").total == 2 * (116_910 if back else 129_900)
