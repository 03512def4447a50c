"""What is typed of what comes back."""

from __future__ import annotations

from typing import Any  # Any: Django's own type of what a form holds

from django import forms
from django.utils.translation import gettext_lazy as _

from spindel.kit.forms import Name

_DAYS = _("Write a number of days, 0 for goods that are not taken back.")
_TOO_LONG = _("Goods are taken back for ten years at most.")


class PolicyForm(forms.Form):
    """For how many days goods of a category are taken back, and whether damaged ones are.

    `new` says that the category has no such line yet; without one it holds for all others.
    """

    days = forms.IntegerField(
        min_value=0,
        max_value=10**9,  # the policy's own bound is the action's to say
        error_messages={
            "required": _DAYS,
            "invalid": _DAYS,
            "min_value": _DAYS,
            "max_value": _TOO_LONG,
        },
    )
    category = Name(max_length=1_000, required=False)
    damaged = forms.BooleanField(required=False)
    new = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        """A new line is of a category."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        if typed["new"] and not typed["category"]:
            self.add_error("category", _("Say which category it is for."))
        return typed


class CategoryForm(forms.Form):
    """A category that has a line of its own."""

    category = Name(max_length=1_000)
