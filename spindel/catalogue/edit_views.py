"""Changing a product by hand, and making a new one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from spindel.catalogue import actions, manual_edits, reading
from spindel.catalogue.actions import Meanwhile
from spindel.catalogue.forms import GiveBackForm, ProductForm
from spindel.catalogue.models import Product
from spindel.catalogue.product_input import Unfit
from spindel.catalogue.views import option_label
from spindel.staff.models import User
from spindel.staff.permissions import requires

_MOST_MARKETS = 6


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
    currencies = _currencies(now)
    problem = ""
    posted = request.method == "POST"
    number = product.number if product else ""
    form = ProductForm(request.POST if posted else None, number, now, currencies)
    if posted:
        problem = form.wrong()
    if posted and not problem:
        try:
            return _save(request, form)
        except Meanwhile:
            problem = _("It was changed meanwhile. Look at how it is now, and change it again.")
            if product is None:
                problem = _("There is a product with this number already.")
        except (Unfit, ValueError) as error:
            problem = str(error)
    context = {
        "product": product,
        "form": form,
        "problem": problem,
        "options": [option_label(name) for name in form.option_names],
        "markets": [f"{market} {currency}" for market, currency in currencies.items()],
        "kept": _by_hand(now),
        "by_hand": set(now.product["by_hand"]) if now else set(),
    }
    return render(request, "catalogue/edit.html", context)


def _save(request: HttpRequest, form: ProductForm) -> HttpResponse:
    """Raises Unfit, ValueError and Meanwhile."""
    assert isinstance(request.user, User)
    told, typed = form.product(), form.cleaned_data
    done = actions.edit_product(told, typed["active"], form.sold(), typed["seen"], request.user)
    product = Product.objects.get(number=told.number)
    if done is None:
        messages.info(request, _("Nothing has changed."))
    else:
        undo = reverse("product-undo", args=[product.pk, done])
        messages.success(request, _("Kept. Feeds leave what you changed alone."), extra_tags=undo)
    return redirect("product", product.pk)


# --- as it is kept --------------------------------------------------------------------------------


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
