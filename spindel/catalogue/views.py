"""Pages about what is sold, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import chain

from babel.dates import format_date
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from spindel.catalogue import anybody, reading, rules
from spindel.catalogue.anybody import PriceForAnybody
from spindel.catalogue.feeds import Feed
from spindel.catalogue.forms import FeedFile, ProductsQuery
from spindel.catalogue.importing import Report, import_feed
from spindel.catalogue.models import Place, Price, Product, Variant
from spindel.catalogue.plot import plot
from spindel.catalogue.searching import MOST, Found, search
from spindel.catalogue.wording import in_order
from spindel.kit import pictures, texts
from spindel.kit.money import to_major
from spindel.kit.options import said as said_option
from spindel.kit.templatetags.look import locale, money_words, say_when
from spindel.staff import audit
from spindel.staff.models import User
from spindel.staff.pages import Slot, panels
from spindel.staff.permissions import may, requires

_PAGE = 30
_FEW = 12  # values of a facet that are shown at once

_OPTIONS = {
    "category": gettext_lazy("Category"),
    "brand": gettext_lazy("Brand"),
    "size": gettext_lazy("Size"),
    "colour": gettext_lazy("Colour"),
    "material": gettext_lazy("Material"),
    "pattern": pgettext_lazy("of cloth", "Pattern"),
    "gender": gettext_lazy("Gender"),
    "age_group": gettext_lazy("Age group"),
}


# --- products -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """A product in a list."""

    product: Product
    name: str
    picture: str
    about: str
    sizes: str
    prices: list[dict[str, object]]


@require_safe
@requires("catalogue.see")
def products(request: HttpRequest) -> HttpResponse:
    """One box for whatever somebody has of a product, and facets; more of them while one types."""
    asked = ProductsQuery(request.GET).values
    text, offset = asked["q"], min(asked["after"] or 0, MOST)
    chosen: dict[str, list[str]] = {}
    for one in asked["filter"]:
        name, _equals, value = texts.plain(one, 300).partition("=")
        chosen.setdefault(name, []).append(value)
    found = search(text, chosen, _PAGE, offset)
    query = urlencode({"q": text, "filter": asked["filter"]}, doseq=True)
    context = {
        "q": text,
        "read_as": found.read_as,
        "instead": found.instead,
        "lines": _lines(request, found),
        "total": found.total,
        "facets": _facets(found, chosen),
        "chosen": bool(chosen),
        "more": f"{query}&after={offset + _PAGE}" if found.more else "",
        "empty": not (text.strip() or chosen or found.total),
        "may_manage": may(request.user, "catalogue.manage"),
    }
    is_part = request.headers.get("HX-Request")
    part = "products" if not is_part else "rows" if offset else "found"
    return pictures.allow(render(request, f"catalogue/{part}.html", context))


def _facets(found: Found, chosen: dict[str, list[str]]) -> list[dict[str, object]]:
    facets: list[dict[str, object]] = []
    for facet in found.facets:
        picked = chosen.get(facet.name, [])
        known = dict(facet.values)
        missing = [(value, 0) for value in picked if value not in known]
        values: list[dict[str, object]] = [
            {
                "value": value,
                "label": said_option(value),
                "count": count,
                "picked": value in picked,
            }
            for value, count in [*facet.values, *missing]
        ]
        # Those that are picked or frequent are at hand, in the order of all.
        order = sorted(values, key=lambda one: (not one["picked"], -_count(one)))
        front = [id(one) for one in order[: max(_FEW, len(picked))]]
        facets.append(
            {
                "name": facet.name,
                "label": option_label(facet.name),
                "values": [one for one in values if id(one) in front],
                "rest": [one for one in values if id(one) not in front],
            }
        )
    return facets


def _count(value: dict[str, object]) -> int:
    count = value["count"]
    assert isinstance(count, int)
    return count


def option_label(name: str) -> str:
    """What an option or a facet is called."""
    known = _OPTIONS.get(name)
    return str(known) if known else name.replace("_", " ").capitalize()


def called(product: Product) -> str:
    """The product's name in the language of the page, or else in another."""
    names: dict[str, str] = product.names
    found = [names[one] for one in (_language(), "sv", "da", "en") if names.get(one)]
    return found[0] if found else product.number


def _language() -> str:
    return (get_language() or "en")[:2]


def _lines(request: HttpRequest, found: Found) -> list[Line]:
    shown = reading.in_given_order(found.ids)
    variants = {one.pk: found.named_first(one.pk, _on_sale(one)) for one in shown}
    prices = anybody.prices([v for each in variants.values() for v in each])
    return [
        Line(
            one,
            called(one),
            _picture(request, one, variants[one.pk], one.pk in found.meant),
            " · ".join(filter(None, (one.brand, *map(said_option, one.categories[:2])))),
            _sizes(variants[one.pk]),
            [
                _price_words(market, currency, price) | {"from": several}
                for market, currency, price, several in anybody.lowest(
                    {v.pk: prices[v.pk] for v in variants[one.pk] if v.pk in prices}
                )
            ],
        )
        for one in shown
    ]


def _on_sale(product: Product) -> list[Variant]:
    found: list[Variant] = getattr(product, "on_sale", [])
    return found


def _picture(
    request: HttpRequest, product: Product, variants: list[Variant], named: bool = False
) -> str:
    """Its first picture that may be shown, or that of the first variant, where that was `named`;
    empty: one is drawn.
    """
    own = variants[0].pictures if named and variants else []
    every = chain(own, product.pictures, *(variant.pictures for variant in variants))
    return pictures.shown(every, request)


def _sizes(variants: list[Variant]) -> str:
    """From which size to which, of how many colours."""
    sizes = sorted(
        {one.options["size"] for one in variants if one.options.get("size")}, key=in_order
    )
    named = {one.options["colour"] for one in variants if one.options.get("colour")}
    colours = sorted(map(said_option, named))
    parts = [f"{sizes[0]}–{sizes[-1]}" if len(sizes) > 1 else sizes[0]] if sizes else []
    return " · ".join([*parts, ", ".join(colours[:4])] if colours else parts)


def _price_words(market: str, currency: str, price: PriceForAnybody) -> dict[str, object]:
    return {
        "market": market,
        "total": price.total,
        "now": _money(price.total, currency),
        "was": _money(price.instead_of, currency) if price.instead_of is not None else "",
        "offers": [one.name(_language()) for one in price.discounts],
    }


def _money(amount: int, currency: str) -> str:
    whole: Decimal = to_major(amount, currency)
    return money_words(whole, currency)


@require_safe
@requires("catalogue.see")
def product(request: HttpRequest, id: int) -> HttpResponse:
    """A product whole: its variants, what they cost and have cost, and what is said of it."""
    one = get_object_or_404(reading.with_variants(Product.objects.all()), pk=id)
    variants = _on_sale(one)
    prices = anybody.prices(variants)
    markets = sorted({where for found in prices.values() for where in found})
    names = sorted({name for variant in variants for name in variant.options}, key=_option_order)
    response = render(
        request,
        "catalogue/product.html",
        {
            "product": one,
            "panels": panels(request.user, Slot.PRODUCT, one.pk),
            "may_manage": may(request.user, "catalogue.manage"),
            "name": called(one),
            "picture": _picture(request, one, variants),
            "vat": Decimal(one.vat) / 100,
            "options": [option_label(name) for name in names],
            "markets": [f"{market} {currency}" for market, currency in markets],
            "rows": [
                {
                    "variant": variant,
                    "options": [said_option(variant.options.get(name, "")) for name in names],
                    "prices": [
                        _price_words(*where, prices[variant.pk][where])
                        if where in prices.get(variant.pk, {})
                        else None
                        for where in markets
                    ],
                }
                for variant in variants
            ],
            "texts": [
                (language, one.names.get(language, ""), one.texts.get(language, ""))
                for language in ("sv", "da", "en")
                if one.names.get(language) or one.texts.get(language)
            ],
            "attributes": [
                (option_label(name), said_option(value)) for name, value in one.attributes.items()
            ],
            "history": [_told(price) for price in _history(variants)],
        },
    )
    return pictures.allow(response)


def _option_order(name: str) -> tuple[int, str]:
    return (["colour", "size"].index(name) if name in ("colour", "size") else 2, name)


def _history(variants: list[Variant]) -> list[Price]:
    return reading.price_history([variant.pk for variant in variants])


def _told(price: Price) -> dict[str, object]:
    return {
        "price": price,
        "sku": price.variant.sku,
        "amount": _money(price.amount, price.currency),
    }


# --- taking a file in -----------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@requires("catalogue.manage")
def import_file(request: HttpRequest) -> HttpResponse:
    """Take in a file of products, and say what became of it."""
    form = FeedFile(request.POST or None, request.FILES or None)
    report: Report | None = None
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        said = form.cleaned_data
        feed = Feed(said["language"], said["market"], said["encoding"])
        share = said["remove_at_most"]
        report = import_feed(file.file, feed, full=said["full"], remove_at_most=share)
        assert isinstance(request.user, User)
        audit.note(request.user, "catalogue.imported", detail={"name": file.name[:100]})
    return render(request, "catalogue/import.html", {"form": form, "report": report})


# --- places ---------------------------------------------------------------------------------------


@require_safe
@requires("catalogue.see")
def places(request: HttpRequest) -> HttpResponse:
    """The stores and warehouses, and which of them are open."""
    now = timezone.now()
    found = [place for place, _km in reading.places()]
    rows = [_state(place, now) for place in found]
    return render(request, "catalogue/places.html", {"rows": rows, "plot": plot(found)})


def _state(place: Place, now: datetime) -> dict[str, object]:
    hours = place.opening
    closes = rules.closes_at(hours, now)
    opens = None if closes else rules.opens_next(hours, now)
    if closes:
        words = _("Open until %(when)s") % {"when": _at(closes, hours, now)}
    elif opens:
        words = _("Opens %(when)s") % {"when": _at(opens, hours, now)}
    else:
        words = _("No opening hours")
    return {
        "place": place,
        "open": bool(closes),
        "words": words,
        "today": _spans(hours.on(hours.today(now))),
        "never": not hours.week and not hours.exceptions,
    }


_FEW_DAYS = 10  # that are not like others, the next ones


@require_safe
@requires("catalogue.see")
def place(request: HttpRequest, id: int) -> HttpResponse:
    """A store or a warehouse: when it is open, and what it does; what is kept there is fetched."""
    one = get_object_or_404(Place, pk=id)
    now, hours = timezone.now(), one.opening
    today = hours.today(now)
    ahead = sorted((day, spans) for day, spans in hours.exceptions.items() if day >= today)
    return render(
        request,
        "catalogue/place.html",
        _state(one, now)
        | {
            "week": [
                {
                    "day": format_date(_MONDAY + timedelta(days=number), "EEEE", locale()),
                    "spans": _spans(hours.week.get(number + 1, ())),
                    "today": number + 1 == today.isoweekday(),
                }
                for number in range(7)
            ],
            "days": [{"day": day, "spans": _spans(spans)} for day, spans in ahead[:_FEW_DAYS]],
            "more_days": max(0, len(ahead) - _FEW_DAYS),
            "local": now.astimezone(hours.zone).strftime("%H:%M"),
            "panels": panels(request.user, Slot.PLACE, one.pk),
        },
    )


_MONDAY = date(2024, 1, 1)


def _spans(spans: Sequence[rules.Span]) -> str:
    return ", ".join(f"{_clock(opens)}–{_clock(closes)}" for opens, closes in spans)


def _at(moment: datetime, hours: rules.Hours, now: datetime) -> str:
    """The moment in the place's own time: "18:00" today, "Monday 10:00" later."""
    local = moment.astimezone(hours.zone)
    if local.date() == hours.today(now):
        return f"{local:%H:%M}"
    with timezone.override(hours.zone):
        return say_when(moment)


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"
