"""A clerk opens whoever has an errand in a store today, and nobody else unasked."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from spindel.commerce.orders.models import Order, Return
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.draft import Draft, Item
from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.models import Hold, Promise
from spindel.identity import customers, shown
from spindel.kit.idempotency import Request
from spindel.staff.actors import Actor
from spindel.staff.models import AuditEntry, User
from tests.commerce.conftest import Shop
from tests.commerce.stock.cast import deliver, reserve


def her() -> int:
    found = customers.by_identifier("user_id", "anna")
    assert found is not None
    return found


def _ordered(shop: Shop, anna: int, fulfilment: str) -> Order:
    deliver(shop.small, shop.goteborg, 1)
    draft = Draft(
        request=Request("test", "k"),
        items=[Item(shop.small, 1, fulfilment, shop.goteborg, 100)],
        market="SE",
        currency="SEK",
        language="sv",
        actor=Actor(channel="phone"),
        pay_by="store" if fulfilment == "pick_up" else "till",
        whose=anna,
        contact={"name": "Anna", "email": "anna@example.se"},
    )
    return placing.sell(draft)


def test_a_clerk_opens_her_while_something_is_kept_for_her(
    shop: Shop, anna: int, clerk: User, client: Client
) -> None:
    client.force_login(clerk)
    assert client.get(f"/customers/{her()}/").status_code == 403
    deliver(shop.small, shop.goteborg, 1)
    (hold,) = reserve((shop.small, shop.goteborg, 1), whose=anna)
    assert client.get(f"/customers/{her()}/").status_code == 200
    assert AuditEntry.objects.filter(did="customer.seen", user=clerk).exists()
    holds.release(hold.pk, "Oskar")
    assert client.get(f"/customers/{her()}/").status_code == 403


def test_one_that_has_ended_or_is_kept_in_a_warehouse_is_no_errand(
    shop: Shop, anna: int, clerk: User
) -> None:
    deliver(shop.small, shop.goteborg, 1)
    deliver(shop.small, shop.warehouse, 1)
    (hold,) = reserve((shop.small, shop.goteborg, 1), whose=anna)
    Hold.objects.filter(pk=hold.pk).update(until=timezone.now() - timedelta(seconds=1))
    reserve((shop.small, shop.warehouse, 1), whose=anna)
    assert not shown.may_open(clerk, her())


@pytest.mark.parametrize(("fulfilment", "may"), [("pick_up", True), ("hand_over", False)])
def test_an_order_that_she_comes_to_collect_is_one(
    shop: Shop, anna: int, clerk: User, fulfilment: str, may: bool
) -> None:
    _ordered(shop, anna, fulfilment)
    assert shown.may_open(clerk, her()) is may


def test_a_return_is_one_for_the_day(shop: Shop, anna: int, clerk: User) -> None:
    order = _ordered(shop, anna, "hand_over")
    back = Return.objects.create(
        number="B1",
        key=uuid.uuid4(),
        content=uuid.uuid4(),
        order=order,
        identifier_id=anna,
        place_id=shop.goteborg,
        channel="store",
        by="Oskar",
    )
    assert shown.may_open(clerk, her())
    Return.objects.filter(pk=back.pk).update(at=timezone.now() - timedelta(days=1))
    assert not shown.may_open(clerk, her())


def test_whoever_owes_her_an_answer_opens_her_until_it_is_given(
    shop: Shop, anna: int, clerk: User
) -> None:
    deliver(shop.small, shop.goteborg, 1)
    (hold,) = reserve((shop.small, shop.goteborg, 1), whose=anna)
    Hold.objects.filter(pk=hold.pk).update(promised_by=clerk)
    holds.not_found(hold.pk, "Oskar")
    assert shown.may_open(clerk, her())
    Promise.objects.update(seen_at=timezone.now())
    assert not shown.may_open(clerk, her())
