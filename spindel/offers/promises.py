"""What customers were promised: as pages and machines see it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone, translation

from spindel.catalogue.models import Product
from spindel.catalogue.wording import in_language
from spindel.kit import sql
from spindel.offers import wording
from spindel.offers.models import PricePromise
from spindel.offers.terms import Terms, decode

State = PricePromise.State


@dataclass(frozen=True, slots=True)
class PromiseView:
    """A promise: what it gives in words of the language, on which products (by number; none: all),
    until when, and what has become of it. `order` is the number of the last order that it counts
    in, `given` what it has taken off there, in minor units of the currency.
    """

    id: int
    name: str
    gives: str
    products: list[str]
    product_names: list[str]
    source: str
    channel: str
    by: str
    why: str
    made_at: datetime
    until: datetime
    state: str
    order: str
    given: int
    currency: str


_SHOWN = """
SELECT p.id, p.terms::text, p.source, p.channel, p.by, p.why, p.made_at, p.until, p.state,
       coalesce(u."order", ''), coalesce(u.amount, 0), coalesce(u.currency, '')
FROM offers_pricepromise p
LEFT JOIN LATERAL (
    SELECT "order", amount, currency FROM offers_offeruse
    WHERE promise_id = p.id AND returned_at IS NULL ORDER BY id DESC LIMIT 1
) u ON true
"""
_OF = f"""
{_SHOWN} WHERE p.identifier_id = ANY(%(ids)s::bigint[])
ORDER BY p.state = 'open' DESC, p.made_at DESC, p.id DESC LIMIT %(most)s
"""
_ONE = f"{_SHOWN} WHERE p.id = %(id)s"


def of_identifiers(ids: Collection[int], language: str, most: int = 50) -> list[PromiseView]:
    """What whoever has these identifiers was promised: what is open first, then the newest."""
    found = sql.rows(_OF, {"ids": list(ids), "most": most})
    return _views(found, language)


def one(id: int, language: str) -> PromiseView:
    """A promise that is there."""
    (found,) = _views(sql.rows(_ONE, {"id": id}), language)
    return found


def _views(rows: Sequence[sql.Row], language: str) -> list[PromiseView]:
    told = [decode(row[1]) for row in rows]
    numbers = {number for terms in told for number in terms.goods.products}
    names = {
        one.number: in_language(one.names, language, one.number)
        for one in (Product.objects.filter(number__in=numbers) if numbers else ())
    }
    with translation.override(language):
        return [_view(language, *each, names) for each in zip(rows, told, strict=True)]


def _view(language: str, row: sql.Row, terms: Terms, names: Mapping[str, str]) -> PromiseView:
    id, _, source, channel, by, why, made_at, until, state, order, given, currency = row
    products = sorted(terms.goods.products)
    if state == State.OPEN and until <= timezone.now():  # nobody has noted it yet
        state = State.KEPT if order else State.LAPSED
    return PromiseView(
        id=id,
        name=terms.name(language),
        gives=wording.gives(terms),
        products=products,
        product_names=[names.get(one, one) for one in products],
        source=source,
        channel=channel,
        by=by,
        why=why,
        made_at=made_at,
        until=until,
        state=state,
        order=order,
        given=given,
        currency=currency,
    )
