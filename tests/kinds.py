"""Every kind of order, quote, hold, return and shopper that there is, for whatever must know them.

Orders are generated: each way to buy as it was placed, and each that can come to something with all
that can become of it. What is in the shop is `tests.demo.storefront.furnish`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

from django.utils import timezone

from spindel.catalogue.markets import Market
from spindel.catalogue.models import Place, Variant
from spindel.commerce.common.rules import Line
from spindel.commerce.orders import actions as orders
from spindel.commerce.orders import order_holds
from spindel.commerce.orders.actions import Some
from spindel.commerce.orders.models import Order, Return, ReturnPolicy, ReturnRequest
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.draft import Draft, Item
from spindel.commerce.orders.placement.placing import Bought
from spindel.commerce.payments.models import Payment
from spindel.commerce.quotes import actions as quotes
from spindel.commerce.quotes.actions import Maker, QuoteData
from spindel.commerce.quotes.models import Quote
from spindel.commerce.returns import request_actions as return_requests
from spindel.commerce.returns.actions import Back
from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.models import Hold
from spindel.identity import identifiers
from spindel.kit.idempotency import Request
from spindel.privacy import jobs
from spindel.privacy.actions import forget_customer
from spindel.shoppers import actions as sessions
from spindel.staff.actors import Actor
from spindel.timeline.models import Fact, Source
from tests.commerce import acting
from tests.demo.storefront import bring
from tests.telling import follow

NAME = {"name": "Anna Åkesson"}
ANNA = {**NAME, "email": "anna@example.com", "phone": "+46701234567"}
HOME = {"street": "Storgatan 1", "postcode": "411 01", "city": "Göteborg", "country": "SE"}
HIM = {"street": "Vestergade 1", "postcode": "1456", "city": "København", "country": "DK"}
_numbers = itertools.count()


def sku(name: str) -> int:
    return Variant.objects.get(sku=name).pk


def place(code: str) -> int:
    return Place.objects.get(code=code).pk


# --- orders ---------------------------------------------------------------------------------------


def _draft(*items: Item, **more: object) -> Draft:
    words: dict[str, object] = {
        "source": "kinds",
        "key": f"kind {next(_numbers)}",
        "items": items,
        "market": "SE",
        "currency": "SEK",
        "language": "sv",
        "channel": "web",
        "pay_by": "invoice",
        "contact": ANNA,
        "address": HOME,
    }
    return acting.drafted(**(words | more))  # type: ignore[arg-type]  # the words are right


def _sent(many: int = 2, **more: object) -> Draft:
    return _draft(Item(sku("vinga-black-38"), many), **more)


def _fetched(many: int = 2, **more: object) -> Draft:
    item = Item(sku("vinga-black-38"), many, "pick_up", place("vallgatan"))
    return _draft(item, **({"address": {}} | more))


def _over_the_counter(many: int = 2, **more: object) -> Draft:
    here = place("vallgatan")
    item = Item(sku("vinga-black-38"), many, "hand_over", here)
    words = {"channel": "store", "pay_by": "till", "by": "Oskar", "place": here}
    return _draft(item, **({**words, "contact": {}, "address": {}} | more))


def _in_denmark() -> Draft:
    here = place("kobmagergade")
    items = Item(sku("vinga-black-38"), 1), Item(sku("kiruna-brown-38"), 1, "pick_up", here)
    country = {"market": "DK", "currency": "DKK", "language": "da"}
    return _draft(*items, **country, address=HIM)


def _ways() -> dict[str, Draft]:
    """Each way to buy."""
    both = [
        Item(sku("vinga-black-38"), 1),
        Item(sku("kiruna-brown-38"), 1, "pick_up", place("vallgatan")),
    ]
    return {
        "sent, on an invoice": _sent(),
        "sent, by card": _sent(pay_by="card"),
        "fetched, paid there": _fetched(pay_by="store"),
        "fetched, by card": _fetched(pay_by="card"),
        "sent and fetched": _draft(*both),
        "over the counter": _over_the_counter(),
        "over the counter, by name": _over_the_counter(contact=NAME),
        "in a store, to be sent": _sent(channel="store", pay_by="till", place=place("vallgatan")),
        "by phone": _sent(channel="phone", by="Maja"),
        "by e-mail": _fetched(channel="email", by="Maja"),
        "in a chat": _sent(channel="chat", by="Maja"),
        "by a machine": _sent(channel="other", by="erp"),
        "in the app, as a gift": _sent(channel="app", pay_by="card"),
        "in Denmark": _in_denmark(),
    }


# What is known of whom and whereto of some of them: the book has orders from before the rule.
_KNOWN: dict[str, dict[str, dict[str, str]]] = {
    "by phone": {"contact": {"phone": "+46701234567"}},
    "by e-mail": {"contact": {"email": "anna@example.com"}},
    "in a chat": {"address": {"city": "Göteborg"}},
    "by a machine": {"contact": {}, "address": {}},
    "in the app, as a gift": {"contact": {"name": "Bo"}},
}

Fate = Callable[[Order], object]


def _how() -> dict[str, str]:
    return {"by": "Oskar", "source": "kinds", "key": f"fate {next(_numbers)}"}


def _pay(order: Order, **how: object) -> None:
    Payment.objects.filter(order_id=order.pk).update(**how)


def _reserve(order: Order) -> None:
    amount = Payment.objects.get(order_id=order.pk).amount
    _pay(order, state="authorised", authorised=amount)
    orders.confirm(order.pk)


def _refuse(order: Order) -> None:
    _pay(order, state="failed", url="http://bank.example/pay")


def _ship(order: Order, *some: Some) -> None:
    parcel = acting.ship(
        order.pk,
        place("lager"),
        list(some) or None,
        carrier="PostNord",
        tracking="00370",
        tracking_url="https://postnord.example/00370",
        **_how(),
    )
    if some:
        orders.arrive(parcel.pk, "Oskar")


def _arrive(order: Order) -> None:
    _ship(order, Some(0, 2))


def _set_aside(order: Order) -> None:
    order_holds.of_order(order.pk).update(set_aside_at=timezone.now())


def _hand_over(order: Order, *some: Some) -> None:
    acting.hand_over(order.pk, place("vallgatan"), list(some) or None, **_how())


def _hold_of(order: Order) -> Hold:
    return order_holds.of_order(order.pk).get(state=Hold.State.ACTIVE)


def _lapse(order: Order) -> None:
    hold = _hold_of(order)
    Hold.objects.filter(pk=hold.pk).update(until=timezone.now() - timedelta(seconds=1))
    while holds.expire(10):
        pass
    orders.lapse(hold.pk)


def _at_counter() -> dict[str, object]:
    return {**_how(), "place": place("vallgatan"), "user": None}


def _back(order: Order, many: int = 2, **how: object) -> Return:
    return acting.take_back(order.pk, [Back(0, many, **how)], **_at_counter())  # type: ignore[arg-type]  # the words are right


def _exchange(order: Order, wanted: str = "vinga-black-39", **how: object) -> Return:
    item = Item(sku(wanted), 1, "hand_over", place("vallgatan"))
    item = replace(item, fulfilment="ship", place=None) if how else item
    return acting.exchange(
        order.pk, [Back(0, 1, reason="too small")], [item], **_at_counter(), **how
    )  # type: ignore[arg-type]  # the words are right


def _exchanged_by_card(order: Order) -> None:
    _exchange(order, "kiruna-brown-38", pay_by="card", contact=ANNA, address=HOME)


def _exchanged_and_cancelled(order: Order) -> None:
    made = _exchange(order, pay_by="invoice", address=HOME)
    assert made.exchange
    orders.cancel(made.exchange.pk, None, by="Oskar")


def _exchanged_twice(order: Order) -> None:
    made = _exchange(order)
    assert made.exchange
    _exchange(made.exchange, "vinga-white-38")


def _then(*fates: Fate) -> Fate:
    def all_of_them(order: Order) -> None:
        for one in fates:
            one(order)

    return all_of_them


def _begin_to_return(order: Order, **how: object) -> ReturnRequest:
    asked = return_requests.Asked({0: 1}, "too small", **({"by_parcel": False} | how))  # type: ignore[arg-type]  # the words are right
    return return_requests.start(
        order.pk, asked, request=Request("kinds", f"fate {next(_numbers)}")
    )


def _call_off(order: Order) -> None:
    return_requests.call_off(_begin_to_return(order).number)


_FATES: dict[str, dict[str, Fate]] = {
    "sent, on an invoice": {
        "cancelled": lambda order: orders.cancel(order.pk, None, by="", why="changed their mind"),
        "cancelled in part": lambda order: orders.cancel(order.pk, [Some(0, 1)], by="Maja"),
        "sent in part": lambda order: _ship(order, Some(0, 1)),
        "sent in part, the rest cancelled": _then(
            lambda order: _ship(order, Some(0, 1)),
            lambda order: orders.cancel(order.pk, None, by="Maja"),
        ),
        "sent": _ship,
        "arrived": _arrive,
        "arrived, one back": _then(_arrive, lambda order: _back(order, 1, reason="faulty")),
        "arrived, all back": _then(_arrive, _back),
        "arrived, one exchanged": _then(_arrive, _exchange),
        "arrived, a return begun": _then(_arrive, _begin_to_return),
        "arrived, an exchange begun": _then(
            _arrive,
            lambda order: _begin_to_return(
                order, wanted=sku("kiruna-brown-38"), store=place("vallgatan")
            ),
        ),
        "arrived, a begun return called off": _then(_arrive, _call_off),
        "arrived, exchanged by card": _then(_arrive, _exchanged_by_card),
    },
    "sent, by card": {
        "refused": _refuse,
        "reserved": _reserve,
        "given up": lambda order: orders.give_up(order.pk, why="not paid"),
        "reserved, sent": _then(_reserve, _ship),
        "reserved, cancelled": _then(
            _reserve, lambda order: orders.cancel(order.pk, None, by="Maja")
        ),
    },
    "fetched, paid there": {
        "set aside": _set_aside,
        "fetched in part": lambda order: _hand_over(order, Some(0, 1)),
        "fetched": _hand_over,
        "fetched, all back": _then(_hand_over, _back),
        "not fetched in time": _lapse,
        "not found": lambda order: orders.not_found(_hold_of(order).pk, "Oskar"),
    },
    "over the counter": {
        "one back": lambda order: _back(order, 1),
        "all back, damaged": lambda order: _back(order, condition="damaged"),
        "exchanged": _exchange,
        "exchanged for another": lambda order: _exchange(order, "kiruna-brown-38"),
        "exchanged twice": _exchanged_twice,
        "exchanged, and that cancelled": _exchanged_and_cancelled,
    },
}


def kinds_of_orders() -> Iterator[tuple[str, Callable[[int | None], Order]]]:
    """What each kind is called, and what makes one for whoever has the identifier."""
    for name, draft in _ways().items():
        yield name, _maker(name, draft)
        for fate, come in _FATES.get(name, {}).items():
            yield f"{name}: {fate}", _maker(name, draft, come)


def _maker(name: str, draft: Draft, come: Fate | None = None) -> Callable[[int | None], Order]:
    def make(who: int | None) -> Order:
        again = Request("kinds", f"kind {next(_numbers)}")
        order = placing.sell(replace(draft, request=again, whose=who))
        if known := _KNOWN.get(name):
            Order.objects.filter(pk=order.pk).update(**known)
        if come is not None:
            come(order)
        return order

    return make


def told_by_a_till(who: int | None) -> Order:
    """A purchase that a till has made, whose number has a slash."""
    return acting.tell_purchase(
        f"Kassa 3/{next(_numbers):04}",
        [Bought(sku("vinga-black-38"), 1, 99_900)],
        place=Place.objects.get(code="vallgatan"),
        at=timezone.now() - timedelta(days=400),
        whose=who,
        currency="SEK",
        by="till",
        source="kinds",
    )


# --- quotes and holds -----------------------------------------------------------------------------


def _quote(who: int, **more: object) -> Quote:
    words: dict[str, object] = {
        "items": [Item(sku("vinga-black-38"), 1, amount=119_900)],
        "until": timezone.now() + timedelta(days=7),
        "market": "SE",
        "language": "sv",
        "pay_by": "invoice",
        "contact": ANNA,
        "address": HOME,
    }
    offer = QuoteData(**(words | more))  # type: ignore[arg-type]  # the words are right
    maker = Maker(Actor("Oskar", channel="store", place=place("vallgatan")), 20)
    key = f"quote {next(_numbers)}"
    return quotes.make(offer, maker, identifier=who, request=Request("kinds", key))


def _offered(who: int, **more: object) -> Quote:
    made = _quote(who, **more)
    which = Request("kinds", f"{made.pk}")
    return quotes.send(made.pk, made.revision, which, by="Oskar", mail=False)


def every_quote(who: int) -> dict[str, Quote]:
    """A quote in each state, with what can be missing."""
    found = {
        "draft": _quote(who),
        "draft for nobody by name": _quote(who),
        "sent": _offered(who, note="As said.\nOskar"),
        "sent, with its goods held": _offered(who, holds=True),
        "sent, to be fetched": _offered(
            who,
            items=[Item(sku("vinga-black-38"), 1, "pick_up", place("vallgatan"))],
            pay_by="store",
            address={},
        ),
        "in Denmark": _offered(
            who,
            market="DK",
            language="da",
            address=HIM,
            items=[Item(sku("vinga-black-38"), 1, amount=79_900)],
        ),
        "accepted": _offered(who),
        "withdrawn": _offered(who),
        "expired": _offered(who),
        "wanted, and sold out": _offered(who),
    }
    nobody = Quote.objects.filter(pk=found["draft for nobody by name"].pk)
    nobody.update(contact={}, address={})
    quotes.accept(found["accepted"].pk, 1, channel="web")
    quotes.withdraw(found["withdrawn"].pk, by="Oskar")
    over = timezone.now() - timedelta(seconds=1)
    Quote.objects.filter(pk=found["expired"].pk).update(until=over)
    quotes.expire(found["expired"].pk)
    quotes.fail(found["wanted, and sold out"].pk, Quote.Failure.SOLD_OUT)
    return found


def _hold(who: int | None, where: str = "vallgatan") -> Hold:
    line = Line(sku("vinga-black-38"), place(where), 1)
    until = timezone.now() + timedelta(days=1)
    key = f"hold {next(_numbers)}"
    return holds.reserve(
        [line], until, request=Request("kinds", key), actor=Actor(), whose=who, asked="a day"
    )[0]


def every_hold(who: int) -> dict[str, Hold]:
    """A hold in each state, in her country and another, hers and nobody's."""
    found = {
        name: _hold(who)
        for name in ("held", "set aside", "let go", "fetched", "missing", "kept elsewhere", "over")
    }
    found |= {"in Denmark": _hold(who, "kobmagergade"), "nobody's": _hold(None)}
    holds.set_aside(found["set aside"].pk)
    holds.release(found["let go"].pk, "")
    holds.hand_over(found["fetched"].pk, "Oskar")
    for name in ("missing", "kept elsewhere"):
        bring("vinga-black-38", "vallgatan", 1)
        holds.not_found(found[name].pk, "Oskar")
    over = timezone.now() - timedelta(seconds=1)
    Hold.objects.filter(pk=found["over"].pk).update(until=over)
    while holds.expire(10):
        pass
    return found


# --- what others have told of ---------------------------------------------------------------------


def tell_of_purchases(who: int, source: Source) -> None:
    """What another system may tell of as bought: whole, in part, and of no shape at all."""
    whole: dict[str, object] = {
        "product_id": "vinga",
        "sku": "V-1",
        "name": "Vinga",
        "variant": "38",
    }
    told: dict[str, dict[str, object]] = {
        "NO-1": {"total": 1299.5, "currency": "SEK", "products": [{**whole, "price": 1299.5}]},
        "NO-2": {"store_name": "Vallgatan", "products": [{**whole, "quantity": 2}, {"sku": "X"}]},
        "NO-3": {},
        "NO-4": {"total": "a lot", "currency": "???", "products": "shoes"},
        "NO-5": {
            "revenue": -1,
            "currency": "SEK",
            "products": [1, {}, {"name": [], "price": True}],
        },
        "": {"total": 1, "currency": "SEK"},
    }
    Fact.objects.bulk_create(
        Fact(
            identifier_id=who,
            name="Order Completed",
            channel="store" if "store_name" in said else "web",
            source=source,
            occurred_at=timezone.now() - timedelta(days=200),
            properties={**said, "order_id": number},
        )
        for number, said in told.items()
    )


# --- all of them ----------------------------------------------------------------------------------


@dataclass(slots=True)
class Cast:
    """All kinds, by what they are called; `anna` is the identifier whose most of it is."""

    anna: int
    orders: dict[str, Order] = field(default_factory=dict)
    quotes: dict[str, Quote] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    shoppers: dict[str, str] = field(default_factory=dict)  # the keys of their sessions
    customers: dict[str, int] = field(default_factory=dict)

    def is_annas(self, order: Order) -> bool:
        """Whether the order is certainly hers."""
        return order.identifier_id == self.anna


def cast(source: Source) -> Cast:
    """Make one of each; what another system has told of is told by `source`."""
    for name in ("vinga-black-38", "vinga-black-39", "vinga-white-38", "kiruna-brown-38"):
        for where in ("vallgatan", "kobmagergade", "lager"):
            bring(name, where, 200)
    Place.objects.filter(code="kobmagergade").update(street="Købmagergade 1", postcode="1150")
    # Parcels come back there.
    Place.objects.filter(code="lager").update(
        street="Lagergatan 8", postcode="504 94", city="Borås", country="SE"
    )
    ReturnPolicy.objects.create(category="", days=30, damaged=True)
    anna, bo = _known("anna@example.com"), _known("bo@example.com")
    made = Cast(anna)
    for name, make in kinds_of_orders():
        made.orders[name] = make(anna)
    made.orders["told by a till"] = told_by_a_till(anna)
    made.orders["nobody's"] = placing.sell(_over_the_counter(1))
    made.orders["forgotten"] = placing.sell(_sent(1, whose=bo))
    made.quotes = every_quote(anna)
    made.holds = every_hold(anna)
    tell_of_purchases(anna, source)
    follow()
    made.shoppers = {
        "unknown": _session(browser=identifiers.identifier("anonymous_id", "a-phone")),
        "logged in": _session(proved=anna),
        "in another country": _session(proved=anna, market=Market("DK", "DKK", "da")),
        "forgotten": _session(proved=bo),
    }
    made.customers = {
        "Anna": identifiers.living(anna) or 0,
        "nobody by name": identifiers.living(made.orders["nobody's"].identifier_id or 0) or 0,
    }
    forget_customer(identifiers.living(bo) or 0, "the test")
    jobs.work()
    for order in Order.objects.exclude(pk__in=[one.pk for one in made.orders.values()]):
        made.orders[f"came of it: {order.pk}"] = order  # exchanges, and a quote that was accepted
    now = Order.objects.in_bulk()
    made.orders = {name: now[one.pk] for name, one in made.orders.items()}
    return made


def _known(email: str) -> int:
    found = identifiers.identifier("email", email)
    assert found is not None
    return found


def _session(**who: object) -> str:
    country = {"market": Market("SE", "SEK", "sv"), "browser": None}
    return sessions.let_in(**(country | who))  # type: ignore[arg-type]  # the words are right
