"""What is typed about how long things are kept."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

_DAYS = _("Write a number of days, or nothing to keep them for ever.")


class DaysForm(forms.Form):
    """For so many days; nothing: for ever."""

    days = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=36_500,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _DAYS),
    )
