"""The one place where orders are written: with their stock, their payment and their fact.

A cart, a counter, a quote and an exchange all end here, so a price, a pair and a receipt come to
be in one way. All of it is in the transaction of the action that calls. Locks are taken in one
order: the key, the customer's identifier, her cart or quote, an older order, levels, a gift card.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from spindel.commerce.orders import balance
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement import allocation, fact, rows
from spindel.commerce.orders.placement.allocation import Taken
from spindel.commerce.orders.placement.draft import Dearer, Draft, check, goes_now
from spindel.commerce.orders.placement.goods import Costs, read_goods, sold
from spindel.commerce.payments import providers
from spindel.commerce.payments.giftcard import books
from spindel.commerce.stock import ledger
from spindel.kit import idempotency
from spindel.offers import uses


def write(draft: Draft, costs: Costs | None = None) -> Order:
    """Write the order: stock taken, payment to be asked for, fact recorded. All or nothing.

    After `before` has said that there is none yet. `costs` are what the draft's items cost, where
    the caller knows that already. Raises Refusal, NotEnough, Dearer, and recording.Gone.
    """
    check(draft)
    costs = sold(draft, read_goods(draft), delivered=True) if costs is None else costs
    total = costs.totals.total
    if draft.total is not None and draft.total != total:
        raise Dearer(total, draft.currency)
    taken, used = allocation.take(draft)
    order = _finish(draft, costs, taken, used)
    if any(map(goes_now, draft.items)) and not draft.credit:  # an exchange is not written down yet
        balance.capture(order)
    return order


def before(draft: Draft) -> Order | None:
    """The order that the same request has written before; whoever else asks now waits.

    Raises KeyReused when the key was used for something else.
    """
    return idempotency.before(Order.objects.all(), draft.request.id, draft.content)


def write_told(draft: Draft, told: Collection[ledger.Told]) -> Order:
    """Write a purchase that was made elsewhere, with the movements that it was. Raises Refusal."""
    check(draft)
    costs = sold(draft, read_goods(draft))
    ledger.post(told, draft.actor.by)
    return _finish(draft, costs, [], [])


def _finish(draft: Draft, costs: Costs, taken: Sequence[Taken], used: Sequence[int]) -> Order:
    comes_to = costs.totals
    due = max(0, comes_to.total - draft.credit)
    card = books.lock(draft.gift_card, draft.currency) if draft.gift_card and due else None
    by_card = min(card.balance, due) if card else 0
    due -= by_card
    awaited = due > 0 and providers.is_awaited(draft.pay_by)
    order = rows.insert(draft, costs, taken, used, comes_to, due, awaited=awaited)
    if card and by_card:
        books.pay(card, order.pk, order.number, draft.language, by_card)
    priced = [*(one.priced for one in costs.lines), *costs.fees]
    uses.reserve(order.number, draft.whose, draft.currency, priced)
    paid = replace(draft, pay_by=books.NAME) if by_card and not due else draft
    fact.record_order(order, paid, costs, awaited=awaited)
    return order
