"""The countries whose telephone numbers somebody here may have typed without their code.

For eyes alone: a search shows whom it finds in any of them. What is written is written for the
country of a market, a store or a source, which says it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from phonenumbers import country_code_for_region, ndd_prefix_for_region

from spindel.kit import sql

_MOST = 20
_OF_SOURCES = "SELECT DISTINCT country FROM timeline_source WHERE archived_at IS NULL"

_TELLERS: list[Callable[[], Collection[str]]] = []


def register(teller: Callable[[], Collection[str]]) -> None:
    """Have the teller asked in which countries, by their ISO 3166 codes, the shop sells."""
    _TELLERS.append(teller)


def known(first: str = "") -> list[str]:
    """The countries of its markets, stores and sources, by alphabet; but first `first`, which is
    where somebody stands.
    """
    told = {country for (country,) in sql.rows(_OF_SOURCES)}
    told.update(*(teller() for teller in _TELLERS))
    return [*filter(None, [first]), *sorted(told - {first, ""})][:_MOST]


def with_code(digits: str, country: str) -> str | None:
    """The beginning of a telephone number in the country, with its code: 070-17 is +467017 there.

    None for what is no country. The number need not be whole.
    """
    code = country_code_for_region(country)
    if not code:
        return None
    return f"+{code}{digits.removeprefix(ndd_prefix_for_region(country, True) or '-')}"
