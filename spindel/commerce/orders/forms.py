"""What is typed of an order: by somebody here, for whoever is served."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any  # Any: Django's own type of a form's arguments

from django import forms
from django.utils.translation import gettext as _

from spindel.commerce.common import contacts
from spindel.commerce.common.forms import WhoAndWhere
from spindel.commerce.orders.placement.actions import Checkout
from spindel.kit.forms import Line, Seen


class OrderForm(WhoAndWhere):
    """The order of a cart as it was seen. `ways` are those in which it can be paid, and `ships`
    says that some of it is sent; of a cart that is empty by now nothing is asked.
    """

    pay_by = Line(max_length=16, required=False)
    version = Seen()
    total = Seen()

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
        )
