"""A cart has the prices of one market: what is bought at them is collected and sent there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from spindel.commerce import opening, rules
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


_MOVE = """
UPDATE commerce_cart SET market = %s, currency = %s, version = version + 1, changed_at = now()
WHERE id = %s
"""


def move(cart: opening.Held, market: str, currency: str) -> opening.Held:
    """Have the locked cart be of this market: everything in it costs what it costs there."""
    if (cart.market, cart.currency) == (market, currency):
        return cart
    sql.run(_MOVE, [market, currency, cart.id])
    # What she has seen was other money: nothing has become dearer or cheaper.
    sql.run("UPDATE commerce_cartline SET seen_amount = NULL WHERE cart_id = %s", [cart.id])
    return replace(cart, market=market, currency=currency, version=cart.version + 1)
