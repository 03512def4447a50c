"""What an offer can be on, by whatever somebody has typed so far."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from spindel.catalogue import reading
from spindel.catalogue.models import Product
from spindel.catalogue.searching import search
from spindel.catalogue.wording import in_language
from spindel.kit import sql, texts

_FEW = 6  # of each kind
_LEAST = 2  # letters


@dataclass(frozen=True, slots=True)
class Hit:
    """Goods that an offer can be on: `kind` is "products", "categories" or "brands", `value` what
    an offer calls them by, `label` what people do.
    """

    kind: str
    value: str
    label: str


_NAMED = """
(SELECT DISTINCT 'categories', category FROM catalogue_product p, unnest(p.categories) AS category
 WHERE p.removed_at IS NULL AND category ILIKE %(like)s::text ORDER BY 2 LIMIT %(few)s)
UNION ALL
(SELECT DISTINCT 'brands', brand FROM catalogue_product
 WHERE removed_at IS NULL AND brand ILIKE %(like)s::text ORDER BY 2 LIMIT %(few)s)
"""


def hits(text: str, language: str) -> list[Hit]:
    """The categories, brands and products that the text may mean, a few of each."""
    typed = texts.plain(text, 100)
    if len(typed) < _LEAST:
        return []
    escaped = typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    rows = sql.rows(_NAMED, {"like": f"%{escaped}%", "few": _FEW})
    found = [Hit(kind, value, value) for kind, value in rows if value]
    for one in reading.in_given_order(search(typed, {}, _FEW).ids):
        name = in_language(one.names, language, one.number)
        found.append(Hit("products", one.number, f"{name} ({one.number})"))
    return found


def names(numbers: Collection[str], language: str) -> dict[str, str]:
    """What products are called, by their numbers; of those that there are."""
    there = Product.objects.filter(number__in=list(numbers)).values_list("number", "names")
    return {number: in_language(told, language, number) for number, told in there}
