"""What somebody sees in a placement, and why: pure, so the same whoever asks, and where.

The channel is not among what is asked, and neither is the screen. Of the contents of the placement
those are left out that are not for her now, each with its reason. The others come by their
priority, then by how much they concern her, then the newest first; ties by key.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from spindel.decide.contents import Placement, Says
from spindel.offers.basket import Basket, BasketLine, Buyer, Offer, Reason
from spindel.offers.eligible import NO_OFFERS, Offers, barred, covers
from spindel.offers.pricing import ANYBODY
from spindel.offers.terms import Goods

# --- what there is --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class LiveContent:
    """A content as it is shown. `fresh` is when it was first; `offer` is the one that it is about,
    None where it is about none, or that one is not given.
    """

    key: str
    version: int
    says: Says
    fresh: datetime
    offer: Offer | None = None

    @property
    def goods(self) -> Goods:
        """What it is about."""
        own = self.says.goods
        return self.offer.terms.goods if own == Goods() and self.offer else own

    @property
    def is_without_its_offer(self) -> bool:
        """Whether it is about an offer that is not given."""
        return bool(self.says.offer) and self.offer is None


class Contents:
    """What is live, by placement and by what it is about. It is built once and asked often."""

    def __init__(
        self,
        contents: Iterable[LiveContent],
        offers: Offers = NO_OFFERS,
        keys: Mapping[str, int] | None = None,
    ) -> None:
        """`keys` are the ids of the offers that are live, by their keys."""
        self.offers = offers
        self._in: dict[Placement, list[LiveContent]] = defaultdict(list)
        self._about: dict[tuple[str, str], list[LiveContent]] = defaultdict(list)
        for one in sorted(contents, key=lambda one: one.key):
            content = replace(one, offer=offers.by_id.get((keys or {}).get(one.says.offer, 0)))
            for placement in content.says.placements:
                self._in[placement].append(content)
            for word in _words_of(content.goods):
                self._about[word].append(content)

    def within(self, placement: Placement) -> Sequence[LiveContent]:
        """Those of the placement, by their keys."""
        return self._in.get(placement, ())

    def about(self, goods: BasketLine) -> Iterator[LiveContent]:
        """Those that are about some goods, these among them; one may come twice."""
        words = [("product", goods.product), ("brand", goods.brand)]
        for word in (*words, *(("category", one) for one in goods.categories)):
            for content in self._about.get(word, ()):
                if covers(content.goods, goods):
                    yield content


def _words_of(goods: Goods) -> Iterator[tuple[str, str]]:
    """By what goods are found that these are: by the most exact that they say."""
    if goods.products:
        yield from (("product", one) for one in goods.products)
    elif goods.categories:
        yield from (("category", one) for one in goods.categories)
    else:
        yield from (("brand", one) for one in goods.brands)


# --- who asks -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Interest:
    """A product that she has looked at or bought; whether her store has it now, and in her size."""

    goods: BasketLine
    looked: bool = False
    bought: bool = False
    here: bool = False
    fits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Her:
    """What is known of whoever sees it, as far as it decides. What she was interested in last comes
    first; `store` is the name of hers; `dismissed` are keys of contents.
    """

    buyer: Buyer = ANYBODY
    interests: Sequence[Interest] = ()
    store: str = ""
    dismissed: Collection[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something is to be shown, in which market, when. `product` is the one that the page is
    about.
    """

    placement: Placement
    market: str
    currency: str
    at: datetime
    product: BasketLine | None = None


# --- what is answered -----------------------------------------------------------------------------


class Because(StrEnum):
    """Why something is shown."""

    OFFER = "offer"  # the offer that it is about holds for her
    THIS_PRODUCT = "this_product"  # it is about what the page shows
    LOOKED_AT = "looked_at"
    BOUGHT = "bought"
    IN_HER_STORE = "in_her_store"
    IN_HER_SIZE = "in_her_size"  # and her store has it in her size


class LeftOut(StrEnum):
    """Why something is not shown; where its offer doesn't hold for her, the offer's reason says
    more.
    """

    DISMISSED = "dismissed"
    WRONG_MARKET = "wrong_market"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    NOT_FOR_HER = "not_for_her"
    OTHER_GOODS = "other_goods"  # than the page is about
    NO_OFFER = "no_offer"  # the offer that it is about is not given
    OFFER = "offer"  # it does not hold for her


@dataclass(frozen=True, slots=True)
class Why:
    """A reason to show it, and what it is about: the offer's key, a product's number, a store."""

    because: Because
    about: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A content that she sees, and why it comes where it does."""

    content: LiveContent
    why: Sequence[Why]
    relevance: int


@dataclass(frozen=True, slots=True)
class NotShown:
    """A content that she doesn't see, and why; of its offer the offer's own reason."""

    content: LiveContent
    reason: LeftOut
    of_offer: Reason | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """What she sees, the first first, and what she doesn't."""

    shown: list[Choice]
    not_shown: list[NotShown]


_POINTS = {
    Because.THIS_PRODUCT: 8,
    Because.LOOKED_AT: 4,
    Because.BOUGHT: 2,
    Because.IN_HER_STORE: 1,
    Because.IN_HER_SIZE: 1,
}


def rank(contents: Contents, place: Place, her: Her) -> Ranked:
    """What she sees there of all that is live, in which order, and why."""
    concerns = _concerns(contents, her)
    basket = Basket(market=place.market, currency=place.currency, at=place.at, lines=())
    of_offers: dict[int, Reason | None] = {}
    shown, not_shown = [], []
    for content in contents.within(place.placement):
        reason = _left_out(content, place, her)
        if reason is not None:
            not_shown.append(NotShown(content, reason))
            continue
        offer = content.offer
        if offer is not None:
            if offer.id not in of_offers:
                zone = contents.offers.zone(place.market)
                of_offers[offer.id] = barred(offer, basket, her.buyer, zone)
            if refused := of_offers[offer.id]:
                not_shown.append(NotShown(content, LeftOut.OFFER, refused))
                continue
        shown.append(_choice(content, place, concerns.get(content.key, ())))
    shown.sort(key=_order)
    return Ranked(shown, not_shown)


def _order(one: Choice) -> tuple[int, int, float, str]:
    content = one.content
    return content.says.priority, -one.relevance, -content.fresh.timestamp(), content.key


def _left_out(content: LiveContent, place: Place, her: Her) -> LeftOut | None:
    says = content.says
    if content.key in her.dismissed:
        return LeftOut.DISMISSED
    if says.markets and place.market not in says.markets:
        return LeftOut.WRONG_MARKET
    if says.since is not None and place.at < says.since:
        return LeftOut.NOT_YET
    if says.until is not None and place.at >= says.until:
        return LeftOut.EXPIRED
    if says.audience and says.audience.isdisjoint(her.buyer.groups):
        return LeftOut.NOT_FOR_HER
    if content.is_without_its_offer:
        return LeftOut.NO_OFFER
    if place.product is not None and not covers(content.goods, place.product):
        return LeftOut.OTHER_GOODS
    return None


def _choice(content: LiveContent, place: Place, concern: Sequence[Why]) -> Choice:
    why = list(concern)
    if place.product is not None and content.goods != Goods():
        why.insert(0, Why(Because.THIS_PRODUCT, place.product.product))
    relevance = sum(_POINTS[one.because] for one in why)
    if content.offer is not None:
        why.insert(0, Why(Because.OFFER, content.says.offer))
    return Choice(content, why, relevance)


def _concerns(contents: Contents, her: Her) -> dict[str, list[Why]]:
    """What of her interests each content is about: of several the one that says most."""
    found: dict[str, tuple[int, list[Why]]] = {}
    for interest in her.interests:
        why = _why(interest, her.store)
        points = sum(_POINTS[one.because] for one in why)
        for content in contents.about(interest.goods):
            if points > found.get(content.key, (0, []))[0]:
                found[content.key] = points, why
    return {key: why for key, (_, why) in found.items()}


def _why(interest: Interest, store: str) -> list[Why]:
    product = interest.goods.product
    told = (
        (Because.LOOKED_AT, interest.looked, product),
        (Because.BOUGHT, interest.bought, product),
        (Because.IN_HER_STORE, interest.here, store),
        (Because.IN_HER_SIZE, interest.fits, store),
    )
    return [Why(because, about) for because, holds, about in told if holds]
