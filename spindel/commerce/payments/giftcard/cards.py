"""Gift cards: made, and looked up by whoever has one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from spindel.commerce.payments.giftcard import books
from spindel.commerce.payments.models import GiftCard, GiftCardEntry
from spindel.kit import idempotency
from spindel.kit.actions import action
from spindel.kit.idempotency import Request
from spindel.kit.refusal import Refusal
from spindel.offers import codes
from spindel.staff import audit

_NOBODYS = "A gift card is whose that has it; the audit log says who has made it."

MOST_AT_ONCE = 1_000
MOST_AMOUNT = 10**9
_CHANCE = 15  # letters of 5 bits: as long as a card's number, and nobody finds it from its hash
_MOST_WRONG = 10  # codes that are none, tried by one in so long
_COUNTED = 600  # seconds


# --- made -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Making:
    """So many cards with so much on each, in minor units, and their last day, if any."""

    many: int
    amount: int
    currency: str
    expires_on: date | None = None


@action(silent=_NOBODYS)
def make(making: Making, by: str, request: Request | None = None) -> list[str]:
    """Make cards, and answer their codes: this once, as nobody can read them afterwards. Raises
    Refusal, also for a request that was done.
    """
    if request is not None:
        idempotency.lock(request.id)
        if GiftCardEntry.objects.filter(key=request.id).exists():
            raise Refusal("gift_cards_made")
    made = [codes.new(_CHANCE) for _ in range(max(0, min(making.many, MOST_AT_ONCE)))]
    _write(made, making, by, request)
    return made


@action(silent=_NOBODYS)
def bring(typed: str, making: Making, by: str) -> None:
    """Have a card that was made elsewhere, with the code that it has there. Raises Refusal."""
    _write([codes.read(typed)], making, by)


def _write(made: Sequence[str], making: Making, by: str, request: Request | None = None) -> None:
    if making.many != len(made) or not made or not 1 <= making.amount <= MOST_AMOUNT:
        raise Refusal("gift_card_amount")
    if making.expires_on is not None and making.expires_on < timezone.localdate():
        raise Refusal("gift_card_over")
    cards = GiftCard.objects.bulk_create(
        GiftCard(
            digest=codes.digest(code),
            ending=code[-4:],
            currency=making.currency,
            balance=making.amount,
            expires_on=making.expires_on,
        )
        for code in made
    )
    GiftCardEntry.objects.bulk_create(
        GiftCardEntry(
            card=card,
            amount=making.amount,
            key=request.id if request and not number else uuid.uuid4(),
            by=by,
        )
        for number, card in enumerate(cards)
    )
    detail = {"many": making.many, "amount": making.amount, "currency": making.currency}
    audit.note(by, "gift_card.made", detail=detail)


def newest(most: int) -> list[GiftCard]:
    """The cards that were made last."""
    return list(GiftCard.objects.order_by("-pk")[:most])


def spaced(code: str) -> str:
    """A code as people read it: by fours."""
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))


# --- looked up ------------------------------------------------------------------------------------


def look(typed: str, currency: str, tried_by: str) -> GiftCard:
    """The card of this code, if it pays in the currency today. Raises Refusal, also for whoever
    (`tried_by`, a word for them) has tried many that are none within ten minutes.

    Asked before what is paid, and outside of its transaction: what was tried must be counted also
    where nothing comes of it.
    """
    wrong = f"gift-cards:{tried_by}"
    with transaction.atomic():
        idempotency.lock(idempotency.key("gift cards", tried_by))  # many are tried at once
        tried = cache.get(wrong, 0)
        if tried >= _MOST_WRONG:
            raise Refusal("too_many_gift_cards")
        found = books.valid(typed, currency).first()
        if found is None:
            cache.set(wrong, tried + 1, _COUNTED)
    if found is None:
        raise Refusal("no_such_gift_card")
    return found
