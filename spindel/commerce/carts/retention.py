"""Carts that nobody needs any more are put away, a part at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from spindel.identity.rules import KINDS
from spindel.kit import declared, sql
from spindel.kit.actions import action

CARTS_KEPT = timedelta(days=90)  # after they were changed

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
_REMOVE_CARTS = (
    "UPDATE shoppers_shopper SET cart_id = NULL WHERE cart_id = ANY(%s)",
    "UPDATE carts_cart SET merged_into_id = NULL WHERE merged_into_id = ANY(%s)",
    "DELETE FROM carts_cartmerge WHERE into_id = ANY(%s)",
    "DELETE FROM carts_cartmerge WHERE origin_id = ANY(%s)",
    "DELETE FROM carts_cartline WHERE cart_id = ANY(%s)",
)


@action(silent="What is put away says nothing new of anybody; what she did stays on her timeline.")
def carts(most: int) -> bool:
    """Carts that have been over, or nobody's, for months; whether there may be more."""
    late = timezone.now() - CARTS_KEPT
    devices = [kind.name for kind in KINDS.values() if kind.device]
    words = {"late": late, "most": most, "devices": devices}
    return remove_carts([id for (id,) in sql.rows(_FIND_CARTS, words)]) == most


def remove_carts(carts: Sequence[int]) -> int:
    """Take these away, in the caller's transaction; how many there were.

    A room whose tables name carts has a `retention.py` with `OF_CARTS`: statements that let go of
    an array of them.
    """
    for statement in (*declared.each("retention", "OF_CARTS"), *_REMOVE_CARTS):
        sql.run(statement, [carts])
    return sql.run("DELETE FROM carts_cart WHERE id = ANY(%s)", [carts])
