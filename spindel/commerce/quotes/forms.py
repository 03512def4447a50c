"""What is typed of a quote: what is offered at what price, on which terms, and to whom."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any  # Any: Django's own type of a form's arguments

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from spindel.catalogue.models import Place
from spindel.catalogue.reading import currency_of
from spindel.commerce.common import contacts
from spindel.commerce.common.contacts import ADDRESS
from spindel.commerce.common.forms import Number, WhoAndWhere
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.orders.placement.draft import MOST_LINES, Item
from spindel.commerce.quotes.actions import LONGEST_NOTE, QuoteData
from spindel.commerce.quotes.models import Quote
from spindel.kit import forms as kit
from spindel.kit.forms import Day, Id, Lines, Name, QuietForm, Rows, Seen, Yes
from spindel.kit.money import parse_amount

SHIP = "ship"
_UNTIL_WHEN = _later("Say until which day it is good.")


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is typed. `how`: "ship", or the code of the store where it is collected."""

    variant: int
    quantity: str = "1"
    price: str = ""
    how: str = SHIP

    @property
    def many(self) -> int | None:
        """How many, 1 to 999; None where that is not said."""
        many = Seen().clean(self.quantity) or 0
        return many if 1 <= many <= 999 else None

    def amount(self, currency: str) -> int | None:
        """What one is offered at, in minor units; None: at what she pays today.

        Raises ValidationError.
        """
        try:
            return parse_amount(self.price, currency) if self.price else None
        except ValueError:
            raise forms.ValidationError(_("Write a price like 1199 or 1199.50.")) from None


class QuoteForm(WhoAndWhere):
    """A quote as it is put together, in a market and the customer's language.

    `lines` are those that were typed, and what becomes of them by a tap.
    """

    until = Day(error_messages={"required": _UNTIL_WHEN, "invalid": _UNTIL_WHEN})
    pay_by = kit.Line(max_length=16, required=False)
    holds = Yes()
    items = Rows(
        Line,
        MOST_LINES,
        variant=Id(),
        quantity=Name(max_length=6),
        price=Name(max_length=20),
        how=Name(max_length=50),
    )

    needed = ()

    def __init__(self, *args: Any, market: str, language: str, **kwargs: Any) -> None:
        super().__init__(*args, market=market, **kwargs)
        self.language = language
        self.lines: list[Line] = list(self["items"].value() or [])

    @property
    def currency(self) -> str:
        """What one pays with in its market."""
        return currency_of(self.market) or "SEK"

    @property
    def typed(self) -> dict[str, Any]:
        """What was typed so far, to begin another form with, of which nothing is said yet."""
        return {box.name: box.value() for box in self}

    # --- its lines --------------------------------------------------------------------------------

    def put_in(self, variant: int) -> None:
        """One more of the variant, which comes as the last line does."""
        how = self.lines[-1].how if self.lines else SHIP
        for at, one in enumerate(self.lines):
            if (one.variant, one.how) == (variant, how):
                more = min(one.many or 0, 998) + 1
                self.lines[at] = replace(one, quantity=str(more))
                return
        if len(self.lines) < MOST_LINES:
            self.lines.append(Line(variant, how=how))

    def take_out(self, at: int | None) -> None:
        """Without the line that stands there, counted from 0."""
        self.lines = [one for n, one in enumerate(self.lines) if n != at]

    # --- what it says -----------------------------------------------------------------------------

    def clean_until(self) -> datetime:
        """The last minute of the day."""
        day: date = self.cleaned_data["until"]
        return timezone.make_aware(datetime.combine(day, time(23, 59)))

    def clean_items(self) -> list[Item]:
        """What is offered, of which there is something."""
        if not self.lines:
            raise forms.ValidationError(_("Put something into it first."))
        open_ = Place.objects.filter(hands_over=True, closed_at=None)
        stores = dict(open_.values_list("code", "pk"))
        return [self._item(one, stores) for one in self.lines]

    def _item(self, line: Line, stores: dict[str, int]) -> Item:
        if line.many is None:
            raise forms.ValidationError(_("Say how many of each, 1 to 999."))
        amount = line.amount(self.currency)
        if line.how == SHIP:
            return Item(line.variant, line.many, Fulfilment.SHIP, None, amount)
        if line.how not in stores:
            raise forms.ValidationError(_("Goods are collected in a store that is open."))
        return Item(line.variant, line.many, Fulfilment.PICK_UP, stores[line.how], amount)

    def check(self, typed: dict[str, Any]) -> None:
        """Raises Incomplete."""
        sent = any(one.how == SHIP for one in self.lines)
        contacts.check(typed["pay_by"], self.contact, self.address, self.market, sent=sent)

    def offer(self) -> QuoteData:
        """What was typed, as it is offered."""
        typed = self.cleaned_data
        return QuoteData(
            items=typed["items"],
            until=typed["until"],
            market=self.market,
            language=self.language,
            pay_by=typed["pay_by"],
            holds=typed["holds"],
            note=typed.get("note", ""),
            contact={name: text for name, text in self.contact.items() if text},
            address=self.address if self.address.get("street") else {},
        )


class _Capitals(kit.Line):
    """A line in capitals, also as it is shown again."""

    def to_python(self, value: object) -> str:
        return super().to_python(str(value or "").upper())

    prepare_value = to_python


class BuilderForm(QuoteForm):
    """A quote on the page where all of it is said, and the button that it was sent by."""

    country = kit.Line(
        label=_later("Country, such as SE"), max_length=ADDRESS["country"], required=False
    )
    # Any: Django takes the fields off the class, so that the form's own texts have these names.
    market: Any = _Capitals(max_length=2, required=False)
    language: Any = kit.Line(max_length=2, required=False)
    note = Lines(
        label=_later("A note to the customer"),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea({"class": "form-control", "rows": 3}),
    )
    revision = Seen()
    do = Name(max_length=40, required=False)
    q = Name(max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, market="", language="", auto_id="f-%s", **kwargs)
        self.market = self["market"].value()

    def clean_language(self) -> str:
        """The customer's."""
        language: str = self.cleaned_data["language"]
        self.language = language
        return language

    @property
    def button(self) -> str:
        """What it was sent to do; "save" where nothing else is said."""
        return self["do"].value() or "save"

    @property
    def text(self) -> str:
        """What is looked for to put into it."""
        return str(self.fields["q"].to_python(self["q"].value()))


class SendForm(QuietForm):
    """The revision that is sent, or accepted; how the customer gets it: by "mail", or by a "link";
    or that whoever made it is told what she wants.
    """

    revision = Seen()
    by = Name(max_length=4)
    tell = Yes()


class QuotesQuery(QuietForm):
    """Which quotes are listed: of one state, one's own, those made before one."""

    state = forms.ChoiceField(choices=Quote.State.choices)
    mine = Yes()
    before = Id()


class NumberQuery(QuietForm):
    """Which quote, by its number."""

    quote = Number()


class BuilderQuery(QuietForm):
    """What one begins a quote with: a customer, her cart, a variant, or another quote to copy; and
    what is looked for to put into it, or into a quote that is there.
    """

    customer = Id()
    cart = Yes()
    variant = Id()
    copy = Id()
    quote = Id()
    q = Name(max_length=200)
