"""What is typed on the store's tablet."""

from __future__ import annotations

from typing import Any  # Any: Django's own type of a form's arguments

from django import forms
from django.utils.translation import gettext_lazy as _

from spindel.commerce.common import contacts
from spindel.commerce.common.forms import WhoAndWhere
from spindel.kit.forms import Line, Name, Seen

SHIP = "ship"
PAY_BY = ("till", "store", "invoice")


class StoreOrderForm(WhoAndWhere):
    """The order of a cart. `how` it comes: "ship", or the code of the store where it is fetched."""

    how = Name(max_length=64, required=False)
    pay_by = Line(max_length=16, required=False)
    total = Seen()

    box = "input"
    needed = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["postcode"].label = _("Postcode")

    def clean_how(self) -> str:
        """Sent, where nothing else is said."""
        return self.cleaned_data["how"] or SHIP

    def clean_pay_by(self) -> str:
        """At the till, where nothing else is said."""
        return self.cleaned_data["pay_by"] or "till"

    def check(self, typed: dict[str, Any]) -> None:
        """Raises Incomplete."""
        sent = typed["how"] == SHIP
        if not sent:
            self.address = {}
        contacts.check(typed["pay_by"], self.contact, self.address, self.market, sent=sent)


class SendForm(forms.Form):
    """By whom a parcel goes, and its number there."""

    carrier = Line(max_length=60, error_messages={"required": _("Say by which carrier it goes.")})
    tracking = Line(max_length=120, required=False)
