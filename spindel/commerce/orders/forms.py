"""What is typed of an order: by somebody here, for whoever is served."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any  # Any: Django's own type of a form's arguments

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from spindel.catalogue.models import Place
from spindel.commerce.common import contacts
from spindel.commerce.common.forms import Number, WhoAndWhere
from spindel.commerce.orders.actions import Some
from spindel.commerce.orders.placement.placing import Checkout
from spindel.commerce.orders.stages import Stage
from spindel.kit.forms import Day, Id, Line, Name, Numbers, PageQuery, QuietForm, Seen, Yes
from spindel.timeline.models import Channel


class OrderForm(WhoAndWhere):
    """The order of a cart as it was seen. `ways` are those in which it can be paid, and `ships`
    says that some of it is sent; of a cart that is empty by now nothing is asked.
    """

    pay_by = Line(max_length=16, required=False)
    version = Seen()
    total = Seen()
    gift_card = Name(max_length=80, required=False)

    def __init__(self, *args: Any, ways: Collection[str], ships: bool, **kwargs: Any) -> None:
        self.ways, self.ships = ways, ships
        self.needed = ("name", "street") if ships else ("name",)
        super().__init__(*args, **kwargs)

    def clean_pay_by(self) -> str:
        """One of the ways."""
        way: str = self.cleaned_data["pay_by"]
        if self.ways and way not in self.ways:
            raise forms.ValidationError(_("Say how it is to be paid."))
        return way

    def check(self, typed: dict[str, Any]) -> None:
        """Raises Incomplete."""
        if not self.ways:
            return
        pay_by = typed.get("pay_by", "")
        contacts.check(pay_by, self.contact, self.address, self.market, sent=self.ships)

    def checkout(self) -> Checkout:
        """What was typed, as it is ordered."""
        typed = self.cleaned_data
        return Checkout(
            typed["pay_by"],
            self.contact,
            self.address,
            version=typed["version"],
            total=typed["total"],
            gift_card=typed["gift_card"],
        )


# --- finding them ---------------------------------------------------------------------------------


class NumberQuery(QuietForm):
    """Which order, by its number."""

    order = Number()


class ListQuery(PageQuery):
    """Which orders are listed: those that somebody looks for, of days, a state and so on. `when`
    names days that people mean without naming them.
    """

    q = Name(max_length=200)
    state = forms.ChoiceField(choices=Stage.choices)
    channel = forms.ChoiceField(choices=Channel.choices)
    store = Name(max_length=64)
    market = Name(max_length=2)
    when = Name(max_length=10)
    from_ = Day()
    to = Day()


class SaveForm(QuietForm):
    """A list that is saved under a name, for oneself or for all."""

    name = Line(max_length=60)
    query = Name(max_length=1_000)
    shared = Yes()


# --- what becomes of one --------------------------------------------------------------------------

_MOST_LINES = 100


class BackForm(QuietForm):
    """The customer on whose page it was asked; nobody: on the order's own."""

    customer = Id()


class TickedForm(QuietForm):
    """Which lines a customer cancels, and why."""

    line = Numbers(_MOST_LINES)
    why = Line(max_length=200)


class SomeForm(forms.Form):
    """How many of which lines, each in a box of its own (`line-1`); what is 0 stays.

    Once it is valid, `some` are those.
    """

    nothing = _later("Say how many of what.")

    def clean(self) -> dict[str, Any]:
        """At least one of something."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        self.some = [one for one in map(self._one, self._boxes()) if one.quantity]
        if not self.some:
            raise forms.ValidationError(self.nothing)
        return typed

    def _boxes(self) -> list[str]:
        names = list(self.data)[: 4 * _MOST_LINES]
        return [name for name in names if re.fullmatch("line-[0-9]{1,9}", name)]

    def _one(self, box: str) -> Some:
        quantity = _QUANTITY.clean(self.data.get(box) or "0")
        return Some(int(box.removeprefix("line-")), quantity)


_HOW_MANY = _later("A quantity is 0 to 999.")
_QUANTITY = forms.IntegerField(
    min_value=0,
    max_value=999,
    error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), _HOW_MANY),
)


class HandOverForm(SomeForm):
    """What leaves from where; `place` becomes its id."""

    place = Name(max_length=64, error_messages={"required": _later("Say from where.")})

    def clean_place(self) -> int:
        """The place with the code."""
        found = Place.objects.filter(code=self.cleaned_data["place"]).values_list("pk", flat=True)
        place = found.first()
        if place is None:
            raise forms.ValidationError(_("Say from where."))
        return place


class ShipForm(HandOverForm):
    """A parcel, and how it is followed."""

    tracking_url = Line(max_length=500, required=False)
    carrier = Line(max_length=60, error_messages={"required": _later("Say who carries it.")})
    tracking = Line(max_length=120, required=False)

    field_order = ("tracking_url", "carrier", "tracking", "place")

    def clean_tracking_url(self) -> str:
        """A link, where there is one."""
        link: str = self.cleaned_data["tracking_url"]
        if link and not link.startswith(("https://", "http://")):
            raise forms.ValidationError(_("A link begins with https://."))
        return link


class CancelForm(SomeForm):
    """What is cancelled, and why: all of it, or some of what was seen to be left."""

    all = forms.BooleanField(required=False)
    why = Line(max_length=300, required=False)

    nothing = _later("Say how many of what to cancel.")

    def clean(self) -> dict[str, Any]:
        """Nothing is said of lines where it is all."""
        self.some = []
        return self.cleaned_data if self.cleaned_data["all"] else super().clean()

    def seen(self) -> dict[int, int]:
        """How many of the lines were left, as far as the page has said it."""
        told = {one.line: Seen().clean(self.data.get(f"left-{one.line}")) for one in self.some}
        return {line: left for line, left in told.items() if left is not None}
