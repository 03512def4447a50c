"""What Nordsko offers: to whoever has a code, and to everybody on a rainy day."""

from __future__ import annotations

from spindel.offers import actions
from spindel.offers.models import Offer
from spindel.offers.terms import AmountOff, Goods, PercentOff, PiecesForLess, Terms

_BY = "mikkel@nordsko.example"
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
}


def make_offers() -> None:
    """Give what is offered; with the code that stands in letters and ads, where it has one."""
    for key, (code, terms) in _OFFERS.items():
        actions.keep(key, terms, by=_BY, why="The demo begins.")
        if code:
            actions.add_code(key, code)
        actions.set_state(key, Offer.State.LIVE, _BY)
