"""An order as it is asked for, before anything of it is written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from spindel.commerce.common import contacts, markets, numbers
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.identity import identifiers as whose
from spindel.identity.rules import NOWHERE, normalise
from spindel.kit import idempotency
from spindel.kit.idempotency import Request
from spindel.kit.refusal import Refusal
from spindel.staff.actors import Actor
from spindel.timeline.recording import OWN_SOURCE

MOST_LINES = 100
# How goods are paid that are gone when it is written.
_OVER_THE_COUNTER = frozenset(("till", "invoice"))


@dataclass(frozen=True, slots=True)
class Item:
    """So many of a variant, and how they come: sent, or from the place. `amount` is what one
    costs, in minor units, where that was agreed; else it is today's price.
    """

    variant: int
    quantity: int
    fulfilment: str = Fulfilment.SHIP
    place: int | None = None
    amount: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An order to be written, for whom, by whom, and for which request.

    `credit` is what of it is paid by goods that came back, and `gift_card` the code of one that
    pays as far as it goes; `pay_by` is how the rest is. `holds` are of the same customer: they
    are used up. `total` is what she was told that it costs, if it must be that. `at` is when it
    happened, where that was before. `number` is the receipt's, where it has one already.
    `proved`: whoever places it has proved who she is, or is served by somebody here.
    `asked` is what the request has said, where that is not all that the draft says. `anywhere`: it
    is had in whichever country, at the prices of the market, as an exchange is.
    """

    request: Request
    actor: Actor
    items: Sequence[Item]
    market: str
    currency: str
    language: str
    pay_by: str
    whose: int | None = None
    contact: Mapping[str, str] = field(default_factory=dict)
    address: Mapping[str, str] = field(default_factory=dict)
    also: Collection[int] = ()
    holds: Collection[int] = ()
    credit: int = 0
    total: int | None = None
    cart: int | None = None
    shopper: int | None = None
    at: datetime | None = None
    number: str = ""
    anywhere: bool = False
    proved: bool = True
    asked: UUID | None = None
    gift_card: str = ""

    @property
    def content(self) -> UUID:
        """The fingerprint of the request."""
        return self.asked or _asked(self)


def _asked(draft: Draft) -> UUID:
    return idempotency.fingerprint(
        *(draft.items, draft.market, draft.currency, draft.language, draft.actor.channel),
        *(draft.pay_by, draft.whose, draft.actor.place, draft.contact, draft.address),
        *(draft.total, draft.at),
    )


class Dearer(Refusal):
    """It comes to something else than she was told. `total` is what it comes to."""

    code = "dearer"

    def __init__(self, total: int, currency: str) -> None:
        super().__init__()
        self.total = total
        self.currency = currency


def with_receipt(draft: Draft) -> Draft:
    """The draft with a number, and where nobody knows who buys with the receipt as whose it is.

    Before anything is locked: the receipt's identifier is made on a connection of its own, which
    may have to wait for somebody who waits for what is locked here.
    """
    number = draft.number or numbers.new("R")
    receipt = normalise("receipt", f"{OWN_SOURCE}/{number}", NOWHERE)
    content, owner = draft.content, draft.whose
    if owner is None and receipt is not None:
        owner = whose.identifier("receipt", receipt)
    return replace(draft, number=number, whose=owner, asked=content)


def check(draft: Draft) -> None:
    """Raises Refusal for what can't be an order."""
    check_items(draft.items)
    if not draft.credit >= 0:
        raise Refusal("credit_below_zero")
    sent = any(one.fulfilment == Fulfilment.SHIP for one in draft.items)
    # Whoever exchanges may be known by a receipt alone.
    if not draft.anywhere and not all(map(goes_now, draft.items)):
        contacts.check(draft.pay_by, draft.contact, draft.address, draft.market, sent=sent)
    if any(map(goes_now, draft.items)) and draft.pay_by not in _OVER_THE_COUNTER:
        raise Refusal("paid_over_counter")
    if draft.pay_by == "store" and any(one.fulfilment != Fulfilment.PICK_UP for one in draft.items):
        raise Refusal("paid_in_store")
    if not draft.anywhere:
        check_market(draft.market, draft.items, draft.address)
    elif sent:
        contacts.check_address(draft.address, draft.market)


def check_market(market: str, items: Sequence[Item], address: Mapping[str, str]) -> None:
    """Raises Refusal for goods that are to be had in another country than their prices are of."""
    places = {one.place for one in items if one.place is not None}
    is_sent = any(one.fulfilment == Fulfilment.SHIP for one in items)
    markets.check(market, places, address if is_sent else None)


def goes_now(item: Item) -> bool:
    """Whether it is handed over as the order is written."""
    return item.fulfilment == Fulfilment.HAND_OVER


def check_items(items: Sequence[Item]) -> None:
    """Raises Refusal for what can't be the lines of an order."""
    if not items:
        raise Refusal("nothing_to_order")
    if len(items) > MOST_LINES:
        raise Refusal("order_lines", most=MOST_LINES)
    for one in items:
        if not 1 <= one.quantity <= 999:
            raise Refusal("line_quantity")
        if (one.place is None) != (one.fulfilment == Fulfilment.SHIP):
            raise Refusal("sent_or_from_place")
