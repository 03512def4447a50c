"""Taking a feed in: in batches, each whole or not at all, and safe to run again."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import IO, NamedTuple

from spindel.catalogue import actions
from spindel.catalogue.feeds import Feed, Row
from spindel.catalogue.product_input import ProductData, Unfit, VariantData, check
from spindel.kit.scratch import scratch
from spindel.kit.tables import Unreadable

_PRODUCTS, _VARIANTS = 1_000, 5_000  # in a batch
_VARIANTS_OF = 1_000  # of one product in a batch
REMOVE_AT_MOST = 20  # percent of the variants, where nobody says another share
_MOST_TOLD = 1_000  # refusals that are told of; all are counted


class RefusedRow(NamedTuple):
    """A row that was not taken: its place in the file (0: not known any more), its SKU, and why."""

    row: int
    sku: str
    reason: str


@dataclass(slots=True)
class Report:
    """What became of a feed: rows read, products, removed variants, and rows that were refused.

    `problem` says why the file was not read to its end, and `left` why nothing was removed though
    it was asked for.
    """

    rows: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    refusals: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    problem: str = ""
    left: str = ""

    def refuse(self, place: int, key: str, reason: str) -> None:
        """Count a refusal, and tell of the first thousand."""
        self.refusals += 1
        if len(self.refused) < _MOST_TOLD:
            self.refused.append(RefusedRow(place, key[:64], reason))


def import_feed(
    file: IO[bytes], feed: Feed, *, full: bool = False, remove_at_most: int = REMOVE_AT_MOST
) -> Report:
    """Put the feed's products into the catalogue, and remove, if it is `full`, all others.

    Rows that can't be taken are told of, and the others kept. Nothing is removed when the file
    could not be read whole, when a row does not say which variant it is, or when more than
    `remove_at_most` percent of the variants would go.
    """
    report = Report()
    taking = _Taking(report)
    nameless = 0
    try:
        for row in feed.rows(file):
            report.rows += 1
            nameless += not row.sku
            taking.take(row)
    except Unreadable as error:
        report.problem = str(error)
    taking.flush()
    report.ignored = sorted(feed.ignored)[:50]
    if full and (report.problem or nameless or not taking.told):
        report.left = report.problem or "Some rows don’t say which variant they are."
    elif full:
        try:
            report.removed = actions.remove_all_but(taking.told, remove_at_most)
        except actions.TooMany as error:
            report.left = f"{error} Allow a larger share if that is right."
    taking.again()
    return report


class _Told(Collection[str]):
    """The SKUs that a feed names, each with its place, and how many variants products have."""

    def __init__(self) -> None:
        self._database = scratch(
            """
            CREATE TABLE told (sku TEXT PRIMARY KEY, place INTEGER) WITHOUT ROWID;
            CREATE TABLE product (number TEXT PRIMARY KEY, variants INTEGER) WITHOUT ROWID;
            """
        )
        self._count = 0

    def tell(self, sku: str, place: int) -> int | None:
        """Note the SKU; the place where it was told of before, if it was."""
        if self._database.execute(
            "INSERT INTO told VALUES (?, ?) ON CONFLICT DO NOTHING", (sku, place)
        ).rowcount:
            self._count += 1
            return None
        return self.place(sku)

    def place(self, sku: str) -> int:
        """Where the SKU was told of; 0 where that is not known."""
        found = self._database.execute("SELECT place FROM told WHERE sku = ?", (sku,)).fetchone()
        return int(found[0]) if found else 0

    def position(self, number: str) -> int:
        """The position of the next variant of a product: 0 for the first."""
        ((variants,),) = self._database.execute(
            "INSERT INTO product VALUES (?, 1)"
            " ON CONFLICT (number) DO UPDATE SET variants = variants + 1 RETURNING variants",
            (number,),
        ).fetchall()
        return int(variants) - 1

    def __contains__(self, sku: object) -> bool:
        told = self._database.execute("SELECT 1 FROM told WHERE sku = ?", (sku,)).fetchone()
        return told is not None

    def __iter__(self) -> Iterator[str]:
        return (sku for (sku,) in self._database.execute("SELECT sku FROM told"))

    def __len__(self) -> int:
        return self._count


class _Taking:
    """Gathers rows into products, and products into batches."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.told = _Told()
        self._batch: dict[str, ProductData] = {}  # with what the first row of a product said
        self._variants: dict[str, list[VariantData]] = {}
        self._size = 0  # variants in the batch
        self._waiting: list[ProductData] = []  # for the GTIN of a variant that may be removed

    def take(self, row: Row) -> None:
        """Take a row, or tell why not."""
        problem = row.problem
        if row.sku and (before := self.told.tell(row.sku, row.place)) is not None:
            problem = f"The SKU is that of row {before}, too."
        if row.product is not None and not problem:
            try:
                check(row.product)
            except Unfit as error:
                problem = str(error)
        if row.product is None or problem:
            self._report.refuse(row.place, row.sku, problem)
            return
        number = row.product.number
        full = self._size >= _VARIANTS or len(self._batch) >= _PRODUCTS
        # A product in one batch counts once.
        if (full and number not in self._batch) or (
            len(self._variants.get(number, ())) >= _VARIANTS_OF
        ):
            self.flush()
        position = self.told.position(number)
        if number not in self._batch:
            # What a product is like has been said by its first row, in an earlier batch perhaps.
            self._batch[number] = row.product if not position else ProductData(number, ())
        self._variants.setdefault(number, []).extend(
            replace(one, position=min(position, 32_767)) for one in row.product.variants
        )
        self._size += 1

    def flush(self) -> None:
        """Put what has been gathered into the catalogue."""
        batch = {
            number: replace(product, variants=self._variants[number])
            for number, product in self._batch.items()
        }
        self._batch, self._variants, self._size = {}, {}, 0
        for refusal in self._put(list(batch.values())):
            if refusal.again:
                self._waiting += (
                    replace(product, variants=[one])
                    for product in batch.values()
                    for one in product.variants
                    if one.sku == refusal.key
                )
            else:
                self._refuse(refusal)

    def again(self) -> None:
        """Put those that waited for a GTIN, one variant at a time."""
        for product in self._waiting:
            for refusal in self._put([product]):
                self._refuse(refusal)

    def _refuse(self, refusal: actions.RefusedItem) -> None:
        self._report.refuse(self.told.place(refusal.key), refusal.key, refusal.reason)

    def _put(self, products: list[ProductData]) -> list[actions.RefusedItem]:
        if not products:
            return []
        outcome = actions.put_products(products)
        self._report.created += outcome.created
        self._report.changed += outcome.changed
        self._report.unchanged += outcome.unchanged
        return outcome.refused
