"""What changes the catalogue.

Every action waits for the one before it: two imports at once take turns, batch by batch.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone

from spindel.catalogue import manual_edits
from spindel.catalogue.models import Edit, Place, Product, Variant
from spindel.catalogue.places import PlaceData, check_place
from spindel.catalogue.pricing import Kept, what_changes
from spindel.catalogue.product_input import (
    PriceData,
    ProductData,
    Unfit,
    VariantData,
    check,
    check_price,
)
from spindel.catalogue.synonyms import meanings
from spindel.catalogue.typos import learn
from spindel.catalogue.wording import plain, words
from spindel.kit import sql
from spindel.kit.actions import action
from spindel.kit.refusal import Refusal
from spindel.staff import audit
from spindel.staff.models import User

MOST_PRODUCTS = 1_000  # in one go
MOST_PRICES = 10_000
MOST_PLACES = 1_000

_SILENT = "No customer does it: the catalogue is the retailer's own."
_TURN = "SELECT pg_advisory_xact_lock(hashtext('spindel.catalogue'))"


class RefusedItem(NamedTuple):
    """A product, variant or price that was not taken, by its number or SKU, and why."""

    key: str
    reason: str
    again: bool = False  # it may be taken once other goods are removed


@dataclass(slots=True)
class Outcome:
    """What became of what was told: how many products, or prices, or places."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[RefusedItem] = field(default_factory=list)


# --- products -------------------------------------------------------------------------------------


@action(silent=_SILENT)
def put_products(products: Sequence[ProductData]) -> Outcome:
    """Keep products with their variants and prices; told again, nothing changes.

    At most 1,000, or ValueError is raised. What can't be taken is refused with its reason, and the
    rest kept. What had been removed is back. What people keep by hand stays as they have it.
    """
    if len(products) > MOST_PRODUCTS:
        raise ValueError(f"At most {MOST_PRODUCTS} products in one go.")
    sql.run(_TURN)
    outcome = Outcome()
    _put(manual_edits.yielding(list(_fit(products, outcome))), outcome)
    return outcome


def _put(products: list[ProductData], outcome: Outcome) -> None:
    """Write products that are fit, after those that wait for their turn."""
    products = _take_gtins(products, outcome)
    numbers = [product.number for product in products]
    touched = {id for (id,) in sql.rows(_UPDATE_PRODUCTS, [_as_json(map(_product, products))])}
    created = {id for (id,) in sql.rows(_INSERT_PRODUCTS, [_as_json(map(_product, products))])}
    ids: dict[str, int] = dict(
        sql.rows("SELECT number, id FROM catalogue_product WHERE number = ANY(%s)", [numbers])
    )
    variants = [(ids[one.number], variant) for one in products for variant in one.variants]
    rows = _as_json(_variant(product, variant) for product, variant in variants)
    for statement in (_MOVE_VARIANTS, _UPDATE_VARIANTS, _INSERT_VARIANTS):
        touched.update(id for (id,) in sql.rows(statement, [rows]))
    _refresh(touched | created)
    prices = [(variant.sku, price) for _, variant in variants for price in variant.prices]
    touched.update(product for _sku, product in _write_prices(prices))
    outcome.created = len(created)
    outcome.changed = len((touched & set(ids.values())) - created)
    outcome.unchanged = len(ids) - outcome.created - outcome.changed


def _fit(products: Iterable[ProductData], outcome: Outcome) -> Iterable[ProductData]:
    numbers: set[str] = set()
    skus: set[str] = set()
    for product in products:
        try:
            check(product)
            told = [variant.sku for variant in product.variants]
            if product.number in numbers or len(set(told)) < len(told) or skus & set(told):
                raise Unfit("It is told twice in one go.")
        except Unfit as error:
            outcome.refused.append(RefusedItem(product.number[:64], str(error)))
            continue
        numbers.add(product.number)
        skus.update(told)
        yield product


_OWNERS = """
SELECT gtin, sku, removed_at IS NOT NULL FROM catalogue_variant WHERE gtin = ANY(%s)
"""
_FREE_GTINS = "UPDATE catalogue_variant SET gtin = NULL WHERE gtin = ANY(%s) AND sku = ANY(%s)"


def _take_gtins(products: list[ProductData], outcome: Outcome) -> list[ProductData]:
    """The products without the variants whose GTIN is another's; others' are freed where due.

    A GTIN goes on from a variant that has been removed, or that is told to have another one.
    """
    told = {one.sku: one.gtin for product in products for one in product.variants}
    wanted = [gtin for gtin in told.values() if gtin]
    owners: dict[str, str] = {}
    free: list[tuple[str, str]] = []
    for gtin, sku, removed in sql.rows(_OWNERS, [wanted]):
        says = told.get(sku)
        if (says is None and removed) or (says is not None and says != gtin):
            free.append((gtin, sku))
        else:
            owners[gtin] = sku
    if free:
        sql.run(_FREE_GTINS, sql.columns(free))
    kept = []
    for product in products:
        good = []
        for one in product.variants:
            if one.gtin and owners.setdefault(one.gtin, one.sku) != one.sku:
                words = f"The GTIN {one.gtin} is that of {owners[one.gtin]}."
                outcome.refused.append(RefusedItem(one.sku, words, again=True))
            else:
                good.append(one)
        if good:
            kept.append(_with(product, good))
    return kept


def _with(product: ProductData, variants: list[VariantData]) -> ProductData:
    if len(variants) == len(product.variants):
        return product
    return ProductData(
        product.number,
        variants,
        product.names,
        product.texts,
        product.brand,
        product.categories,
        product.attributes,
        product.pictures,
        product.vat,
    )


def _as_json(rows: Iterable[dict[str, object]]) -> str:
    # What was not said is left out, and so comes as NULL.
    return json.dumps([{k: v for k, v in row.items() if v is not None} for row in rows])


def _product(product: ProductData) -> dict[str, object]:
    return {
        "number": product.number,
        "names": product.names,
        "texts": product.texts,
        "brand": product.brand,
        "categories": product.categories,
        "attributes": product.attributes,
        "pictures": product.pictures,
        "vat": product.vat,
    }


def _variant(product: int, variant: VariantData) -> dict[str, object]:
    return {
        "product": product,
        "sku": variant.sku,
        "gtin": variant.gtin,
        "options": variant.options,
        "pictures": variant.pictures,
        "place": variant.position,
    }


_PRODUCTS = """
jsonb_to_recordset(%s::jsonb) AS t (
    number text, names jsonb, texts jsonb, brand text, categories varchar[], attributes jsonb,
    pictures varchar[], vat smallint
)
"""

_UPDATE_PRODUCTS = f"""
UPDATE catalogue_product p
SET names = m.names, texts = m.texts, brand = m.brand, categories = m.categories,
    attributes = m.attributes, pictures = m.pictures, vat = m.vat, removed_at = m.removed_at,
    updated_at = now()
FROM (
    SELECT p.id,
        coalesce(jsonb_strip_nulls(p.names || t.names), p.names) AS names,
        coalesce(jsonb_strip_nulls(p.texts || t.texts), p.texts) AS texts,
        coalesce(t.brand, p.brand) AS brand,
        coalesce(t.categories, p.categories) AS categories,
        coalesce(t.attributes, p.attributes) AS attributes,
        coalesce(t.pictures, p.pictures) AS pictures,
        coalesce(t.vat, p.vat) AS vat,
        CASE WHEN 'active' = ANY(p.by_hand) THEN p.removed_at END AS removed_at
    FROM {_PRODUCTS} JOIN catalogue_product p ON p.number = t.number
) m
WHERE p.id = m.id AND (
    p.names, p.texts, p.brand, p.categories, p.attributes, p.pictures, p.vat, p.removed_at
) IS DISTINCT FROM (
    m.names, m.texts, m.brand, m.categories, m.attributes, m.pictures, m.vat, m.removed_at
)
RETURNING p.id
"""  # noqa: S608  # put together from constants

_INSERT_PRODUCTS = f"""
INSERT INTO catalogue_product
    (number, names, texts, brand, categories, attributes, pictures, vat, filters)
SELECT t.number, coalesce(jsonb_strip_nulls(t.names), '{{}}'),
    coalesce(jsonb_strip_nulls(t.texts), '{{}}'), coalesce(t.brand, ''),
    coalesce(t.categories, '{{}}'), coalesce(t.attributes, '{{}}'), coalesce(t.pictures, '{{}}'),
    coalesce(t.vat, 2500), '{{}}'
FROM {_PRODUCTS}
WHERE NOT EXISTS (SELECT 1 FROM catalogue_product p WHERE p.number = t.number)
ORDER BY t.number
RETURNING id
"""  # noqa: S608  # the same

_VARIANTS = """
jsonb_to_recordset(%s::jsonb) AS t (
    product bigint, sku text, gtin text, options jsonb, pictures varchar[], place smallint
)
"""

# The products that variants are leaving, which are to be searched without them.
_MOVE_VARIANTS = f"""
SELECT DISTINCT v.product_id FROM {_VARIANTS} JOIN catalogue_variant v ON v.sku = t.sku
WHERE v.product_id <> t.product
"""  # noqa: S608  # the same

_UPDATE_VARIANTS = f"""
UPDATE catalogue_variant v
SET product_id = m.product, gtin = m.gtin, options = m.options, pictures = m.pictures,
    position = m.place, removed_at = m.removed_at
FROM (
    SELECT v.id, t.product,
        CASE WHEN t.gtin IS NULL THEN v.gtin ELSE nullif(t.gtin, '') END AS gtin,
        coalesce(t.options, v.options) AS options,
        coalesce(t.pictures, v.pictures) AS pictures,
        coalesce(t.place, v.position) AS place,
        CASE WHEN 'active' = ANY(v.by_hand) THEN v.removed_at END AS removed_at
    FROM {_VARIANTS} JOIN catalogue_variant v ON v.sku = t.sku
) m
WHERE v.id = m.id AND (
    v.product_id, v.gtin, v.options, v.pictures, v.position, v.removed_at
) IS DISTINCT FROM (
    m.product, m.gtin, m.options, m.pictures, m.place, m.removed_at
)
RETURNING v.product_id
"""  # noqa: S608  # the same

_INSERT_VARIANTS = f"""
INSERT INTO catalogue_variant (product_id, sku, gtin, options, pictures, position)
SELECT t.product, t.sku, nullif(t.gtin, ''), coalesce(t.options, '{{}}'),
    coalesce(t.pictures, '{{}}'), coalesce(t.place, 0)
FROM {_VARIANTS}
WHERE NOT EXISTS (SELECT 1 FROM catalogue_variant v WHERE v.sku = t.sku)
ORDER BY t.product, t.place
RETURNING product_id
"""  # noqa: S608  # the same


# --- by hand --------------------------------------------------------------------------------------


class Meanwhile(Exception):
    """Somebody else, or a feed, has changed it since it was looked at."""


@action(silent=_SILENT)
def edit_product(
    told: ProductData, active: bool, variants: Mapping[str, bool], seen: str, by: User
) -> int | None:
    """Change a product by hand, or make one; what has changed is kept against feeds.

    `variants` says by SKU which are sold, `seen` which state of it was looked at (empty: none). The
    edit, to undo it; None where nothing has changed. Raises Unfit, and Meanwhile.
    """
    sql.run(_TURN)
    before = manual_edits.snapshot(told.number)
    if (before.seen if before else "") != seen:
        raise Meanwhile
    outcome = Outcome()
    _put(list(_fit([told], outcome)), outcome)
    if outcome.refused:
        raise Unfit(outcome.refused[0].reason)
    manual_edits.set_active(told.number, active, variants)
    after = manual_edits.snapshot(told.number)
    assert after is not None
    product, of_variants = manual_edits.difference(before, after)
    if not product and not of_variants:
        return None
    id = manual_edits.keep(told.number, product, of_variants)
    _refresh([id])
    edit = Edit.objects.create(
        product_id=id,
        by=by.email,
        before=asdict(before) if before else None,
        fields={"product": product, "variants": of_variants},
    )
    audit.note(by, "product.changed", detail={"name": told.number})
    return edit.pk


@action(silent=_SILENT)
def undo_edit(id: int, by: User) -> bool:
    """Take back what was changed by hand, where it was the last such change; False where not.

    Prices go back from now on: what they have been stays in the history.
    """
    sql.run(_TURN)
    edit = Edit.objects.select_related("product").filter(pk=id, undone_at=None).first()
    if edit is None or edit.product.edits.filter(pk__gt=id, undone_at=None).exists():
        return False
    product, now = edit.product, timezone.now()
    before = edit.before or {"product": {"active": False, "by_hand": []}, "variants": {}}
    _restore(product, before["product"], edit.fields["product"], now)
    product.updated_at = now
    product.save()
    variants = list(product.variants.filter(sku__in=edit.fields["variants"]))
    prices: list[tuple[str, PriceData]] = []
    ended: list[tuple[int, str]] = []
    for one in variants:
        fields = edit.fields["variants"][one.sku]
        former = before["variants"].get(one.sku, {"active": False, "by_hand": []})
        _restore(one, former, fields, now)
        for name in (name for name in fields if name.startswith(manual_edits.PRICE)):
            market = name.removeprefix(manual_edits.PRICE)
            if name in former:
                currency, amount = former[name]
                price = PriceData(market, currency, amount, free=amount == 0)
                prices.append((one.sku, price))
            else:
                ended.append((one.pk, market))
    names = ["gtin", "options", "pictures", "removed_at", "by_hand"]
    Variant.objects.bulk_update(variants, names)
    _write_prices(prices)
    if ended:
        sql.run(_END_PRICES, sql.columns(ended))
    _refresh([product.pk])
    edit.undone_at = now
    edit.save(update_fields=["undone_at"])
    audit.note(by, "product.undone", detail={"name": product.number})
    return True


_END_PRICES = """
UPDATE catalogue_price p SET until = clock_timestamp()
FROM unnest(%s::bigint[], %s::text[]) AS t (variant, market)
WHERE p.variant_id = t.variant AND p.market = t.market AND NOT p.sale
  AND p.since < clock_timestamp() AND p.until IS NULL
"""


def _restore(
    one: Product | Variant, before: Mapping[str, Any], fields: Collection[str], now: datetime
) -> None:
    for name in fields:
        if name == manual_edits.ACTIVE:
            one.removed_at = None if before[name] else now
        elif name in before and not name.startswith(manual_edits.PRICE):
            setattr(one, name, before[name])
    one.by_hand = before["by_hand"]


@action(silent=_SILENT)
def give_back(number: str, field: str, by: User) -> bool:
    """Let feeds say a field again, of the product and its variants; False where it was not kept."""
    sql.run(_TURN)
    given = {"number": number, "field": field}
    gone = sql.run(_GIVE_BACK_PRODUCT, given) + sql.run(_GIVE_BACK_VARIANTS, given)
    if gone:
        audit.note(by, "product.given_back", detail={"name": number})
    return bool(gone)


_GIVE_BACK_PRODUCT = """
UPDATE catalogue_product SET by_hand = array_remove(by_hand, %(field)s)
WHERE number = %(number)s AND %(field)s = ANY(by_hand)
"""
_GIVE_BACK_VARIANTS = """
UPDATE catalogue_variant v SET by_hand = array_remove(v.by_hand, %(field)s)
FROM catalogue_product p
WHERE p.id = v.product_id AND p.number = %(number)s AND %(field)s = ANY(v.by_hand)
"""


# --- what a product is found by -------------------------------------------------------------------

_TO_FIND = """
SELECT p.id, p.number, p.names, p.texts, p.brand, p.categories, p.attributes, (
    SELECT jsonb_object_agg(v.id, v.options) FROM catalogue_variant v
    WHERE v.product_id = p.id AND v.removed_at IS NULL
)
FROM catalogue_product p WHERE p.id = ANY(%s) ORDER BY p.id
"""

# The letter says how much a match is worth: A is what it is called, B its kind, C what is told of
# it. D are options, which not all of its variants need to have.
_FOUND_BY = """
UPDATE catalogue_product p
SET filters = ARRAY(SELECT jsonb_array_elements_text(t.filters)),
    words = setweight(to_tsvector('simple', t.called), 'A')
        || setweight(to_tsvector('simple', t.kind), 'B')
        || setweight(to_tsvector('swedish', t.sv), 'B')
        || setweight(to_tsvector('danish', t.da), 'B')
        || setweight(to_tsvector('english', t.en), 'B')
        || setweight(to_tsvector('simple', t.told), 'C')
        || setweight(to_tsvector('swedish', t.told_sv), 'C')
        || setweight(to_tsvector('danish', t.told_da), 'C')
        || setweight(to_tsvector('english', t.told_en), 'C')
        || setweight(to_tsvector('simple', t.plain_options), 'D')
        || setweight(to_tsvector('swedish', t.options), 'D')
        || setweight(to_tsvector('danish', t.options), 'D')
        || setweight(to_tsvector('english', t.options), 'D')
FROM jsonb_to_recordset(%s::jsonb) AS t (
    id bigint, filters jsonb, called text, kind text, sv text, da text, en text, told text,
    told_sv text, told_da text, told_en text, options text, plain_options text
)
WHERE p.id = t.id
"""

_VARIANTS_FOUND_BY = """
UPDATE catalogue_variant v SET filters = m.filters
FROM (
    SELECT id, ARRAY(SELECT jsonb_array_elements_text(t.filters)) AS filters
    FROM jsonb_to_recordset(%s::jsonb) AS t (id bigint, filters jsonb)
) m
WHERE v.id = m.id AND v.filters IS DISTINCT FROM m.filters
"""

# A value is kept once, and for good.
_OPTIONS = """
INSERT INTO catalogue_option (filter, words)
SELECT filter, to_tsvector('simple', plain) || to_tsvector('swedish', called)
    || to_tsvector('danish', called) || to_tsvector('english', called)
FROM unnest(%s::text[], %s::text[], %s::text[]) AS t (filter, called, plain)
WHERE NOT EXISTS (SELECT FROM catalogue_option o WHERE o.filter = t.filter)
"""

_LONGEST = 2_000  # letters of a text that are searched


def _refresh(products: Collection[int]) -> None:
    """Write anew what products are found by, out of themselves and their variants."""
    rows, variants, called, options_called = [], [], set[str](), dict[str, str]()
    for id, number, names, texts, brand, categories, attributes, options in sql.rows(
        _TO_FIND, [list(products)]
    ):
        names, texts = json.loads(names), json.loads(texts)
        of_variants: dict[str, dict[str, str]] = json.loads(options or "{}")
        values = {(k, v) for one in of_variants.values() for k, v in one.items()}
        filters = [f"category={one}" for one in categories]
        filters += [f"brand={brand}"] if brand else []
        filters += [f"{name}={value}" for name, value in sorted(values)]
        kind = " ".join((brand, _meant((*categories, *json.loads(attributes).values()))))
        each = _meant(sorted({value for _, value in values}))
        row: dict[str, object] = {
            "id": id,
            "filters": filters,
            "called": _plain(f"{number} {' '.join(names.values())}"),
            "kind": _plain(kind),
            "told": _plain(" ".join(text[:_LONGEST] for text in texts.values())),
            "options": " ".join(words(each)),
            "plain_options": _plain(each),
        }
        for language in ("sv", "da", "en"):
            row[language] = " ".join(words(f"{names.get(language, '')} {kind}"))
            row[f"told_{language}"] = " ".join(words(texts.get(language, "")[:_LONGEST]))
        rows.append(row)
        called.update(_plain(f"{' '.join(names.values())} {kind} {each}").split())
        shared = filters[: len(categories) + bool(brand)]
        for pk, one in of_variants.items():
            own = [f"{name}={value}" for name, value in sorted(one.items())]
            variants.append({"id": int(pk), "filters": [*shared, *own]})
        options_called |= {f"{name}={value}": value for name, value in values}
    if rows:
        sql.run(_FOUND_BY, [json.dumps(rows)])
        sql.run(_VARIANTS_FOUND_BY, [json.dumps(variants)])
        learn(called)
    if options_called:
        texts = [(filter, _meant([value])) for filter, value in sorted(options_called.items())]
        parts = [(filter, " ".join(words(text)), _plain(text)) for filter, text in texts]
        sql.run(_OPTIONS, sql.columns(parts))


def _meant(values: Iterable[str]) -> str:
    """The values, and what else they are looked for by."""
    return " ".join(" ".join((one, *sorted(meanings(one)))) for one in values)


def _plain(text: str) -> str:
    return " ".join(map(plain, words(text)))


# --- prices ---------------------------------------------------------------------------------------


@action(silent=_SILENT)
def put_prices(prices: Sequence[tuple[str, PriceData]]) -> Outcome:
    """Set prices of variants by their SKU, at most 10,000; what can't be taken is refused."""
    if len(prices) > MOST_PRICES:
        raise ValueError(f"At most {MOST_PRICES} prices in one go.")
    sql.run(_TURN)
    outcome, good = Outcome(), []
    skus = [sku for sku, _ in prices if "\0" not in sku]
    known = {
        sku for (sku,) in sql.rows("SELECT sku FROM catalogue_variant WHERE sku = ANY(%s)", [skus])
    }
    kept = manual_edits.of_variants(skus)
    for sku, price in prices:
        try:
            check_price(price)
            if sku not in known:
                raise Unfit("There is no such variant.")
            if manual_edits.keeps(kept.get(sku, set()), price):
                raise Unfit("This price is kept by hand in the console.")
        except Unfit as error:
            outcome.refused.append(RefusedItem(sku[:64], str(error)))
            continue
        good.append((sku, price))
    changed = {sku for sku, _product in _write_prices(good)}
    outcome.changed = len(changed)
    outcome.unchanged = len({sku for sku, _ in good} - changed)
    return outcome


_KEPT_PRICES = """
SELECT v.sku, v.id, v.product_id, p.market, p.currency, p.id, p.amount, p.sale, p.since, p.until
FROM catalogue_variant v
LEFT JOIN catalogue_price p ON p.variant_id = v.id AND (p.until IS NULL OR p.until > %(now)s)
WHERE v.sku = ANY(%(skus)s)
"""

_DELETE_PRICES = "DELETE FROM catalogue_price WHERE id = ANY(%s)"

_CHANGE_PRICES = """
UPDATE catalogue_price p SET amount = t.amount, until = t.until
FROM jsonb_to_recordset(%s::jsonb) AS t (id bigint, amount bigint, until timestamptz)
WHERE p.id = t.id
"""

# One that is over may begin at the same moment.
_INSERT_PRICES = """
INSERT INTO catalogue_price (variant_id, market, currency, amount, sale, since, until)
SELECT t.variant, t.market, t.currency, t.amount, t.sale, t.since, t.until
FROM jsonb_to_recordset(%s::jsonb) AS t (
    variant bigint, market text, currency text, amount bigint, sale boolean, since timestamptz,
    until timestamptz
)
ON CONFLICT (variant_id, market, currency, sale, since)
DO UPDATE SET amount = excluded.amount, until = excluded.until
"""

_Series = tuple[str, str, str]  # SKU, market, currency


def _write_prices(told: Sequence[tuple[str, PriceData]]) -> set[tuple[str, int]]:
    """Write the prices of known variants; the SKUs and products whose prices have changed."""
    asked: dict[_Series, list[PriceData]] = {}
    for sku, price in told:
        asked.setdefault((sku, price.market, price.currency), []).append(price)
    if not asked:
        return set()
    (now,) = sql.row("SELECT clock_timestamp()") or (None,)
    variants, kept = _kept_prices({sku for sku, _, _ in asked}, now)
    new: list[dict[str, object]] = []
    old: list[dict[str, object]] = []
    gone: list[int] = []
    touched: set[tuple[str, int]] = set()
    for (sku, market, currency), prices in asked.items():
        variant, product = variants[sku]
        for one in what_changes(kept.get((sku, market, currency), []), prices, now):
            row: dict[str, object] = {
                "amount": one.amount,
                "until": one.until.isoformat() if one.until else None,
            }
            if one.until is not None and one.until <= one.since:
                gone += [one.id] if one.id else []
            elif one.id:
                old.append(row | {"id": one.id})
            else:
                row |= {"variant": variant, "market": market, "currency": currency}
                new.append(row | {"sale": one.sale, "since": one.since.isoformat()})
            touched.add((sku, product))
    if gone:
        sql.run(_DELETE_PRICES, [gone])
    if old:
        sql.run(_CHANGE_PRICES, [json.dumps(old)])
    if new:
        sql.run(_INSERT_PRICES, [json.dumps(new)])
    return touched


def _kept_prices(
    skus: Collection[str], now: datetime
) -> tuple[dict[str, tuple[int, int]], dict[_Series, list[Kept]]]:
    """The variants with their products, and their prices that hold or will."""
    variants: dict[str, tuple[int, int]] = {}
    kept: dict[_Series, list[Kept]] = {}
    for sku, variant, product, market, currency, *price in sql.rows(
        _KEPT_PRICES, {"skus": list(skus), "now": now}
    ):
        variants[sku] = (variant, product)
        if market is not None:
            kept.setdefault((sku, market, currency), []).append(Kept(*price))
    return variants, kept


# --- what is no longer sold -----------------------------------------------------------------------

_SOLD = """
SELECT id, sku, 'active' = ANY(by_hand) FROM catalogue_variant
WHERE removed_at IS NULL AND id > %s ORDER BY id LIMIT 10000
"""

_REMOVE_VARIANTS = """
UPDATE catalogue_variant SET removed_at = now() WHERE id = ANY(%s) RETURNING product_id
"""

_REMOVE_EMPTY = """
UPDATE catalogue_product p SET removed_at = now(), updated_at = now()
WHERE p.id = ANY(%s) AND p.removed_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM catalogue_variant v WHERE v.product_id = p.id AND v.removed_at IS NULL
)
"""


class TooMany(Refusal):
    """More would be removed than was allowed; the text says how many."""


@action(silent=_SILENT)
def remove_all_but(skus: Collection[str], at_most: int = 100) -> int:
    """Remove the variants that are not among the SKUs, and products that have none left; but not
    what people have said is sold.

    They keep their number and history, and come back when they are told of again. How many
    variants were removed. Raises TooMany when they are more than `at_most` percent of those sold,
    and ValueError for no SKU at all: that is a feed that broke.
    """
    if not skus:
        raise ValueError("A catalogue is not emptied by a feed without goods.")
    sql.run(_TURN)
    sold, last, gone = 0, 0, []
    while page := sql.rows(_SOLD, [last]):
        gone += [id for id, sku, by_hand in page if sku not in skus and not by_hand]
        sold += len(page)
        last = page[-1][0]
    if len(gone) * 100 > at_most * sold:
        raise TooMany("too_many_go", gone=len(gone), sold=sold, at_most=at_most)
    left = {product for (product,) in sql.rows(_REMOVE_VARIANTS, [gone])}
    _after_removal(left)
    return len(gone)


@action(silent=_SILENT)
def remove_product(number: str) -> bool:
    """Remove a product with its variants; False where there is none that is sold."""
    sql.run(_TURN)
    left = sql.rows(
        "UPDATE catalogue_variant v SET removed_at = now() FROM catalogue_product p"
        " WHERE p.id = v.product_id AND p.number = %s AND v.removed_at IS NULL"
        " RETURNING v.product_id",
        [number],
    )
    _after_removal({product for (product,) in left})
    return bool(left)


def _after_removal(products: set[int]) -> None:
    ids = sorted(products)
    sql.run(_REMOVE_EMPTY, [ids])
    for start in range(0, len(ids), MOST_PRODUCTS):
        _refresh(ids[start : start + MOST_PRODUCTS])


# --- places ---------------------------------------------------------------------------------------


@action(silent=_SILENT)
def put_places(places: Sequence[PlaceData]) -> Outcome:
    """Keep stores and warehouses by their code, at most 1,000; told again, nothing changes."""
    if len(places) > MOST_PLACES:
        raise ValueError(f"At most {MOST_PLACES} places in one go.")
    sql.run(_TURN)
    outcome = Outcome()
    good = []
    for told in places:
        try:
            check_place(told)
        except Unfit as error:
            outcome.refused.append(RefusedItem(told.code[:50], str(error)))
            continue
        good.append(told)
    kept = Place.objects.in_bulk([told.code for told in good], field_name="code")
    for told in good:
        place = kept.setdefault(told.code, Place(code=told.code))
        new, different = place.pk is None, False
        for name, value in told.values().items():
            different |= getattr(place, name) != value
            setattr(place, name, value)
        if told.closed != (place.closed_at is not None):
            place.closed_at, different = (timezone.now() if told.closed else None), True
        if new or different:
            place.save()
        outcome.created += new
        outcome.changed += different and not new
        outcome.unchanged += not different and not new
    return outcome
