"""The books of gift cards: what is paid with one, and what goes back on it.

A card is locked last of all but limits and codes of offers; whoever holds one asks for no other
lock that comes before.
"""

from __future__ import annotations

import uuid

from django.db.models import F, Q, QuerySet, Sum
from django.utils import timezone

from spindel.commerce.payments.models import GiftCard, GiftCardEntry, Payment
from spindel.kit.refusal import Refusal
from spindel.offers import codes

NAME = "giftcard"  # as orders call it: `pay_by`


def valid(typed: str, currency: str) -> QuerySet[GiftCard]:
    """The card of the code, if it pays in the currency today."""
    here = GiftCard.objects.filter(digest=codes.digest(codes.read(typed)), currency=currency)
    return here.filter(Q(expires_on=None) | Q(expires_on__gte=timezone.localdate()))


def lock(typed: str, currency: str) -> GiftCard:
    """The card, for whoever pays with it in this transaction. Raises Refusal."""
    found = valid(typed, currency).select_for_update().first()
    if found is None:
        raise Refusal("no_such_gift_card")
    return found


def pay(card: GiftCard, order: int, number: str, language: str, amount: int) -> None:
    """Pay so much of the order with the card, which is locked and has it."""
    payment = Payment.objects.create(
        order_id=order,
        number=number,
        language=language,
        provider=NAME,
        key=uuid.uuid4(),
        state=Payment.State.CAPTURED,
        currency=card.currency,
        amount=amount,
        authorised=amount,
        captured=amount,
    )
    _book(card, payment, -amount, payment.key)


def put_back(payment: uuid.UUID, amount: int, key: uuid.UUID) -> int:
    """Have so much of the payment with this key be on its card again, once by this key; how much of
    it is by now.
    """
    paid = Payment.objects.get(key=payment)
    entries = GiftCardEntry.objects.filter(payment=paid)
    spent = entries.select_related("card").get(key=payment)
    card = GiftCard.objects.select_for_update().get(pk=spent.card_id)
    if not entries.filter(key=key).exists():
        _book(card, paid, amount, key)
    found = entries.filter(amount__gt=0).aggregate(sum=Sum("amount"))["sum"]
    return int(found or 0)


def _book(card: GiftCard, payment: Payment, amount: int, key: uuid.UUID) -> None:
    GiftCardEntry.objects.create(card=card, payment=payment, amount=amount, key=key)
    GiftCard.objects.filter(pk=card.pk).update(balance=F("balance") + amount)


def wrong_balances() -> list[int]:
    """The ids of cards whose balance is not the sum of their entries: there are none."""
    added = GiftCard.objects.annotate(sum=Sum("entries__amount"))
    return list(added.exclude(balance=F("sum")).values_list("pk", flat=True))
