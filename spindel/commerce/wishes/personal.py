"""What a customer has put on her wish list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext_lazy as _

from spindel.kit import sql
from spindel.kit.register import Holding, Subject, rows_naming_her, told

_WISHES = rows_naming_her("wishes_wish", "made_at")
_TELL_WISHES = f"""
SELECT w.made_at, v.sku, w.waits, w.told_at
FROM wishes_wish w JOIN catalogue_variant v ON v.id = w.variant_id
WHERE w.id IN ({_WISHES}) ORDER BY w.made_at, w.id
"""  # noqa: S608  # put together from constants


def _tell_wishes(who: Subject) -> Iterator[Mapping[str, object]]:
    return told(_TELL_WISHES, ("at", "name", "waits", "told_at"), who.parameters)


def _forget_wishes(who: Subject, limit: int | None) -> int:
    return sql.run(f"DELETE FROM wishes_wish WHERE id IN ({_WISHES})", who.parameters)  # noqa: S608  # the same


HOLDINGS = (
    Holding(
        name=_("Wish list"),
        tables=("wishes_wish",),
        tell=_tell_wishes,
        forget=_forget_wishes,
        rank=4,
    ),
)
FREE = {
    "wishes_stockcursor": "how far stock events were read",
}
