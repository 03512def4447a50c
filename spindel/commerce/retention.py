"""What nobody needs any more is put away, a part at a time."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from spindel.identity.rules import KINDS
from spindel.kit import sql
from spindel.kit.actions import action

SESSIONS_KEPT = timedelta(days=90)  # after they were used
CARTS_KEPT = timedelta(days=90)  # after they were changed
_ENDED_KEPT = timedelta(days=1)

_OVER = "What is put away says nothing new of anybody; what she did stays on her timeline."

# What was done in a session stays; that it was done in this one does not.
_SESSIONS = """
WITH over AS (
    SELECT id FROM shoppers_shopper WHERE used_at < %(unused)s OR ended_at < %(ended)s
    ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED
), orders AS (
    UPDATE orders_order SET shopper_id = NULL WHERE shopper_id IN (SELECT id FROM over)
), holds AS (
    UPDATE stock_hold SET shopper_id = NULL WHERE shopper_id IN (SELECT id FROM over)
), wishes AS (
    DELETE FROM wishes_wish WHERE shopper_id IN (SELECT id FROM over)
)
DELETE FROM shoppers_shopper WHERE id IN (SELECT id FROM over)
"""


@action(silent=_OVER)
def sessions(most: int) -> bool:
    """Those that have ended, or were not used for months; whether there may be more."""
    now = timezone.now()
    words = {"unused": now - SESSIONS_KEPT, "ended": now - _ENDED_KEPT, "most": most}
    return sql.run(_SESSIONS, words) == most


_LINKS = """
DELETE FROM shoppers_loginlink WHERE id IN (
    SELECT id FROM shoppers_loginlink WHERE ends_at < %(over)s ORDER BY id LIMIT %(most)s
    FOR UPDATE SKIP LOCKED)
"""


@action(silent=_OVER)
def links(most: int) -> bool:
    """Links to log in by that are over, used or not; whether there may be more."""
    return sql.run(_LINKS, {"over": timezone.now() - _ENDED_KEPT, "most": most}) == most


# Those that became orders or part of another; and open ones that nobody comes back to: empty, or of
# somebody of whom a browser alone is known, and its sessions are over.
_FIND_CARTS = """
SELECT c.id FROM carts_cart c
WHERE c.changed_at < %(late)s AND (
    c.state <> 'open'
    OR NOT EXISTS (SELECT FROM carts_cartline WHERE cart_id = c.id)
    OR NOT EXISTS (SELECT FROM shoppers_shopper WHERE cart_id = c.id AND ended_at IS NULL)
       AND NOT EXISTS (
           SELECT FROM identity_tenure t JOIN identity_identifier i ON i.id = t.identifier_id
           WHERE t.customer_id = c.customer_id AND i.kind <> ALL(%(devices)s))
)
ORDER BY c.id LIMIT %(most)s FOR UPDATE OF c SKIP LOCKED
"""
_PUT_CARTS_AWAY = (
    "UPDATE orders_order SET cart_id = NULL WHERE cart_id = ANY(%s)",
    "UPDATE shoppers_shopper SET cart_id = NULL WHERE cart_id = ANY(%s)",
    "UPDATE carts_cart SET merged_into_id = NULL WHERE merged_into_id = ANY(%s)",
    "DELETE FROM carts_cartmerge WHERE into_id = ANY(%s)",
    "DELETE FROM carts_cartmerge WHERE origin_id = ANY(%s)",
    "DELETE FROM carts_cartline WHERE cart_id = ANY(%s)",
    "DELETE FROM carts_cart WHERE id = ANY(%s)",
)


@action(silent=_OVER)
def carts(most: int) -> bool:
    """Carts that have been over, or nobody's, for months; whether there may be more."""
    late = timezone.now() - CARTS_KEPT
    devices = [kind.name for kind in KINDS.values() if kind.device]
    words = {"late": late, "most": most, "devices": devices}
    found = [id for (id,) in sql.rows(_FIND_CARTS, words)]
    for statement in _PUT_CARTS_AWAY:
        sql.run(statement, [found])
    return len(found) == most
