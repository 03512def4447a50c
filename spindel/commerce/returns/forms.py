"""What is typed of what comes back."""

from __future__ import annotations

from typing import Any  # Any: Django's own type of what a form holds

from django import forms
from django.utils.translation import gettext_lazy as _

from spindel.commerce.common.contacts import ADDRESS, CONTACT
from spindel.kit.forms import Counts, Line, Name, Numbers, QuietForm, Seen

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


_MOST_LINES = 100


class ChoiceForm(QuietForm):
    """Which lines come back, how they are and why; for what (`for`: a variant, or "money"), and how
    that comes. It stands in the page's address, or is sent by it; `request` was started from home.

    The lines are boxes with their own numbers (`line`, `many-1`); or `back` says it whole.
    """

    line = Numbers(_MOST_LINES)
    back = Counts(_MOST_LINES)
    chosen = Name(max_length=1)  # that boxes without a tick were there
    condition = forms.ChoiceField(choices=[("good", ""), ("damaged", "")])
    reason = Line(max_length=40)
    how = Name(max_length=64)
    request = Name(max_length=64)
    place = Name(max_length=64)  # where it came back
    for_ = Name(max_length=20)
    q = Name(max_length=200)

    def ticked(self) -> dict[int, int]:
        """Of which lines a tick says that they come back, and how many of each."""
        told = {line: Seen().clean(self.data.get(f"many-{line}")) for line in self.values["line"]}
        return {line: many or 1 for line, many in told.items()}


class HandInForm(ChoiceForm):
    """What is done of it: what one was told that it comes to, how the rest is paid, and to whom and
    where something is sent. `overrule`: why it is taken although the policy says no.
    """

    overrule = Line(max_length=300)
    difference = forms.IntegerField(min_value=-(10**15), max_value=10**15)
    pay_by = Line(max_length=16)
    email = Line(max_length=CONTACT["email"])
    street = Line(max_length=ADDRESS["street"])
    postcode = Line(max_length=ADDRESS["postcode"])
    city = Line(max_length=ADDRESS["city"])
    country = Line(max_length=ADDRESS["country"])


class RequestForm(QuietForm):
    """What was started from home, by its number."""

    number = Name(max_length=64)
