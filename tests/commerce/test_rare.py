"""The few of many are found without going through all: of a state, of a store, that failed."""

from __future__ import annotations

import uuid

from django.db import connection
from django.utils import timezone

from spindel.commerce.orders.models import Return
from spindel.commerce.payments import commands
from spindel.commerce.payments.models import Payment, PaymentCommand
from spindel.commerce.quotes import reading as quotes
from spindel.commerce.quotes.models import Quote
from spindel.commerce.stock.models import StockEvent
from tests.commerce.conftest import Shop
from tests.commerce.orders.cast import priced as priced  # a fixture
from tests.commerce.returns.cast import bought

_MANY = 4_000


def _analyze(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {table}")


def test_quotes_of_a_rare_state(priced: Shop) -> None:
    Quote.objects.bulk_create(
        Quote(
            number=f"Q{number}",
            key=uuid.uuid4(),
            content=uuid.uuid4(),
            state="expired",
            until=timezone.now(),
            market="SE",
            currency="SEK",
            language="sv",
        )
        for number in range(_MANY)
    )
    _analyze("quotes_quote")
    for state in ("accepted", "draft", "withdrawn"):
        assert "quote_state" in quotes.listed(state)[:31].explain()


def test_returns_over_the_counter_of_a_store_where_few_bring_something(priced: Shop) -> None:
    order = bought(priced)
    Return.objects.bulk_create(
        Return(
            number=f"B{number}",
            key=uuid.uuid4(),
            content=uuid.uuid4(),
            order=order,
            place_id=priced.goteborg,
            channel="store",
            by="",
        )
        for number in range(_MANY)
    )
    _analyze("orders_return")
    found = Return.objects.order_by("-pk").filter(place=priced.stockholm)[:21]
    assert "return_of_place" in found.explain()


def test_what_runs_low_in_a_store_where_little_happens(priced: Shop) -> None:
    StockEvent.objects.bulk_create(
        StockEvent(
            variant_id=priced.small,
            place_id=priced.goteborg,
            kind="low",
            available=1,
            on_hand=1,
        )
        for _ in range(_MANY)
    )
    _analyze("stock_stockevent")
    found = StockEvent.objects.filter(place=priced.stockholm).order_by("-pk")[:2000]
    assert "stockevent_of_place" in found.explain()


def test_what_a_bank_would_not_do_is_counted_without_what_it_has_done(priced: Shop) -> None:
    payment = Payment.objects.get(order_id=bought(priced).pk)
    PaymentCommand.objects.bulk_create(
        PaymentCommand(payment=payment, kind="capture", key=uuid.uuid4(), done_at=timezone.now())
        for _ in range(_MANY)
    )
    _analyze("payments_paymentcommand")
    failed = PaymentCommand.objects.filter(failed_at__gte=timezone.now())
    assert "paymentcommand_failed" in failed.explain()
    assert commands.figures() == (0, 0)
