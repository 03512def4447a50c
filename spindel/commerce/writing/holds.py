"""What is held for whoever buys, so that her order uses it up."""

from __future__ import annotations

from spindel.commerce import ledger, whose
from spindel.commerce.models import Shopper
from spindel.commerce.writing.draft import Draft
from spindel.kit import sql

_HERS = """
SELECT h.id FROM commerce_hold h
JOIN identity_tenure t ON t.identifier_id = h.identifier_id AND t.since = '1900-01-01Z'
JOIN identity_tenure hers ON hers.identifier_id = %(whose)s AND hers.since = '1900-01-01Z'
WHERE t.customer_id = hers.customer_id AND h.order_line_id IS NULL
  AND h.state = 'active' AND h.until > statement_timestamp()
  AND (h.variant_id, h.place_id) IN (
      SELECT * FROM unnest(%(variants)s::bigint[], %(places)s::bigint[]))
"""

# Of a shopper: what was held in her session, or for whom she has proved to be.
_CERTAINLY_HERS = """
SELECT id FROM commerce_hold
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
    certain = [] if her.identifier_id is None else sorted(whose.proven(her.identifier_id))
    words |= {"shopper": her.pk, "certain": certain}
    return [id for (id,) in sql.rows(_CERTAINLY_HERS, words)]


# --- what was held before she said who she is -----------------------------------------------------

_LEVELS = """
SELECT DISTINCT variant_id, place_id FROM commerce_hold WHERE shopper_id = %s AND state = 'active'
"""
_BRING = """
UPDATE commerce_hold SET identifier_id = %s WHERE shopper_id = %s AND state = 'active'
"""


def bring(shopper: int, identifier: int) -> None:
    """Have what is held in the session be hers who has just proved who she is in it, so that she
    has it on all her devices.
    """
    levels = [(variant, place) for variant, place in sql.rows(_LEVELS, [shopper])]
    if levels:
        ledger.lock(levels)  # as whoever changes holds does
        sql.run(_BRING, [identifier, shopper])
