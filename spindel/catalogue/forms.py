"""What people tell the catalogue."""

from __future__ import annotations

import re

from django import forms
from django.utils.translation import gettext_lazy as _


class FeedFile(forms.Form):
    """A file of products, and how to read it."""

    file = forms.FileField(
        error_messages={
            "required": _("Choose a file."),
            "empty": _("The file is empty."),
        }
    )
    language = forms.ChoiceField(choices=[("sv", "Svenska"), ("da", "Dansk"), ("en", "English")])
    market = forms.CharField(max_length=2)
    full = forms.BooleanField(required=False)

    def clean_market(self) -> str:
        """A country in two letters."""
        market = str(self.cleaned_data["market"]).upper()
        if not re.fullmatch("[A-Z]{2}", market):
            raise forms.ValidationError(_("A market is a country such as SE."))
        return market
