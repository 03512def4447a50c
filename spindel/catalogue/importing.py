"""Taking a feed in: in batches, each whole or not at all, and safe to run again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import IO

from spindel.catalogue import actions
from spindel.catalogue.feeds import Feed, Row, Unusable
from spindel.catalogue.goods import ProductData, Unfit, VariantData, check

_PRODUCTS, _VARIANTS = 1_000, 5_000  # in a batch
_VARIANTS_OF = 1_000  # of one product in a batch
_MOST_TOLD = 1_000  # refusals that are told of; all are counted


@dataclass(slots=True)
class Report:
    """What became of a feed: rows read, products, removed variants, and rows that were refused.

    `refused` has the row's place (0: not known any more), its SKU and why; `problem` says why the
    file was not read to its end, and `left` why nothing was removed though it was asked for.
    """

    rows: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    refusals: int = 0
    refused: list[tuple[int, str, str]] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    problem: str = ""
    left: str = ""

    def refuse(self, place: int, key: str, reason: str) -> None:
        """Count a refusal, and tell of the first thousand."""
        self.refusals += 1
        if len(self.refused) < _MOST_TOLD:
            self.refused.append((place, key[:64], reason))


def import_feed(file: IO[bytes], feed: Feed, *, full: bool = False) -> Report:
    """Put the feed's products into the catalogue, and remove, if it is `full`, all others.

    Rows that can't be taken are told of, and the others kept. Nothing is removed when the file
    could not be read whole, or when a row does not say which variant it is.
    """
    report = Report()
    taking = _Taking(report)
    nameless = 0
    try:
        for row in feed.rows(file):
            report.rows += 1
            nameless += not row.sku
            taking.take(row)
    except Unusable as error:
        report.problem = str(error)
    taking.flush()
    report.ignored = sorted(feed.ignored)[:50]
    if full and (report.problem or nameless or not taking.places):
        report.left = report.problem or "Some rows don’t say which variant they are."
    elif full:
        report.removed = actions.remove_all_but(taking.places.keys())
    taking.again()
    return report


class _Taking:
    """Gathers rows into products, and products into batches."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.places: dict[str, int] = {}  # of every SKU that the feed names
        self._first: dict[str, ProductData] = {}  # what the first row of a product said
        self._sizes: dict[str, int] = {}
        self._batch: dict[str, list[VariantData]] = {}
        self._variants = 0
        self._waiting: list[ProductData] = []  # for the GTIN of a variant that may be removed

    def take(self, row: Row) -> None:
        """Take a row, or tell why not."""
        problem = row.problem
        if row.sku in self.places:
            problem = f"The SKU is that of row {self.places[row.sku]}, too."
        elif row.sku:
            self.places[row.sku] = row.place
        if row.product is not None and not problem:
            try:
                check(row.product)
            except Unfit as error:
                problem = str(error)
        if row.product is None or problem:
            self._report.refuse(row.place, row.sku, problem)
            return
        number = row.product.number
        full = self._variants >= _VARIANTS or len(self._batch) >= _PRODUCTS
        # A product in one batch counts once.
        if (full and number not in self._batch) or len(self._batch.get(number, ())) >= _VARIANTS_OF:
            self.flush()
        self._first.setdefault(number, replace(row.product, variants=()))
        position = self._sizes[number] = self._sizes.get(number, -1) + 1
        self._batch.setdefault(number, []).extend(
            replace(one, position=min(position, 32_767)) for one in row.product.variants
        )
        self._variants += 1

    def flush(self) -> None:
        """Put what has been gathered into the catalogue."""
        batch, self._batch, self._variants = self._batch, {}, 0
        for refusal in self._put(
            [replace(self._first[number], variants=batch[number]) for number in batch]
        ):
            if refusal.again:
                number, variant = next(
                    (number, one)
                    for number, variants in batch.items()
                    for one in variants
                    if one.sku == refusal.key
                )
                self._waiting.append(replace(self._first[number], variants=[variant]))
            else:
                self._refuse(refusal)

    def again(self) -> None:
        """Put those that waited for a GTIN, one variant at a time."""
        for product in self._waiting:
            for refusal in self._put([product]):
                self._refuse(refusal)

    def _refuse(self, refusal: actions.Refusal) -> None:
        self._report.refuse(self.places.get(refusal.key, 0), refusal.key, refusal.reason)

    def _put(self, products: list[ProductData]) -> list[actions.Refusal]:
        if not products:
            return []
        outcome = actions.put_products(products)
        self._report.created += outcome.created
        self._report.changed += outcome.changed
        self._report.unchanged += outcome.unchanged
        return outcome.refused
