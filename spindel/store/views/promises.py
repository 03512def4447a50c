"""Promising whoever is served a price, at the counter; and taking it back."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from spindel.commerce.common.pages import Wrong, checked, in_words
from spindel.commerce.promises import reading
from spindel.commerce.promises.forms import PromiseForm
from spindel.kit.templatetags.look import say_when
from spindel.offers import promise_actions
from spindel.offers.mandates import MANDATES
from spindel.offers.models import PricePromise
from spindel.offers.promise_actions import Wanted
from spindel.staff.models import Role
from spindel.store.views.desk import Desk, at_desk
from spindel.store.views.goods import variant_of
from spindel.store.views.search import product_page


@require_POST
@at_desk
def promise(desk: Desk) -> HttpResponse:
    """Promise her a price for the product, or less of it, until a day. The answer offers to take it
    back.
    """
    variant = variant_of(desk)
    if desk.serving is None:
        desk.refuse(_("First say whom you promise it to: look the customer up."))
        return redirect("store-people")
    form = PromiseForm(desk.request.POST, currency=desk.currency)
    try:
        checked(form)
        made = _promise(desk, form, variant.product.number)
    except Wrong as wrong:
        desk.refuse(str(wrong))
    else:
        text = _("Promised %(name)s until %(when)s.")
        words = {"name": desk.serving.name, "when": say_when(form.until)}
        desk.say(text % words, reverse("store-promise-withdraw", args=[made.pk]))
    return redirect(product_page(variant.product_id, variant.pk))


def _promise(desk: Desk, form: PromiseForm, product: str) -> PricePromise:
    """Raises Wrong."""
    assert form.benefit is not None
    assert desk.serving is not None
    wanted = Wanted(
        benefit=form.benefit, products=[product], until=form.until, why=form.cleaned_data["why"]
    )
    with in_words():
        return promise_actions.promise_price(
            desk.serving.opened.under(),
            wanted,
            desk.terms,
            MANDATES[Role(desk.user.role)],
            actor=desk.actor,
            request=desk.sent,
        )


@require_POST
@at_desk
def withdraw(desk: Desk, id: int) -> HttpResponse:
    """Take back a promise of whoever is served."""
    her = desk.serving.customer if desk.serving else 0
    if id not in {one.id for one in reading.of_customer(her, desk.language)}:
        raise Http404
    try:
        with in_words():
            promise_actions.withdraw(id, desk.actor)
    except Wrong as wrong:
        desk.refuse(str(wrong))
    else:
        desk.say(_("It is taken back: no channel gives it any more."))
    return desk.back()
