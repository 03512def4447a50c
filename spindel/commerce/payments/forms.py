"""What is typed of gift cards."""

from __future__ import annotations

from typing import Any  # Any: Django's own type of what a form holds

from django import forms
from django.utils.translation import gettext_lazy as _

from spindel.commerce.payments.giftcard.cards import MOST_AT_ONCE
from spindel.kit.forms import Line
from spindel.kit.money import parse_amount


class GiftCardsForm(forms.Form):
    """So many cards with so much on each, as people write it."""

    amount = Line(max_length=20, error_messages={"required": _("Say how much is on a card.")})
    currency = forms.RegexField("^[A-Z]{3}$", error_messages={"invalid": _("Choose a currency.")})
    many = forms.IntegerField(min_value=1, max_value=MOST_AT_ONCE)
    expires_on = forms.DateField(required=False)

    def clean(self) -> dict[str, Any]:
        """The amount in minor units."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                typed["amount"] = parse_amount(typed["amount"], typed["currency"])
            except ValueError:
                self.add_error("amount", _("Write amounts as 49 or 49,50."))
        return typed
