"""The page that shows what a customer would pay with an offer, in each channel side by side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any  # Any: what a form's fields make of what was sent
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from spindel.catalogue import reading as catalogue
from spindel.identity import shown
from spindel.identity.shown import staff
from spindel.offers import goods_search, listing, preview, reading
from spindel.offers.basket import Offer as Given
from spindel.offers.forms import Pieces, PreviewQuery
from spindel.offers.models import Offer as Kept
from spindel.offers.preview import Question
from spindel.offers.terms import of
from spindel.staff.permissions import requires

# Where she may stand. None of it is asked when prices are reckoned.
CHANNELS = (
    _("Web shop"),
    _("App"),
    _("Store tablet"),
    _("Phone"),
    _("Chat"),
    _("Quote"),
    _("Mail"),
)
_LANGUAGES = ("sv", "da", "en")
_MOST_PIECES = 99
_MOST_PEOPLE = 6


@dataclass(frozen=True, slots=True)
class Line:
    """Goods that she would buy: what each costs by the list, and what they cost her."""

    product: str
    name: str
    many: int
    each: int | None
    total: int


@require_safe
@requires("offers.manage")
def page(request: HttpRequest, key: str) -> HttpResponse:
    """What a customer, or somebody whom nobody knows, would pay for some goods."""
    found = listing.offer(key)
    if found is None:
        raise Http404
    terms = of(found.terms)
    form = PreviewQuery(request.GET)
    asked = form.values
    her = _her(request, asked["customer"])
    market = _market(asked["market"], sorted(terms.markets))
    zone = reading.zones().get(market, ZoneInfo(settings.TIME_ZONE))
    at = _moment(asked["at"], zone, terms.since)
    pieces = _pieces(asked)
    if not pieces and not asked["q"]:
        pieces = dict.fromkeys(preview.some_products(terms.goods), 1)
    question = Question(
        market=market,
        currency=catalogue.currency_of(market) or "SEK",
        at=at,
        pieces=pieces,
        identifier=her.id if her else None,
        has_code=asked["code"] != "no",
    )
    offer = Given(Kept.objects.get(key=key).pk, found.version, terms)
    answered = preview.answer(offer, question, _LANGUAGES)
    context = _shown(answered, question) | {
        "key": key,
        "name": terms.name(_language()),
        "terms": terms,
        "her": her.profile().called if her else "",
        "customer": her.id if her else 0,
        "people": shown.search(staff(request), asked["who"])[:_MOST_PEOPLE] if asked["who"] else [],
        "who": asked["who"],
        "q": asked["q"],
        "hits": _products(asked["q"]),
        "markets": sorted({*catalogue.countries(), market}),
        "market": market,
        "at": at.astimezone(zone).replace(tzinfo=None).isoformat(timespec="minutes"),
        "zone": zone.key,
        "code": "yes" if question.has_code else "no",
    }
    return render(request, "offers/preview.html", context)


def _her(request: HttpRequest, customer: int) -> shown.Opened | None:
    return shown.open_customer(staff(request), customer) if customer else None


def _market(asked: str, its: list[str]) -> str:
    if catalogue.currency_of(asked):
        return asked
    if its:
        return its[0]
    at_home = (one for one, zone in reading.zones().items() if zone.key == settings.TIME_ZONE)
    return next(at_home, None) or next(iter(catalogue.countries()), "SE")


def _moment(asked: datetime | None, zone: ZoneInfo, since: datetime | None) -> datetime:
    """When she would buy: as was asked; else now, or when the offer begins."""
    now = timezone.now()
    if asked is not None:
        return asked.replace(tzinfo=zone)
    return since if since is not None and since > now else now


def _pieces(asked: dict[str, Any]) -> dict[str, int]:
    rows: list[Pieces] = asked["goods"] or []
    found = {
        one.product: min(one.many if one.many is not None else 1, _MOST_PIECES)
        for one in rows
        if one.product
    }
    if asked["put_in"]:
        found[asked["put_in"]] = found.get(asked["put_in"], 0) + 1
    return {product: many for product, many in found.items() if many}


def _products(text: str) -> list[goods_search.Hit]:
    return [one for one in goods_search.hits(text, _language()) if one.kind == "products"]


def _shown(answered: preview.Answer, question: Question) -> dict[str, object]:
    names = goods_search.names(answered.products, _language())
    lines = [
        Line(
            product,
            names.get(product, product),
            priced.line.quantity,
            priced.amount,
            priced.total,
        )
        for product, priced in zip(answered.products, answered.priced.lines, strict=True)
    ]
    return {
        "lines": lines,
        "total": answered.priced.totals.total,
        "currency": question.currency,
        "counts": answered.counts,
        "reasons": [(_called(one.language), one) for one in answered.reasons],
        "channels": CHANNELS,
    }


def _called(language: str) -> str:
    return str(translation.get_language_info(language)["name_local"]).capitalize()


def _language() -> str:
    return (get_language() or "en")[:2]
