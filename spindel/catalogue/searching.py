"""Finding a product by whatever somebody has typed so far."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from spindel.kit import sql
from spindel.kit.folding import fold

MOST = 1_000  # products into which one search pages
_MOST_WORDS = 8
_MOST_FACETS = 10


def words(text: str) -> list[str]:
    """The words of a text, as they are searched: whatever stands between them is left out."""
    return re.findall(r"[^\W_]+", text.lower())


@dataclass(frozen=True, slots=True)
class Facet:
    """A way to narrow a search: `brand`, `category`, `size`, …; how many products by value."""

    name: str
    values: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Found:
    """Products by their ids, best first, of `total`; `more` follow, up to the first thousand."""

    ids: list[int]
    total: int
    more: bool
    facets: list[Facet]


# Each word as it begins, without accents, or by its stem in one of the languages. Words like "and"
# have no stem in their language.
_QUERY = """
SELECT (
    to_tsquery('simple', t.plain || ':*') || to_tsquery('swedish', t.word)
    || to_tsquery('danish', t.word) || to_tsquery('english', t.word)
)::text,
numnode(to_tsquery('swedish', t.word)) * numnode(to_tsquery('danish', t.word))
* numnode(to_tsquery('english', t.word)) = 0
FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS t (word, plain, place) ORDER BY t.place
"""

# A number that is typed beats any name; what it is called beats what is told of it. Of very many
# that begin alike none is better: they are not compared.
_HITS = """
WITH matched AS MATERIALIZED (
    SELECT id FROM catalogue_product WHERE words @@ %(query)s::tsquery AND removed_at IS NULL
)
SELECT id, max(rank) AS rank FROM (
    (SELECT id, 9::float4 AS rank FROM catalogue_product
     WHERE lower(number) LIKE %(prefix)s ORDER BY lower(number) USING ~<~ LIMIT 200)
    UNION ALL
    (SELECT product_id, 8 FROM catalogue_variant
     WHERE lower(sku) LIKE %(prefix)s AND removed_at IS NULL
     ORDER BY lower(sku) USING ~<~ LIMIT 200)
    UNION ALL
    (SELECT product_id, 8 FROM catalogue_variant
     WHERE (gtin LIKE %(gtin)s OR gtin LIKE %(gtin13)s OR gtin LIKE %(gtin12)s)
       AND removed_at IS NULL LIMIT 200)
    UNION ALL
    SELECT p.id, CASE WHEN (SELECT count(*) FROM matched) > 2000 THEN 0
        ELSE ts_rank('{0.05, 0.1, 0.2, 1}', p.words, %(query)s::tsquery) END
    FROM matched JOIN catalogue_product p ON p.id = matched.id
) hit GROUP BY id
"""

_ALL = "SELECT id, 0::float4 AS rank FROM catalogue_product WHERE removed_at IS NULL"

# `hit` is what the text means, with a column for each chosen facet; `fits` what all of them leave.
_SEARCH = """
WITH hit AS MATERIALIZED (
    SELECT p.id, p.number, p.filters, found.rank{columns}
    FROM ({hits}) found JOIN catalogue_product p ON p.id = found.id WHERE p.removed_at IS NULL
), fits AS MATERIALIZED (SELECT * FROM hit WHERE {all}{same})
(SELECT '', id::text, row_number() OVER (ORDER BY rank DESC, number) AS n FROM fits
 ORDER BY rank DESC, number LIMIT %(limit)s OFFSET %(offset)s)
UNION ALL SELECT 'total', '', count(*) FROM fits
{facets}
"""

_FACETS = """
UNION ALL (
    SELECT 'facet', filter, count(*) AS n FROM (SELECT unnest(filters) AS filter FROM {among}) one
    WHERE {wanted} GROUP BY filter ORDER BY n DESC, filter LIMIT 500
)
"""


def search(
    text: str, chosen: Mapping[str, Sequence[str]], limit: int = 30, offset: int = 0
) -> Found:
    """The products that the text may mean, of those with the chosen values.

    Of one facet any of the chosen values will do, and each facet must: size and colour of one and
    the same variant. A facet's numbers are of products, as if nothing of itself was chosen.
    """
    parameters: dict[str, object] = {"limit": limit + 1, "offset": offset}
    hits = _ALL
    if typed := text.strip()[:200].replace("\0", ""):
        query = _query(typed)
        if query is None:
            return Found([], 0, False, [])
        hits, parameters = _HITS, parameters | _numbers(typed) | {"query": query}
    some = {name: list(values) for name, values in chosen.items() if values}
    some = dict(list(some.items())[:_MOST_FACETS])
    products, total, counts = [], 0, []
    for what, value, number in sql.rows(_statement(hits, some, parameters), parameters):
        if what == "facet":
            counts.append((value, number))
        elif what == "total":
            total = number
        else:
            products.append((number, int(value)))
    ids = [id for _, id in sorted(products)]
    more = len(ids) > limit and offset + limit < MOST
    return Found(ids[:limit], total, more, _facets(counts))


def _statement(hits: str, chosen: Mapping[str, list[str]], parameters: dict[str, object]) -> str:
    """The search as one statement, to whose parameters the chosen values are added."""
    columns, options = [], []
    for place, (name, values) in enumerate(chosen.items()):
        parameters[f"f{place}"] = [f"{name}={value}" for value in values]
        parameters[f"n{place}"], parameters[f"v{place}"] = name, values
        columns.append(f", p.filters && %(f{place})s::text[] AS c{place}")
        if name not in ("brand", "category"):
            options.append(f"v.options->>%(n{place})s = ANY(%(v{place})s)")
    same = (
        " AND EXISTS (SELECT 1 FROM catalogue_variant v WHERE v.product_id = hit.id"  # noqa: S608  # put together from constants
        f" AND v.removed_at IS NULL AND {' AND '.join(options)})"
        if len(options) > 1
        else ""
    )
    called = "split_part(filter, '=', 1)"
    parameters["names"] = list(chosen)
    facets = [_FACETS.format(among="fits", wanted=f"{called} <> ALL(%(names)s::text[])")]
    for place in range(len(chosen)):
        others = _and(other for other in range(len(chosen)) if other != place)
        facets.append(
            _FACETS.format(among=f"hit WHERE {others}", wanted=f"{called} = %(n{place})s")
        )
    return _SEARCH.format(
        columns="".join(columns),
        hits=hits,
        all=_and(range(len(chosen))),
        same=same,
        facets="".join(facets),
    )


def _and(places: Iterable[int]) -> str:
    return " AND ".join(["true", *(f"c{place}" for place in places)])


def _query(typed: str) -> str | None:
    """The text as a query for words; None where it holds none."""
    found = words(typed)[:_MOST_WORDS]
    plain = ["".join(words(fold(word))) for word in found]
    both = [(word, bare) for word, bare in zip(found, plain, strict=True) if bare]
    if not both:
        return None
    parts = sql.rows(_QUERY, sql.columns(both))
    telling = [query for query, is_filler in parts if not is_filler]
    return " & ".join(f"({query})" for query in telling or [query for query, _ in parts])


def _numbers(typed: str) -> dict[str, object]:
    """The text as the beginning of a number, a SKU or a GTIN."""
    digits = re.sub(r"[\s-]", "", typed)
    # A GTIN of 12 or 13 digits is kept with zeros in front; few digits begin too many.
    is_gtin = re.fullmatch(r"[0-9]{6,14}", digits) is not None
    return {
        "prefix": re.sub(r"([\\%_])", r"\\\1", typed.lower()) + "%",
        "gtin": f"{digits}%" if is_gtin else None,
        "gtin13": f"0{digits}%" if is_gtin else None,
        "gtin12": f"00{digits}%" if is_gtin else None,
    }


def _facets(counts: Sequence[tuple[str, int]]) -> list[Facet]:
    """Counts by filter as facets: the category, the brand, and the rest by name."""
    found: dict[str, list[tuple[str, int]]] = {}
    for filter, count in counts:
        name, _, value = filter.partition("=")
        found.setdefault(name, []).append((value, count))
    first = {"category": 0, "brand": 1}
    return [
        Facet(name, tuple(sorted(values, key=lambda one: in_order(one[0]))))
        for name, values in sorted(found.items(), key=lambda one: (first.get(one[0], 2), one[0]))
    ]


def in_order(value: str) -> tuple[int, float, str]:
    """A key that puts sizes in the order of sizes: 9 before 10, S before M before L."""
    sizes = ("xxs", "xs", "s", "m", "l", "xl", "xxl", "xxxl")
    if value.lower() in sizes:
        return 1, sizes.index(value.lower()), ""
    number = re.match(r"[0-9]{1,9}(?:[.,][0-9]{1,4})?", value)
    if number:
        return 0, float(number[0].replace(",", ".")), value
    return 2, 0, fold(value)
