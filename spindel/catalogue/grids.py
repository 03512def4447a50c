"""Variants of a product as a grid: a row for each colour, a column for each size."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from spindel.catalogue.wording import in_order
from spindel.kit.options import options_text


class OfVariant(Protocol):
    """A variant, or what is said of one."""

    @property
    def sku(self) -> str:
        """Its number."""

    @property
    def options(self) -> Mapping[str, Any]:  # Any: as a row's JSON is typed
        """Its colour, size and so on, each text."""


T = TypeVar("T", bound=OfVariant)


@dataclass(frozen=True, slots=True)
class Grid(Generic[T]):
    """Sizes as they follow each other, and rows: a colour, with its variant of each size. A size is
    empty where variants have none, and so is a colour.
    """

    sizes: list[str]
    rows: list[tuple[str, list[T | None]]]


def grid(variants: Iterable[T]) -> Grid[T]:
    """The grid of the variants. Two of one colour and size stand in rows of their own, by SKU."""
    rows: dict[str, dict[str, T]] = {}
    for one in variants:
        size = str(one.options.get("size", ""))
        row = options_text({name: value for name, value in one.options.items() if name != "size"})
        row = row if size else row or one.sku
        if size in rows.get(row, {}):
            row = f"{row} {one.sku}".strip()
        rows.setdefault(row, {})[size] = one
    sizes = sorted({size for row in rows.values() for size in row}, key=in_order)
    return Grid(sizes, [(name, [row.get(size) for size in sizes]) for name, row in rows.items()])
