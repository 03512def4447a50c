"""Who orders and where it is sent, as it is typed here."""

from __future__ import annotations

from typing import Any  # Any: Django's own type of a form's arguments

from django import forms
from django.utils.translation import gettext_lazy as _

from spindel.commerce.common import contacts, numbers
from spindel.commerce.common.contacts import ADDRESS, CONTACT
from spindel.commerce.common.rules import Incomplete
from spindel.kit import saying, texts
from spindel.kit.forms import Line, Name, QuietForm


class Number(forms.Field):
    """The number of an order, a quote or a return, the way it is kept."""

    def to_python(self, value: object) -> str:
        """The number."""
        return numbers.read(texts.plain(str(value or ""), 100))


class KeyForm(QuietForm):
    """What tells a form that was shown from every other."""

    key = Name(max_length=200)


class LanguageQuery(QuietForm):
    """The language that a customer has chosen on a page of hers."""

    in_ = Name(max_length=10)


class WhoAndWhere(forms.Form):
    """Once it is valid, `contact` and `address` are what was typed, in their normal forms."""

    name = Line(label=_("Name"), max_length=CONTACT["name"], required=False)
    email = Line(
        label=_("E-mail"), max_length=CONTACT["email"], required=False, widget=forms.EmailInput
    )
    phone = Line(
        label=_("Phone"),
        max_length=CONTACT["phone"],
        required=False,
        widget=forms.TextInput({"type": "tel"}),
    )
    street = Line(label=_("Street"), max_length=ADDRESS["street"], required=False)
    postcode = Line(label=_("Postal code"), max_length=ADDRESS["postcode"], required=False)
    city = Line(label=_("City"), max_length=ADDRESS["city"], required=False)

    box = "form-control"
    needed: tuple[str, ...] = ("name",)  # what a browser asks for at once

    def __init__(self, *args: Any, market: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.market = market
        self.contact: dict[str, str] = {}
        self.address: dict[str, str] = {}
        for name in (*CONTACT, *ADDRESS):
            if name in self.fields:
                self.fields[name].widget.attrs |= {
                    "class": self.box,
                    "autocomplete": "off",
                    "list": f"said-{name}",  # what was said of her that nobody has confirmed
                    "required": name in self.needed,
                }

    def clean(self) -> dict[str, Any]:
        """What was typed, after the one rule for who orders and where it is sent."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        self.contact = contacts.contact(typed)
        self.address = contacts.address(typed, self.market)
        try:
            self.check(typed)
        except Incomplete as error:
            self.add_error(
                error.field if error.field in self.fields else None, saying.in_words(error)
            )
        return typed

    def check(self, typed: dict[str, Any]) -> None:
        """Raises Incomplete."""
        contacts.check_contact(self.contact, self.address, self.market)
