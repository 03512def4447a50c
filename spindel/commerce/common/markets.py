"""A cart has the prices of one market: what is bought at them is collected and sent there."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from spindel.commerce.common import rules
from spindel.kit import sql

_COUNTRIES = "SELECT DISTINCT country FROM catalogue_place WHERE id = ANY(%(places)s::bigint[])"


def check(market: str, places: Collection[int], sent_to: Mapping[str, str] | None = None) -> None:
    """Whether the places, and the address that something is sent to, are in the market.

    Raises Refusal.
    """
    countries: set[str] = set()
    if places:
        found = sql.prepared_rows(_COUNTRIES, {"places": sorted(places)})
        countries = {country for (country,) in found}
    rules.check_market(market, countries, (sent_to or {}).get("country", ""))
