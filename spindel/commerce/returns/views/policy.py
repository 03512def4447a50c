"""What is taken back, and for how long: a page for administrators."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from spindel.commerce.returns import actions
from spindel.commerce.returns import reading as returns
from spindel.identity.shown import staff
from spindel.kit import saying, sql, texts
from spindel.kit.refusal import Refusal
from spindel.staff.permissions import requires

_MOST_CATEGORIES = 500

_CATEGORIES = """
SELECT DISTINCT category FROM catalogue_product, unnest(categories) AS category
WHERE removed_at IS NULL ORDER BY category LIMIT %s
"""


@require_safe
@requires("returns.policy")
def policy(request: HttpRequest) -> HttpResponse:
    """The policy, by category; the first holds for all that have none of their own."""
    kept = returns.policies()
    categories = [name for (name,) in sql.rows(_CATEGORIES, [_MOST_CATEGORIES])]
    return render(
        request,
        "returns/policy.html",
        {
            "rows": sorted(kept.items()),
            "categories": [one for one in categories if one not in kept],
        },
    )


@require_POST
@requires("returns.policy")
def keep(request: HttpRequest) -> HttpResponse:
    """Say for how many days goods of a category are taken back."""
    days = request.POST.get("days", "").strip()
    category = texts.plain(request.POST.get("category", ""), 1_000)
    if not (days.isascii() and days.isdecimal()):
        messages.error(request, _("Write a number of days, 0 for goods that are not taken back."))
    elif not category and "new" in request.POST:
        messages.error(request, _("Say which category it is for."))
    else:
        _keep(request, category, int(days[:9]))
    return redirect("return-policy")


def _keep(request: HttpRequest, category: str, days: int) -> None:
    try:
        actions.set_policy(category, days, "damaged" in request.POST, staff(request))
    except Refusal as no:
        messages.error(request, saying.in_words(no))
    else:
        messages.success(request, _("Holds from now on, also for what was bought before."))


@require_POST
@requires("returns.policy")
def drop(request: HttpRequest) -> HttpResponse:
    """Have goods of a category taken back as all others."""
    category = texts.plain(request.POST.get("category", ""), 1_000)
    if category:
        actions.drop_policy(category, staff(request))
        messages.success(request, _("They are taken back as all others from now on."))
    return redirect("return-policy")
