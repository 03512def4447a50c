"""What a basket costs somebody now: the offers that are live, and what is known of whoever buys.

Carts, orders and quotes ask `priced`, and nobody else says what something costs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from spindel.catalogue.models import Place
from spindel.kit import sql
from spindel.offers import audiences, codes
from spindel.offers.basket import Basket, Buyer, Code, Offer, Priced
from spindel.offers.eligible import NO_OFFERS, Offers
from spindel.offers.pricing import ANYBODY, price
from spindel.offers.terms import decode, of

MINE_OF = """
WITH mine AS (
    SELECT {identifier} AS id
  UNION
    SELECT held.identifier_id FROM (
        SELECT customer_id FROM identity_tenure WHERE identifier_id = {identifier}
        ORDER BY since DESC LIMIT 1
    ) now
    JOIN identity_tenure held ON held.customer_id = now.customer_id
    WHERE NOT EXISTS (
        SELECT FROM identity_tenure later
        WHERE later.identifier_id = held.identifier_id AND later.since > held.since
    )
)
"""
# Whatever she is known by today, who has the identifier.
_IDENTIFIER = "%(identifier)s::bigint"
MINE = MINE_OF.format(identifier=_IDENTIFIER)

# In which edition offers are, for a statement that is asked anyway; 0 before there were any.
EDITION = "coalesce((SELECT number FROM offers_edition), 0)"

_OPEN = "p.state = 'open' AND p.until > statement_timestamp()"


def standing(identifier: str) -> str:
    """How offers stand for whoever has the identifier (an expression), for a statement that is
    asked anyway: two columns, of `Standing`.
    """
    promised = f"""EXISTS (
        {MINE_OF.format(identifier=identifier)}
        SELECT FROM mine JOIN offers_pricepromise p ON p.identifier_id = mine.id WHERE {_OPEN}
    )"""
    return f"{EDITION}, {promised}"


class Standing(NamedTuple):
    """In which edition offers are (0 before there were any), and whether somebody has been promised
    something.
    """

    edition: int
    promised: bool


_LIVE = """
SELECT o.id, v.number, v.terms::text FROM offers_offer o
JOIN offers_offerversion v ON v.offer_id = o.id AND v.number = o.version
WHERE o.state = 'live'
"""


# What this process has read last, and in which edition that was.
_read: tuple[int, Offers] = (0, NO_OFFERS)


def live(edition: int) -> Offers:
    """The offers that are live, as they are in this edition of them or a later one."""
    global _read
    known, offers = _read
    if known != edition:
        found = [Offer(id, number, decode(terms)) for id, number, terms in sql.rows(_LIVE)]
        offers = Offers(found, zones())
        _read = edition, offers
    return offers


def zones() -> Mapping[str, ZoneInfo]:
    """The clocks of markets, as those of their stores."""
    places = Place.objects.filter(closed_at=None).order_by("-pk")
    return {country: ZoneInfo(zone) for country, zone in places.values_list("country", "time_zone")}


def stand(identifier: int | None) -> Standing:
    """How offers stand for whoever has the identifier."""
    row = sql.prepared(f"SELECT {standing(_IDENTIFIER)}", {"identifier": identifier})
    assert row is not None
    return Standing(*row)


def priced(basket: Basket, identifier: int | None, standing: Standing) -> Priced:
    """What the basket costs whoever has the identifier; None: somebody whom nobody knows."""
    offers = live(standing.edition)
    return price(basket, offers, buyer(offers, basket, identifier, promised=standing.promised))


# --- whoever buys ---------------------------------------------------------------------------------

_USED = """
(SELECT json_object_agg(offer_id, many) FROM (
    SELECT u.offer_id, count(*) AS many FROM mine
    JOIN offers_offeruse u ON u.identifier_id = mine.id AND u.returned_at IS NULL
    WHERE u.offer_id IS NOT NULL
    GROUP BY u.offer_id) used)::text
"""
_PROMISED = f"""
(SELECT json_agg(json_build_array(p.id, p.offer_id, p.version, p.terms) ORDER BY p.until, p.id)
 FROM mine JOIN offers_pricepromise p ON p.identifier_id = mine.id WHERE {_OPEN})::text
"""  # noqa: S608  # put together from constants
_BUYER = f"""
{MINE}
SELECT {_USED}, {_PROMISED}, {{groups}},
    (SELECT json_object_agg(offer_id, l."left") FROM offers_offerlimit l
     WHERE l.offer_id = ANY(%(limited)s::bigint[]) AND l.currency = '')::text,
    (SELECT json_object_agg(offer_id, l."left") FROM offers_offerlimit l
     WHERE l.offer_id = ANY(%(limited)s::bigint[]) AND l.currency = %(currency)s::text)::text
"""  # noqa: S608  # put together from constants


@cache
def _asked() -> str:
    """What is asked of whoever buys; once all that knows of groups has said so."""
    return _BUYER.format(groups=audiences.groups())


def used(identifier: int) -> dict[int, int]:
    """How often whoever has the identifier has used offers, by their ids; under whatever they are
    known by today.
    """
    words = {"identifier": identifier}
    row = sql.prepared(f"{MINE} SELECT {_USED}", words)
    return _by_id(row[0] if row else None)


def _by_id(found: str | None) -> dict[int, int]:
    return {int(id): many for id, many in json.loads(found or "{}").items()}


def buyer(
    offers: Offers, basket: Basket, identifier: int | None, *, promised: bool = True
) -> Buyer:
    """What is known of whoever has the identifier, as far as these offers and the basket's codes
    and currency need it. `promised`: somebody may have promised them something.
    """
    typed = _typed(offers, basket.codes) if basket.codes else {}
    behind = [code.offer for code in typed.values() if code.offer]
    limited = {*offers.limited, *(one.id for one in behind)}
    audience = offers.audiences or any(one.terms.audience for one in behind)
    if not limited and (identifier is None or not (promised or audience)):
        return ANYBODY if not typed else Buyer(codes=typed)
    words = {"identifier": identifier, "limited": sorted(limited), "currency": basket.currency}
    row = sql.prepared(_asked(), words)
    assert row is not None
    before, promises, groups, uses_left, money_left = row
    return Buyer(
        groups=frozenset(groups or ()),
        used=_by_id(before),
        codes=typed,
        uses_left=_by_id(uses_left),
        money_left=_by_id(money_left),
        promises=[_promise(*one) for one in json.loads(promises or "[]")],
    )


def _promise(id: int, offer: int | None, version: int, terms: object) -> Offer:
    return Offer(offer or -id, version, of(terms), promise=id)


_CODES = """
SELECT c.digest, c.uses_left, c.revoked_at IS NOT NULL, o.id, v.number, v.terms::text, o.state
FROM offers_offercode c JOIN offers_offer o ON o.id = c.offer_id
JOIN offers_offerversion v ON v.offer_id = o.id AND v.number = o.version
WHERE c.digest = ANY(%(digests)s::bytea[]) AND o.state <> 'draft'
"""


def _typed(offers: Offers, typed: Sequence[str]) -> dict[str, Code]:
    digests = {codes.digest(one): one for one in typed}
    found = dict.fromkeys(typed, Code(None))
    rows = sql.rows(_CODES, {"digests": list(digests)})
    for digest, left, revoked, id, number, terms, state in rows:
        offer = offers.by_id.get(id) or Offer(id, number, decode(terms), stopped=state != "live")
        found[digests[bytes(digest)]] = Code(offer, spent=left == 0, revoked=revoked)
    return found
