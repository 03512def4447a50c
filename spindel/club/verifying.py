"""Proving the ledger: that each card's points are what has come and gone."""

from __future__ import annotations

from dataclasses import dataclass

from spindel.kit import sql

_SUMS = """
SELECT m.id, m.available, m.pending, m.owed,
       coalesce(e.points, 0), coalesce(l.available, 0), coalesce(l.pending, 0)
FROM club_clubmember m
LEFT JOIN (
    SELECT member_id, sum(points) AS points FROM club_pointsentry GROUP BY member_id
) e ON e.member_id = m.id
LEFT JOIN (
    SELECT member_id, sum("left") FILTER (WHERE released) AS available,
           sum("left") FILTER (WHERE NOT released) AS pending
    FROM club_pointslot GROUP BY member_id
) l ON l.member_id = m.id
WHERE m.available + m.pending - m.owed <> coalesce(e.points, 0)
   OR m.available <> coalesce(l.available, 0) OR m.pending <> coalesce(l.pending, 0)
   OR least(m.available, m.pending, m.owed) < 0
ORDER BY m.id
"""

# Of an order nobody has more than it gives, and what was taken back is not more than what it gave
# too much.
_ORDERS = """
SELECT member_id, "order", points, taken, target FROM (
    SELECT member_id, "order", points, taken, greatest(0, bought + swapped - greatest(
        back + greatest(0, bought + swapped - coalesce(worth, bought + swapped)), refunded
    )) / per_point AS target, expired
    FROM club_pointslot WHERE "order" <> '' AND per_point > 0
) l
WHERE points - taken < target OR points - taken - expired > target
ORDER BY member_id, "order"
"""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something that does not add up, of a card."""

    member: int
    words: str


def verify() -> list[Wrong]:
    """All that does not add up: none, if the ledger is right."""
    found = [
        Wrong(
            member,
            f"available {available}, by its points {by_lots}; pending {pending}, by its points"
            f" {waiting}; owed {owed}; the ledger’s sum {entries}",
        )
        for member, available, pending, owed, entries, by_lots, waiting in sql.rows(_SUMS)
    ]
    return found + [
        Wrong(member, f"order {order}: earned {points}, taken back {taken}, it gives {target}")
        for member, order, points, taken, target in sql.rows(_ORDERS)
    ]


def members() -> int:
    """How many cards there are."""
    row = sql.row("SELECT count(*) FROM club_clubmember")
    assert row is not None
    return int(row[0])
