"""What is held of what a customer was offered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from spindel.commerce.common.personal import naming_her, say_goods
from spindel.commerce.stock import ledger
from spindel.kit import idempotency, sql
from spindel.kit.register import Holding, Subject, ids_of, rows_naming_her, told

_QUOTES = rows_naming_her("quotes_quote", "made_at")
_TELL_QUOTES = """
SELECT q.number, q.made_at, q.state, q.until, q.sent_at, q.seen_at, q.ended_at, q.by, q.note,
       q.contact, q.address, (
           SELECT jsonb_agg(jsonb_build_object('sku', v.sku, 'quantity', l.quantity,
                                               'amount', l.amount) ORDER BY l.line)
           FROM quotes_quoteline l JOIN catalogue_variant v ON v.id = l.variant_id
           WHERE l.quote_id = q.id)
FROM quotes_quote q WHERE q.id = ANY(%(quotes)s) ORDER BY q.made_at, q.id
"""
_QUOTE = ("name", "at", "state", "until", "sent_at", "seen_at", "ended_at", "by", "note")
_QUOTE_PARTS = ("contact", "address", "lines")


def _quotes(who: Subject) -> list[int]:
    return sorted({*ids_of(_QUOTES, who), *naming_her("quotes_quote", who)})


def _tell_quotes(who: Subject) -> Iterator[Mapping[str, object]]:
    names = (*_QUOTE, *_QUOTE_PARTS)
    return told(_TELL_QUOTES, names, {"quotes": _quotes(who)}, _QUOTE_PARTS)


_FORGET_QUOTES = (
    """
UPDATE quotes_quote SET identifier_id = NULL, contact = '{}', contact_email = '',
                          contact_phone = '', address = '{}', note = ''
WHERE id = ANY(%(quotes)s) AND state = 'accepted'
""",
    """
DELETE FROM quotes_quoteline l USING quotes_quote q
WHERE q.id = l.quote_id AND q.id = ANY(%(quotes)s) AND q.state <> 'accepted'
""",
    "DELETE FROM quotes_quote WHERE id = ANY(%(quotes)s) AND state <> 'accepted'",
)
_KEEPING = """
SELECT id, revision FROM quotes_quote
WHERE id = ANY(%(quotes)s) AND holds AND state <> 'accepted'
"""
_KEPT = """
SELECT id, variant_id, place_id FROM stock_hold WHERE key = ANY(%(keys)s) AND state = 'active'
"""
# From this moment it does not count any more; the job takes it back.
_END_KEPT = """
UPDATE stock_hold SET until = least(until, statement_timestamp())
WHERE id = ANY(%(holds)s) AND state = 'active'
"""


def _let_go(quotes: Sequence[int]) -> None:
    """Keep nothing for quotes that nobody will accept any more."""
    found = sql.rows(_KEEPING, {"quotes": list(quotes)})
    keys = [idempotency.key("quote", f"{id}.{revision}") for id, revision in found]
    kept = sql.rows(_KEPT, {"keys": keys})
    ledger.lock({(variant, place) for _, variant, place in kept})
    sql.run(_END_KEPT, {"holds": [id for id, _, _ in kept]})


def _forget_quotes(who: Subject, limit: int | None) -> int:
    quotes = _quotes(who)
    _let_go(quotes)
    for statement in _FORGET_QUOTES:
        sql.run(statement, {"quotes": quotes})
    return len(quotes)


HOLDINGS = (
    Holding(
        name=_("Quotes for this customer"),
        tables=("quotes_quote", "quotes_quoteline"),
        tell=_tell_quotes,
        forget=_forget_quotes,
        say=say_goods,
        kept=_("Quotes that became orders stay with them, without saying for whom."),
        rank=6,
    ),
)
FREE: Mapping[str, str] = {}
