"""Orders by the numbers of what came back of them, in the box in the header."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from spindel.commerce.common import numbers
from spindel.commerce.orders.finding import hit
from spindel.commerce.orders.models import Return
from spindel.identity.found import Hit, Search
from spindel.identity.shown import Found


def _returns(request: HttpRequest, text: str, people: Sequence[Found]) -> Iterator[Hit]:
    for back in Return.objects.filter(number=numbers.read(text)).select_related("order"):
        yield hit(back.order, numbers.spaced(back.number))


SEARCHES = (Search("orders", _("Orders"), "orders.see", _returns, number="order", rank=2),)
