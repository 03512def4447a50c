"""What people tell the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any  # Any: Django's own type of a form's arguments

from django import forms
from django.utils.translation import gettext_lazy as _

from spindel.catalogue.importing import REMOVE_AT_MOST
from spindel.catalogue.manual_edits import PRICE, Snapshot, Values
from spindel.catalogue.product_input import LANGUAGES, PriceData, ProductData, VariantData
from spindel.catalogue.rules import gtin14
from spindel.kit import texts
from spindel.kit.forms import Lines, Name, Names, QuietForm, SearchQuery, Seen, Yes, first_error
from spindel.kit.money import parse_amount, to_major

ENCODINGS = [("", "UTF-8, UTF-16"), ("windows-1252", "Windows-1252"), ("cp850", "MS-DOS (850)")]


class FeedFile(forms.Form):
    """A file of products, and how to read it."""

    file = forms.FileField(
        error_messages={
            "required": _("Choose a file."),
            "empty": _("The file is empty."),
        }
    )
    language = forms.ChoiceField(choices=[("sv", "Svenska"), ("da", "Dansk"), ("en", "English")])
    market = forms.CharField(max_length=2)
    encoding = forms.ChoiceField(choices=ENCODINGS, required=False)
    full = forms.BooleanField(required=False)
    remove_at_most = forms.IntegerField(
        min_value=0, max_value=100, required=False, initial=REMOVE_AT_MOST
    )

    def clean_market(self) -> str:
        """A country in two letters."""
        market = str(self.cleaned_data["market"]).upper()
        if not re.fullmatch("[A-Z]{2}", market):
            raise forms.ValidationError(_("A market is a country such as SE."))
        return market

    def clean_remove_at_most(self) -> int:
        """A share in percent."""
        share: int | None = self.cleaned_data["remove_at_most"]
        return REMOVE_AT_MOST if share is None else share


class ProductsQuery(SearchQuery):
    """Which products are listed: found by a text, of facets ("name=value"), after so many."""

    filter = Names(40, 300)
    after = Seen()


class GiveBackForm(QuietForm):
    """The field of a product that the feed is to say again."""

    field = Name(max_length=60)


# --- a product by hand ----------------------------------------------------------------------------

# What is longer than it may be is told of, not cut: each box takes one letter more.
_MOST_VARIANTS = 100
_MOST_OPTIONS = 10
NEW = "new"  # the row for one more variant


class _Listed(forms.Field):
    """Several things, one a line."""

    def to_python(self, value: object) -> list[str]:
        """Them, as a list."""
        lines = re.split(r"[\n|]", texts.lines(str(value or ""), 12_000))
        return [line.strip() for line in lines if line.strip()]

    def prepare_value(self, value: Any) -> Any:
        """As they stand in the box."""
        return "\n".join(value) if isinstance(value, list) else value


class _Gtin(Name):
    def to_python(self, value: object) -> str:
        """With 14 digits."""
        typed = super().to_python(value)
        try:
            return gtin14(typed) if typed else ""
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


class _Price(forms.Field):
    """A price in a currency; as a number in minor units it is written for people."""

    def __init__(self, currency: str) -> None:
        super().__init__(required=False)
        self.currency = currency

    def to_python(self, value: object) -> int | None:
        """The price in minor units; None where there is none."""
        typed = texts.plain(str(value or ""), 30)
        try:
            return parse_amount(typed, self.currency) if typed else None
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def prepare_value(self, value: Any) -> Any:
        """As it is typed: without decimals where they are zeros."""
        if not isinstance(value, int):
            return value
        amount = to_major(value, self.currency)
        return str(int(amount)) if amount == int(amount) else str(amount)


class VariantForm(forms.Form):
    """A variant: of what is known by its SKU, or a new one. Its boxes are called after its place in
    the product: "price.0.SE".
    """

    sku = Name(max_length=65, required=False)
    gtin = _Gtin(max_length=20, required=False)
    pictures = _Listed(required=False)
    active = Yes()

    def __init__(
        self,
        *args: Any,
        known: tuple[str, Values] | None,
        options: list[str],
        currencies: Mapping[str, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        unknown: Values = {"active": True, "options": {}, "by_hand": []}
        self.known, kept = known or ("", unknown)
        self.initial = {name: kept.get(name) for name in ("gtin", "pictures", "active")}
        self.by_hand = kept["by_hand"]
        self.currencies = currencies
        if known:
            del self.fields["sku"]
        for name in options:
            self.fields[f"option.{name}"] = Name(
                max_length=1_001, required=False, initial=kept["options"].get(name, "")
            )
        for market, currency in currencies.items():
            told = kept.get(f"{PRICE}{market}") or (currency, None)
            self.fields[f"price.{market}"] = _Price(currency)
            self.initial[f"price.{market}"] = told[1] if told[0] == currency else None

    def add_prefix(self, field_name: str) -> str:
        """The name of the field's box."""
        kind, dot, which = field_name.partition(".")
        return f"{kind}.{self.prefix}{dot}{which}"

    @property
    def options(self) -> list[tuple[str, forms.BoundField]]:
        """The boxes for options, by their names."""
        return self._boxes("option.")

    @property
    def prices(self) -> list[tuple[str, forms.BoundField]]:
        """The boxes for prices, by their markets."""
        return self._boxes("price.")

    def _boxes(self, kind: str) -> list[tuple[str, forms.BoundField]]:
        return [(x.removeprefix(kind), self[x]) for x in self.fields if x.startswith(kind)]

    def clean(self) -> dict[str, Any]:
        """A new one says its SKU, where it says anything."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        says = any(typed.get(box.name) for _name, box in self.options + self.prices)
        if not self.called and says:
            self.add_error("sku", _("Say the SKU of the new variant."))
        return typed

    @property
    def called(self) -> str:
        """Its SKU; empty where there is no new one."""
        return self.known or self.cleaned_data.get("sku", "")

    def variant(self) -> VariantData:
        """What was typed, as it is kept."""
        typed = self.cleaned_data
        amounts = {market: typed[box.name] for market, box in self.prices}
        return VariantData(
            self.called,
            gtin=typed["gtin"],
            options={name: typed[box.name] for name, box in self.options if typed[box.name]},
            pictures=typed["pictures"],
            position=None if self.prefix == NEW else min(int(self.prefix or 0), 32_767),
            prices=[
                PriceData(market, self.currencies[market], amount, free=amount == 0)
                for market, amount in amounts.items()
                if amount is not None
            ],
        )


class ProductForm(forms.Form):
    """A product with its first variants, as they are `now`, and a row for a new one."""

    number = Name(max_length=65, required=False)
    brand = Name(max_length=121, required=False)
    categories = _Listed(required=False)
    pictures = _Listed(required=False)
    active = Yes()
    seen = Name(max_length=64, required=False)

    def __init__(
        self, data: Any, number: str, now: Snapshot | None, currencies: Mapping[str, str]
    ) -> None:
        unknown: Values = {"active": True, "names": {}, "texts": {}}
        kept = now.product if now else unknown
        super().__init__(data, initial={**kept, "number": number, "seen": now.seen if now else ""})
        self.known = number
        for language in LANGUAGES:
            self.fields[f"name.{language}"] = Name(
                max_length=301, required=False, initial=kept["names"].get(language, "")
            )
            self.fields[f"text.{language}"] = Lines(
                max_length=10_001, required=False, initial=kept["texts"].get(language, "")
            )
        self.option_names = _option_names(now)
        rows = list(now.variants.items())[:_MOST_VARIANTS] if now else []
        self.more = now is not None and len(now.variants) > len(rows)
        self.variants = [
            VariantForm(
                data, prefix=at, known=known, options=self.option_names, currencies=currencies
            )
            for at, known in [*((str(n), one) for n, one in enumerate(rows)), (NEW, None)]
        ]

    @property
    def texts(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        """The boxes for its name and its text, by language."""
        return [(one, self[f"name.{one}"], self[f"text.{one}"]) for one in LANGUAGES]

    def wrong(self) -> str:
        """What is said first of what can't be; empty: all of it can."""
        return next((first_error(one) for one in (self, *self.variants) if one.errors), "")

    def product(self) -> ProductData:
        """What was typed, as it is kept. Raises Unfit."""
        typed = self.cleaned_data
        return ProductData(
            self.known or typed["number"],
            [one.variant() for one in self._told()],
            names={one: typed[f"name.{one}"] or None for one in LANGUAGES},
            texts={one: typed[f"text.{one}"] or None for one in LANGUAGES},
            brand=typed["brand"],
            categories=typed["categories"],
            pictures=typed["pictures"],
        )

    def sold(self) -> dict[str, bool]:
        """Which of its variants are sold, by their SKUs."""
        return {one.called: one.cleaned_data["active"] for one in self._told()}

    def _told(self) -> Iterator[VariantForm]:
        return (one for one in self.variants if one.called)


def _option_names(now: Snapshot | None) -> list[str]:
    found = {name for one in (now.variants.values() if now else ()) for name in one["options"]}
    first = ("colour", "size")
    return [*first, *sorted(found - set(first))][:_MOST_OPTIONS]
