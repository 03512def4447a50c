"""Vinga in two sizes, in two stores and a warehouse; and Anna, who wants them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from spindel.catalogue.models import Place, Product, Variant
from spindel.commerce.reading import stock
from spindel.identity import customers
from spindel.identity.models import Identifier
from spindel.timeline.models import Source
from tests.telling import tell

ALWAYS = {str(day): [["10:00", "18:00"]] for day in range(1, 8)}


@dataclass(frozen=True)
class Shop:
    """Ids of what there is."""

    small: int  # Vinga, 38
    large: int  # Vinga, 39
    goteborg: int
    stockholm: int
    warehouse: int


@pytest.fixture
def shop(database: str) -> Iterator[Shop]:
    """The goods and the places, without any stock. Whatever a test does, the books add up after."""
    product = Product.objects.create(number="vinga", names={"sv": "Vinga", "en": "Vinga"})
    small, large = (
        Variant.objects.create(
            product=product, sku=f"vinga-{size}", options={"size": str(size)}, position=size
        )
        for size in (38, 39)
    )
    goteborg = Place.objects.create(
        code="goteborg", name="Göteborg", latitude=57.70, longitude=11.97, hours=ALWAYS
    )
    stockholm = Place.objects.create(
        code="stockholm", name="Stockholm", latitude=59.33, longitude=18.07, hours=ALWAYS
    )
    warehouse = Place.objects.create(
        code="boras",
        name="Borås",
        kind="warehouse",
        latitude=57.72,
        longitude=12.94,
        hands_over=False,
    )
    yield Shop(small.pk, large.pk, goteborg.pk, stockholm.pk, warehouse.pk)
    assert stock.verify() == []


@pytest.fixture
def anna(web: Source) -> int:
    """Anna's identifier."""
    tell(
        [
            {
                "type": "identify",
                "messageId": "i",
                "userId": "anna",
                "traits": {"email": "anna@example.se"},
            }
        ]
    )
    assert customers.by_identifier("user_id", "anna")
    return Identifier.objects.get(kind="user_id", value="anna").pk
