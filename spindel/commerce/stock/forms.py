"""What is typed of stock."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from spindel.commerce.common.rules import MOST
from spindel.commerce.stock.reading import shelves
from spindel.kit.forms import Id, Name, PageQuery, QuietForm

_HOW_MANY = _("Say how many there are: 0 or more.")


class CountForm(forms.Form):
    """So many were counted."""

    quantity = forms.IntegerField(
        min_value=0,
        max_value=MOST,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), _HOW_MANY),
    )


class UndoQuery(QuietForm):
    """The moment of a count that is taken back, as it was given out."""

    undo = Name(max_length=40)


class LowQuery(PageQuery):
    """Which levels want somebody's eye: of a kind, what is worse, or all; in a place."""

    kind = forms.ChoiceField(choices=[(one, "") for one in (*shelves.KINDS, "all")])
    place = Name(max_length=64)


class LevelsQuery(QuietForm):
    """In which place; or of which variant."""

    place = Name(max_length=64)
    variant = Id()


class FindQuery(QuietForm):
    """What is looked for in stores near a customer: a product, one of its variants, or `goods`, a
    SKU or a product's number.
    """

    near = Name(max_length=64)
    q = Name(max_length=200)
    product = Id()
    variant = Id()
    goods = Name(max_length=64)


class HoldForm(QuietForm):
    """What is kept for a customer, and where."""

    variant = Id()
    place = Id()
