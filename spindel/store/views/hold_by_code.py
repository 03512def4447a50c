"""What is held for somebody, by the code that she shows or says: also for whoever is nobody yet."""

from __future__ import annotations

from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from spindel.commerce.stock import hold_codes
from spindel.commerce.stock.models import Hold
from spindel.identity import shown
from spindel.kit import idempotency, ids
from spindel.staff import audit
from spindel.store import tasks
from spindel.store.views.desk import Desk, at_desk, called

MOST_WRONG = 30  # codes that are none, tried by one person in so long
_COUNTED = 600  # seconds


class TooManyCodes(ValueError):
    """Somebody has tried many codes that are none."""


def hold_by(desk: Desk, text: str) -> Hold | None:
    """The hold whose code was scanned or typed; None where it is no code. Raises TooManyCodes."""
    if not hold_codes.looks_like(text):
        return None
    wrong = f"hold-codes:{desk.user.pk}"
    with transaction.atomic():
        idempotency.lock(idempotency.key("hold codes", str(desk.user.pk)))  # many are tried at once
        tried = cache.get(wrong, 0)
        if tried >= MOST_WRONG:
            raise TooManyCodes
        try:
            id = hold_codes.read(text)
        except hold_codes.NoSuchCode:
            cache.set(wrong, tried + 1, _COUNTED)
            return None
    return Hold.objects.filter(pk=ids.bounded(id)).select_related("place").first()


def too_many() -> str:
    """What is said to whoever has tried many."""
    return _("Many codes were tried that are none. Wait ten minutes, or look for the goods.")


@require_safe
@at_desk
def held(desk: Desk, code: str) -> HttpResponse:
    """What is held by this code, and what can be done with it here."""
    try:
        hold = hold_by(desk, code)
    except TooManyCodes:
        desk.refuse(too_many())
        return redirect("store")
    task = tasks.of_hold(hold.pk, desk.language) if hold else None
    if hold is None or task is None:
        desk.refuse(_("Nothing here has the code %(code)s.") % {"code": code[:60]})
        return redirect("store")
    if task.order:
        return redirect("store-order", task.order)
    over = hold.state != Hold.State.ACTIVE or hold.until <= timezone.now()
    return desk.page(
        "hold.html",
        {
            "task": task,
            "hold": hold,
            "over": _over(hold) if over else "",
            "here": hold.place_id == desk.place.pk,
            "name": _name(desk, task.customer),
        },
    )


def _over(hold: Hold) -> str:
    return {
        Hold.State.RELEASED: _("It was let go."),
        Hold.State.HANDED_OVER: _("It was fetched, or bought."),
        Hold.State.MISSING: _("It was not found in the store."),
    }.get(Hold.State(hold.state), _("Its time was up."))


def _name(desk: Desk, customer: int | None) -> str:
    """What whoever it is for is called, for those who may see them."""
    if customer is None or not shown.may_open(desk.user, customer):
        return ""
    audit.note_look(desk.user, "customer.seen", customer)
    return called(desk.user, customer)
