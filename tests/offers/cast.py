"""Offers, baskets and whoever buys, at a few words each, and any of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from spindel.catalogue.pricing import PriceNow
from spindel.offers.basket import Basket, BasketLine, Buyer, Offer, Priced
from spindel.offers.eligible import Offers
from spindel.offers.forms import PICKS, WITHOUT
from spindel.offers.pricing import ANYBODY, price
from spindel.offers.terms import (
    AmountOff,
    AmountOffEach,
    Benefit,
    DeliveryOff,
    FixedPrice,
    Goods,
    Hours,
    PercentOff,
    PiecesForLess,
    Stacking,
    Terms,
)

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)  # a Tuesday
STOCKHOLM = ZoneInfo("Europe/Stockholm")


def offer(id: int, benefit: Benefit, **terms: object) -> Offer:
    """An offer with the terms; the others say nothing."""
    return Offer(id, 1, Terms(names={"sv": f"Erbjudande {id}"}, benefit=benefit, **terms))


def line(variant: int, each: int, many: int = 1, **more: object) -> BasketLine:
    """So many of a variant at its list price."""
    told = {"product": f"p{variant}", "vat_rate": 2500} | more
    was = told.pop("was", None)
    return BasketLine(variant, many, list_price=PriceNow(each, was), **told)


def basket(*lines: BasketLine, **more: object) -> Basket:
    """A Swedish basket on a Tuesday at noon."""
    told = {"market": "SE", "currency": "SEK", "at": NOON} | more
    return Basket(lines=lines, **told)


def fee(amount: int, method: str = "ship", vat_rate: int = 2500) -> BasketLine:
    """What it costs that the goods come so."""
    return BasketLine(0, 1, vat_rate, PriceNow(amount, None), delivery=method)


def priced(
    lines: list[BasketLine],
    *offers: Offer,
    buyer: Buyer = ANYBODY,
    fees: Sequence[BasketLine] = (),
) -> Priced:
    """What such a basket costs."""
    return price(basket(*lines, fees=fees), Offers(offers, {"SE": STOCKHOLM}), buyer)


def total(
    lines: list[BasketLine],
    *offers: Offer,
    buyer: Buyer = ANYBODY,
    fees: Sequence[BasketLine] = (),
) -> int:
    """What it comes to."""
    return priced(lines, *offers, buyer=buyer, fees=fees).totals.total


# --- any ------------------------------------------------------------------------------------------

_CATEGORIES = ("shoes", "jeans", "bags")
_BRANDS = ("Vinga", "Hjelm")

rates = st.integers(1, 10_000)
amounts = st.integers(0, 60_000).map(lambda amount: {"SEK": amount})
benefits: st.SearchStrategy[Benefit] = st.one_of(
    st.builds(PercentOff, rate=rates),
    st.builds(AmountOffEach, amounts=amounts),
    st.builds(FixedPrice, amounts=amounts),
    st.builds(AmountOff, amounts=amounts),
    st.builds(DeliveryOff, rate=rates),
    st.builds(DeliveryOff, amounts=amounts),
    st.tuples(st.integers(2, 4), st.integers(1, 3), rates)
    .filter(lambda one: one[1] < one[0])
    .map(lambda one: PiecesForLess(*one)),
)
goods = st.builds(
    Goods,
    products=st.frozensets(st.sampled_from(["p1", "p2", "p3"]), max_size=2),
    categories=st.frozensets(st.sampled_from(_CATEGORIES), max_size=1),
    brands=st.frozensets(st.sampled_from(_BRANDS), max_size=1),
    without_categories=st.frozensets(st.sampled_from(_CATEGORIES), max_size=1),
    without_sale=st.booleans(),
)
terms = st.builds(
    Terms,
    names=st.just({"sv": "Rea"}),
    benefit=benefits,
    goods=st.one_of(st.just(Goods()), goods),
    stacking=st.sampled_from(Stacking),
    cap=st.none() | rates,
    minimum=st.just({}) | amounts,
    least_pieces=st.integers(0, 4),
    priority=st.integers(0, 2),
)
offers = st.lists(terms, max_size=5).map(
    lambda found: [Offer(id, 1, one) for id, one in enumerate(found, 1)]
)


@st.composite
def any_line(draw: st.DrawFn) -> BasketLine:
    """A line of one of a few products, sometimes on sale, sometimes agreed."""
    number = draw(st.integers(1, 6))
    each = draw(st.integers(0, 50_000))
    return BasketLine(
        number,
        draw(st.integers(1, 5)),
        draw(st.sampled_from([0, 600, 2500])),
        PriceNow(each, draw(st.none() | st.just(each + 10_000))),
        draw(st.none() | st.none() | st.integers(0, 50_000)),
        f"p{number}",
        draw(st.sampled_from(_BRANDS)),
        draw(st.lists(st.sampled_from(_CATEGORIES), max_size=2)),
    )


lines = st.lists(any_line(), min_size=1, max_size=5)
fees = st.lists(
    st.builds(fee, st.integers(0, 20_000), vat_rate=st.sampled_from([600, 2500])), max_size=1
)


# --- any terms, with all that they can say ------------------------------------------------------

_texts = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=20)
_names = st.frozensets(_texts, max_size=3)
_moments = st.datetimes(
    timezones=st.sampled_from([UTC, STOCKHOLM]),
    min_value=datetime(2001, 1, 2),  # noqa: DTZ001  # Hypothesis adds the zone
    max_value=datetime(2199, 1, 1),  # noqa: DTZ001  # the same
).map(lambda at: at.astimezone(UTC))
_by_currency = st.dictionaries(st.sampled_from(["SEK", "DKK", "KWD", "ISK"]), st.integers(0, 10**9))
_hours = st.builds(
    Hours,
    days=st.frozensets(st.integers(1, 7), min_size=1),
    opens=st.sampled_from(["00:00", "08:30", "22:00"]),
    closes=st.sampled_from(["24:00", "06:00", "23:59"]),
)
_any_goods = st.builds(
    Goods,
    **dict.fromkeys((*PICKS, *WITHOUT), _names),
    without_sale=st.booleans(),
)


@st.composite
def any_terms(draw: st.DrawFn) -> Terms:
    """Terms of any kind, with all that they can say."""
    begins = sorted(draw(st.lists(_moments, min_size=2, max_size=2, unique=True)))
    since, until = draw(st.sampled_from([(0, 0), (1, 0), (0, 1), (1, 1)]))
    return Terms(
        names=draw(st.dictionaries(st.sampled_from(["sv", "da", "en", "fi"]), _texts, min_size=1)),
        benefit=draw(benefits),
        goods=draw(_any_goods),
        markets=draw(st.frozensets(st.sampled_from(["SE", "DK", "FI"]))),
        audience=draw(_names),
        since=begins[0] if since else None,
        until=begins[1] if until else None,
        hours=draw(st.none() | _hours),
        minimum=draw(_by_currency),
        least_pieces=draw(st.integers(0, 10_000)),
        needs_code=draw(st.booleans()),
        stacking=draw(st.sampled_from(Stacking)),
        cap=draw(st.none() | rates),
        most_uses=draw(st.none() | st.integers(1, 10**9)),
        most_each=draw(st.none() | st.integers(1, 10_000)),
        back_on_return=draw(st.booleans()),
        budget=draw(_by_currency),
        priority=draw(st.integers(0, 1_000)),
    )


def blank(**more: object) -> dict[str, object]:
    """What a browser sends of a new offer, where little was typed."""
    typed: dict[str, object] = {
        "benefit": "percent",
        "rate": "20",
        "language": ["sv", "en"],
        "called": ["Rea", "Sale"],
        "clock": "Europe/Stockholm",
        "stacking": "best",
        "do": "save",
    }
    return typed | more
