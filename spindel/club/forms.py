"""What is typed and tapped of the club."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from spindel.club.actions import MOST_CORRECTED
from spindel.club.terms import ClubTerms, of
from spindel.kit.forms import Name, QuietForm, Rows, Yes
from spindel.kit.money import parse_amount, to_major
from spindel.kit.refusal import Refusal

_MOST_ROWS = 20


class KeyForm(QuietForm):
    """What tells a form that was shown from every other."""

    key = Name(max_length=200)


class CorrectionForm(KeyForm):
    """So many points more, or fewer with a minus, and why."""

    points = forms.IntegerField(min_value=-MOST_CORRECTED, max_value=MOST_CORRECTED, required=False)
    why = Name(max_length=300)


@dataclass(frozen=True, slots=True)
class MoneyRow:
    """What a point is earned by in a currency, and what a reward is, as typed."""

    currency: str = ""
    per_point: str = ""
    reward: str = ""


@dataclass(frozen=True, slots=True)
class TierRow:
    """A tier, as typed."""

    key: str = ""
    en: str = ""
    sv: str = ""
    da: str = ""
    points: str = ""


_BOX = forms.NumberInput({"class": "form-control"})  # each field has a copy


class TermsForm(forms.Form):
    """How the club works, in the words of whoever decides; money in whole units."""

    is_open = Yes()
    pending_days = forms.IntegerField(
        min_value=0, max_value=365, widget=_BOX, label=_("How many days points wait")
    )
    lasts_months = forms.IntegerField(
        min_value=0,
        max_value=120,
        widget=_BOX,
        label=_("How many months they can be spent; 0: for ever"),
    )
    reward_points = forms.IntegerField(
        min_value=1, max_value=10**9, widget=_BOX, label=_("How many points a reward takes")
    )
    reward_days = forms.IntegerField(
        min_value=1, max_value=3_650, widget=_BOX, label=_("How many days a reward holds")
    )
    money = Rows(
        MoneyRow,
        _MOST_ROWS,
        currency=Name(max_length=3),
        per_point=Name(max_length=20),
        reward=Name(max_length=20),
    )
    tiers = Rows(
        TierRow,
        _MOST_ROWS,
        tier_key=Name(max_length=40),
        tier_en=Name(max_length=60),
        tier_sv=Name(max_length=60),
        tier_da=Name(max_length=60),
        tier_points=Name(max_length=10),
    )

    def clean_money(self) -> dict[str, tuple[int, int]]:
        """By currency, in minor units."""
        found = {}
        for one in self.cleaned_data["money"]:
            if not (one.currency or one.per_point or one.reward):
                continue
            currency = one.currency.upper()
            try:
                found[currency] = (
                    parse_amount(one.per_point, currency),
                    parse_amount(one.reward, currency),
                )
            except ValueError:
                raise forms.ValidationError(
                    _("%(text)s is no currency with two amounts of money."),
                    params={"text": f"{one.currency} {one.per_point} {one.reward}"},
                ) from None
        return found

    def clean_tiers(self) -> list[dict[str, object]]:
        """As terms have them."""
        found: list[dict[str, object]] = []
        for one in self.cleaned_data["tiers"]:
            names = {name: text for name in ("en", "sv", "da") if (text := getattr(one, name))}
            if not (one.key or names or one.points):
                continue
            if not names or not one.points.isdecimal():
                raise forms.ValidationError(_("A tier has a name, and a number of points."))
            key = one.key or slugify(next(iter(names.values())))
            found.append({"key": key, "names": names, "points": int(one.points)})
        return found

    @property
    def terms(self) -> ClubTerms:
        """What was typed, when it is valid. Raises Refusal for what is no terms."""
        typed = self.cleaned_data
        try:
            return of(
                {
                    "is_open": typed["is_open"],
                    "per_point": {name: each for name, (each, _off) in typed["money"].items()},
                    "pending_days": typed["pending_days"],
                    "lasts_months": typed["lasts_months"],
                    "reward": {
                        "points": typed["reward_points"],
                        "amounts": {name: off for name, (_each, off) in typed["money"].items()},
                        "days": typed["reward_days"],
                    },
                    "tiers": typed["tiers"],
                }
            )
        except msgspec.ValidationError as error:
            raise Refusal("odd_terms", why=str(error)) from None


def typed(terms: ClubTerms) -> dict[str, object]:
    """The terms as they are typed, with room for more."""
    currencies = sorted({*terms.per_point, *terms.reward.amounts})
    money = [
        MoneyRow(
            one,
            _major(terms.per_point.get(one), one),
            _major(terms.reward.amounts.get(one), one),
        )
        for one in currencies
    ]
    tiers = [
        TierRow(
            one.key,
            one.names.get("en", ""),
            one.names.get("sv", ""),
            one.names.get("da", ""),
            str(one.points),
        )
        for one in terms.tiers
    ]
    return {
        "is_open": terms.is_open,
        "pending_days": terms.pending_days,
        "lasts_months": terms.lasts_months,
        "reward_points": terms.reward.points,
        "reward_days": terms.reward.days,
        "money": [*money, MoneyRow()],
        "tiers": [*tiers, TierRow()],
    }


def _major(amount: int | None, currency: str) -> str:
    if amount is None:
        return ""
    text = f"{to_major(amount, currency):f}"
    return text.removesuffix(".00")
