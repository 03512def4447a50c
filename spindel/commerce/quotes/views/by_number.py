"""Where a number leads that a fact has told of: to an order, or to a quote."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from spindel.commerce.common import numbers, pages
from spindel.commerce.orders import external_purchases
from spindel.commerce.orders.models import Order
from spindel.commerce.quotes.models import Quote
from spindel.kit import texts
from spindel.staff.permissions import requires


@require_safe
@requires("orders.see")
def numbered(request: HttpRequest, id: int) -> HttpResponse:
    """Go to the order, the purchase or the quote of hers that a fact names by its number."""
    her = pages.opened(request, id)
    number = numbers.read(texts.plain(request.GET.get("order", ""), 100))
    if order := Order.objects.filter(number=number).first():
        return redirect("order", order.pk)
    other = next(
        (one for one in external_purchases.of(her) if number and one.number == number), None
    )
    if other:
        return redirect("purchase", her.id, other.fact)
    quote = numbers.read(texts.plain(request.GET.get("quote", ""), 100))
    if offered := Quote.objects.filter(number=quote).first():
        return redirect("quote", offered.pk)
    raise Http404
