"""How the shop sells: who sells, in which markets, how it is paid, and how it comes."""

from __future__ import annotations

from dataclasses import dataclass

from babel.core import Locale
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from spindel.catalogue import reading
from spindel.catalogue.models import Place
from spindel.commerce.common.seller import seller
from spindel.commerce.orders import returning
from spindel.commerce.payments import providers
from spindel.kit.templatetags.look import locale
from spindel.staff.permissions import requires

_WAYS = ("card", "invoice", "store", "till")


@dataclass(frozen=True, slots=True)
class Market:
    """A country that is sold in, its currency, and how many stores it has."""

    code: str
    name: str
    currency: str
    stores: int


@require_safe
@requires("settings.see")
def selling(request: HttpRequest) -> HttpResponse:
    """What is set up, and where it is changed."""
    stores = Place.objects.filter(closed_at=None, kind=Place.Kind.STORE)
    by_country = dict(stores.values_list("country").annotate(n=Count("pk")))
    context = {
        "policy": returning.registered().policy(),
        "seller": seller(),
        "markets": [_market(one, by_country, locale()) for one in sorted(reading.countries())],
        "ways": [(providers.label(one), providers.named(one).is_open()) for one in _WAYS],
    }
    return render(request, "orders/selling.html", context)


def _market(code: str, stores: dict[str, int], words: Locale) -> Market:
    name = words.territories.get(code, code)
    return Market(code, name, reading.currency_of(code) or "", stores.get(code, 0))
