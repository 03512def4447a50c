"""Holds are told to her whom they are for, and outlive her without her."""

from __future__ import annotations

from spindel.commerce.models import Hold
from spindel.commerce.personal import HOLDINGS
from spindel.identity import customers, forgetting
from spindel.privacy import jobs
from spindel.privacy.actions import forget_customer
from tests.commerce.acting import deliver, reserve, there
from tests.commerce.conftest import Shop
from tests.telling import follow


def test_her_holds_are_told_and_stay_as_nobodys(shop: Shop, anna: int) -> None:
    deliver(shop.small, shop.goteborg, 2)
    reserve((shop.small, shop.goteborg, 1), whose=anna)
    follow()
    customer = customers.by_identifier("user_id", "anna")
    assert customer is not None
    (told,) = HOLDINGS[0].tell(forgetting.subject(customer))
    assert (told["sku"], told["store_name"], told["quantity"]) == ("vinga-38", "Göteborg", 1)
    forget_customer(customer, "the test")
    jobs.work()
    held = Hold.objects.get()
    assert (held.identifier_id, held.state) == (None, "active")
    assert there(shop.small, shop.goteborg) == (2, 1, 1)
