"""What is typed and tapped of a line of somebody's cart."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.utils.translation import gettext as _

from spindel.commerce.carts.actions import MOST_OF_ONE, Edit
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.kit.forms import Id, Line, Name, QuietForm, Seen, Yes


class _Quantity(forms.IntegerField):
    """So many of one thing; nothing typed leaves it as it is."""

    def __init__(self) -> None:
        super().__init__(required=False, min_value=0, max_value=MOST_OF_ONE)

    def clean(self, value: object) -> int | None:
        """The number."""
        try:
            found: int | None = super().clean(value)
        except forms.ValidationError:
            text = _("A quantity is 0 to %(most)s.") % {"most": MOST_OF_ONE}
            raise forms.ValidationError(text) from None
        return found


class CartLineForm(forms.Form):
    """A change of a line. `at` says in one that it is fetched, and where; `instead`, with
    `another`, is the size that is wanted in its place.
    """

    sku = Name(max_length=64, required=False)
    quantity = _Quantity()
    add = forms.BooleanField(required=False)
    fulfilment = Name(max_length=16, required=False)
    place = Name(max_length=64, required=False)
    at = Name(max_length=64, required=False)
    saved = Name(max_length=3, required=False)
    instead = Name(max_length=64, required=False)
    another = forms.BooleanField(required=False)
    version = Seen()
    key = Name(max_length=64, required=False)
    then = Name(max_length=8, required=False)  # "order": back to the form that it is ordered by

    def clean_fulfilment(self) -> str:
        """A way for what is not here."""
        way: str = self.cleaned_data["fulfilment"]
        if way not in ("", Fulfilment.SHIP, Fulfilment.PICK_UP):
            raise forms.ValidationError(_("Say how it is to come."))
        return way

    def clean_key(self) -> UUID | None:
        """The form's own; without one it counts each time."""
        try:
            return UUID(self.cleaned_data["key"])
        except ValueError:
            return None

    def instead_of_it(self) -> str:
        """The SKU that is wanted in its place; empty: it stays."""
        typed = self.cleaned_data
        sku: str = typed["instead"] if typed["another"] else ""
        return sku

    def edit(self) -> Edit:
        """The change, as it is done."""
        typed = self.cleaned_data
        fetched = Fulfilment.PICK_UP if typed["at"] else None
        return Edit(
            typed["sku"],
            quantity=typed["quantity"],
            add=typed["add"],
            fulfilment=fetched or typed["fulfilment"] or None,
            place=typed["at"] or typed["place"] or None,
            saved={"yes": True, "no": False}.get(typed["saved"]),
            version=typed["version"],
            key=typed["key"],
        )


class CodeForm(forms.Form):
    """A code of an offer; `out`: it is taken out of the cart."""

    code = Line(max_length=80)
    out = Yes()


class MergeForm(QuietForm):
    """Which merge of carts is turned, of a cart as it was seen."""

    merge = Id()
    version = Seen()
