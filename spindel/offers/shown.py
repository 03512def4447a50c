"""Whom an offer was shown to: they keep it for as long as it said, whatever becomes of it.

Nothing is written as it is shown. When an offer is stopped or changed before its time, those whom
it was shown to since it last changed are found, and each gets a promise. What lies above, such as
carts, registers where else something is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from spindel.kit import sql
from spindel.offers import audiences
from spindel.offers.models import Offer, OfferVersion
from spindel.offers.reading import MINE_OF
from spindel.offers.terms import Terms, of

WITHOUT_AN_END = timedelta(days=7)  # for so long is an offer promised that has named no end

_IN_LISTS = """
SELECT c.identifier_id FROM offers_offershowing s
JOIN offers_listedcustomer c ON c.list_id = s.list_id
WHERE s.offer_id = %(offer)s AND s.version = %(version)s
"""
# As shops tell of them: `promotion_id` is the offer's key. What anybody can say with a public key
# gives nobody an offer that is for some, or of which there is so much. Rows lie in the order of
# arrival, and half a year of them would take too long.
_TOLD = """
SELECT f.identifier_id FROM timeline_fact f
JOIN timeline_source s ON s.id = f.source_id AND (s.trusted OR %(open)s::bool)
WHERE f.received_at >= greatest(%(since)s, now() - interval '30 days')
  AND f.name IN ('Promotion Viewed', 'Promotion Clicked')
  AND f.properties->>'promotion_id' = %(key)s
"""

_PLACES: dict[str, str] = {"facts": _TOLD}


def register(name: str, identifiers: str) -> None:
    """Have it known who was shown an offer there, by this: a SELECT of one column, identifiers.

    Its words: `offer` (id), `version`, `key`, `since` (when it came to say what it says), and the
    goods that it is on: `products`, `categories`, `brands`, each an array, empty for all.
    """
    _PLACES[name] = identifiers


@dataclass(frozen=True, slots=True)
class Shown:
    """How many customers would keep an offer if it were stopped now, until when, and what that
    costs by currency in minor units, should each of them buy as those have who used it.
    """

    customers: int
    until: datetime
    costs: Mapping[str, int] = field(default_factory=dict)


def _identifiers(offer: Offer, terms: Terms) -> str:
    """A SELECT of those whom it was shown to, as far as it is for them. What has not begun or is
    used up stood nowhere but in what was sent.
    """
    waits = terms.since is not None and terms.since > timezone.now()
    nowhere = waits or offer.limits.filter(left=0).exists()
    places = [_IN_LISTS] if nowhere else [_IN_LISTS, *_PLACES.values()]
    shown = " UNION ".join(f"({one})" for one in places)
    return f"""
        SELECT shown.id FROM ({shown}) AS shown (id)
        WHERE %(audience)s::text[] = '{{}}' OR EXISTS (
            {MINE_OF.format(identifier="shown.id")}
            SELECT FROM ({audiences.known()}) AS belongs (name)
            WHERE belongs.name = ANY(%(audience)s::text[]))"""  # noqa: S608  # of constants


_COUNT = """
SELECT count(DISTINCT coalesce(
    (SELECT customer_id FROM identity_tenure t WHERE t.identifier_id = shown.id
     ORDER BY since DESC LIMIT 1), -shown.id))
FROM ({shown}) AS shown (id) WHERE shown.id IS NOT NULL
"""
_USUALLY = """
SELECT currency, avg(amount)::float8 FROM offers_offeruse
WHERE offer_id = %(offer)s AND returned_at IS NULL GROUP BY currency
"""


def to_whom(offer: Offer) -> Shown:
    """Whom it has been shown to since it last changed. Nobody, where it is not given."""
    terms, words = _asked(offer)
    until = kept_until(terms)
    if not _is_given(offer, until):
        return Shown(0, until)
    ((customers,),) = sql.rows(_COUNT.format(shown=_identifiers(offer, terms)), words)
    usually = sql.rows(_USUALLY, {"offer": offer.pk}) if customers else []
    return Shown(customers, until, {one: round(customers * mean) for one, mean in usually})


def _is_given(offer: Offer, until: datetime) -> bool:
    return offer.state == Offer.State.LIVE and until > timezone.now()


def kept_until(terms: Terms) -> datetime:
    """Until when those keep it whom it was shown to."""
    return terms.until or timezone.now() + WITHOUT_AN_END


_KEEP = """
INSERT INTO offers_pricepromise (identifier_id, offer_id, version, terms, source, reference,
                                 channel, by, why, until, state)
SELECT shown.id, %(offer)s, %(version)s, v.terms, 'shown', %(key)s || ' ' || %(version)s, '',
       %(by)s, '', %(until)s, 'open'
FROM ({shown}) AS shown (id)
JOIN identity_identifier i ON i.id = shown.id
JOIN offers_offerversion v ON v.offer_id = %(offer)s AND v.number = %(version)s
ORDER BY shown.id
ON CONFLICT (source, reference, identifier_id) DO UPDATE
    SET until = greatest(offers_pricepromise.until, excluded.until), state = 'open',
        changed_at = statement_timestamp()
"""


def keep_promises(offer: Offer, by: str) -> None:
    """It is given, and is about to be stopped or changed: promise it to whom it has been shown."""
    terms, words = _asked(offer)
    until = kept_until(terms)
    if _is_given(offer, until):
        shown = _identifiers(offer, terms)
        sql.run(_KEEP.format(shown=shown), words | {"until": until, "by": by})


def _asked(offer: Offer) -> tuple[Terms, dict[str, object]]:
    version = OfferVersion.objects.get(offer=offer, number=offer.version)
    terms = of(version.terms)
    return terms, {
        "offer": offer.pk,
        "version": offer.version,
        "key": offer.key,
        "since": version.at,
        "audience": sorted(terms.audience),
        "open": not (terms.audience or terms.most_uses or terms.budget),
        "products": sorted(terms.goods.products),
        "categories": sorted(terms.goods.categories),
        "brands": sorted(terms.goods.brands),
    }
