"""What is typed of delivery fees."""

from __future__ import annotations

from typing import Any  # Any: Django's own type of what a form holds

from django import forms
from django.utils.translation import gettext_lazy as _

from spindel.catalogue.reading import currency_of
from spindel.kit.forms import Id, Line
from spindel.kit.money import parse_amount
from spindel.offers.models import DeliveryFee


class FeeForm(forms.Form):
    """What it costs that goods of so much or more come by a method, as people write it."""

    market = forms.RegexField("^[A-Z]{2}$", error_messages={"invalid": _("Choose a market.")})
    method = forms.ChoiceField(choices=DeliveryFee.METHODS)
    worth = Line(max_length=20, required=False)
    amount = Line(max_length=20, error_messages={"required": _("Say what it costs.")})
    vat_rate = Line(max_length=10, error_messages={"required": _("Say which VAT is in it.")})

    def clean(self) -> dict[str, Any]:
        """The amounts in minor units of what is paid with in the market."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        currency = currency_of(typed.get("market", ""))
        if self.errors or currency is None:
            return typed
        typed["currency"] = currency
        typed["worth"] = self._read("worth", typed["worth"] or "0", currency)
        typed["amount"] = self._read("amount", typed["amount"], currency)
        # Two decimals: hundredths of 1 %.
        typed["vat_rate"] = self._read("vat_rate", typed["vat_rate"].rstrip("% "), "SEK")
        if not self.errors and typed["vat_rate"] > 10_000:
            self.add_error("vat_rate", _("That is no VAT."))
        return typed

    def _read(self, name: str, text: str, currency: str) -> int:
        try:
            return parse_amount(text, currency)
        except ValueError:
            self.add_error(name, _("Write amounts as 49 or 49,50."))
            return 0


class DropFeeForm(forms.Form):
    """A fee that is charged."""

    id = Id()
