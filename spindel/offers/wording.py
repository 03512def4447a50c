"""What an offer says, in a few words of the language that is being spoken, for people here."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, time

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from spindel.kit.templatetags.look import day_said, locale, minor_words, rate_words
from spindel.offers.terms import (
    WHOLE,
    AmountOff,
    AmountOffEach,
    DeliveryOff,
    FixedPrice,
    Goods,
    Hours,
    PercentOff,
    PiecesForLess,
    Stacking,
    Terms,
)

_FEW = 3  # names; more are counted


def gives(terms: Terms) -> str:
    """What customers get: "20 % off", "3 for 2"."""
    benefit = terms.benefit
    if isinstance(benefit, PercentOff):
        return _("%(rate)s off") % {"rate": rate_words(benefit.rate)}
    if isinstance(benefit, AmountOffEach):
        return _("%(amount)s off each") % {"amount": _amounts(benefit.amounts)}
    if isinstance(benefit, FixedPrice):
        return _("%(amount)s each") % {"amount": _amounts(benefit.amounts)}
    if isinstance(benefit, AmountOff):
        return _("%(amount)s off in all") % {"amount": _amounts(benefit.amounts)}
    if isinstance(benefit, DeliveryOff):
        return _delivery(benefit)
    assert isinstance(benefit, PiecesForLess)
    if benefit.rate == WHOLE:
        paid = benefit.take - benefit.reduced
        return _("%(take)s for %(paid)s") % {"take": benefit.take, "paid": paid}
    return _("of every %(take)s the cheapest %(rate)s off") % {
        "take": benefit.take,
        "rate": rate_words(benefit.rate),
    }


def _delivery(benefit: DeliveryOff) -> str:
    if benefit.rate == WHOLE:
        return _("free delivery")
    off = rate_words(benefit.rate) if benefit.rate else _amounts(benefit.amounts or {})
    return _("%(off)s off the delivery") % {"off": off}


def conditions(terms: Terms) -> list[str]:
    """On what, for whom, when and how often, each in a few words; empty: on everything, always."""
    return [*_on(terms.goods), *_when(terms), *_needs(terms), *_limits(terms), *_beside(terms)]


def all_of(terms: Terms) -> list[str]:
    """What it is called, gives and takes, each in a few words."""
    names = [f"{name} ({language})" for language, name in sorted(terms.names.items())]
    return [", ".join(names), gives(terms), *conditions(terms)]


def _on(goods: Goods) -> Iterator[str]:
    for names in (goods.categories, goods.brands, goods.products):
        if names:
            yield _some(names)
    without = goods.without_categories | goods.without_brands | goods.without_products
    if without:
        yield _("not %(names)s") % {"names": _some(without)}
    if goods.without_sale:
        yield _("not in the sale")


def _when(terms: Terms) -> Iterator[str]:
    if terms.markets:
        yield _("in %(markets)s") % {"markets": ", ".join(sorted(terms.markets))}
    if terms.since is not None:
        yield _("from %(day)s") % {"day": _moment(terms.since)}
    if terms.until is not None:
        yield _("until %(day)s") % {"day": _moment(terms.until)}
    if terms.hours is not None:
        yield _hours(terms.hours)


def _hours(hours: Hours) -> str:
    names = locale().days["format"]["abbreviated"]
    days = ", ".join(names[one - 1] for one in sorted(hours.days)) if len(hours.days) < 7 else ""
    clock = f"{hours.opens}–{hours.closes}"  # from when to when
    return " ".join(one for one in (days, clock if clock != _ALL_DAY else "") if one) or _ALL_DAY


_ALL_DAY = "00:00–24:00"  # the same


def _needs(terms: Terms) -> Iterator[str]:
    if terms.minimum:
        yield _("from %(amount)s") % {"amount": _amounts(terms.minimum)}
    if terms.least_pieces:
        words = ngettext("from %(count)s piece", "from %(count)s pieces", terms.least_pieces)
        yield words % {"count": terms.least_pieces}
    if terms.needs_code:
        yield _("with a code")
    if terms.audience:
        yield _("for %(groups)s") % {"groups": _some(terms.audience)}


def _limits(terms: Terms) -> Iterator[str]:
    if terms.most_each:
        words = ngettext("%(count)s time each", "%(count)s times each", terms.most_each)
        yield words % {"count": terms.most_each}
    if terms.most_uses:
        words = ngettext("%(count)s time in all", "%(count)s times in all", terms.most_uses)
        yield words % {"count": terms.most_uses}
    if terms.budget:
        yield _("%(amount)s in all") % {"amount": _amounts(terms.budget)}


def _beside(terms: Terms) -> Iterator[str]:
    if terms.stacking == Stacking.ALONE:
        yield _("not with other offers")
    if terms.stacking == Stacking.TOGETHER:
        yield _("on top of other offers")
    if terms.cap is not None:
        yield _("together at most %(rate)s off") % {"rate": rate_words(terms.cap)}


def _some(names: Collection[str]) -> str:
    shown = sorted(names)[:_FEW]
    more = len(names) - len(shown)
    listed = ", ".join(shown)
    if not more:
        return listed
    return ngettext("%(names)s and %(count)s more", "%(names)s and %(count)s more", more) % {
        "names": listed,
        "count": more,
    }


def _amounts(amounts: Mapping[str, int]) -> str:
    return " / ".join(minor_words(one, currency) for currency, one in amounts.items())


def _moment(at: datetime) -> str:
    local = localtime(at)
    day = day_said(local.date())
    return day if local.time() == time(0) else f"{day} {local:%H:%M}"
