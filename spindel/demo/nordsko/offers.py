"""What Nordsko offers: to whoever has a code, and to everybody on a rainy day."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from spindel.commerce.payments.giftcard import cards
from spindel.commerce.payments.giftcard.cards import Making
from spindel.demo.nordsko.seasons import HOME_ZONE
from spindel.identity.models import Identifier
from spindel.offers import actions, lists
from spindel.offers.models import DeliveryFee, Offer
from spindel.offers.terms import (
    AmountOff,
    DeliveryOff,
    Goods,
    Hours,
    PercentOff,
    PiecesForLess,
    Terms,
)

_BY = "mikkel@nordsko.example"
REGULARS = "regulars"
_MOST_REGULARS = 40
_NEXT_WEEK = datetime.combine(datetime.now(HOME_ZONE).date(), time(), HOME_ZONE) + timedelta(days=7)
_OFFERS = {
    "newsletter": (
        "NEWS10",
        Terms(
            names={
                "sv": "10 % för dig med nyhetsbrev",
                "da": "10 % til dig med nyhedsbrev",
                "en": "10% for newsletter readers",
            },
            benefit=PercentOff(1_000),
            most_each=1,
            needs_code=True,
        ),
    ),
    "hundred-off": (
        "HUNDRA",
        Terms(
            names={
                "sv": "100 kr av när du handlar för 2 000",
                "da": "75 kr. af, når du køber for 1.500",
                "en": "100 off a large order",
            },
            benefit=AmountOff({"SEK": 10_000, "DKK": 7_500}),
            minimum={"SEK": 200_000, "DKK": 150_000},
            needs_code=True,
        ),
    ),
    "second-half": (
        "PAR2",
        Terms(
            names={
                "sv": "Andra paret för halva priset",
                "da": "Andet par til halv pris",
                "en": "The second pair at half price",
            },
            benefit=PiecesForLess(2, rate=5_000),
            goods=Goods(without_sale=True),
            needs_code=True,
        ),
    ),
    "rainy-days": (
        "",
        Terms(
            names={"sv": "Regniga dagar", "da": "Regnvejrsdage", "en": "Rainy days"},
            benefit=PercentOff(1_500),
            goods=Goods(categories=frozenset({"Rain boots"}), without_sale=True),
        ),
    ),
    "free-delivery": (
        "FRIFRAKT",
        Terms(
            names={"sv": "Fri frakt", "da": "Fri fragt", "en": "Free delivery"},
            benefit=DeliveryOff(rate=10_000),
            needs_code=True,
        ),
    ),
    "members-loafers": (
        "",
        Terms(
            names={"sv": "Medlemspris", "da": "Medlemspris", "en": "Members’ price"},
            benefit=PercentOff(1_000),
            goods=Goods(categories=frozenset({"Loafers"}), without_sale=True),
            audience=frozenset({"members"}),
        ),
    ),
    "danish-days": (
        "DANSK15",
        Terms(
            names={"sv": "Danska dagar", "da": "Danske dage", "en": "Danish days"},
            benefit=PercentOff(1_500),
            markets=frozenset({"DK"}),
            needs_code=True,
        ),
    ),
    "three-for-two": (
        "",
        Terms(
            names={"sv": "Tofflor: 3 för 2", "da": "Tøfler: 3 for 2", "en": "Slippers: 3 for 2"},
            benefit=PiecesForLess(3),
            goods=Goods(categories=frozenset({"Slippers"})),
        ),
    ),
    "silver-hikers": (
        "",
        Terms(
            names={"sv": "Silverpris", "da": "Sølvpris", "en": "Silver price"},
            benefit=PercentOff(1_000),
            goods=Goods(categories=frozenset({"Hiking"}), without_sale=True),
            audience=frozenset({"tier:silver", "tier:gold"}),
        ),
    ),
    "regulars": (
        "STAMKUND",
        Terms(
            names={"sv": "För våra stamkunder", "da": "Til vores stamkunder", "en": "For regulars"},
            benefit=PercentOff(2_000),
            audience=frozenset({f"list:{REGULARS}"}),
            needs_code=True,
            most_each=1,
        ),
    ),
    "late-runs": (
        "",
        Terms(
            names={"sv": "Sena springturer", "da": "Sene løbeture", "en": "Late runs"},
            benefit=PercentOff(500),
            goods=Goods(categories=frozenset({"Running"}), without_sale=True),
            hours=Hours(opens="21:00", closes="24:00"),
        ),
    ),
    "winter-boots": (
        "",
        Terms(
            names={"sv": "Vinterns kängor", "da": "Vinterens støvler", "en": "Boots for winter"},
            benefit=PercentOff(1_500),
            goods=Goods(categories=frozenset({"Boots"}), without_sale=True),
            since=_NEXT_WEEK,
            until=_NEXT_WEEK + timedelta(days=14),
        ),
    ),
}


# Home delivery, and what goods have to cost for it to be free. It is always free to fetch them.
_FEES = (("SE", "SEK", 4_900, 59_900), ("DK", "DKK", 3_900, 49_900))


# Cards that can be tried at the checkout, in each country.
GIFT_CARDS = (("PRESENTKORT500", 50_000, "SEK"), ("GAVEKORT400", 40_000, "DKK"))


def make_offers() -> None:
    """Give what is offered; with the code that stands in letters and ads, where it has one. And say
    what delivery costs, and have some gift cards.
    """
    for code, amount, currency in GIFT_CARDS:
        cards.bring(code, Making(1, amount, currency), _BY)
    fees = [
        DeliveryFee(
            market=market,
            currency=currency,
            method="ship",
            worth=worth,
            amount=amount,
            vat_rate=2_500,
        )
        for market, currency, costs, free_from in _FEES
        for worth, amount in ((0, costs), (free_from, 0))
    ]
    actions.replace_fees(fees, _BY)
    for key, (code, terms) in _OFFERS.items():
        actions.keep(key, terms, by=_BY, why="The demo begins.")
        if code:
            actions.add_code(key, code)
        actions.set_state(key, Offer.State.LIVE, _BY)


def name_regulars() -> None:
    """Put the first of those with cards on the list of regulars, and not Anna."""
    lists.keep(REGULARS, "Stamkunder", by=_BY)
    cards = Identifier.objects.filter(kind="card").exclude(value="NK1001").order_by("value")
    found = cards.values_list("kind", "value")[:_MOST_REGULARS]
    lists.change(REGULARS, add=list(found))
