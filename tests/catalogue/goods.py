"""Goods to put into a catalogue."""

from __future__ import annotations

from collections.abc import Sequence

from spindel.catalogue import actions
from spindel.catalogue.places import PlaceData
from spindel.catalogue.product_input import PriceData, ProductData, VariantData


def sek(kronor: int) -> PriceData:
    return PriceData("SE", "SEK", kronor * 100)


def shoe(
    number: str = "vinga",
    name: str | None = None,
    sizes: Sequence[int] = (38, 39),
    colour: str = "black",
    prices: Sequence[PriceData] | None = None,
    brand: str = "Nordsko",
    category: str = "Sneakers",
    **more: object,
) -> ProductData:
    """A shoe in some sizes; its SKUs are like VINGA-38."""
    return ProductData(
        number,
        [
            VariantData(
                f"{number}-{size}".upper(),
                options={"size": str(size), "colour": colour},
                prices=[sek(1299)] if prices is None else prices,
                position=place,
            )
            for place, size in enumerate(sizes)
        ],
        names={"sv": name or number.title()},
        brand=brand,
        categories=[category],
        **more,  # type: ignore[arg-type]  # whatever else a product has
    )


def put(*products: ProductData) -> actions.Outcome:
    """Put products into the catalogue; fails where one is refused."""
    outcome = actions.put_products(products)
    assert outcome.refused == []
    return outcome


def store(code: str = "gbg", **more: object) -> PlaceData:
    """A store in Göteborg that is open 10 to 18 every day."""
    told: dict[str, object] = {
        "name": f"Nordsko {code}",
        "latitude": 57.7046,
        "longitude": 11.9643,
        "hours": {str(day): [["10:00", "18:00"]] for day in range(1, 8)},
    }
    return PlaceData(code, **(told | more))  # type: ignore[arg-type]  # the fields of a place


OWN = """sku,number,name,name.da,brand,category,vat,gtin,option.size,price.SE,price.DK
V-38,vinga,Vinga,Vinga (da),Nordsko,Sneakers|New,25,4006381333931,38,1299,899.00 DKK
V-39,vinga,Vinga,Vinga (da),Nordsko,Sneakers|New,25,,39,"1299,50",899
H-38,haga,Haga,,Nordsko,Sneakers,6,,38,999.00 SEK,
"""
