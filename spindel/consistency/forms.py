"""What people tell the audit."""

from __future__ import annotations

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from spindel.catalogue.product_input import LANGUAGES
from spindel.catalogue.reading import currency_of


class PublishedFile(forms.Form):
    """A file that another system publishes, or its address, and where it is about."""

    file = forms.FileField(required=False)
    address = forms.CharField(max_length=500, required=False)
    market = forms.CharField(max_length=2)
    language = forms.ChoiceField(choices=[(one, one) for one in LANGUAGES])

    def clean_market(self) -> str:
        """A country in two letters."""
        market = str(self.cleaned_data["market"]).upper()
        if not re.fullmatch("[A-Z]{2}", market) or currency_of(market) is None:
            raise forms.ValidationError(_("A market is a country such as SE."))
        return market

    def clean(self) -> None:
        """One of the two is told."""
        if not self.errors and bool(self.cleaned_data["file"]) == bool(
            self.cleaned_data["address"]
        ):
            raise forms.ValidationError(_("Choose a file, or type an address."))
