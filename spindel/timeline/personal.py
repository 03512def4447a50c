"""What the timeline holds about a customer: her facts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from spindel.kit import sql
from spindel.kit.register import Holding, Subject
from spindel.timeline.diary import sentence
from spindel.timeline.models import NOBODY
from spindel.timeline.reading import columns

# What bookkeeping must keep of a purchase (Swedish and Danish law: seven and five years), and the
# only properties that it keeps: none of them says whose it was.
BOOKKEEPING = ("Order Completed", "Order Updated", "Order Cancelled", "Order Refunded")
_OF_ORDERS = (
    *("order_id", "affiliation", "currency", "total", "subtotal", "revenue", "value"),
    *("shipping", "tax", "discount", "payment_method"),
)
_OF_ITEMS = ("product_id", "sku", "name", "category", "brand", "variant", "price", "quantity")

# What a follower has not seen yet may tell of more that is hers.
_FOLLOWED = """
(transaction, sequence) <= ALL (SELECT transaction, sequence FROM timeline_cursor)
"""

_HERS = f"""
SELECT f.id FROM unnest(%(ids)s::bigint[], %(since)s::timestamptz[], %(until)s::timestamptz[])
    AS span (id, since, until)
CROSS JOIN LATERAL (
    SELECT id FROM timeline_fact
    WHERE identifier_id = span.id AND occurred_at >= span.since AND occurred_at < span.until
      AND (name = ANY(%(kept)s)) = %(keep)s AND (%(all)s OR {_FOLLOWED})
    LIMIT %(limit)s
) f LIMIT %(limit)s
"""  # noqa: S608  # put together from constants

# Numbers and short words alone: a text with an @ in it could be an address.
_SAFE = """
jsonb_typeof({value}) IN ('number', 'boolean')
OR jsonb_typeof({value}) = 'string' AND {value}::text !~ '@' AND length({value}::text) <= 120
"""

_REDUCED = f"""
coalesce((
    SELECT jsonb_object_agg(p.key, p.value) FROM jsonb_each(f.properties) p
    WHERE p.key = ANY(%(of_orders)s) AND ({_SAFE.format(value="p.value")})
), '{{}}') || CASE WHEN jsonb_typeof(f.properties->'products') = 'array' THEN
    jsonb_build_object('products', (
        SELECT coalesce(jsonb_agg((
            SELECT coalesce(jsonb_object_agg(q.key, q.value), '{{}}') FROM jsonb_each(item) q
            WHERE q.key = ANY(%(of_items)s) AND ({_SAFE.format(value="q.value")})
        )), '[]')
        FROM jsonb_array_elements(f.properties->'products') item
        WHERE jsonb_typeof(item) = 'object'
    ))
    ELSE '{{}}' END
"""  # noqa: S608  # put together from constants

_ANONYMISE = f"""
UPDATE timeline_fact f
SET identifier_id = {NOBODY}, also = NULL, context = NULL, properties = {_REDUCED}
FROM ({_HERS}) hers WHERE f.id = hers.id
"""  # noqa: S608  # the same

_REMOVE = f"DELETE FROM timeline_fact f USING ({_HERS}) hers WHERE f.id = hers.id"  # noqa: S608  # the same


def _forget(who: Subject, limit: int | None) -> int:
    parameters: dict[str, object] = {
        **columns(who.spans),
        "all": limit is None,
        "limit": limit,
        "kept": list(BOOKKEEPING),
        "of_orders": list(_OF_ORDERS),
        "of_items": list(_OF_ITEMS),
    }
    kept = sql.run(_ANONYMISE, parameters | {"keep": True})
    left = None if limit is None else limit - kept
    return kept + sql.run(_REMOVE, parameters | {"keep": False, "limit": left})


# What other people's messages named her identifiers beside theirs: it stays theirs, reduced alike.
_LEAVE_OUT = f"""
UPDATE timeline_fact f
SET also = nullif(ARRAY(SELECT unnest(f.also) EXCEPT SELECT unnest(%(gone)s::bigint[])), '{{}}'),
    context = NULL, properties = {_REDUCED}
WHERE f.identifier_id = ANY(%(near)s) AND f.also && %(gone)s::bigint[]
"""  # noqa: S608  # the same


def leave_out(gone: Sequence[int], near: Sequence[int]) -> int:
    """Take identifiers that are gone out of facts that name them beside others; how many."""
    parameters = {"gone": list(gone), "near": list(near)}
    lists = {"of_orders": list(_OF_ORDERS), "of_items": list(_OF_ITEMS)}
    return sql.run(_LEAVE_OUT, parameters | lists)


_PAGE = 1_000

_TELL = """
SELECT f.occurred_at, f.sequence, f.id, f.name, f.channel, s.name, f.received_at, f.properties,
       f.context
FROM unnest(%(ids)s::bigint[], %(since)s::timestamptz[], %(until)s::timestamptz[])
    AS span (id, since, until)
CROSS JOIN LATERAL (
    SELECT * FROM timeline_fact
    WHERE identifier_id = span.id AND occurred_at >= span.since AND occurred_at < span.until
      AND (occurred_at, sequence) > (%(at)s, %(after)s)
    ORDER BY occurred_at, sequence LIMIT %(limit)s
) f
JOIN timeline_source s ON s.id = f.source_id
ORDER BY f.occurred_at, f.sequence LIMIT %(limit)s
"""


def _tell(who: Subject) -> Iterator[Mapping[str, object]]:
    if not who.spans:
        return
    at, after = min(since for _, since, _ in who.spans), -1
    while True:
        parameters = {**columns(who.spans), "at": at, "after": after, "limit": _PAGE}
        rows = sql.rows(_TELL, parameters)
        for row in rows:
            occurred_at, _, id, name, channel, source, received_at, properties, context = row
            yield {
                "id": str(id),
                "name": name,
                "at": occurred_at,
                "received_at": received_at,
                "channel": channel,
                "source": source,
                "properties": json.loads(properties),
                "context": json.loads(context) if context else {},
            }
        if len(rows) < _PAGE:
            return
        at, after = rows[-1][:2]


def _say(fact: Mapping[str, object]) -> SafeString:
    name, properties = fact["name"], fact["properties"]
    assert isinstance(name, str)
    assert isinstance(properties, dict)
    return sentence(name, properties)


FACTS = Holding(
    name=_("What happened"),
    tables=("timeline_fact",),
    tell=_tell,
    forget=_forget,
    large=True,
    say=_say,
    kept=_(
        "Purchases stay in the books with their number, goods and sums, without saying whose"
        " they were."
    ),
)
HOLDINGS = (FACTS,)
FREE = {
    "timeline_source": "the systems that tell of facts",
    "timeline_writekey": "their keys",
    "timeline_cursor": "how far followers have read",
}
