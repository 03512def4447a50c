"""The page of what is kept for somebody, which they open by the link in the mail, with its code."""

from __future__ import annotations

import segno
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from spindel.catalogue import hours
from spindel.commerce.common import goods as common_goods
from spindel.commerce.common import public_pages
from spindel.commerce.stock import customer_holds, hold_codes
from spindel.commerce.stock.models import Hold
from spindel.kit import pictures


def _behind_link(id: int) -> Hold | None:
    """The hold, as long as it is not nobody's any more, and is kept for no order."""
    found = Hold.objects.filter(pk=id, identifier__isnull=False, order_line_id=None)
    return found.select_related("variant__product", "place", "shopper").first()


@require_safe
@public_pages.by_link("hold", _behind_link, customer_holds.holders)
def page(request: HttpRequest, hold: Hold) -> HttpResponse:
    """All that is kept by the same reservation: where, until when, and what to show there."""
    usual = {"SE": "sv", "DK": "da"}.get(hold.place.country, "en")
    spoken = hold.shopper.language if hold.shopper else usual
    language = public_pages.language_of(request, spoken)
    every = Hold.objects.filter(key=hold.key, identifier=hold.identifier_id, order_line_id=None)
    rows = []
    for one in every.select_related("variant__product", "place").order_by("line"):
        goods = common_goods.goods(one.variant, language)
        kept = one.state == Hold.State.ACTIVE and one.until > timezone.now()
        picture = pictures.shown([goods.picture], request) if goods.picture else ""
        rows.append(
            (one, goods, picture, kept, hold_codes.spaced(hold_codes.code(one.pk)), _svg(one))
        )
    opening = hold.place.opening
    with translation.override(language):
        context = {
            "rows": rows,
            "place": hold.place,
            "week": hours.week(opening),
            "ahead": hours.ahead(opening),
        }
    return public_pages.page(request, "stock/hold_page.html", context, language)


def _svg(hold: Hold) -> str:
    code = segno.make(hold_codes.code(hold.pk), error="m", micro=False)
    drawn = code.svg_inline(border=2, omitsize=True, svgclass="qr", lineclass=None)
    return mark_safe(drawn)  # noqa: S308 - of a code, drawn by the library
