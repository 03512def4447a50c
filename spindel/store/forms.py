"""What is typed on the store's tablet."""

from __future__ import annotations

from typing import Any  # Any: Django's own type of a form's arguments

from django import forms
from django.utils.translation import gettext_lazy as _

from spindel.commerce.common import contacts
from spindel.commerce.common.contacts import ADDRESS, CONTACT
from spindel.commerce.common.forms import WhoAndWhere
from spindel.commerce.quotes.forms import QuoteForm
from spindel.kit.forms import Id, Line, Name, QuietForm, Seen, Yes

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


class StoreQuoteForm(QuoteForm):
    """A quote at the counter, in the store's market. `by`: "mail", or "link" for a code."""

    by = Name(max_length=4, required=False)

    box = "input"

    def __init__(self, *args: Any, customer: int | None, **kwargs: Any) -> None:
        # Each customer's boxes are others: they stay as they are while more is put into it.
        super().__init__(*args, auto_id=f"%s-{customer or ''}", **kwargs)
        self.fields["postcode"].label = _("Postcode")
        for name in (*CONTACT, *ADDRESS):
            if name in self.fields:
                self.fields[name].widget.attrs |= {
                    "hx-preserve": "true",
                    "required": name in ("name", "street"),
                }

    def check(self, typed: dict[str, Any]) -> None:
        """Raises Incomplete."""
        if typed["by"] != "link" and not self.contact["email"]:
            self.add_error("email", _("Say to which e-mail address it is sent."))
        else:
            super().check(typed)


class QuoteQuery(QuietForm):
    """What is put into a quote by an address: one more, or her cart. `all`: how all of it comes."""

    add = Id(required=False)
    cart = Yes()
    all = Name(max_length=50, required=False)
    q = Name(max_length=200, required=False)


class PurchaseQuery(QuietForm):
    """A purchase that something comes back of: by its number or whoever made it, and its goods."""

    q = Name(max_length=200, required=False)
    product = Name(max_length=100, required=False)


class SendForm(forms.Form):
    """By whom a parcel goes, and its number there."""

    carrier = Line(max_length=60, error_messages={"required": _("Say by which carrier it goes.")})
    tracking = Line(max_length=120, required=False)
