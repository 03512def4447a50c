"""What people tell the catalogue."""

from __future__ import annotations

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from spindel.catalogue.importing import REMOVE_AT_MOST
from spindel.kit.forms import Name, Names, QuietForm, SearchQuery, Seen

ENCODINGS = [("", "UTF-8, UTF-16"), ("windows-1252", "Windows-1252"), ("cp850", "MS-DOS (850)")]


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
    encoding = forms.ChoiceField(choices=ENCODINGS, required=False)
    full = forms.BooleanField(required=False)
    remove_at_most = forms.IntegerField(
        min_value=0, max_value=100, required=False, initial=REMOVE_AT_MOST
    )

    def clean_market(self) -> str:
        """A country in two letters."""
        market = str(self.cleaned_data["market"]).upper()
        if not re.fullmatch("[A-Z]{2}", market):
            raise forms.ValidationError(_("A market is a country such as SE."))
        return market

    def clean_remove_at_most(self) -> int:
        """A share in percent."""
        share: int | None = self.cleaned_data["remove_at_most"]
        return REMOVE_AT_MOST if share is None else share


class ProductsQuery(SearchQuery):
    """Which products are listed: found by a text, of facets ("name=value"), after so many."""

    filter = Names(40, 300)
    after = Seen()


class GiveBackForm(QuietForm):
    """The field of a product that the feed is to say again."""

    field = Name(max_length=60, required=False)
