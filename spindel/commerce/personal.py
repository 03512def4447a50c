"""What commerce holds about a customer: what was held for her."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext_lazy as _

from spindel.kit import sql
from spindel.kit.register import Holding, Subject

_HERS = """
FROM unnest(%(ids)s::bigint[], %(since)s::timestamptz[], %(until)s::timestamptz[])
    AS span (id, since, until)
JOIN commerce_hold h
    ON h.identifier_id = span.id AND h.made_at >= span.since AND h.made_at < span.until
"""
_TELL = f"""
SELECT h.id, h.made_at, v.sku, p.name, h.quantity, h.until, h.state, h.ended_at, h.channel
{_HERS}
JOIN catalogue_variant v ON v.id = h.variant_id
JOIN catalogue_place p ON p.id = h.place_id
ORDER BY h.made_at, h.id
"""
_FORGET = f"""
UPDATE commerce_hold SET identifier_id = NULL, to_tell = false
WHERE id IN (SELECT h.id {_HERS})
"""  # noqa: S608  # put together from constants
_TOLD = ("hold_id", "at", "sku", "store_name", "quantity", "until", "state", "ended_at", "channel")


def _spans(who: Subject) -> dict[str, object]:
    return {
        "ids": [id for id, _, _ in who.spans],
        "since": [since for _, since, _ in who.spans],
        "until": [until for _, _, until in who.spans],
    }


def _tell(who: Subject) -> Iterator[Mapping[str, object]]:
    for row in sql.rows(_TELL, _spans(who)):
        yield dict(zip(_TOLD, row, strict=True))


def _forget(who: Subject, limit: int | None) -> int:
    return sql.run(_FORGET, _spans(who))


HOLDINGS = (
    Holding(
        name=_("What was held for her in stores"),
        tables=("commerce_hold",),
        tell=_tell,
        forget=_forget,
        kept=_("That goods were held stays in the books of the stock, without saying for whom."),
    ),
)
FREE = {
    "commerce_level": "how much of what is where",
    "commerce_movement": "why that changed; sales by a hash of their number",
    "commerce_stockevent": "what ran out, and what is back",
    "commerce_stockcheck": "whether the books add up",
}
