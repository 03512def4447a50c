"""What is typed of a promise."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any  # Any: Django's own type of a form's arguments

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from spindel.kit.forms import Day, Line, Name, QuietForm
from spindel.kit.money import parse_amount
from spindel.offers.terms import AmountOff, AmountOffEach, Benefit, FixedPrice, PercentOff

LONGEST_WHY = 300

_KINDS = [
    ("price", _("a price")),
    ("percent", _("per cent off")),
    ("amount", _("an amount off")),
]


class PromiseQuery(QuietForm):
    """What is looked for, and which product is promised; `all`: whatever she buys."""

    q = Line(max_length=200, required=False)
    product = Name(max_length=64, required=False)


class PromiseForm(forms.Form):
    """What is promised. Once it is valid, `benefit` and `until` (the end of that day) are it."""

    kind = forms.ChoiceField(label=_("What"))
    value = Line(label=_("How much"), max_length=20)
    day = Day(label=_("Until which day"))
    why = Line(label=_("Why"), max_length=LONGEST_WHY, required=False)

    def __init__(self, *args: Any, currency: str, on_all: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency, self.on_all = currency, on_all
        self.benefit: Benefit | None = None
        kinds = self.fields["kind"]
        assert isinstance(kinds, forms.ChoiceField)
        kinds.choices = _KINDS[1:] if on_all else _KINDS

    @property
    def until(self) -> datetime:
        """The end of the day."""
        return timezone.make_aware(datetime.combine(self.cleaned_data["day"], time.max))

    def clean(self) -> dict[str, Any]:
        """Read how much it is. Raises ValidationError."""
        typed = super().clean() or {}
        if "kind" in typed and "value" in typed:
            try:
                self.benefit = self._benefit(typed["kind"], typed["value"])
            except ValueError:
                self.add_error("value", _("Write a number like 1199 or 12.5."))
        return typed

    def _benefit(self, kind: str, value: str) -> Benefit:
        if kind == "percent":
            rate = parse_amount(value.rstrip("% "), "SEK")  # two decimals: hundredths of 1 %
            if not 1 <= rate <= 10_000:
                raise ValueError(value)
            return PercentOff(rate)
        amount = parse_amount(value, self.currency)
        if amount < 0 or (kind == "amount" and amount == 0):
            raise ValueError(value)
        if kind == "price":
            return FixedPrice({self.currency: amount})
        off = AmountOff if self.on_all else AmountOffEach
        return off({self.currency: amount})
