"""What is typed and tapped of offers."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any  # Any: Django's own type of a form's arguments
from zoneinfo import ZoneInfo

import msgspec
from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from spindel.kit import texts
from spindel.kit.forms import Day, Id, Line, Name, Names, Numbers, QuietForm, Rows, Seen, Yes
from spindel.kit.money import parse_amount, to_major
from spindel.kit.numbers import NotNumber, parse_decimal
from spindel.offers.actions import MOST_AT_ONCE
from spindel.offers.audiences import Group
from spindel.offers.models import Offer
from spindel.offers.terms import (
    WHOLE,
    AmountOff,
    AmountOffEach,
    Benefit,
    DeliveryOff,
    FixedPrice,
    Goods,
    Hours,
    PercentOff,
    PiecesForLess,
    Stacking,
    Terms,
    of,
)

LONGEST_WHY = 300
_LONGEST_NAME = 200  # of goods, and of groups of customers


class OffersQuery(QuietForm):
    """Which offers are listed: those in a state, from after a key on."""

    state = forms.ChoiceField(choices=[*Offer.State.choices, ("scheduled", "")], required=False)
    after = forms.SlugField(max_length=80, required=False)


class StateForm(forms.Form):
    """Whether an offer is to be given, and why; `seen` is the version that the page showed."""

    state = forms.ChoiceField(choices=[one for one in Offer.State.choices if one[0] != "draft"])
    why = Line(max_length=LONGEST_WHY, required=False)
    seen = Seen()
    sure = Yes()


class BackForm(forms.Form):
    """Which version is to hold again, and why."""

    number = forms.IntegerField(min_value=1, max_value=10**9)
    why = Line(max_length=LONGEST_WHY, required=False)
    seen = Seen()
    sure = Yes()


class CalendarQuery(QuietForm):
    """From which day's week on the calendar is shown."""

    from_ = Day()


class NewQuery(QuietForm):
    """Which offer a new one begins as a copy of."""

    copy = forms.SlugField(max_length=80, required=False)


# --- boxes ----------------------------------------------------------------------------------------


class Rate(forms.CharField):
    """A rate as people write it, 20 or 12,5; kept in hundredths of a per cent."""

    def __init__(self, **more: Any) -> None:
        widget = forms.TextInput({"inputmode": "decimal", "size": 4})
        super().__init__(max_length=10, required=False, widget=widget, **more)

    def to_python(self, value: object) -> int | None:  # type: ignore[override]  # a field's own value
        """Raises ValidationError for what is no rate."""
        text = texts.plain(str(value or ""), 10).rstrip("% \N{NO-BREAK SPACE}")
        if not text:
            return None
        try:
            rate = parse_decimal(text, places=2) * 100
        except NotNumber:
            rate = Decimal(0)
        if not 1 <= rate <= WHOLE or rate != int(rate):
            raise forms.ValidationError(_("Write a rate from 0.01 to 100, such as 20 or 12.5."))
        return int(rate)

    def validate(self, value: object) -> None:
        """None is fine: which rates are needed depends on what else is said."""

    def run_validators(self, value: object) -> None:
        """A number has none of a text's."""

    def prepare_value(self, value: object) -> object:
        """As it is written."""
        return _plainly(Decimal(value).scaleb(-2)) if isinstance(value, int) else value


class Clock(forms.CharField):
    """A time of day: 22:00, and so are 22 and 22.00."""

    def to_python(self, value: object) -> str:
        """Raises ValidationError for what is none."""
        text = texts.plain(str(value or ""), 8)
        found = re.fullmatch(r"([0-9]{1,2})(?:[:.]?([0-9]{2}))?", text)
        if text and not found:
            raise forms.ValidationError(_("Write a time of day, such as 9:30 or 22:00."))
        if found is None:
            return ""
        hours, minutes = int(found[1]), int(found[2] or 0)
        if hours * 60 + minutes > 24 * 60 or minutes > 59:
            raise forms.ValidationError(_("Write a time of day, such as 9:30 or 22:00."))
        return f"{hours:02}:{minutes:02}"


class LocalMoment(forms.CharField):
    """A moment by a clock that stands beside it, as a browser's box for it writes it."""

    def to_python(self, value: object) -> datetime | None:  # type: ignore[override]  # the same
        """The moment, not yet by any clock. Raises ValidationError for what is none."""
        text = texts.plain(str(value or ""), 30)
        if not text:
            return None
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            found = None
        if found is None or found.tzinfo is not None or not 2000 <= found.year <= 2200:
            raise forms.ValidationError(_("Write a day and a time, such as 2026-05-01 09:00."))
        return found

    def validate(self, value: object) -> None:
        """None is fine: it always holds, or has no end."""

    def run_validators(self, value: object) -> None:
        """A moment has none of a text's."""


@dataclass(frozen=True, slots=True)
class Called:
    """What an offer is called in a language."""

    language: str
    text: str = ""

    @property
    def name(self) -> str:
        """The language, by its own name."""
        return dict(settings.LANGUAGES).get(self.language, self.language)


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount as it is typed, in a currency."""

    currency: str
    text: str = ""


_MOST_ROWS = 20


def _amounts(name: str) -> Rows:
    columns = {f"{name}_in": Name(max_length=3), name: Name(max_length=24)}
    return Rows(Amount, _MOST_ROWS, **columns)


BENEFITS = (
    ("percent", _later("per cent off")),
    ("amount_each", _later("an amount off each piece")),
    ("fixed_price", _later("each piece for a fixed price")),
    ("n_for_m", _later("some of several pieces for less")),
    ("amount", _later("an amount off all of it together")),
    ("delivery", _later("per cent off the delivery")),
    ("delivery_amount", _later("an amount off the delivery")),
)
STACKINGS = (
    (Stacking.BEST, _later("the better of them counts on each piece")),
    (Stacking.TOGETHER, _later("this one counts on top")),
    (Stacking.ALONE, _later("only one counts in the whole basket")),
)
# What is read out of boxes that stand in the sentence, whose words are around them.
LABELS = {
    "benefit": _later("What customers get"),
    "rate": _later("How many per cent off"),
    "take": _later("How many pieces are taken"),
    "reduced": _later("How many of them cost less"),
    "group_rate": _later("By how many per cent they cost less"),
    "since": _later("From when"),
    "until": _later("Until when"),
    "opens": _later("From what time of the day"),
    "closes": _later("Until what time of the day"),
    "least_pieces": _later("From how many pieces on"),
    "stacking": _later("What counts beside other offers"),
    "cap": _later("At most how many per cent off in all"),
    "most_uses": _later("How often in all"),
    "most_each": _later("How often each customer"),
    "priority": _later("Which comes first"),
    "key": _later("Name in files and the API"),
    "why": _later("Why it is changed"),
}
_LESS_COMMON = ("without_sale", "back_on_return", "days", "opens", "closes", "least_pieces", "cap")
PICKS = ("products", "categories", "brands")
WITHOUT = tuple(f"without_{one}" for one in PICKS)

_WHOLE_NUMBER = _later("Write a whole number, from {least} to {most}.")


class _Count(forms.IntegerField):
    """So many; nothing where it may be left out."""

    def __init__(self, least: int, most: int) -> None:
        wrong = format_lazy(_WHOLE_NUMBER, least=least, most=most)
        errors = dict.fromkeys(("invalid", "min_value", "max_value"), wrong)
        super().__init__(
            min_value=least,
            max_value=most,
            required=False,
            error_messages=errors,
            widget=forms.TextInput({"inputmode": "numeric", "size": 4}),
        )


# --- an offer as a sentence -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Where:
    """What an offer can be said in and for: languages, groups of customers, and markets with their
    currencies and clocks.
    """

    languages: Collection[str]
    markets: Collection[str]
    groups: Collection[Group]
    currencies: Collection[str]
    clocks: Collection[str]


class TermsForm(forms.Form):
    """All that an offer says, as a sentence that is filled in.

    Amounts and names have a row for each currency and language of `where`, and for those that the
    offer has besides. Moments are by the clock that is chosen beside them.
    """

    key = forms.RegexField(
        r"^[a-z0-9][a-z0-9-]{0,79}$",
        max_length=80,
        required=False,
        error_messages={"invalid": _later("Small letters a to z, digits and hyphens only.")},
    )
    names = Rows(Called, _MOST_ROWS, language=Name(max_length=20), called=Line(max_length=120))
    benefit = forms.ChoiceField(choices=BENEFITS)
    rate = Rate()
    amounts = _amounts("amount")
    take = _Count(2, 100)
    reduced = _Count(1, 99)
    group_rate = Rate()
    products = Names(500, _LONGEST_NAME)
    categories = Names(500, _LONGEST_NAME)
    brands = Names(500, _LONGEST_NAME)
    without_products = Names(500, _LONGEST_NAME)
    without_categories = Names(500, _LONGEST_NAME)
    without_brands = Names(500, _LONGEST_NAME)
    without_sale = Yes()
    markets = Names(60, 2)
    audience = Names(500, _LONGEST_NAME)
    since = LocalMoment(required=False, widget=forms.TextInput({"type": "datetime-local"}))
    until = LocalMoment(required=False, widget=forms.TextInput({"type": "datetime-local"}))
    clock = Name(max_length=64, required=False)
    days = Numbers(7)
    opens = Clock(required=False, widget=forms.TextInput({"size": 5}))
    closes = Clock(required=False, widget=forms.TextInput({"size": 5}))
    minimum = _amounts("minimum")
    least_pieces = _Count(0, 10_000)
    needs_code = Yes()
    stacking = forms.ChoiceField(choices=STACKINGS)
    cap = Rate()
    most_uses = _Count(1, 10**9)
    most_each = _Count(1, 10_000)
    back_on_return = Yes()
    budget = _amounts("budget")
    priority = _Count(0, 1_000)
    why = Line(max_length=LONGEST_WHY, required=False)
    seen = Seen()
    do = Name(max_length=_LONGEST_NAME + 40, required=False)
    q = Name(max_length=200, required=False)

    def __init__(self, data: QueryDict | None = None, *, where: Where, initial: Any = None) -> None:
        super().__init__(data, initial=initial, auto_id="o-%s")
        for name, field in self.fields.items():
            field.widget.attrs |= {"class": "blank", "aria-label": LABELS.get(name, "")}
        self.where = where
        self.terms: Terms | None = None
        self.gives: Benefit | None = None
        self.picks: dict[str, list[str]] = {
            name: self.fields[name].clean(self[name].value()) for name in (*PICKS, *WITHOUT)
        }

    # --- as it is shown ---------------------------------------------------------------------------

    @property
    def typed(self) -> dict[str, Any]:
        """What was typed so far, to begin another form with, of which nothing is said yet."""
        return {box.name: box.value() for box in self}

    @property
    def button(self) -> str:
        """What it was sent to do."""
        return str(self["do"].value() or "save")

    @property
    def text(self) -> str:
        """What is looked for to put into it."""
        return str(self.fields["q"].to_python(self["q"].value()))

    @property
    def called(self) -> list[Called]:
        """Its names, with a row for each language."""
        rows: list[Called] = list(self["names"].value() or [])
        there = {one.language for one in rows}
        return [*rows, *(Called(one) for one in self.where.languages if one not in there)]

    def rows(self, name: str) -> list[Amount]:
        """Its amounts of this name, with a row for each currency."""
        rows: list[Amount] = list(self[name].value() or [])
        there = {one.currency for one in rows}
        return [*rows, *(Amount(one) for one in self.where.currencies if one not in there)]

    @property
    def amount_rows(self) -> list[Amount]:
        """What it takes off, or what a piece costs."""
        return self.rows("amounts")

    @property
    def minimum_rows(self) -> list[Amount]:
        """What the goods must cost."""
        return self.rows("minimum")

    @property
    def budget_rows(self) -> list[Amount]:
        """What it may give in all."""
        return self.rows("budget")

    @property
    def market_choices(self) -> list[str]:
        """The countries that it can be for."""
        return sorted({*self.where.markets, *(self["markets"].value() or [])})

    @property
    def groups(self) -> list[tuple[Group, bool]]:
        """The groups that it can be for, and whether it is."""
        chosen = set(self.fields["audience"].clean(self["audience"].value()))
        known = {one.name for one in self.where.groups}
        other = [Group(one, one, 0) for one in sorted(chosen - known)]
        return [(one, one.name in chosen) for one in (*self.where.groups, *other)]

    @property
    def for_whom(self) -> list[Group]:
        """The groups that it is for; none: everybody."""
        return [one for one, chosen in self.groups if chosen]

    @property
    def clock_choices(self) -> list[str]:
        """By whose clock its moments can be said."""
        chosen = str(self["clock"].value() or "")
        return list(dict.fromkeys([*([chosen] if chosen else []), *self.where.clocks]))

    @property
    def days_chosen(self) -> list[int]:
        """The days that are ticked."""
        found: list[int] = self.fields["days"].clean(self["days"].value())
        return found

    @property
    def has_more(self) -> bool:
        """Whether it says something that is less common, or something is wrong with that."""
        said = any(self[name].value() for name in _LESS_COMMON)
        said = said or any(one.text for one in (*self.minimum_rows, *self.budget_rows))
        said = said or str(self["priority"].value() or "100") != "100"
        rest = {*_LESS_COMMON, "minimum", "budget", "priority", "key"}
        return said or not rest.isdisjoint(self.errors)

    # --- what it is on ----------------------------------------------------------------------------

    @property
    def goods(self) -> Goods:
        """The goods that it is on."""
        named = {name: frozenset(self.picks[name]) for name in (*PICKS, *WITHOUT)}
        return Goods(**named, without_sale=Yes().to_python(self["without_sale"].value()))

    def put_in(self, name: str, value: str) -> None:
        """Name one more of the goods."""
        if value and value not in self.picks[name] and len(self.picks[name]) < 500:
            self.picks[name].append(value[:_LONGEST_NAME])

    def take_out(self, name: str, value: str) -> None:
        """Without one of them."""
        self.picks[name] = [one for one in self.picks[name] if one != value]

    # --- what it says -----------------------------------------------------------------------------

    def clean_clock(self) -> str:
        """One of the clocks that the page has, else the first."""
        clock: str = self.cleaned_data["clock"]
        return clock if clock in {*self.where.clocks, "UTC"} else next(iter(self.where.clocks))

    def clean_names(self) -> dict[str, str]:
        """What it is called, by language."""
        rows: list[Called] = self.cleaned_data["names"]
        names = {one.language: one.text for one in rows if one.language and one.text}
        if not names:
            raise forms.ValidationError(_("Say what customers read, in one language at least."))
        return names

    def clean_amounts(self) -> dict[str, int]:
        """See `_read`."""
        return _read(self.cleaned_data["amounts"])

    def clean_minimum(self) -> dict[str, int]:
        """See `_read`."""
        return _read(self.cleaned_data["minimum"])

    def clean_budget(self) -> dict[str, int]:
        """See `_read`."""
        return _read(self.cleaned_data["budget"])

    def clean(self) -> dict[str, Any]:
        """Raises ValidationError for what makes no terms."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = (self._moment(name) for name in ("since", "until"))
        if since is not None and until is not None and until <= since:
            self.add_error("until", _("It must end after it begins."))
        self.gives = self._benefit(typed)
        if self.errors or self.gives is None:
            return typed
        terms = Terms(
            names=typed["names"],
            benefit=self.gives,
            goods=self.goods,
            markets=frozenset(typed["markets"]),
            audience=frozenset(typed["audience"]),
            since=since,
            until=until,
            hours=_hours(typed),
            minimum=typed["minimum"],
            least_pieces=typed["least_pieces"] or 0,
            needs_code=typed["needs_code"],
            stacking=Stacking(typed["stacking"]),
            cap=typed["cap"],
            most_uses=typed["most_uses"],
            most_each=typed["most_each"],
            back_on_return=typed["back_on_return"],
            budget=typed["budget"],
            priority=100 if typed["priority"] is None else typed["priority"],
        )
        try:
            self.terms = of(_said(msgspec.to_builtins(terms)))
        except msgspec.ValidationError as error:  # what no box of ours can have sent
            self.add_error(None, _("This is no offer: %(why)s") % {"why": error})
        return typed

    def _moment(self, name: str) -> datetime | None:
        """The moment by the chosen clock; what it is not, is said at its box."""
        local: datetime | None = self.cleaned_data.get(name)
        if local is None:
            return None
        zone = ZoneInfo(self.cleaned_data.get("clock") or "UTC")
        if not _is_one(local, zone):
            self.add_error(name, _("The clocks are changed at that hour: take another."))
            return None
        return local.replace(tzinfo=zone)

    def _benefit(self, typed: dict[str, Any]) -> Benefit | None:
        """What it gives; what is missing for that is said at its box."""
        kind, amounts = typed.get("benefit"), typed.get("amounts")
        if kind in ("percent", "delivery"):
            if typed.get("rate") is None:
                self._add("rate", _("Say how many per cent."))
                return None
            rate = typed["rate"]
            return PercentOff(rate) if kind == "percent" else DeliveryOff(rate=rate)
        if kind == "n_for_m":
            take, reduced = typed.get("take"), typed.get("reduced")
            if take is None or reduced is None:
                self._add("take", _("Say how many pieces are taken, and how many cost less."))
                return None
            if reduced >= take:
                self._add("take", _("Fewer pieces must cost less than are taken."))
                return None
            return PiecesForLess(take, reduced, typed.get("group_rate") or WHOLE)
        if kind is None:
            return None
        if not amounts:
            self._add("amounts", _("Write an amount for each currency in which it is to hold."))
            return None
        if kind == "delivery_amount":
            return DeliveryOff(amounts=amounts)
        if kind == "amount_each":
            return AmountOffEach(amounts)
        return FixedPrice(amounts) if kind == "fixed_price" else AmountOff(amounts)

    def _add(self, name: str, wrong: str) -> None:
        if name not in self.errors:
            self.add_error(name, wrong)


def _said(told: dict[str, Any]) -> dict[str, Any]:
    """The terms without what they name nothing of, so that they are kept as short as an API's."""
    found = {name: _said(each) if isinstance(each, dict) else each for name, each in told.items()}
    return {name: each for name, each in found.items() if each not in ([], {}, None)}


def _read(rows: Iterable[Amount]) -> dict[str, int]:
    """The amounts that are said, in minor units by currency. Raises ValidationError."""
    found = {}
    for one in rows:
        if not one.text:
            continue
        try:
            found[one.currency] = parse_amount(one.text, one.currency)
        except ValueError:
            wrong = _("Write an amount in %(currency)s like 1199 or 1199.50.")
            raise forms.ValidationError(wrong % {"currency": one.currency}) from None
    return found


def _hours(typed: Mapping[str, Any]) -> Hours | None:
    days = frozenset(one for one in typed["days"] if 1 <= one <= 7)
    opens, closes = typed["opens"], typed["closes"]
    if not (days or opens or closes):
        return None
    return Hours(days or frozenset(range(1, 8)), opens or "00:00", closes or "24:00")


def _is_one(local: datetime, zone: ZoneInfo) -> bool:
    """Whether the clock shows that once: not never, and not twice."""
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    there = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    return first.utcoffset() == second.utcoffset() and there == local


def _plainly(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _written(amounts: Mapping[str, int]) -> list[Amount]:
    return [Amount(one, _money(amount, one)) for one, amount in amounts.items()]


def _money(amount: int, currency: str) -> str:
    """As it is typed: 399, 399.50."""
    major = to_major(amount, currency)
    return f"{major.to_integral_value():f}" if major == major.to_integral_value() else f"{major:f}"


def told(terms: Terms, clock: str) -> dict[str, Any]:
    """What a form begins with that says these terms; its moments are by the clock, unless that
    shows one of them twice.
    """
    benefit, hours, goods = terms.benefit, terms.hours, terms.goods
    moments = [one for one in (terms.since, terms.until) if one is not None]
    zone = ZoneInfo(clock)
    if not all(_is_one(one.astimezone(zone).replace(tzinfo=None), zone) for one in moments):
        clock, zone = "UTC", ZoneInfo("UTC")
    found: dict[str, Any] = {
        "names": [Called(*one) for one in terms.names.items()],
        "benefit": json.loads(msgspec.json.encode(benefit))["type"],
        **{name: sorted(getattr(goods, name)) for name in (*PICKS, *WITHOUT)},
        "without_sale": goods.without_sale,
        "markets": sorted(terms.markets),
        "audience": sorted(terms.audience),
        "since": _local(terms.since, zone),
        "until": _local(terms.until, zone),
        "clock": clock,
        "days": sorted(hours.days) if hours else [],
        "opens": hours.opens if hours and hours.opens != "00:00" else "",
        "closes": hours.closes if hours and hours.closes != "24:00" else "",
        "minimum": _written(terms.minimum),
        "least_pieces": terms.least_pieces or None,
        "needs_code": terms.needs_code,
        "stacking": str(terms.stacking),
        "cap": terms.cap,
        "most_uses": terms.most_uses,
        "most_each": terms.most_each,
        "back_on_return": terms.back_on_return,
        "budget": _written(terms.budget),
        "priority": terms.priority,
    }
    if isinstance(benefit, PercentOff):
        return found | {"rate": benefit.rate}
    if isinstance(benefit, DeliveryOff):
        if benefit.amounts is None:
            return found | {"rate": benefit.rate}
        return found | {"benefit": "delivery_amount", "amounts": _written(benefit.amounts)}
    if isinstance(benefit, PiecesForLess):
        rate = None if benefit.rate == WHOLE else benefit.rate
        return found | {"take": benefit.take, "reduced": benefit.reduced, "group_rate": rate}
    return found | {"amounts": _written(benefit.amounts)}


def _local(at: datetime | None, zone: ZoneInfo) -> str:
    if at is None:
        return ""
    local = at.astimezone(zone).replace(tzinfo=None)
    return local.isoformat(timespec="auto" if local.second or local.microsecond else "minutes")


def nothing(clock: str) -> dict[str, Any]:
    """What the form of a new offer begins with: a fifth off everything, for everybody."""
    return {
        "benefit": "percent",
        "take": 3,
        "reduced": 1,
        "stacking": str(Stacking.BEST),
        "clock": clock,
    }


# --- the preview ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pieces:
    """So many of a product, by its number."""

    product: str
    many: int | None


class PreviewQuery(QuietForm):
    """Who buys what, where and when, with or without a code; and what is looked for of that."""

    customer = Id()
    who = Name(max_length=200)
    goods = Rows(Pieces, 10, product=Name(max_length=64), many=Seen())
    q = Name(max_length=200)
    market = Name(max_length=2)
    at = LocalMoment()
    code = forms.ChoiceField(choices=[("yes", ""), ("no", "")])
    put_in = Name(max_length=64)


# --- codes ----------------------------------------------------------------------------------------


class CodeForm(forms.Form):
    """A code for all; how often it can be used, where that is limited."""

    code = Name(
        max_length=80, error_messages={"required": _later("Write the code, such as SUMMER10.")}
    )
    uses_left = _Count(1, 10**9)


class CodesForm(forms.Form):
    """How many codes are to be made, for one use each."""

    many = _Count(1, MOST_AT_ONCE)

    def clean_many(self) -> int:
        """How many; that has to be said."""
        many: int | None = self.cleaned_data["many"]
        if many is None:
            raise forms.ValidationError(_("Say how many."))
        return many


class RevokeForm(QuietForm):
    """Which code is no longer to count, or `single`: none of those for one use each."""

    code = Name(max_length=80)
    single = Yes()
