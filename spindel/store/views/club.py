"""The club at the counter: she joins, and makes a reward of her points."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from spindel.club import actions
from spindel.identity import serving
from spindel.kit.refusal import Refusal
from spindel.kit.saying import in_words
from spindel.store.views.desk import Desk, at_desk


@require_POST
@at_desk
def join(desk: Desk, id: int) -> HttpResponse:
    """Have her be a member."""
    her = serving.open_customer(desk.request, id)
    said = _("Now a member of the club.")
    return _do(desk, her.id, lambda: actions.join(her.under(), actor=desk.actor), said)


@require_POST
@at_desk
def reward(desk: Desk, id: int) -> HttpResponse:
    """Make a reward of her points: it comes off what she buys here, or anywhere."""
    her = serving.open_customer(desk.request, id)
    said = _("The reward is made: it comes off the next basket, in every channel.")
    return _do(
        desk,
        her.id,
        lambda: actions.take_reward(her.id, actor=desk.actor, request=desk.sent),
        said,
    )


def _do(desk: Desk, customer: int, act: Callable[[], object], said: str) -> HttpResponse:
    desk.serve(customer)
    try:
        act()
    except Refusal as no:
        desk.refuse(in_words(no))
    else:
        desk.say(said)
    return redirect("store-customer", customer)
