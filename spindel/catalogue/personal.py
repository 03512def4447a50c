"""What the catalogue holds about a customer: nothing."""

from __future__ import annotations

from spindel.kit.register import Holding

HOLDINGS: tuple[Holding, ...] = ()
FREE = {
    "catalogue_product": "what is sold",
    "catalogue_variant": "in which sizes and colours",
    "catalogue_price": "at what price",
    "catalogue_option": "what options are called",
    "catalogue_word": "the words that goods are called by",
    "catalogue_edit": "what people here have changed of goods",
    "catalogue_place": "stores and warehouses",
    "catalogue_post": "in which store somebody works",
}
