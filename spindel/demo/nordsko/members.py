"""Nordsko's club on the day when Spindel opens there: whoever has a card comes along with it."""

from __future__ import annotations

import io
import zlib
from datetime import timedelta

from django.utils import timezone

from spindel.club.actions import set_terms
from spindel.club.importing import import_members
from spindel.club.models import ClubSettings
from spindel.club.terms import ClubTerms, Reward
from spindel.kit import sql

# Each card, when it was first seen, what its customer has bought for within a year, and where.
_CARDS = """
SELECT i.value, coalesce(min(link.since), now()), coalesce(max(bought.total), 0),
       coalesce(max(bought.store), '')
FROM identity_identifier i
LEFT JOIN identity_link link ON link.b_id = i.id OR link.a_id = i.id
LEFT JOIN LATERAL (
    SELECT customer_id FROM identity_tenure WHERE identifier_id = i.id ORDER BY since DESC LIMIT 1
) t ON true
LEFT JOIN (
    SELECT held.customer_id, sum((f.properties->>'total')::numeric) AS total,
           max(f.properties->>'store') AS store
    FROM timeline_fact f
    JOIN identity_tenure held ON held.identifier_id = f.identifier_id AND held.since < '1970-01-01'
    WHERE f.name = 'Order Completed' AND f.occurred_at > %s
    GROUP BY held.customer_id
) bought ON bought.customer_id = t.customer_id
WHERE i.kind = 'card' GROUP BY i.value ORDER BY i.value
"""
BY = "mikkel@nordsko.example"
TERMS = ClubTerms(
    per_point={"SEK": 1_000, "DKK": 700},
    reward=Reward(amounts={"SEK": 10_000, "DKK": 7_000}),
)
_YEAR = timedelta(days=365)
_A_POINT = 10  # kronor


def bring_members() -> None:
    """Have everybody with a card be a member, with points for what she has bought in a year, as far
    as she has not used them. Again: nothing.
    """
    if not ClubSettings.objects.exists():
        set_terms(TERMS, BY)
    lines = [
        f"{number},{since:%Y-%m-%d},{_left(number, int(total) // _A_POINT)},{store}"
        for number, since, total, store in sql.rows(_CARDS, [timezone.now() - _YEAR])
    ]
    file = "\n".join(["number,joined,points,store", *lines])
    import_members(io.BytesIO(file.encode()), "Nordsko", "SE")


def _left(number: str, points: int) -> int:
    """What she has left of them, by her card: some have used most."""
    return points * (100 - zlib.crc32(number.encode()) % 70) // 100
