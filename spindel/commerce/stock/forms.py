"""What is typed of stock."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from spindel.commerce.common.rules import MOST

_HOW_MANY = _("Say how many there are: 0 or more.")


class CountForm(forms.Form):
    """So many were counted."""

    quantity = forms.IntegerField(
        min_value=0,
        max_value=MOST,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), _HOW_MANY),
    )
