"""Vinga in two sizes, in two stores and a warehouse; and Anna, who wants them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from spindel.catalogue.models import Place, Product, Variant
from spindel.commerce.stock.reading import levels
from spindel.identity import customers
from spindel.identity.models import Identifier
from spindel.timeline.models import Source, WriteKey
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
    assert levels.verify() == []


@pytest.fixture
def crm(database: str) -> Source:
    """A system that is trusted to say who is who, with the write key `crm-key`."""
    source = Source.objects.create(
        slug="crm", name="CRM", kind="other", channel="other", trusted=True
    )
    WriteKey.objects.create(source=source, key="crm-key")
    return source


@pytest.fixture
def anna(web: Source, crm: Source) -> int:
    """Anna's identifier; that the address is hers is certain."""
    told = {"type": "identify", "messageId": "i", "userId": "anna"}
    for key in ("web-key", "crm-key"):
        tell([{**told, "traits": {"email": "anna@example.se"}}], key=key)
    assert customers.by_identifier("user_id", "anna")
    return Identifier.objects.get(kind="user_id", value="anna").pk
