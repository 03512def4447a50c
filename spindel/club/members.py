"""How many members there are: by month, where they joined, and how many of them buy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from spindel.kit import sql
from spindel.kit.templatetags.look import channel_label

MONTHS = 24
_MOST_PLACES = 20


@dataclass(frozen=True, slots=True)
class Month:
    """How many joined and left in a month, and how many were members at its end."""

    first: date
    joined: int
    left: int
    members: int


@dataclass(frozen=True, slots=True)
class Joined:
    """How many members joined in a channel, or a store of it."""

    channel: str
    place: str
    many: int

    @property
    def words(self) -> str:
        """Where, in words: the store, or the channel."""
        return self.place or channel_label(self.channel)


@dataclass(frozen=True, slots=True)
class ClubFigures:
    """What the club comes to. `active` members have earned points within a year; `available` and
    `pending` are points that members have; `tiers` how many are in each, by its key.
    """

    members: int
    active: int
    available: int
    pending: int
    months: list[Month]
    joined: list[Joined]
    tiers: dict[str, int]

    @property
    def active_share(self) -> int:
        """In percent."""
        return round(100 * self.active / self.members) if self.members else 0


# Cards that are one customer's today are one member.
_MEMBERS = """
WITH hers AS (
    SELECT t.customer_id, sum(m.available) AS available, sum(m.pending) AS pending,
           bool_or(EXISTS (SELECT FROM club_pointslot l WHERE l.member_id = m.id
                           AND l.at > now() - interval '1 year' AND l.points > l.taken)) AS active
    FROM club_clubmember m
    CROSS JOIN LATERAL (
        SELECT customer_id FROM identity_tenure WHERE identifier_id = m.identifier_id
        ORDER BY since DESC LIMIT 1
    ) t
    WHERE m.left_at IS NULL GROUP BY 1
)
SELECT count(*), count(*) FILTER (WHERE active), coalesce(sum(available), 0),
       coalesce(sum(pending), 0) FROM hers
"""

_MONTHS = """
SELECT month::date,
       (SELECT count(*) FROM club_clubmember
        WHERE joined_at >= month AND joined_at < month + interval '1 month'),
       (SELECT count(*) FROM club_clubmember
        WHERE left_at >= month AND left_at < month + interval '1 month'),
       (SELECT count(*) FROM club_clubmember
        WHERE joined_at < month + interval '1 month'
          AND (left_at IS NULL OR left_at >= month + interval '1 month'))
FROM generate_series(date_trunc('month', now()) - %(back)s::int * interval '1 month',
                     date_trunc('month', now()), '1 month') AS month
ORDER BY 1
"""

_JOINED = """
SELECT m.channel, coalesce(p.name, ''), count(*) FROM club_clubmember m
LEFT JOIN catalogue_place p ON p.id = m.place_id
WHERE m.left_at IS NULL GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT %(most)s
"""

_TIERS = """
SELECT tier, count(*) FROM club_clubmember WHERE left_at IS NULL AND tier <> '' GROUP BY 1
"""


def of_club() -> ClubFigures:
    """What it comes to now."""
    row = sql.row(_MEMBERS)
    assert row is not None
    members, active, available, pending = row
    months = [Month(*one) for one in sql.rows(_MONTHS, {"back": MONTHS - 1})]
    joined = [Joined(*one) for one in sql.rows(_JOINED, {"most": _MOST_PLACES})]
    return ClubFigures(
        members, active, int(available), int(pending), months, joined, dict(sql.rows(_TIERS))
    )
