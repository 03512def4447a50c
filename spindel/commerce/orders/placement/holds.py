"""What is held for whoever buys, so that her order uses it up."""

from __future__ import annotations

from dataclasses import replace

from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement.draft import Draft
from spindel.commerce.stock import ledger
from spindel.commerce.stock.models import Hold
from spindel.identity import identifiers
from spindel.identity.rules import KINDS
from spindel.kit import sql
from spindel.shoppers.models import Shopper

_HERS = """
SELECT h.id FROM stock_hold h
JOIN identity_tenure t ON t.identifier_id = h.identifier_id AND t.since = '1900-01-01Z'
JOIN identity_tenure hers ON hers.identifier_id = %(whose)s AND hers.since = '1900-01-01Z'
WHERE t.customer_id = hers.customer_id AND h.order_line_id IS NULL
  AND h.state = 'active' AND h.until > statement_timestamp()
  AND (h.variant_id, h.place_id) IN (
      SELECT * FROM unnest(%(variants)s::bigint[], %(places)s::bigint[]))
"""

# Of a shopper: what was held in her session, or for whom she has proved to be.
_CERTAINLY_HERS = """
SELECT id FROM stock_hold
WHERE (shopper_id = %(shopper)s OR identifier_id = ANY(%(certain)s)) AND order_line_id IS NULL
  AND state = 'active' AND until > statement_timestamp()
  AND (variant_id, place_id) IN (
      SELECT * FROM unnest(%(variants)s::bigint[], %(places)s::bigint[]))
"""


def holds_of(draft: Draft) -> list[int]:
    """What is held for whoever buys, of the goods that she buys, where she gets them.

    From home anybody types any address: of a shopper counts what is certainly hers.
    """
    fetched = [(one.variant, one.place) for one in draft.items if one.place is not None]
    if draft.whose is None or not fetched:
        return []
    words: dict[str, object] = {
        "whose": draft.whose,
        "variants": [variant for variant, _ in fetched],
        "places": [place for _, place in fetched],
    }
    if draft.shopper is None:
        return [id for (id,) in sql.rows(_HERS, words)]
    her = Shopper.objects.get(pk=draft.shopper)
    certain = [] if her.identifier_id is None else sorted(identifiers.proven(her.identifier_id))
    words |= {"shopper": her.pk, "certain": certain}
    return [id for (id,) in sql.rows(_CERTAINLY_HERS, words)]


# --- what was done in a session before they have said who they are --------------------------------

_LEVELS = """
SELECT DISTINCT variant_id, place_id FROM stock_hold WHERE shopper_id = %s AND state = 'active'
"""
_BRING = """
UPDATE stock_hold SET identifier_id = %s WHERE shopper_id = %s AND state = 'active'
"""


def bring(shopper: int, identifier: int) -> None:
    """Have what is held in the session be hers who has just proved who she is in it, so that she
    has it on all her devices.
    """
    levels = [(variant, place) for variant, place in sql.rows(_LEVELS, [shopper])]
    if levels:
        ledger.lock(levels)  # as whoever changes holds does
        sql.run(_BRING, [identifier, shopper])


def in_session(draft: Draft) -> Draft:
    """The draft of a sale over a counter: whoever has a session in which its goods were held has
    bought it, where nobody but a browser is known of them.

    It is theirs in that session, and whose who has proved there who they are. A login waits for
    what is sold meanwhile, and the other way round: each sees what the other has done.
    """
    found = Hold.objects.filter(pk__in=draft.holds, identifier=draft.whose, shopper__isnull=False)
    asked = set(found.values_list("shopper", flat=True)) if draft.whose is not None else set()
    if len(asked) != 1:
        return draft
    sessions = Shopper.objects.filter(pk__in=asked, browser=draft.whose, ended_at=None)
    identifiers.stay([draft.whose, *sessions.values_list("identifier", flat=True)])
    session = sessions.select_for_update().first()
    if session is None:
        return draft
    return replace(draft, shopper=session.pk, whose=session.identifier_id or draft.whose)


_BRING_BOUGHT = """
UPDATE orders_order o SET proved = true,
    identifier_id = CASE WHEN i.kind = ANY(%(devices)s) THEN %(identifier)s ELSE i.id END
FROM identity_identifier i
WHERE o.shopper_id = %(shopper)s AND i.id = o.identifier_id
  AND (i.kind = ANY(%(devices)s) OR i.id = ANY(%(proven)s))
"""
_DEVICES = [kind.name for kind in KINDS.values() if kind.device]


def bring_bought(shopper: int, identifier: int) -> None:
    """Have what was bought in the session be theirs who have just proved who they are in it; it is
    locked. What was ordered with somebody else's address stays that one's.
    """
    words = {
        "shopper": shopper,
        "identifier": identifier,
        "devices": _DEVICES,
        "proven": sorted(identifiers.proven(identifier)),
    }
    sql.run(_BRING_BOUGHT, words)


def come_along(shopper: Shopper, identifier: int) -> None:
    """Have what was bought and is held in the session be theirs who have proved who they are."""
    bring_bought(shopper.pk, identifier)
    bring(shopper.pk, identifier)


def stay_behind(shopper: Shopper) -> None:
    """What somebody else did here, who was logged in before, stays theirs."""
    Order.objects.filter(shopper=shopper).update(shopper=None)
    Hold.objects.filter(shopper=shopper).update(shopper=None)
