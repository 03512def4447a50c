"""Anna orders Vinga by card, and pays at the bank, or does not."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from spindel.catalogue.markets import Market
from spindel.catalogue.models import Place, Price
from spindel.commerce.carts.actions import Edit, change_of_shopper
from spindel.commerce.orders import payment_changes, payment_due
from spindel.commerce.orders.models import Order, OrderEvent
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.placing import Checkout
from spindel.commerce.payments import checkout_page, jobs
from spindel.commerce.payments.models import Payment, PaymentCommand
from spindel.identity import identifiers
from spindel.shoppers import actions as sessions
from spindel.shoppers import reading as shoppers
from tests.commerce.conftest import Shop
from tests.commerce.payments.standing import KEY, SECRET, StandingBank
from tests.commerce.stock.cast import deliver, there

BACK = "https://shop.nordsko.example/orders/1"
HOME = {"street": "Storgatan 1", "postcode": "411 01", "city": "Göteborg", "country": "SE"}
_numbers = itertools.count()


@pytest.fixture
def bank(database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[StandingBank]:
    """The bank, and Spindel set up to ask it."""
    standing = StandingBank(tmp_path / "bank.sqlite")
    monkeypatch.setenv("SPINDEL_STRIPE_KEY", KEY)
    monkeypatch.setenv("SPINDEL_STRIPE_WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("SPINDEL_STRIPE_URL", standing.url)
    try:
        yield standing
    finally:
        standing.stop()


@dataclass
class Buying:
    """What Anna does, and how it stands."""

    shop: Shop
    price: int

    def order(self, pay_by: str = "card", quantity: int = 1, currency: str = "SEK") -> Payment:
        """She orders; what is to be paid for it."""
        deliver(self.shop.small, self.shop.warehouse, quantity)
        number = next(_numbers)
        device = identifiers.identifier("anonymous_id", f"phone-{number}")
        secret = sessions.let_in(browser=device, market=Market("SE", currency, "sv"))
        her = shoppers.digest(secret)
        change_of_shopper(her, Edit("vinga-38", quantity=quantity))
        contact = {"name": "Anna", "email": "anna@example.se", "phone": ""}
        checkout = Checkout(pay_by, contact, HOME)
        order = placing.place_cart_of_shopper(her, checkout, key=f"k{number}")
        return Payment.objects.get(order_id=order.pk)

    def start(self, payment: Payment) -> str:
        """She goes to pay; the page's address."""
        return checkout_page.start(payment.pk, BACK).url

    def held(self) -> int:
        """How many are kept for orders."""
        return there(self.shop.small, self.shop.warehouse)[1]


@pytest.fixture
def anna(shop: Shop) -> Buying:
    """Anna, where Vinga costs 1,299 kronor and is sent from the warehouse."""
    Price.objects.create(variant_id=shop.small, market="SE", currency="SEK", amount=129_900)
    Place.objects.filter(pk=shop.warehouse).update(ships=True)
    return Buying(shop, 129_900)


def work() -> None:
    """Let the jobs do what is due now, or was put off."""
    while payment_changes.end_pages() or jobs.step():
        pass


def hurry() -> None:
    """What was put off is due now."""
    PaymentCommand.objects.filter(done_at=None, failed_at=None).update(
        due=timezone.now() - timedelta(seconds=1)
    )


def let_page_end(payment: Payment) -> None:
    """The time to pay is over, as far as Spindel knows."""
    moment = timezone.now() - timedelta(seconds=1)
    Payment.objects.filter(pk=payment.pk).update(
        ends_at=moment, made_at=moment - payment_due.WAITS_FOR_PAGE
    )


def standing(payment: Payment) -> tuple[str, str, int, int, int]:
    """The order's state, the payment's, and what was authorised, captured and refunded."""
    found = Payment.objects.get(pk=payment.pk)
    return (
        state(found),
        str(found.state),
        found.authorised,
        found.captured,
        found.refunded,
    )


def happened(payment: Payment) -> list[str]:
    """What is on the order's record."""
    found = OrderEvent.objects.filter(order_id=payment.order_id).order_by("pk")
    return [str(one.kind) for one in found]


def state(payment: Payment) -> str:
    """The order's state."""
    return str(Order.objects.get(pk=payment.order_id).state)
