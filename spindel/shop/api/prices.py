"""What goods cost her, before they are in her cart."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema

from spindel.catalogue.markets import Market
from spindel.catalogue.reading import currency_of
from spindel.commerce.carts import session_cart
from spindel.commerce.carts.schema import DiscountOut
from spindel.kit.refusal import Refusal
from spindel.kit.schema import Language, Name, Number, ViewSchema
from spindel.kit.schema import Market as MarketCode
from spindel.offers import pieces
from spindel.shop.api.key import hers, session
from spindel.staff.api import needs
from spindel.staff.models import Scope

router = Router()


class PiecePriceOut(ViewSchema, view=pieces.PieceView):
    """What one piece costs her: `amount` by the list, `total` with what `discounts` take off; `was`
    is the regular price where a sale holds.
    """

    discounts: list[DiscountOut]


class PiecePricesOut(Schema):
    """What goods cost now, by SKU, in minor units of the market's currency."""

    market: str
    currency: str
    items: list[PiecePriceOut]


_MOST = 100
_Skus = Annotated[list[Name], Query(max_length=_MOST)]
_Products = Annotated[list[Number], Query(max_length=_MOST)]


@router.get(
    "/prices", summary="See what goods cost the shopper", response=PiecePricesOut, auth=hers
)
def get_prices(request: HttpRequest, sku: _Skus = [], product: _Products = []) -> PiecePricesOut:  # noqa: B006  # pydantic copies them
    """What one piece of each variant, and of each product's variants, costs her now: as her cart
    would say with it alone, and without a code. What is not sold in her market is left out.
    """
    her = session(request)
    market = Market(*session_cart.market_of(her), her.language)
    return _prices(market, her.identifier_id or her.browser_id, sku, product)


@router.get(
    "/prices/anybody",
    summary="See what goods cost anybody",
    response=PiecePricesOut,
    auth=needs(Scope.SHOP),
)
def get_prices_for_anybody(
    request: HttpRequest,
    sku: _Skus = [],  # noqa: B006  # the same
    product: _Products = [],  # noqa: B006  # the same
    market: MarketCode = "SE",
    language: Language = "sv",
) -> PiecePricesOut:
    """As above, for somebody who has just come, and of whom there is no session yet."""
    currency = currency_of(market)
    if currency is None:
        raise Refusal("bad_market")
    return _prices(Market(market, currency, language), None, sku, product)


def _prices(
    market: Market, identifier: int | None, skus: list[str], products: list[str]
) -> PiecePricesOut:
    found = pieces.view(market, identifier, skus=skus, products=products)
    items = [PiecePriceOut.from_orm(one) for one in found]
    return PiecePricesOut(market=market.market, currency=market.currency, items=items)
