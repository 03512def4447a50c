"""Offers as a marketer sees them: what they say, and what has come of them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.db.models import Count, Q

from spindel.kit import sql
from spindel.kit.refusal import Refusal
from spindel.offers.models import Offer, OfferCode, OfferVersion

_OFFERS = """
SELECT o.key, o.state, o.version, v.terms::text, coalesce(sums.uses, 0),
       coalesce(sums.given, '{}')::text
FROM offers_offer o
JOIN offers_offerversion v ON v.offer_id = o.id AND v.number = o.version
LEFT JOIN LATERAL (
    SELECT sum(many)::bigint AS uses, json_object_agg(currency, amount) AS given FROM (
        SELECT currency, count(*) AS many, sum(amount) AS amount FROM offers_offeruse
        WHERE offer_id = o.id AND returned_at IS NULL GROUP BY currency
    ) by_currency
) sums ON true
WHERE (%(state)s = '' OR o.state = %(state)s) AND (%(key)s = '' OR o.key = %(key)s)
  AND o.key > %(after)s
ORDER BY o.key LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class OfferView:
    """An offer with its terms as JSON; in how many orders it counts, and what it has taken off, in
    minor units by currency.
    """

    key: str
    state: str
    version: int
    terms: dict[str, object]
    uses: int
    given: dict[str, int]


def offers(state: str, after: str, limit: int) -> list[OfferView]:
    """Offers by their keys, from after a key on; those in a state, or all where it is empty."""
    return _found({"state": state, "key": "", "after": after, "limit": limit})


def offer(key: str) -> OfferView | None:
    """The offer with this key."""
    found = _found({"state": "", "key": key, "after": "", "limit": 1}) if key else []
    return found[0] if found else None


def _found(words: dict[str, object]) -> list[OfferView]:
    return [
        OfferView(key, state, version, json.loads(terms), uses, json.loads(given))
        for key, state, version, terms, uses, given in sql.rows(_OFFERS, words)
    ]


_MOST_VERSIONS = 100


def versions(key: str) -> list[OfferVersion]:
    """What the offer has said, the newest first."""
    found = OfferVersion.objects.filter(offer__key=key).order_by("-number")
    return list(found[:_MOST_VERSIONS])


_MOST_CODES = 100


def codes(key: str) -> tuple[list[OfferCode], int, int]:
    """The offer's codes that anybody may be told, and of those for one customer each how many there
    are, and how many of them are not used yet.
    """
    of_offer = OfferCode.objects.filter(offer__key=key)
    single = of_offer.filter(text="")
    counted = single.aggregate(all=Count("pk"), unused=Count("pk", filter=Q(uses_left__gt=0)))
    named = of_offer.exclude(text="").order_by("text")
    return list(named[:_MOST_CODES]), counted["all"], counted["unused"]


def named(key: str) -> Offer:
    """The offer of this key. Raises Refusal."""
    found = Offer.objects.filter(key=key).first()
    if found is None:
        raise Refusal("no_such_offer")
    return found
