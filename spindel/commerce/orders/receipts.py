"""Receipts: what was bought, what it comes to, and the VAT in it by rate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import segno

from spindel.commerce.common.seller import Seller, seller
from spindel.commerce.orders import rules
from spindel.commerce.orders.reading import FeeView, LineView, OrderView
from spindel.kit.money import vat_in
from spindel.offers.explaining import Discount


@dataclass(frozen=True, slots=True)
class Row:
    """So many of something, without those that were cancelled; below zero where they came back.
    `discounts` are of all pieces of the line: of a part of them only the total is told.
    """

    name: str
    options: str
    sku: str
    quantity: int
    amount: int
    total: int
    vat_rate: int
    discounts: list[Discount]


@dataclass(frozen=True, slots=True)
class Vat:
    """What is taxed at a rate: without VAT, the VAT, and both; minor units."""

    rate: int
    net: int
    vat: int
    total: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """All that stands on it. `is_paid`: before that it confirms an order, and is no receipt.
    `gift_card` is what one has paid beside the payment, and no part of `paid`, less what is on it
    again.
    """

    seller: Seller
    number: str
    number_spaced: str
    at: datetime
    place: str
    by: str
    currency: str
    rows: list[Row]
    back: list[Row]
    vat: list[Vat]
    total: int
    provider: str
    is_paid: bool
    paid: int
    paid_back: int
    gift_card: int

    def qr(self) -> segno.QRCode:
        """Its number, as a scanner at a counter reads it."""
        return segno.make(self.number, error="m", micro=False)


def of(order: OrderView) -> Receipt:
    """The order's receipt as it is now: without what was cancelled, less what came back."""
    rows = [_row(one, one.quantity - one.cancelled, rules.kept(one)) for one in order.lines]
    back = [_row(one, -one.returned, -rules.given_back(one)) for one in order.lines if one.returned]
    rows = [one for one in rows if one.quantity]
    rows += [_fee(one) for one in order.fees if not one.cancelled]
    back += [_fee(one, -1) for one in order.fees if one.returned]
    vat = _by_rate([*rows, *back])
    payment = order.payment
    return Receipt(
        seller=seller(),
        number=order.number,
        number_spaced=order.number_spaced,
        at=order.placed_at,
        place=order.place_name,
        by=order.by,
        currency=order.currency,
        rows=rows,
        back=back,
        vat=vat,
        total=sum(one.total for one in vat),
        provider=payment.provider if payment else "",
        is_paid=payment is None or payment.captured > 0,
        paid=payment.captured if payment else 0,
        paid_back=payment.refunded if payment else 0,
        gift_card=order.gift_card_paid - order.gift_card_back,
    )


def _row(line: LineView, quantity: int, total: int) -> Row:
    return Row(
        line.name,
        line.options,
        line.sku,
        quantity,
        line.amount,
        total,
        line.vat_rate,
        line.discounts if quantity == line.quantity else [],
    )


def _fee(fee: FeeView, times: int = 1) -> Row:
    discounts = fee.discounts if times > 0 else []
    return Row(fee.name, "", "", times, fee.amount, times * fee.total, fee.vat_rate, discounts)


def _by_rate(rows: Iterable[Row]) -> list[Vat]:
    sums: dict[int, int] = {}
    for one in rows:
        sums[one.vat_rate] = sums.get(one.vat_rate, 0) + one.total
    found = []
    for rate, total in sorted(sums.items()):
        vat = vat_in(total, rate)
        found.append(Vat(rate, total - vat, vat, total))
    return found
