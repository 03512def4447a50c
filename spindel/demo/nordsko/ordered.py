"""Nordsko's order book on the day when Spindel opens there: a month of it, and what goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.utils import timezone

from spindel.catalogue.closing_times import ends
from spindel.catalogue.markets import Market
from spindel.commerce.carts import actions as carts
from spindel.commerce.carts import reading
from spindel.commerce.carts.actions import Edit
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.common.rules import Line
from spindel.commerce.orders import actions as orders
from spindel.commerce.orders import order_holds
from spindel.commerce.orders.actions import Some, Tracking
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.draft import Draft, Item
from spindel.commerce.orders.placement.placing import Bought, Purchase
from spindel.commerce.quotes import actions as quotes
from spindel.commerce.quotes.actions import Maker, QuoteData
from spindel.commerce.returns import actions as returns
from spindel.commerce.returns.actions import Back, HandedIn, Wanted
from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.models import Hold
from spindel.demo.nordsko import promises
from spindel.demo.nordsko.catalogue import STORES
from spindel.demo.nordsko.shelves import WAREHOUSE
from spindel.demo.nordsko.story import HAGA_38, SLIPPERS, VINGA_38
from spindel.demo.nordsko.trade import Buyer, Trade
from spindel.identity import identifiers, ownership
from spindel.kit.idempotency import Request
from spindel.staff.actors import Actor
from spindel.staff.models import Role, User
from spindel.staff.permissions import PRICE_LIMIT
from spindel.timeline.models import Channel

SOURCE = "nordsko"
_TILLS = "Nordsko tills"
_PACKERS = "Nordsko Borås"
VALLGATAN = "goteborg-vallgatan"
_DROTTNINGGATAN = "stockholm-drottninggatan"
_GOTGATAN = "stockholm-gotgatan"
_KOBMAGERGADE = "kobenhavn-kobmagergade"
_CARRIERS = {"SE": ("PostNord", "PN{:09d}SE"), "DK": ("GLS", "{:011d}")}

MOST_BUYERS = 80  # that the order book has; whoever comes after them does other things
_RECEIPTS = 26
_SENT = 24


def is_filled() -> bool:
    """Whether the order book was filled to its end."""
    return Order.objects.filter(number=_receipt(_GOTGATAN, _RECEIPTS)).exists()


def fill_order_book(until: datetime, agent: User, clerk: User) -> None:
    """Fill it with what the people of the history do until then and today. Again: nothing."""
    _Book(until, agent, clerk).fill()


def _receipt(store: str, number: int) -> str:
    code = next(one.code for one in STORES if one.slug == store)
    return f"{code}-{900_000 + number}"  # far from those of the history


class _Book:
    def __init__(self, until: datetime, agent: User, clerk: User) -> None:
        self.trade = Trade(until)
        self.agent, self.clerk = agent, clerk
        self._sent = 0

    def fill(self) -> None:
        anna = next(self.trade.buyers)
        self._receipts()
        arrived = self._web_orders()
        self._exchange(arrived[0])
        self._to_collect()
        self._waiting_and_cancelled()
        self._broken_promise()
        self._abandoned()
        self._anna(anna)
        self._late_till()

    # --- over the counter -------------------------------------------------------------------------

    def _receipts(self) -> None:
        """Bought in the stores, by people with cards and by some that nobody knows."""
        sold = []
        for number in range(1, _RECEIPTS):
            store = STORES[number % len(STORES)]
            buyer = next(self.trade.buyers)
            skus = [self.trade.choose(buyer.person, store.slug)]
            if number % 7 == 0:
                skus.append(self.trade.choose(buyer.person, store.slug))
            at = self.trade.open_ago(1 + number * 29 // _RECEIPTS, store.slug)
            who = None if number % 5 == 3 else buyer.by_card()
            sold.append(self._told(store.slug, number, skus, at, who))
        for order, reason in ((sold[3], "changed their mind"), (sold[10], "too large")):
            self._take_back(order, Back(0, 1, reason=reason))

    def _told(
        self, store: str, number: int, skus: Sequence[str], at: datetime, who: int | None
    ) -> Order:
        place = self.trade.places[store]
        currency = "DKK" if place.country == "DK" else "SEK"
        lines = [
            Bought(self.trade.variants[sku], 1, self.trade.price(sku, currency)) for sku in skus
        ]
        purchase = Purchase(_receipt(store, number), lines, place, currency, at, who)
        return placing.tell_purchase(purchase, Actor(_TILLS), SOURCE)

    def _late_till(self) -> None:
        """Götgatan's till was offline, and has sold one more than there was."""
        sku = self.trade.only_one(_GOTGATAN)
        at = self.trade.open_ago(1, _GOTGATAN)
        self._told(_GOTGATAN, _RECEIPTS, [sku, sku], at, None)

    def _take_back(self, order: Order, back: Back) -> None:
        assert order.place_id is not None
        returns.take_back(
            order.pk,
            HandedIn([back]),
            self._clerk_in(order.place_id),
            Request(SOURCE, f"return/{order.number}"),
        )

    def _clerk_in(self, place: int) -> Actor:
        return Actor(str(self.clerk), channel=Channel.STORE, place=place)

    # --- sent -------------------------------------------------------------------------------------

    def _web_orders(self) -> list[Order]:
        """Some new, some on their way, some there: those are answered."""
        arrived = []
        for number in range(_SENT):
            buyer = next(self.trade.buyers)
            skus = [self.trade.choose(buyer.person, WAREHOUSE)]
            if number % 4 == 1:
                skus.append(self.trade.choose(buyer.person, WAREHOUSE))
            channel = (Channel.WEB, Channel.WEB, Channel.APP, Channel.WEB, Channel.PHONE)
            at = self.trade.ago(5 - number * 5 / _SENT)
            order = self._order(f"web/{number}", buyer, skus, channel[number % 5], at)
            if number < 9:
                self._ship(order, arrives=True)
                arrived.append(order)
            elif number < 18:
                self._ship(order, [Some(0, 1)] if len(skus) > 1 else None)
        return arrived

    def _order(
        self, key: str, buyer: Buyer, skus: Sequence[str], channel: str, at: datetime | None
    ) -> Order:
        by = str(self.agent) if channel == Channel.PHONE else ""
        draft = self._draft(key, buyer, channel, by)
        items = [Item(self.trade.variants[sku], 1) for sku in dict.fromkeys(skus)]
        return placing.sell(replace(draft, items=items, at=at))

    def _draft(self, key: str, buyer: Buyer, channel: str, by: str = "") -> Draft:
        person = buyer.person
        return Draft(
            request=Request(SOURCE, key),
            items=[],
            market=person.country,
            currency=person.currency,
            language=person.locale[:2],
            actor=Actor(by, channel=channel),
            pay_by="invoice",
            whose=buyer.whose,
            contact=buyer.contact,
            address=buyer.address,
        )

    def _ship(self, order: Order, some: list[Some] | None = None, *, arrives: bool = False) -> None:
        """Send it from wherever it is kept."""
        self._sent += 1
        carrier, number = _CARRIERS[order.market]
        kept = order_holds.of_order(order.pk).filter(state=Hold.State.ACTIVE)
        for place in sorted(set(kept.values_list("place", flat=True))):
            parcel = orders.ship(
                order.pk,
                place,
                some,
                Tracking(carrier, number.format(417_300_000 + self._sent * 7_919)),
                actor=Actor(_PACKERS),
                request=Request(SOURCE, f"ship/{order.pk}/{place}"),
            )
            if arrives:
                orders.arrive(parcel.pk, carrier)

    def _exchange(self, order: Order) -> None:
        """What came by mail was too small: she gets another size in a store."""
        place = self.trade.places[_KOBMAGERGADE if order.market == "DK" else VALLGATAN]
        line = order.lines.order_by("line")[0]
        product, colour, size = line.sku.rsplit("-", 2)
        sizes = (f"{product}-{colour}-{int(size) + step}" for step in (1, -1, 2, -2))
        wanted = next(sku for sku in sizes if self.trade.free(sku, place.code) > 1)
        self.trade.take(wanted, place.code)
        returns.exchange(
            order.pk,
            HandedIn([Back(line.line, 1, reason="too small")]),
            Wanted([Item(self.trade.variants[wanted], 1, Fulfilment.HAND_OVER, place.pk)]),
            self._clerk_in(place.pk),
            Request(SOURCE, f"exchange/{order.number}"),
        )

    # --- collected --------------------------------------------------------------------------------

    def _to_collect(self) -> None:
        """Ordered to be collected: in each store one to set aside and one that is ready."""
        for store in STORES:
            place = self.trade.places[store.slug]
            for number in range(3 if store.slug in (VALLGATAN, _KOBMAGERGADE) else 2):
                buyer = next(self.trade.buyers)
                sku = self.trade.choose(buyer.person, store.slug)
                item = Item(self.trade.variants[sku], 1, Fulfilment.PICK_UP, place.pk)
                draft = self._draft(f"collect/{store.slug}/{number}", buyer, Channel.WEB)
                draft = replace(draft, items=[item], address={}, market=store.country)
                draft = replace(draft, currency=store.currency, pay_by="store")
                draft = replace(draft, at=self.trade.ago(number / 2))
                order = placing.sell(draft)
                if number:
                    self._set_aside(order)
                if number == 2:
                    orders.hand_over(
                        order.pk,
                        place.pk,
                        None,
                        actor=Actor(str(self.clerk)),
                        request=Request(SOURCE, f"collected/{order.pk}"),
                    )

    def _set_aside(self, order: Order) -> None:
        kept = order_holds.of_order(order.pk).filter(state=Hold.State.ACTIVE)
        for hold in kept.values_list("pk", flat=True):
            holds.set_aside(hold)

    # --- what did not come about, or not yet ------------------------------------------------------

    def _waiting_and_cancelled(self) -> None:
        buyer = next(self.trade.buyers)
        item = Item(self.trade.variants[self.trade.choose(buyer.person, WAREHOUSE)], 1)
        draft = self._draft("unpaid", buyer, Channel.WEB)
        placing.sell(replace(draft, items=[item], pay_by="card"))
        buyer = next(self.trade.buyers)
        sku = self.trade.choose(buyer.person, WAREHOUSE)
        order = self._order("cancelled", buyer, [sku], Channel.WEB, self.trade.ago(2))
        orders.cancel(order.pk, None, by=str(self.agent), why="changed their mind")

    def _broken_promise(self) -> None:
        """The agent has promised a pair in Stockholm that is not there."""
        buyer, place = next(self.trade.buyers), self.trade.places[_DROTTNINGGATAN]
        sku = self.trade.choose(buyer.person, _DROTTNINGGATAN)
        (hold,) = holds.reserve(
            [Line(self.trade.variants[sku], place.pk, 1)],
            ends("tomorrow", place, timezone.now()),
            request=Request(SOURCE, "promised"),
            actor=Actor(str(self.agent), self.agent.pk, channel=Channel.PHONE),
            whose=buyer.whose,
            asked="tomorrow",
        )
        holds.not_found(hold.pk, str(self.clerk))

    def _abandoned(self) -> None:
        for _ in range(2):
            buyer = next(self.trade.buyers)
            skus = [self.trade.choose(buyer.person, WAREHOUSE) for _ in range(2)]
            cart = self._fill_cart(buyer, skus)
            if cart is not None:
                carts.abandon(cart, timedelta())

    def _fill_cart(self, buyer: Buyer, skus: Sequence[str]) -> int | None:
        """The cart; None where she has one already, or was forgotten."""
        who, person = buyer.whose, buyer.person
        if identifiers.living(who) is None or reading.certainly_of(who) is not None:
            return None
        for sku in skus:
            carts.change_for(
                ownership.Under(who),
                Edit(sku, quantity=1),
                market=Market(person.country, person.currency, person.locale[:2]),
                channel=Channel.WEB,
            )
        made = reading.certainly_of(who)
        return None if made is None else made.pk

    # --- Anna -------------------------------------------------------------------------------------

    def _anna(self, anna: Buyer) -> None:
        """Something of everything: the page that is looked at first."""
        trade, place = self.trade, self.trade.places[VALLGATAN]
        self._told(
            VALLGATAN,
            0,
            ["KAKELUGN-GRY-38"],
            trade.open_ago(8, VALLGATAN),
            anna.by_card(),
        )
        order = self._order(
            "anna", anna, ["MARSTRAND-NVY-38", "SNOLYKTA-TEA-30"], Channel.WEB, trade.ago(2)
        )
        self._ship(order)
        (hold,) = holds.reserve(
            [Line(trade.variants[VINGA_38.sku], place.pk, 1)],
            ends("tomorrow", place, timezone.now()),
            request=Request(SOURCE, "held for anna"),
            actor=Actor(str(self.agent), self.agent.pk, channel=Channel.CHAT),
            whose=anna.whose,
            asked="tomorrow",
        )
        holds.set_aside(hold.pk)
        self._fill_cart(anna, [SLIPPERS.sku, VINGA_38.sku])
        self._quote(anna)
        promises.promise(ownership.Under(anna.whose), self.agent)

    def _quote(self, anna: Buyer) -> None:
        trade, place = self.trade, self.trade.places[VALLGATAN]
        boots, price = trade.variants["KIRUNA-BLK-38"], 229_900  # instead of 2,499 kr
        offer = QuoteData(
            items=[
                Item(boots, 1, Fulfilment.PICK_UP, place.pk, price),
                Item(trade.variants[HAGA_38.sku], 1, Fulfilment.PICK_UP, place.pk),
            ],
            until=ends("tomorrow", place, timezone.now() + timedelta(days=6)),
            market="SE",
            language="sv",
            pay_by="store",
            holds=True,
            note="Hej Anna! Kängorna som du provade, till det pris som vi talade om. /Oskar",
            contact=anna.contact,
        )
        maker = Maker(
            replace(self._clerk_in(place.pk), user=self.clerk.pk),
            PRICE_LIMIT[Role(self.clerk.role)],
        )
        quote = quotes.make(offer, maker, identifier=anna.whose, request=Request(SOURCE, "anna"))
        if not quote.sent_revision:
            quotes.send(quote.pk, quote.revision, Request(SOURCE, "anna"), by=str(self.clerk))
