"""Changing a product by hand, and making a new one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from spindel.catalogue import actions, manual_edits, reading
from spindel.catalogue.actions import Meanwhile
from spindel.catalogue.forms import GiveBackForm
from spindel.catalogue.models import Product
from spindel.catalogue.product_input import LANGUAGES, PriceData, ProductData, Unfit, VariantData
from spindel.catalogue.rules import gtin14
from spindel.catalogue.views import option_label
from spindel.kit import texts
from spindel.kit.money import parse_amount, to_major
from spindel.staff.models import User
from spindel.staff.permissions import requires

_MOST_VARIANTS = 100  # in the form
_MOST_MARKETS = 6
_NEW = "new"  # the row for one more variant


@dataclass(slots=True)
class Row:
    """A variant in the form, as it is kept or was typed. `at` names its fields."""

    at: str
    sku: str = ""
    gtin: str = ""
    options: list[tuple[str, str]] = field(default_factory=list)
    prices: list[tuple[str, str]] = field(default_factory=list)
    pictures: str = ""
    active: bool = True
    by_hand: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Sheet:
    """The form: a product as it is kept, or was typed."""

    number: str = ""
    texts: list[tuple[str, str, str]] = field(default_factory=list)  # language, name, text
    brand: str = ""
    categories: str = ""
    pictures: str = ""
    active: bool = True
    rows: list[Row] = field(default_factory=list)
    seen: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
@requires("catalogue.manage")
def new(request: HttpRequest) -> HttpResponse:
    """Make a product."""
    return _edit(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("catalogue.manage")
def edit(request: HttpRequest, id: int) -> HttpResponse:
    """Change a product: its texts, kinds, pictures and variants, what they cost, what is sold."""
    return _edit(request, get_object_or_404(Product, pk=id))


def _edit(request: HttpRequest, product: Product | None) -> HttpResponse:
    now = manual_edits.snapshot(product.number) if product else None
    names = _option_names(now)
    currencies = _currencies(now)
    problem = ""
    sheet = _kept(product.number if product else "", now, names, currencies)
    if request.method == "POST":
        sheet = _typed(request.POST, product, now, names, currencies)
        try:
            return _save(request, sheet, currencies)
        except Meanwhile:
            problem = _("It was changed meanwhile. Look at how it is now, and change it again.")
            if product is None:
                problem = _("There is a product with this number already.")
        except (Unfit, ValueError) as error:
            problem = str(error)
    context = {
        "product": product,
        "sheet": sheet,
        "problem": problem,
        "options": [option_label(name) for name in names],
        "markets": [f"{market} {currency}" for market, currency in currencies.items()],
        "too_many": now is not None and len(now.variants) > _MOST_VARIANTS,
        "kept": _by_hand(now),
        "by_hand": set(now.product["by_hand"]) if now else set(),
    }
    return render(request, "catalogue/edit.html", context)


def _save(request: HttpRequest, sheet: Sheet, currencies: Mapping[str, str]) -> HttpResponse:
    """Raises Unfit, ValueError and Meanwhile."""
    assert isinstance(request.user, User)
    told = _told(sheet, currencies)
    active = {row.sku: row.active for row in sheet.rows if row.sku}
    done = actions.edit_product(told, sheet.active, active, sheet.seen, request.user)
    product = Product.objects.get(number=told.number)
    if done is None:
        messages.info(request, _("Nothing has changed."))
    else:
        undo = reverse("product-undo", args=[product.pk, done])
        messages.success(request, _("Kept. Feeds leave what you changed alone."), extra_tags=undo)
    return redirect("product", product.pk)


# --- as it is kept --------------------------------------------------------------------------------


def _option_names(now: manual_edits.Snapshot | None) -> list[str]:
    found = {name for one in (now.variants.values() if now else ()) for name in one["options"]}
    first = ("colour", "size")
    return [*first, *sorted(found - set(first))][:10]


def _currencies(now: manual_edits.Snapshot | None) -> dict[str, str]:
    """The markets that it has prices in, and those where anything is sold; with their money."""
    of_its_own = {
        name.removeprefix(manual_edits.PRICE): value[0]
        for one in (now.variants.values() if now else ())
        for name, value in one.items()
        if name.startswith(manual_edits.PRICE)
    }
    others = {one: reading.currency_of(one) for one in sorted(reading.countries())}
    known = {market: currency for market, currency in others.items() if currency} | of_its_own
    return dict(sorted(known.items())[:_MOST_MARKETS])


def _kept(
    number: str,
    now: manual_edits.Snapshot | None,
    names: list[str],
    currencies: Mapping[str, str],
) -> Sheet:
    empty = Row(_NEW, options=[(n, "") for n in names], prices=[(m, "") for m in currencies])
    if now is None:
        return Sheet(number, [(one, "", "") for one in LANGUAGES], rows=[empty])
    product = now.product
    rows = [
        Row(
            str(at),
            sku,
            one["gtin"] or "",
            [(name, one["options"].get(name, "")) for name in names],
            [(m, _amount(one.get(f"{manual_edits.PRICE}{m}"), currencies[m])) for m in currencies],
            "\n".join(one["pictures"]),
            one["active"],
            one["by_hand"],
        )
        for at, (sku, one) in enumerate(now.variants.items())
    ]
    return Sheet(
        number,
        [(one, product["names"].get(one, ""), product["texts"].get(one, "")) for one in LANGUAGES],
        product["brand"],
        "\n".join(product["categories"]),
        "\n".join(product["pictures"]),
        product["active"],
        [*rows[:_MOST_VARIANTS], empty],
        now.seen,
    )


def _amount(price: list[object] | None, currency: str) -> str:
    """A price as it is typed; empty where there is none, or it is in other money."""
    if price is None or price[0] != currency or not isinstance(price[1], int):
        return ""
    amount: Decimal = to_major(price[1], currency)
    return str(int(amount)) if amount == int(amount) else str(amount)


def _by_hand(now: manual_edits.Snapshot | None) -> list[tuple[str, str]]:
    """What is kept by hand, of the product or of any variant, with what it is called."""
    if now is None:
        return []
    kept = set(now.product["by_hand"]).union(*(one["by_hand"] for one in now.variants.values()))
    called = {
        "names": _("Name"),
        "texts": _("Description"),
        "brand": _("Brand"),
        "categories": _("Category"),
        "pictures": _("Pictures"),
        "options": _("Options"),
        "gtin": "GTIN",
        "active": _("Sold or not"),
        "vat": _("VAT"),
        "attributes": _("Attributes"),
    }
    prices = {one: _("Price in %(market)s") for one in kept if one.startswith(manual_edits.PRICE)}
    return [
        (one, called.get(one) or prices[one] % {"market": one.removeprefix(manual_edits.PRICE)})
        for one in sorted(kept)
        if one in called or one in prices
    ]


# --- as it was typed ------------------------------------------------------------------------------


def _typed(
    sent: Mapping[str, str],
    product: Product | None,
    now: manual_edits.Snapshot | None,
    names: list[str],
    currencies: Mapping[str, str],
) -> Sheet:
    def text(name: str, most: int) -> str:
        return texts.lines(sent.get(name, ""), most)

    known = list(now.variants)[:_MOST_VARIANTS] if now else []
    rows = [
        Row(
            at,
            sku or text(f"sku.{at}", 65),
            text(f"gtin.{at}", 20),
            [(name, text(f"option.{at}.{name}", 1_001)) for name in names],
            [(market, text(f"price.{at}.{market}", 30)) for market in currencies],
            text(f"pictures.{at}", 12_000),
            bool(sent.get(f"active.{at}")),
        )
        for at, sku in [*((str(n), sku) for n, sku in enumerate(known)), (_NEW, "")]
    ]
    return Sheet(
        product.number if product else text("number", 65),
        [(one, text(f"name.{one}", 301), text(f"text.{one}", 10_001)) for one in LANGUAGES],
        text("brand", 121),
        text("categories", 5_000),
        text("pictures", 12_000),
        bool(sent.get("active")),
        rows,
        text("seen", 64),
    )


def _told(sheet: Sheet, currencies: Mapping[str, str]) -> ProductData:
    """What the form says. Raises Unfit and ValueError."""
    rows = [row for row in sheet.rows if row.sku]
    new = next((row for row in sheet.rows if row.at == _NEW), None)
    if new is not None and not new.sku and any(value for _, value in new.options + new.prices):
        raise Unfit(_("Say the SKU of the new variant."))
    return ProductData(
        sheet.number,
        [_variant(row, currencies) for row in rows],
        names={language: name or None for language, name, _ in sheet.texts},
        texts={language: text or None for language, _, text in sheet.texts},
        brand=sheet.brand,
        categories=_lines(sheet.categories),
        pictures=_lines(sheet.pictures),
    )


def _variant(row: Row, currencies: Mapping[str, str]) -> VariantData:
    prices = []
    for market, typed in row.prices:
        if typed:
            amount = parse_amount(typed, currencies[market])
            prices.append(PriceData(market, currencies[market], amount, free=amount == 0))
    return VariantData(
        row.sku,
        gtin=gtin14(row.gtin) if row.gtin else "",
        options={name: value for name, value in row.options if value},
        pictures=_lines(row.pictures),
        position=None if row.at == _NEW else min(int(row.at), 32_767),
        prices=prices,
    )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in re.split(r"[\n|]", text) if line.strip()]


# --- taking it back -------------------------------------------------------------------------------


@require_POST
@requires("catalogue.manage")
def undo(request: HttpRequest, id: int, edit: int) -> HttpResponse:
    """Take the last change back."""
    assert isinstance(request.user, User)
    if actions.undo_edit(edit, request.user):
        messages.success(request, _("It is as it was before."))
    else:
        messages.error(request, _("It was changed again since, and stays as it is."))
    return redirect("product", id)


@require_POST
@requires("catalogue.manage")
def give_back(request: HttpRequest, id: int) -> HttpResponse:
    """Leave a field to the feed again, which says it anew when it comes."""
    assert isinstance(request.user, User)
    product = get_object_or_404(Product, pk=id)
    field = GiveBackForm(request.POST).values["field"]
    if actions.give_back(product.number, field, request.user):
        messages.success(request, _("The feed says it again, from the next time that it comes."))
    return redirect("product-edit", product.pk)
