"""What is in stock where, as the domain knows that keeps the stock.

The catalogue lies below it, and is told how to ask.
"""

from __future__ import annotations

from collections.abc import Collection

from spindel.kit import sql

_RELATIONS: list[str] = []


def register(relation: str) -> None:
    """Have stock looked for by this: a SELECT of `variant` and `place`, where some can be had."""
    _RELATIONS[:] = [relation]


def relation() -> str:
    """A SELECT of `variant` and `place`; of nothing where nobody keeps stock."""
    nothing = "SELECT NULL::bigint AS variant, NULL::bigint AS place WHERE false"
    return _RELATIONS[0] if _RELATIONS else nothing


_CAN_BE_SENT = """
SELECT DISTINCT there.variant FROM ({relation}) there
JOIN catalogue_place p ON p.id = there.place
WHERE there.variant = ANY(%(variants)s) AND p.ships AND p.closed_at IS NULL
"""


def can_be_sent(variants: Collection[int]) -> set[int]:
    """Which of the variants some place can send now."""
    asked = _CAN_BE_SENT.format(relation=relation())
    return {variant for (variant,) in sql.rows(asked, {"variants": list(variants)})}
