"""What is taken back, and for how long: a page for administrators."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from spindel.commerce.orders import returnable
from spindel.commerce.returns import actions
from spindel.commerce.returns.forms import CategoryForm, PolicyForm
from spindel.identity.shown import staff
from spindel.kit import saying, sql
from spindel.kit.forms import first_error
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
    kept = returnable.policies()
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
    form = PolicyForm(request.POST)
    if not form.is_valid():
        messages.error(request, first_error(form))
        return redirect("return-policy")
    typed = form.cleaned_data
    try:
        actions.set_policy(typed["category"], typed["days"], typed["damaged"], staff(request))
    except Refusal as no:
        messages.error(request, saying.in_words(no))
    else:
        messages.success(request, _("Holds from now on, also for what was bought before."))
    return redirect("return-policy")


@require_POST
@requires("returns.policy")
def drop(request: HttpRequest) -> HttpResponse:
    """Have goods of a category taken back as all others."""
    form = CategoryForm(request.POST)
    if form.is_valid():
        actions.drop_policy(form.cleaned_data["category"], staff(request))
        messages.success(request, _("They are taken back as all others from now on."))
    return redirect("return-policy")
