"""Offers as a marketer sees them: what they say, and what has come of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from spindel.kit import sql
from spindel.kit.refusal import Refusal
from spindel.offers.models import Offer, OfferCode, OfferStateChange, OfferVersion

_OFFERS = """
SELECT o.key, o.state, now_in.state, o.version, v.terms::text, coalesce(sums.uses, 0),
       coalesce(sums.given, '{}')::text, coalesce(sums.goods, '{}')::text
FROM offers_offer o
JOIN offers_offerversion v ON v.offer_id = o.id AND v.number = o.version
CROSS JOIN LATERAL (SELECT CASE
    WHEN o.state <> 'live' THEN o.state
    WHEN (v.terms->>'until')::timestamptz <= statement_timestamp() THEN 'ended'
    WHEN (v.terms->>'since')::timestamptz > statement_timestamp() THEN 'scheduled'
    ELSE 'live' END AS state) now_in
LEFT JOIN LATERAL (
    SELECT sum(many)::bigint AS uses, json_object_agg(currency, amount) AS given,
           json_object_agg(currency, goods) AS goods
    FROM (
        SELECT currency, count(*) AS many, sum(amount) AS amount, sum(goods) AS goods
        FROM offers_offeruse
        WHERE offer_id = o.id AND returned_at IS NULL GROUP BY currency
    ) by_currency
) sums ON true
WHERE (%(state)s = '' OR o.state = %(state)s) AND (%(key)s = '' OR o.key = %(key)s)
  AND (%(keys)s::text[] IS NULL OR o.key = ANY(%(keys)s::text[]))
  AND (%(stage)s = '' OR now_in.state = %(stage)s) AND o.key > %(after)s
ORDER BY o.key LIMIT %(limit)s
"""

SCHEDULED = "scheduled"  # a stage: it is live, but its time has not come


@dataclass(frozen=True, slots=True)
class OfferView:
    """An offer with its terms as JSON; in how many orders it counts, what it has taken off, and
    what the goods of those orders cost with that, in minor units by currency. `stage` is its state
    with its times in it: one that is live may be `scheduled`, or have ended.
    """

    key: str
    state: str
    stage: str
    version: int
    terms: dict[str, object]
    uses: int
    given: dict[str, int]
    goods: dict[str, int]


def offers(state: str, after: str, limit: int, stage: str = "") -> list[OfferView]:
    """Offers by their keys, from after a key on; those in a state or a stage, or all."""
    return _found({"state": state, "stage": stage, "key": "", "after": after, "limit": limit})


def by_keys(keys: Sequence[str]) -> list[OfferView]:
    """The offers with these keys."""
    words = {"state": "", "stage": "", "key": "", "after": ""}
    return _found(words | {"keys": list(keys), "limit": len(keys)}) if keys else []


def offer(key: str) -> OfferView | None:
    """The offer with this key."""
    words: dict[str, object] = {"state": "", "stage": "", "key": key, "after": "", "limit": 1}
    found = _found(words) if key else []
    return found[0] if found else None


def _found(words: dict[str, object]) -> list[OfferView]:
    rows = sql.rows(_OFFERS, {"keys": None} | words)
    return [
        OfferView(
            key,
            state,
            stage,
            version,
            json.loads(terms),
            uses,
            json.loads(given),
            json.loads(goods),
        )
        for key, state, stage, version, terms, uses, given, goods in rows
    ]


_MOST_VERSIONS = 100


def versions(key: str) -> list[OfferVersion]:
    """What the offer has said, the newest first."""
    found = OfferVersion.objects.filter(offer__key=key).order_by("-number")
    return list(found[:_MOST_VERSIONS])


def state_changes(key: str) -> list[OfferStateChange]:
    """Who gave, paused and ended the offer, the last first."""
    found = OfferStateChange.objects.filter(offer__key=key).order_by("-at", "-pk")
    return list(found[:_MOST_VERSIONS])


_MOST_CODES = 100


def codes(key: str) -> tuple[list[OfferCode], int, int]:
    """The offer's codes that anybody may be told, and of those for one customer each how many there
    are, and how many of them are not used yet.
    """
    of_offer = OfferCode.objects.filter(offer__key=key)
    single = of_offer.filter(text="")
    unused = Q(uses_left__gt=0, revoked_at=None)
    counted = single.aggregate(all=Count("pk"), unused=Count("pk", filter=unused))
    named = of_offer.filter(revoked_at=None).exclude(text="").order_by("text")
    return list(named[:_MOST_CODES]), counted["all"], counted["unused"]


def named(key: str) -> Offer:
    """The offer of this key. Raises Refusal."""
    found = Offer.objects.filter(key=key).first()
    if found is None:
        raise Refusal("no_such_offer")
    return found
