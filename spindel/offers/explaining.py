"""What offers do to a basket, in the customer's words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext, ngettext

from spindel.kit.money import LOCALES, written_minor
from spindel.offers.basket import NotApplied, Priced, PricedLine, Reason


@dataclass(frozen=True, slots=True)
class Discount:
    """What an offer takes off, above zero in minor units, by the name that customers read."""

    name: str
    amount: int


@dataclass(frozen=True, slots=True)
class CodeView:
    """A code that was entered. Where it does not count, `reason` says why, and `text` in words."""

    code: str
    counts: bool
    reason: str
    text: str


def discounts(lines: Iterable[PricedLine], language: str) -> list[Discount]:
    """What each offer takes off the lines, in the order in which they count."""
    amounts: dict[str, int] = {}
    for line in lines:
        for one in line.adjustments:
            name = one.offer.terms.name(language)
            amounts[name] = amounts.get(name, 0) - one.amount
    return [Discount(name, amount) for name, amount in amounts.items()]


def code(typed: str, priced: Priced, language: str, currency: str) -> CodeView:
    """What has become of a code that was entered."""
    no = next((one for one in priced.not_applied if one.code == typed), None)
    if no is None:
        return CodeView(typed, True, "", "")
    return CodeView(typed, False, str(no.reason), why_not(no, language, currency))


def why_not(no: NotApplied, language: str, currency: str) -> str:
    """Why an offer does not count, and what would change it."""
    with translation.override(language):
        return _words(no, language, currency)


def reason(word: str) -> str:
    """Of the word alone, within a sentence in the language that is being spoken; empty where it is
    none.
    """
    said = _SENTENCES[Reason(word)]() if word in _SENTENCES else ""
    return said[:1].lower() + said[1:].rstrip(".?")


def method(word: str, language: str) -> str:
    """What a method of delivery is called."""
    with translation.override(language):
        return method_name(word)


def method_name(word: str) -> str:
    """The same, in the language that is being spoken."""
    return gettext("Pick-up in a store") if word == "pick_up" else gettext("Home delivery")


def cheaper(missing: int, amount: int, currency: str, language: str) -> str:
    """That delivery costs so much where one buys for so much more."""
    with translation.override(language):
        more = written_minor(missing, currency, LOCALES[language])
        if not amount:
            return gettext("Buy for %(more)s more for free delivery.") % {"more": more}
        fee = written_minor(amount, currency, LOCALES[language])
        words = {"more": more, "fee": fee}
        return gettext("Buy for %(more)s more, and delivery costs %(fee)s.") % words


def _words(no: NotApplied, language: str, currency: str) -> str:
    if no.reason == Reason.TOO_LITTLE:
        amount = written_minor(no.missing, currency, LOCALES[language])
        return gettext("Buy for %(amount)s more to get it.") % {"amount": amount}
    if no.reason == Reason.TOO_FEW:
        words = ngettext(
            "Take %(count)s more to get it.", "Take %(count)s more to get it.", no.missing
        )
        return words % {"count": no.missing}
    if no.reason == Reason.OTHER_IS_BETTER:
        names = ", ".join(one.terms.name(language) for one in no.instead)
        return (
            gettext("It can't be combined with what you have already: %(names)s.")
            % {"names": names}
            if names
            else gettext("It makes nothing cheaper.")
        )
    return _SENTENCES[no.reason]()


_SENTENCES = {
    Reason.UNKNOWN_CODE: lambda: gettext("There is no such code. Is it spelled right?"),
    Reason.CODE_SPENT: lambda: gettext("The code has been used already."),
    Reason.WRONG_MARKET: lambda: gettext("It is not for this country."),
    Reason.NOT_YET: lambda: gettext("It has not begun yet."),
    Reason.EXPIRED: lambda: gettext("It is over."),
    Reason.STOPPED: lambda: gettext("It is not given any more."),
    Reason.NOT_NOW: lambda: gettext("It is for other days or hours."),
    Reason.NOT_FOR_HER: lambda: gettext("It is for others. Log in if it was sent to you."),
    Reason.WRONG_GOODS: lambda: gettext("It is for other goods than those in the cart."),
    Reason.USED_UP: lambda: gettext("It has been used up."),
    Reason.USED_BY_HER: lambda: gettext("You have used it already."),
    Reason.AGREED: lambda: gettext("The price of these goods was agreed."),
    Reason.NO_FEE: lambda: gettext("Delivery costs nothing as it is."),
}
