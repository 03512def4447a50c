"""What another system publishes of our prices, compared with what we answer: a feed that a
marketplace has, a price list that a partner shows.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import IO

from django.utils import timezone

from spindel.catalogue import anybody
from spindel.catalogue.feeds import Feed, Row
from spindel.catalogue.markets import Market
from spindel.catalogue.models import Variant
from spindel.catalogue.probing import Answer
from spindel.catalogue.product_input import PriceData
from spindel.catalogue.wording import in_language
from spindel.consistency.asking import Found, Report
from spindel.consistency.comparing import Deviation, differences
from spindel.consistency.models import FEED

MOST_BYTES = 50_000_000
_MOST_ROWS = 200_000
_AT_ONCE = 500
MOST_DIFFERENCES = 1_000  # a feed of which more differs is another price list


def compare(file: IO[bytes], name: str, market: Market) -> tuple[Report, int]:
    """What differs between the file and what anybody pays here, the first `MOST_DIFFERENCES` of it,
    and how many rows could not be read. `name` says which feed it is. Raises Unreadable of
    kit.tables.
    """
    began = time.perf_counter()
    report, unread = Report(), 0
    feed = Feed(market.language, market.market)
    face = f"{FEED}{name}"[:60]
    report.feed = face, market.market
    rows = islice(feed.rows(file), _MOST_ROWS)
    while some := list(islice(rows, _AT_ONCE)):
        unread += sum(1 for one in some if one.product is None)
        _compare([one for one in some if one.product is not None], face, market, report)
        if len(report.found) > MOST_DIFFERENCES:
            del report.found[MOST_DIFFERENCES:]
            report.cut = True
            break
    report.took = time.perf_counter() - began
    return report, unread


def _compare(rows: Sequence[Row], face: str, market: Market, report: Report) -> None:
    skus = [one.sku for one in rows]
    sold = Variant.objects.filter(sku__in=skus, removed_at=None, product__removed_at=None)
    variants = {one.sku: one for one in sold.select_related("product")}
    prices = anybody.prices(variants.values(), market.market)
    for row in rows:
        said = _said(row, market)
        if said is None:
            continue
        variant = variants.get(row.sku)
        report.answers[face] += 1
        report.asked.add((face, None, row.sku, market.market))
        where = market.market, market.currency
        price = prices.get(variant.pk, {}).get(where) if variant else None
        if variant is None or price is None:
            wrong = [Deviation("missing", str(said.total), "")]
        else:
            report.products.add(variant.product_id)
            name = in_language(variant.product.names, market.language, variant.product.number)
            wrong = list(differences(said, Answer(price.total, None, None, name)))
        report.found += [Found(face, None, row.sku, *where, one) for one in wrong]


def _said(row: Row, market: Market) -> Answer | None:
    """What the row says that anybody pays now; None where it tells no price of the market."""
    assert row.product is not None
    now = timezone.now()
    amounts = [
        one.amount
        for variant in row.product.variants
        for one in variant.prices
        if one.amount is not None and _holds(one, now, market)
    ]
    names = row.product.names or {}
    return Answer(min(amounts), None, None, names.get(market.language)) if amounts else None


def _holds(one: PriceData, now: datetime, market: Market) -> bool:
    return (
        (one.market, one.currency) == (market.market, market.currency)
        and (one.since is None or one.since <= now)
        and (one.until is None or now < one.until)
    )
