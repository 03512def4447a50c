"""Quotes by their numbers, in the box in the header."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from spindel.commerce.common import numbers
from spindel.commerce.quotes.models import Quote
from spindel.identity.found import Hit, Search
from spindel.identity.shown import Found


def _quotes(request: HttpRequest, text: str, people: Sequence[Found]) -> Iterator[Hit]:
    for quote in Quote.objects.filter(number=numbers.read(text)):
        address, name = reverse("quote", args=[quote.pk]), numbers.spaced(quote.number)
        yield Hit(address, "file-invoice", name, _("Quote"), quote.made_at)


SEARCHES = (
    Search("orders", gettext_lazy("Orders"), "orders.see", _quotes, number="order", rank=2),
)
