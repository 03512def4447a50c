"""Who uses which offer: counted with the order that it counts in, in that order's transaction.

Limits, codes and promises are locked last of all: limits by offer, then codes by id, then promises
by id; whoever holds one of them asks for no other lock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from spindel.kit import sql
from spindel.kit.money import to_major
from spindel.kit.refusal import Refusal
from spindel.offers import codes
from spindel.offers.basket import Offer, PricedLine
from spindel.offers.facts import PromiseKept
from spindel.offers.reading import used
from spindel.offers.terms import decode
from spindel.timeline.recording import record_all

# A customer's orders that use an offer which each may use so often only, one after the other.
_ONE_BY_ONE = """
SELECT pg_advisory_xact_lock(hashtextextended('offers of ' || coalesce((
    SELECT 'customer ' || customer_id FROM identity_tenure
    WHERE identifier_id = %(identifier)s::bigint ORDER BY since DESC LIMIT 1
), 'identifier ' || %(identifier)s::bigint), 0))
"""

_TAKE_CODES = """
WITH locked AS (
    SELECT id FROM offers_offercode WHERE digest = ANY(%(digests)s::bytea[])
    ORDER BY id FOR UPDATE
)
UPDATE offers_offercode c SET uses_left = uses_left - 1
FROM locked WHERE c.id = locked.id AND c.revoked_at IS NULL
    AND (c.uses_left IS NULL OR c.uses_left > 0)
RETURNING c.id, c.offer_id
"""

_TAKE_LIMITS = """
WITH locked AS (
    SELECT l.id, CASE WHEN l.currency = '' THEN 1 ELSE taken.amount END AS amount
    FROM unnest(%(offers)s::bigint[], %(amounts)s::bigint[]) AS taken (offer_id, amount)
    JOIN offers_offerlimit l ON l.offer_id = taken.offer_id
        AND l.offer_id = ANY(%(limited)s::bigint[])
        AND l.currency IN ('', %(currency)s::text)
    ORDER BY l.offer_id, l.currency FOR UPDATE OF l
), changed AS (
    UPDATE offers_offerlimit l SET "left" = l."left" - locked.amount
    FROM locked WHERE l.id = locked.id AND l."left" >= locked.amount
    RETURNING l.id
)
SELECT (SELECT count(*) FROM locked) - (SELECT count(*) FROM changed)
"""

_PUT = """
INSERT INTO offers_offeruse (offer_id, version, promise_id, code_id, "order", identifier_id,
                             currency, amount, goods)
SELECT CASE WHEN offer_id > 0 THEN offer_id END, version, promise_id, code_id, %(order)s::text,
       %(identifier)s::bigint, %(currency)s::text, amount, %(goods)s::bigint
FROM unnest(%(offers)s::bigint[], %(versions)s::int[], %(promises)s::bigint[], %(codes)s::bigint[],
            %(amounts)s::bigint[]) AS used (offer_id, version, promise_id, code_id, amount)
"""

# One that is hers alone is kept with this order; one of an offer as often as that says.
_KEEP_PROMISES = """
WITH locked AS (
    SELECT id FROM offers_pricepromise WHERE id = ANY(%(promises)s::bigint[])
    ORDER BY id FOR UPDATE
)
UPDATE offers_pricepromise p
SET state = CASE WHEN p.offer_id IS NULL THEN 'kept' ELSE p.state END,
    changed_at = CASE WHEN p.offer_id IS NULL THEN statement_timestamp() ELSE p.changed_at END
FROM locked WHERE p.id = locked.id AND p.state = 'open'
RETURNING p.id
"""


def reserve(order: str, identifier: int | None, currency: str, lines: Sequence[PricedLine]) -> None:
    """Count the offers that the order has, from now on, and keep the promises. Raises Refusal where
    another order has used one up since the basket was priced: then it costs something else.
    """
    adjustments = [one for line in lines for one in line.adjustments]
    if not adjustments:
        return
    offers = {one.offer.id: one.offer for one in adjustments}
    amounts: Counter[int] = Counter()
    for one in adjustments:
        amounts[one.offer.id] -= one.amount
    ids = sorted(offers)
    _check_hers(offers, identifier)
    words: dict[str, object] = {
        "offers": ids,
        "amounts": [amounts[id] for id in ids],
        "currency": currency,
    }
    given = [one for one in offers.values() if one.promise is None]
    limited = [one for one in given if one.terms.most_uses or one.terms.budget]
    words["limited"] = sorted(one.id for one in limited)
    if limited and sql.rows(_TAKE_LIMITS, words)[0][0]:
        raise Refusal("offer_used_up")
    taken = _take_codes({one.offer.id: one.code for one in adjustments if one.code})
    _keep_promises(offers)
    words |= {
        "promises": [offers[id].promise for id in ids],
        "versions": [offers[id].version for id in ids],
        "codes": [taken.get(id) for id in ids],
        "order": order,
        "identifier": identifier,
        "goods": sum(line.total for line in lines),
    }
    sql.run(_PUT, words)


def _keep_promises(offers: Mapping[int, Offer]) -> None:
    promises = [one.promise for one in offers.values() if one.promise is not None]
    if promises and len(sql.rows(_KEEP_PROMISES, {"promises": promises})) < len(promises):
        raise Refusal("offer_used_up")


def _check_hers(offers: Mapping[int, Offer], identifier: int | None) -> None:
    each = {id: one.terms.most_each for id, one in offers.items() if one.terms.most_each}
    if not each or identifier is None:
        return
    sql.rows(_ONE_BY_ONE, {"identifier": identifier})
    before = used(identifier)
    if any(before.get(id, 0) >= most for id, most in each.items()):
        raise Refusal("offer_used_up")


def _take_codes(typed: Mapping[int, str]) -> dict[int, int]:
    """Use the codes, and answer their ids by their offers'."""
    if not typed:
        return {}
    digests = [codes.digest(one) for one in typed.values()]
    taken = {offer: id for id, offer in sql.rows(_TAKE_CODES, {"digests": digests})}
    if len(taken) < len(typed):
        raise Refusal("offer_used_up")
    return taken


_KEPT = """
SELECT p.id, p.terms::text, u.amount, u.currency FROM offers_offeruse u
JOIN offers_pricepromise p ON p.id = u.promise_id
WHERE u."order" = %(order)s::text AND u.returned_at IS NULL ORDER BY p.id
"""


def record_kept(order: str, identifier: int, channel: str) -> None:
    """The order is settled: tell which promises it has kept."""
    found = sql.rows(_KEPT, {"order": order})
    kept = []
    for id, terms, amount, currency in found:
        given = float(to_major(amount, currency))
        kept.append((PromiseKept(id, decode(terms).name("en"), order, given, currency), identifier))
    record_all(kept, channel)


_GIVE_BACK = """
WITH back AS (
    UPDATE offers_offeruse u SET returned_at = statement_timestamp()
    WHERE "order" = %(order)s::text AND returned_at IS NULL AND (NOT %(returned)s::bool OR EXISTS (
        SELECT FROM offers_offerversion v WHERE v.offer_id = u.offer_id AND v.number = u.version
            AND (v.terms->>'back_on_return')::bool))
    RETURNING offer_id, promise_id, code_id, currency, amount
), limits AS (
    SELECT l.id, CASE WHEN l.currency = '' THEN 1 ELSE back.amount END AS amount
    FROM back JOIN offers_offerlimit l ON l.offer_id = back.offer_id
        AND l.currency IN ('', back.currency)
    WHERE back.promise_id IS NULL
    ORDER BY l.offer_id, l.currency FOR UPDATE OF l
), limited AS (
    UPDATE offers_offerlimit l SET "left" = l."left" + limits.amount
    FROM limits WHERE l.id = limits.id
    RETURNING l.id
), coded AS (
    SELECT c.id FROM back JOIN offers_offercode c ON c.id = back.code_id
    WHERE (SELECT count(*) FROM limited) >= 0  -- after those
    ORDER BY c.id FOR UPDATE OF c
), uncoded AS (
    UPDATE offers_offercode c SET uses_left = c.uses_left + 1 FROM coded WHERE c.id = coded.id
    RETURNING c.id
), promised AS (
    SELECT p.id FROM back JOIN offers_pricepromise p ON p.id = back.promise_id
    WHERE p.state = 'kept' AND (SELECT count(*) FROM uncoded) >= 0  -- after those
    ORDER BY p.id FOR UPDATE OF p
)
UPDATE offers_pricepromise p SET state = 'open', changed_at = statement_timestamp()
FROM promised WHERE p.id = promised.id
"""


def give_back(order: str, *, returned: bool = False) -> None:
    """The order has come to nothing: what it has used can be used again. `returned`: all of it has
    been given back, and so is what its offer allows that for. Asked again it changes nothing.
    """
    sql.run(_GIVE_BACK, {"order": order, "returned": returned})
