"""What delivery costs: a page of the settings."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from spindel.catalogue.reading import countries
from spindel.identity.shown import staff
from spindel.kit import saying
from spindel.kit.forms import first_error
from spindel.kit.refusal import Refusal
from spindel.kit.templatetags.look import rate_words
from spindel.offers import actions
from spindel.offers.delivery_forms import DropFeeForm, FeeForm
from spindel.offers.explaining import method_name
from spindel.offers.models import DeliveryFee
from spindel.staff.permissions import requires


@require_safe
@requires("offers.manage")
def fees(request: HttpRequest) -> HttpResponse:
    """What it costs, by market and method."""
    found = DeliveryFee.objects.order_by("market", "currency", "-method", "worth")
    rows = [(one, method_name(one.method), rate_words(one.vat_rate)) for one in found]
    return render(request, "offers/fees.html", {"rows": rows, "markets": countries()})


@require_POST
@requires("offers.manage")
def keep_fee(request: HttpRequest) -> HttpResponse:
    """Charge so much for goods of so much or more."""
    form = FeeForm(request.POST)
    if not form.is_valid():
        messages.error(request, first_error(form))
        return redirect("delivery-fees")
    try:
        actions.keep_fee(DeliveryFee(**form.cleaned_data), staff(request).email)
    except Refusal as no:
        messages.error(request, saying.in_words(no))
    else:
        messages.success(request, _("Holds from now on, in every cart."))
    return redirect("delivery-fees")


@require_POST
@requires("offers.manage")
def drop_fee(request: HttpRequest) -> HttpResponse:
    """Charge it no more."""
    form = DropFeeForm(request.POST)
    if form.is_valid():
        actions.drop_fee(form.cleaned_data["id"], staff(request).email)
        messages.success(request, _("It is not charged any more."))
    return redirect("delivery-fees")
