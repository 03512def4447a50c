"""What is typed and tapped on the store's tablet."""

from __future__ import annotations

from typing import Any  # Any: Django's own type of a form's arguments

from django import forms
from django.utils.translation import gettext_lazy as _

from spindel.commerce.common import contacts
from spindel.commerce.common.contacts import ADDRESS, CONTACT
from spindel.commerce.common.forms import WhoAndWhere
from spindel.commerce.quotes.forms import QuoteForm
from spindel.kit.forms import Counts, Id, Ids, Line, Name, QuietForm, SearchQuery, Seen, Yes

SHIP = "ship"
MOST_LINES = 100  # of a sale
PAY_BY = ("till", "store", "invoice")


class StoreOrderForm(WhoAndWhere):
    """The order of a cart. `how` it comes: "ship", or the code of the store where it is fetched;
    then the customer was told the `fetched_total`.
    """

    how = Name(max_length=64, required=False)
    pay_by = Line(max_length=16, required=False)
    total = Seen()
    fetched_total = Seen()
    gift_card = Name(max_length=80, required=False)

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


class QuoteQuery(SearchQuery):
    """What is put into a quote by an address: one more, or her cart. `all`: how all of it comes."""

    add = Id()
    cart = Yes()
    all = Name(max_length=50)


class PurchaseQuery(SearchQuery):
    """A purchase that something comes back of: by its number or whoever made it, and its goods."""

    product = Name(max_length=100)


# --- what is tapped -------------------------------------------------------------------------------


class ActForm(QuietForm):
    """What every form that acts carries: which store it was made for, whom she serves, and a key of
    its own; and the page that it was on.
    """

    key = Name(max_length=200)
    store = Name(max_length=64)
    customer = Id()
    next = Name(max_length=10_000)


class StandForm(QuietForm):
    """The store that somebody works in, and where to go on then."""

    place = Name(max_length=64)
    next = Name(max_length=10_000)


class GoodsForm(QuietForm):
    """Which goods."""

    variant = Id()


class HoldForm(GoodsForm):
    """Where something is kept, and until when: "tomorrow", in an "hour", or a "date"."""

    place = Name(max_length=64)
    until = Name(max_length=10)
    date = Name(max_length=10)

    @property
    def asked(self) -> str:
        """Until when, as closing times are asked for it."""
        until: str = self.values["until"]
        return self.values["date"] if until == "date" else until or "tomorrow"


class UncountQuery(GoodsForm):
    """The moment of a count that is taken back, as it was given out."""

    at = Name(max_length=40)


class _QuantityForm(forms.Form):
    quantity = forms.IntegerField(min_value=0, max_value=999)


class SaleLineForm(_QuantityForm):
    """So many of some goods in the sale."""

    variant = Id()


class CartLineForm(_QuantityForm):
    """So many of something in a cart as it was seen."""

    sku = Name(max_length=64)
    version = Seen()


class TotalForm(QuietForm):
    """What one was told that all of it comes to, and the code of a gift card that pays for it."""

    total = Seen()
    gift_card = Name(max_length=80)


class SaleForm(TotalForm):
    """All of a sale as the page has shown it, and what of it is held."""

    sale = Name(max_length=64)
    line = Counts(MOST_LINES)
    hold = Ids(MOST_LINES)


class ClaimForm(QuietForm):
    """On whose page a purchase is put."""

    to = Id()


class ScanForm(QuietForm):
    """What was scanned, and on which page."""

    code = Name(max_length=300)
    at = Name(max_length=20)


class TasksQuery(QuietForm):
    """Which of the lists of tasks is shown."""

    list = Name(max_length=10)


# --- what is typed --------------------------------------------------------------------------------


class PeopleQuery(SearchQuery):
    """Who is looked for; `claim` is the number of a receipt that is to go onto her page."""

    claim = Name(max_length=64)


class NewCustomerForm(QuietForm):
    """How somebody can be reached whom nobody knows yet, and what she is called."""

    reach = Name(max_length=200)
    name = Line(max_length=CONTACT["name"])


class ReceiptForm(QuietForm):
    """Where a receipt is mailed to."""

    email = Name(max_length=CONTACT["email"])


class SendForm(forms.Form):
    """By whom a parcel goes, and its number there."""

    carrier = Line(max_length=60, error_messages={"required": _("Say by which carrier it goes.")})
    tracking = Line(max_length=120, required=False)
