"""Counting: a clerk with the shoe in her hand knows better than the books."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from spindel.catalogue.models import Variant
from spindel.commerce.common.pages import Wrong, checked, in_words, moment
from spindel.commerce.stock.actions import movements
from spindel.commerce.stock.forms import CountForm
from spindel.commerce.stock.reading import shelves
from spindel.staff.permissions import requires
from spindel.store.forms import UncountQuery
from spindel.store.views.desk import Desk, at_desk
from spindel.store.views.goods import variant_of


@require_POST
@requires("stock.count")
@at_desk
def count(desk: Desk) -> HttpResponse:
    """So many lie here now, what is kept for somebody included. The sale goes on where it was."""
    variant = variant_of(desk)
    try:
        quantity = checked(CountForm(desk.request.POST)).cleaned_data["quantity"]
        undo = "" if desk.was_done() else _counted(desk, variant, quantity)
    except Wrong as wrong:
        desk.refuse(str(wrong))
    else:
        desk.say(_told(desk, variant, quantity), undo)
    return desk.back()


def _counted(desk: Desk, variant: Variant, quantity: int) -> str:
    """Count it; the address that takes it back, where it has changed anything. Raises Wrong."""
    with in_words():
        counted = movements.count_now(variant.pk, desk.place.pk, quantity, desk.by)
    desk.did()
    if not counted.change:
        return ""
    words: dict[str, int | str] = {"variant": variant.pk, "at": counted.at.isoformat()}
    return f"{reverse('store-uncount')}?{urlencode(words)}"


def _told(desk: Desk, variant: Variant, quantity: int) -> str:
    text = ngettext("Counted: there is %(n)s here.", "Counted: there are %(n)s here.", quantity) % {
        "n": quantity
    }
    level = shelves.level(variant.pk, desk.place.pk)
    if level is None or not level.held:
        return text
    kept = ngettext("%(n)s is kept for somebody.", "%(n)s are kept for somebody.", level.held) % {
        "n": level.held
    }
    return f"{text} {kept}"


@require_POST
@requires("stock.count")
@at_desk
def uncount(desk: Desk) -> HttpResponse:
    """The count was wrong: the books say what they said before, and what has moved since."""
    told = UncountQuery(desk.request.GET).values
    at = moment(told["at"])
    try:
        with in_words():
            there = movements.uncount(told["variant"], desk.place.pk, at, desk.by)
    except Wrong as wrong:
        desk.refuse(str(wrong))
    else:
        desk.say(_("Not counted: the books say %(n)s here again.") % {"n": there})
    return desk.back()
