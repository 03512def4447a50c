"""A product's variants as a grid: a row for each colour, a column for each size."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from spindel.catalogue.models import Variant
from spindel.catalogue.wording import in_order
from spindel.kit.options import options_text


@dataclass(frozen=True, slots=True)
class Grid:
    """Sizes as they follow each other, and rows: a colour, with its variant of each size. A size is
    empty where variants have none, and so is a colour.
    """

    sizes: list[str]
    rows: list[tuple[str, list[Variant | None]]]


def grid(variants: Iterable[Variant]) -> Grid:
    """The grid of the variants. Two of one colour and size stand in rows of their own, by SKU."""
    rows: dict[str, dict[str, Variant]] = {}
    for one in variants:
        size = str(one.options.get("size", ""))
        row = options_text({name: value for name, value in one.options.items() if name != "size"})
        row = row if size else row or one.sku
        if size in rows.get(row, {}):
            row = f"{row} {one.sku}".strip()
        rows.setdefault(row, {})[size] = one
    sizes = sorted({size for row in rows.values() for size in row}, key=in_order)
    return Grid(sizes, [(name, [row.get(size) for size in sizes]) for name, row in rows.items()])
