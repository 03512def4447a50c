"""What orders came to on a day, in every channel."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from spindel.commerce.orders import daily_sales
from spindel.staff.start import Figure, figure

_MOST_CURRENCIES = 3


def _trade(of: date, earlier: date) -> Iterator[Figure]:
    this, before = daily_sales.of(of), daily_sales.of(earlier)
    yield figure(_("Orders"), this.orders, before.orders)
    currencies = sorted({*this.revenue, *before.revenue}, key=lambda one: -this.revenue.get(one, 0))
    for one in currencies[:_MOST_CURRENCIES]:
        amounts = (this.revenue.get(one, Decimal()), before.revenue.get(one, Decimal()))
        yield figure(_("Revenue"), *amounts, currency=one)
    yield figure(_("Orders that came back"), this.returns, before.returns, more_is_good=False)


FIGURES = (_trade,)
