"""Finding a product by whatever somebody has typed so far, narrowed and sorted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from spindel.catalogue import availability
from spindel.catalogue.models import Place, Variant
from spindel.catalogue.reading import currency_of
from spindel.catalogue.terms import Term, instead, terms, without_slips
from spindel.catalogue.wording import in_order
from spindel.kit import sql, texts
from spindel.kit.money import to_minor

MOST = 1_000  # products into which one search pages
_MOST_FACETS = 10
_FINELY = 1_000  # products whose variants are counted one by one
_MOST_STORES = 30  # whose stock is counted

# As well as it fits, by the lowest price, or what came last.
_ORDERS = {
    "": "rank DESC, number",
    "price": "price NULLS LAST, rank DESC, number",
    "-price": "price DESC NULLS LAST, rank DESC, number",
    "newest": "id DESC",
}
SORTS = tuple(_ORDERS)
OF_PRODUCTS = ("category", "brand")  # facets; those of a market are these:
PRICE, IN_STOCK = "price", "in_stock"
ANYWHERE = "any"  # in stock in whichever place serves the market


@dataclass(frozen=True, slots=True)
class Facet:
    """A way to narrow a search: `brand`, `size`, `price`, …; how many products by value."""

    name: str
    values: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Meant:
    """The variant of a product that a search means, and those of its options that were named."""

    variant: int
    sku: str
    options: dict[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """Products by their ids, best first, of `total`; `more` follow, up to the first thousand.

    `read_as` is the text without its slips, where it had some; `instead`, where nothing was found,
    is the most of it that finds something. `meant` has the products of which a variant is meant.
    """

    ids: list[int]
    total: int
    more: bool
    facets: list[Facet]
    read_as: str = ""
    instead: str = ""
    meant: dict[int, Meant] = field(default_factory=dict)

    def named_first(self, product: int, variants: Iterable[Variant]) -> list[Variant]:
        """The product's variants: the one that is meant, those that have all that was named of it,
        and the rest.
        """
        meant = self.meant.get(product)
        if meant is None:
            return list(variants)
        return sorted(
            variants,
            key=lambda one: (
                one.pk != meant.variant,
                not meant.options.items() <= one.options.items(),
            ),
        )


def search(
    text: str,
    chosen: Mapping[str, Sequence[str]],
    limit: int = 30,
    offset: int = 0,
    *,
    sort: str = "",
    market: str = "",
) -> Found:
    """The products that the text may mean, of those with the chosen values.

    Of one facet any of the chosen values will do, and each facet must: of one and the same variant,
    which has the colours and sizes that the text names, too. A facet's numbers are of products, as
    if nothing of itself was chosen.

    A market has two facets more: `price`, whose values are from how much up to below how much in
    minor units (`50000-75000`), and `in_stock`, whose values are places by their codes, or
    ANYWHERE.

    Of more than 1,000 products these two are not counted, and others by what the products have.
    """
    typed = texts.plain(text, 200)
    found = terms(typed)
    if typed and not found:
        return Found([], 0, False, [])
    found, read_as = without_slips(found)
    some = {
        texts.plain(name, 300): [texts.plain(one, 300) for one in values]
        for name, values in chosen.items()
        if values
    }
    asked = _Asked(typed, found, dict(list(some.items())[:_MOST_FACETS]), market)
    products, total, counts = [], 0, []
    statement = asked.statement(sort if sort in SORTS else "")
    for what, value, number in sql.rows(
        statement, asked.parameters | {"limit": limit + 1, "offset": offset}
    ):
        if what == "facet":
            counts.append((value, number))
        elif what == "total":
            total = number
        else:
            products.append((number, int(value)))
    ids = [id for _, id in sorted(products)]
    return Found(
        ids[:limit],
        total,
        len(ids) > limit and offset + limit < MOST,
        _facets(counts, asked.bounds),
        read_as if total else "",
        "" if total else instead(found),
        asked.meant(ids[:limit]),
    )


# --- the search as one statement ------------------------------------------------------------------

# A number that is typed beats any name; what it is called, or its kind, beats what is told of it.
# Of very many that begin alike none is better: they are not compared.
_HITS = """
WITH matched AS MATERIALIZED (
    SELECT id FROM catalogue_product WHERE words @@ %(query)s::tsquery AND removed_at IS NULL
)
SELECT id, max(rank) AS rank FROM (
    (SELECT id, 99::float4 AS rank FROM catalogue_product
     WHERE lower(number) LIKE %(prefix)s ORDER BY lower(number) USING ~<~ LIMIT 200)
    UNION ALL
    (SELECT product_id, 98 FROM catalogue_variant
     WHERE lower(sku) LIKE %(prefix)s AND removed_at IS NULL
     ORDER BY lower(sku) USING ~<~ LIMIT 200)
    UNION ALL
    (SELECT product_id, 98 FROM catalogue_variant
     WHERE (gtin LIKE %(gtin)s OR gtin LIKE %(gtin13)s OR gtin LIKE %(gtin12)s)
       AND removed_at IS NULL LIMIT 200)
    UNION ALL
    SELECT p.id, CASE WHEN (SELECT count(*) FROM matched) > 2000 THEN 0
        ELSE {rank} END
    FROM matched JOIN catalogue_product p ON p.id = matched.id
) hit GROUP BY id
"""

# Word by word: PostgreSQL's rank of several is one of how near to each other they stand.
_RANK = """(p.words @@ %(called{n})s::tsquery)::int
        + ts_rank('{{0.3, 0.05, 0.4, 1}}', p.words, %(loose{n})s::tsquery)"""

_ALL = "SELECT id, 0::float4 AS rank FROM catalogue_product WHERE removed_at IS NULL"

# `hit` is what the text means, with a column for each condition; `fits` is what all of them leave,
# and some variant with them all.
_SEARCH = """
WITH {priced}hit AS MATERIALIZED (
    SELECT p.id, p.number, p.filters, found.rank{columns}
    FROM ({hits}) found JOIN catalogue_product p ON p.id = found.id WHERE p.removed_at IS NULL
), fits AS MATERIALIZED (
    SELECT hit.id, number, rank, {price} AS price FROM hit{lowest} WHERE {all}
)
(SELECT '', id::text, row_number() OVER (ORDER BY {order}) AS n FROM fits
 ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s)
UNION ALL SELECT 'total', '', count(*) FROM fits
{facets}
"""

_SOLD = """catalogue_variant v{prices}
    WHERE v.product_id = hit.id AND v.removed_at IS NULL AND {conditions}"""

# As `price_at` has it: of one variant, or of all at once where nothing was typed.
_LAST = """
    SELECT DISTINCT ON ({of}sale) {of}amount FROM catalogue_price
    WHERE market = %(market)s AND currency = %(currency)s AND since <= statement_timestamp()
      AND (until IS NULL OR until > statement_timestamp()){where}
    ORDER BY {of}sale, since DESC"""
_PRICE_OF_EACH = f"""
    JOIN LATERAL (
        SELECT min(amount) AS amount FROM ({_LAST.format(of="", where=" AND variant_id = v.id")}
        ) last
    ) priced ON priced.amount IS NOT NULL"""  # noqa: S608  # put together from constants
_PRICES = f"""priced AS MATERIALIZED (
    SELECT variant_id, min(amount) AS amount FROM ({_LAST.format(of="variant_id, ", where="")}
    ) last GROUP BY variant_id
), """  # noqa: S608  # the same
_PRICE_OF_ALL = " JOIN priced ON priced.variant_id = v.id"
_LOWEST_OF_ALL = """ LEFT JOIN (
        SELECT v.product_id, min(priced.amount) AS amount
        FROM catalogue_variant v JOIN priced ON priced.variant_id = v.id
        WHERE v.removed_at IS NULL AND {conditions} GROUP BY v.product_id
    ) lowest ON lowest.product_id = hit.id"""

# How many products by value: of all that they have, or of those variants alone that have what is
# asked for.
_COUNTED = """
UNION ALL (
    SELECT 'facet', filter, count(*) AS n
    FROM (SELECT unnest(filters) AS filter FROM hit WHERE {among}) pair
    WHERE {wanted} GROUP BY filter ORDER BY n DESC, filter LIMIT 500
)
"""
_GOODS = """hit JOIN catalogue_variant v ON v.product_id = hit.id AND v.removed_at IS NULL{prices}
        WHERE {among} AND {conditions}"""
_COUNTED_FINELY = f"""
UNION ALL (
    SELECT 'facet', filter, count(*) AS n
    FROM (SELECT DISTINCT hit.id, unnest(v.filters) AS filter FROM {_GOODS}) pair
    WHERE {{wanted}} GROUP BY filter ORDER BY n DESC, filter LIMIT 500
)
"""  # noqa: S608  # the same
_PRICES_COUNTED = f"""
UNION ALL (
    SELECT 'facet', 'price=' || band, count(*) FROM (
        SELECT DISTINCT hit.id, width_bucket(priced.amount, %(bounds)s::bigint[]) AS band
        FROM {_GOODS}
    ) pair GROUP BY band
)
"""  # noqa: S608  # the same
_STOCK_COUNTED = f"""
UNION ALL (
    WITH goods AS MATERIALIZED (SELECT hit.id, v.id AS variant FROM {_GOODS}),
    there AS MATERIALIZED (
        SELECT DISTINCT goods.id, s.place FROM goods JOIN ({{stock}}) s USING (variant)
        WHERE s.place = ANY(%(serving)s::bigint[])
    )
    SELECT 'facet', 'in_stock=' || t.code, count(*) FROM there
    JOIN unnest(%(stores)s::bigint[], %(codes)s::text[]) AS t (place, code) USING (place)
    GROUP BY t.code
    UNION ALL SELECT 'facet', 'in_stock=any', count(DISTINCT id) FROM there
)
"""  # noqa: S608  # the same

# The variant that has most of what was typed; where none has anything of it, none is meant.
_MEANT = """
SELECT DISTINCT ON (product_id) product_id, id, sku, options FROM (
    SELECT v.product_id, v.id, v.sku, v.options::text AS options, v.position,
        lower(v.sku) LIKE %(prefix)s OR v.gtin LIKE %(gtin)s OR v.gtin LIKE %(gtin13)s
        OR v.gtin LIKE %(gtin12)s AS numbered,
        {score} AS score
    FROM catalogue_variant v
    WHERE v.product_id = ANY(%(ids)s) AND v.removed_at IS NULL AND {conditions}
) v
WHERE {narrowed} OR numbered OR score > 0
ORDER BY product_id, numbered DESC NULLS LAST, score DESC, position, id
"""


@dataclass(frozen=True, slots=True)
class _Condition:
    """What a facet's chosen values, or an option that was typed, ask of a product and of one of its
    variants; empty where they can ask nothing.
    """

    facet: str
    of_product: str
    of_variant: str


class _Asked:
    """What is looked for, as SQL with its parameters."""

    def __init__(
        self, typed: str, found: list[Term], chosen: dict[str, list[str]], market: str
    ) -> None:
        self._typed, self._terms, self._chosen = typed, found, chosen
        self._called: list[str] = []  # columns
        self._currency = currency_of(market) if market else None
        self.bounds = _bounds(self._currency) if self._currency else []
        self.parameters: dict[str, object] = {
            "names": list(chosen),
            "market": market,
            "currency": self._currency,
            "bounds": self.bounds,
            "query": " & ".join(f"({one.loose})" for one in found),
            **_numbers(typed),
        }
        for place, one in enumerate(found):
            self.parameters |= {f"called{place}": one.called, f"loose{place}": one.loose}
        self._conditions = [self._chose(*one) for one in enumerate(chosen.items())]
        self._conditions += [self._named(*one) for one in enumerate(found) if one[1].is_option]
        if self._currency or IN_STOCK in chosen:
            self._find_places(market)

    def _chose(self, place: int, chosen: tuple[str, list[str]]) -> _Condition:
        name, values = chosen
        self.parameters[f"n{place}"] = name
        if name == PRICE:
            self.parameters[f"f{place}"] = _ranges(values)
            return _Condition(name, "", f"priced.amount <@ %(f{place})s::int8multirange")
        if name == IN_STOCK:
            there = "s.variant = v.id AND s.place = ANY(%(in_stock)s::bigint[])"
            has_it = f"SELECT FROM ({availability.relation()}) s WHERE {there}"
            stock = f"EXISTS ({has_it})"
            return _Condition(name, "", stock)
        self.parameters[f"f{place}"] = [f"{name}={value}" for value in values]
        has = f"filters && %(f{place})s::text[]"
        return _Condition(name, f"p.{has}", "" if name in OF_PRODUCTS else f"v.{has}")

    def _named(self, place: int, term: Term) -> _Condition:
        """That a variant has the option, unless the product is called so or has the number."""
        self.parameters[f"o{place}"] = list(term.options)
        called = f"(found.rank >= 98 OR p.words @@ %(called{place})s::tsquery)"
        has = f"filters && %(o{place})s::text[]"
        self._called.append(f", {called} AS called{place}")
        return _Condition("", f"({called} OR p.{has})", f"(hit.called{place} OR v.{has})")

    def _find_places(self, market: str) -> None:
        """The places that serve the market, and those of them whose stock is counted or chosen."""
        every = list(Place.objects.filter(closed_at=None).order_by("pk"))
        serving = [
            one
            for one in every
            if not market or one.ships or (one.hands_over and one.country == market)
        ]
        chosen = self._chosen.get(IN_STOCK, [])
        stores = [
            one
            for one in serving
            if one.code in chosen or (one.hands_over and market in ("", one.country))
        ]
        if len(stores) > _MOST_STORES:
            stores = [one for one in stores if one.code in chosen]
        wanted = serving if ANYWHERE in chosen else [one for one in every if one.code in chosen]
        self.parameters |= {
            "in_stock": [one.pk for one in wanted],
            "serving": [one.pk for one in serving],
            "stores": [one.pk for one in stores],
            "codes": [one.code for one in stores],
        }

    # --- put together -----------------------------------------------------------------------------

    def statement(self, sort: str) -> str:
        """The search as one statement: products, their number, and how many by facet's value."""
        of_price = PRICE in self._chosen or "price" in sort
        columns = [
            f", {one.of_product or 'true'} AS c{n}" for n, one in enumerate(self._conditions)
        ]
        ranks = [_RANK.format(n=n) for n in range(len(self._terms))]
        price, lowest = "NULL::bigint", ""
        if "price" in sort and self._terms:
            price = f"(SELECT min(priced.amount) FROM {self._sold(priced=True)})"  # noqa: S608  # put together from constants
        elif "price" in sort:
            price = "lowest.amount"
            lowest = _LOWEST_OF_ALL.format(conditions=_and(self._variants()))
        return _SEARCH.format(
            priced=_PRICES if of_price and not self._terms else "",
            columns="".join([*columns, *self._called]),
            hits=_HITS.format(rank=" + ".join(ranks)) if self._terms else _ALL,
            price=price,
            lowest=lowest,
            all=_and([self._products(), *self._some_variant()]),
            order=_ORDERS[sort],
            facets="".join(self._counted()),
        )

    def _products(self, but: str = "-") -> str:
        """What is asked of products, but by one of the facets."""
        kept = (n for n, one in enumerate(self._conditions) if one.facet != but)
        return _and(f"hit.c{n}" for n in kept)

    def _variants(self, but: str = "-") -> list[str]:
        """What is asked of variants, but by one of the facets."""
        return [one.of_variant for one in self._conditions if one.of_variant and one.facet != but]

    def _some_variant(self) -> list[str]:
        """That one variant has all; where that is not said by the product's having it."""
        asked = [one for one in self._conditions if one.of_variant]
        if len(asked) < 2 and all(one.of_product for one in asked):
            return []
        return [f"EXISTS (SELECT FROM {self._sold()})"]

    def _sold(self, *, priced: bool = False) -> str:
        prices = self._prices() if priced or PRICE in self._chosen else ""
        return _SOLD.format(prices=prices, conditions=_and(self._variants()))

    def _prices(self) -> str:
        return _PRICE_OF_EACH if self._terms else _PRICE_OF_ALL

    def _counted(self) -> Iterable[str]:
        called = "split_part(filter, '=', 1)"
        yield from self._counted_but("-", f"{called} <> ALL(%(names)s::text[])")
        for place, name in enumerate(self._chosen):
            if name not in (PRICE, IN_STOCK):
                yield from self._counted_but(name, f"{called} = %(n{place})s")
        if self._currency:
            yield _PRICES_COUNTED.format(
                prices=_PRICE_OF_EACH,
                among=_and([self._products(PRICE), self._few(PRICE)]),
                conditions=_and(self._variants(PRICE)),
            )
            yield _STOCK_COUNTED.format(
                stock=availability.relation(),
                prices=_PRICE_OF_EACH if PRICE in self._chosen else "",
                among=_and([self._products(IN_STOCK), self._few(IN_STOCK)]),
                conditions=_and(self._variants(IN_STOCK)),
            )

    def _counted_but(self, but: str, wanted: str) -> Iterable[str]:
        """By variants, where something is asked of them and they are not too many."""
        products, variants, few = self._products(but), self._variants(but), self._few(but)
        if not variants:
            yield _COUNTED.format(among=products, wanted=wanted)
            return
        yield _COUNTED.format(among=f"{products} AND NOT {few}", wanted=wanted)
        yield _COUNTED_FINELY.format(
            prices=_PRICE_OF_EACH if PRICE in self._chosen and but != PRICE else "",
            among=_and([products, few]),
            conditions=_and(variants),
            wanted=wanted,
        )

    def _few(self, but: str) -> str:
        return f"(SELECT count(*) FROM hit WHERE {self._products(but)}) <= {_FINELY}"  # noqa: S608  # the same

    # --- the variants that are meant --------------------------------------------------------------

    def meant(self, ids: list[int]) -> dict[int, Meant]:
        """The variants of these products that are meant by what was typed and chosen."""
        narrowing = [
            one.of_variant
            for one in self._conditions
            if one.of_variant and one.facet not in ("", PRICE)
        ]
        if not ids or not (narrowing or self._typed):
            return {}
        parameters: dict[str, object] = {"ids": ids}
        parameters |= {f"m{n}": list(one.options) for n, one in enumerate(self._terms)}
        has = (f"(v.filters && %(m{n})s::text[])::int" for n in range(len(self._terms)))
        statement = _MEANT.format(
            score=" + ".join(has) or "0",
            conditions=_and(narrowing),
            narrowed="true" if narrowing else "false",
        )
        return {
            product: Meant(id, sku, self._of_options(json.loads(options)))
            for product, id, sku, options in sql.rows(statement, self.parameters | parameters)
        }

    def _of_options(self, options: dict[str, str]) -> dict[str, str]:
        """Those of the variant's options that were typed or chosen."""
        typed = {option for one in self._terms for option in one.options}
        return {
            name: value
            for name, value in options.items()
            if value in self._chosen.get(name, ()) or f"{name}={value}" in typed
        }


def _and(conditions: Iterable[str]) -> str:
    return " AND ".join(conditions) or "true"


def _numbers(typed: str) -> dict[str, object]:
    """The text as the beginning of a number, a SKU or a GTIN."""
    digits = re.sub(r"[\s-]", "", typed)
    # A GTIN of 12 or 13 digits is kept with zeros in front; few digits begin too many.
    is_gtin = re.fullmatch(r"[0-9]{6,14}", digits) is not None
    return {
        "prefix": re.sub(r"([\\%_])", r"\\\1", typed.lower()) + "%" if typed else None,
        "gtin": f"{digits}%" if is_gtin else None,
        "gtin13": f"0{digits}%" if is_gtin else None,
        "gtin12": f"00{digits}%" if is_gtin else None,
    }


# --- prices ---------------------------------------------------------------------------------------

_STEPS = (10, 15, 20, 30, 50, 75)


def _bounds(currency: str) -> list[int]:
    """Where bands of prices meet, in minor units: 10, 15, 20, 30, 50, 75, 100, … of the currency.

    The same whatever is found, so that an address means the same tomorrow.
    """
    return [to_minor(Decimal(step * 10**n), currency) for n in range(6) for step in _STEPS]


def _ranges(values: Iterable[str]) -> str:
    """What is meant by 50000-75000, -50000 or 75000-, as a multirange; nothing by anything else."""
    found = (re.fullmatch(r"([0-9]{0,15})-([0-9]{0,15})", one, re.ASCII) for one in values)
    ends = [(one[1], one[2]) for one in found if one]
    good = [(low, high) for low, high in ends if int(low or 0) <= int(high or 10**15)]
    return "{" + ",".join(f"[{low},{high})" for low, high in good) + "}"


# --- facets ---------------------------------------------------------------------------------------


def _facets(counts: Sequence[tuple[str, int]], bounds: Sequence[int]) -> list[Facet]:
    """Counts by filter as facets: the category, the brand, and the rest by name."""
    found: dict[str, list[tuple[str, int]]] = {}
    for filter, count in counts:
        name, _, value = filter.partition("=")
        if name == PRICE:
            value = _band(int(value), bounds)
        if count:
            found.setdefault(name, []).append((value, count))
    first = {"category": 0, "brand": 1}
    return [
        Facet(name, tuple(sorted(values, key=lambda one: in_order(one[0]))))
        for name, values in sorted(found.items(), key=lambda one: (first.get(one[0], 2), one[0]))
    ]


def _band(number: int, bounds: Sequence[int]) -> str:
    """The band as its value: from its lower bound up to its upper one."""
    low = bounds[number - 1] if number else ""
    return f"{low}-{bounds[number] if number < len(bounds) else ''}"
