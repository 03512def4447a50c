"""What is held of what was kept in stores for a customer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from spindel.kit import sql
from spindel.kit.register import Holding, Subject, rows_naming_her, told

_HOLDS = rows_naming_her("stock_hold", "made_at")
_TELL_HOLDS = f"""
SELECT h.id, h.made_at, v.sku, p.name, h.quantity, h.until, h.state, h.ended_at, h.channel
FROM stock_hold h
JOIN catalogue_variant v ON v.id = h.variant_id
JOIN catalogue_place p ON p.id = h.place_id
WHERE h.id IN ({_HOLDS}) ORDER BY h.made_at, h.id
"""  # noqa: S608  # put together from constants
_HOLD = ("hold_id", "at", "sku", "store_name", "quantity", "until", "state", "ended_at", "channel")
_FORGET_HOLDS = f"""
UPDATE stock_hold SET identifier_id = NULL, shopper_id = NULL,
                         to_tell = to_tell AND order_line_id IS NOT NULL
WHERE id IN ({_HOLDS})
"""  # noqa: S608  # the same


def _tell_holds(who: Subject) -> Iterator[Mapping[str, object]]:
    return told(_TELL_HOLDS, _HOLD, who.parameters)


def _forget_holds(who: Subject, limit: int | None) -> int:
    return sql.run(_FORGET_HOLDS, who.parameters)


def _say_hold(item: Mapping[str, object]) -> SafeString:
    return format_html("{} × {} · {}", item["quantity"], item["sku"], item["store_name"])


HOLDINGS = (
    Holding(
        name=_("What was held in stores"),
        tables=("stock_hold",),
        tell=_tell_holds,
        forget=_forget_holds,
        say=_say_hold,
        kept=_("That goods were held stays in the books of the stock, without saying for whom."),
        rank=9,
    ),
)
FREE = {
    "stock_level": "how much of what is where",
    "stock_movement": "why that changed; sales by a hash of their number",
    "stock_stockevent": "what ran out, and what is back",
    "stock_stockcheck": "whether the books add up",
    "stock_promise": "which colleague is to hear of a hold that failed, by the hold's number",
}
