"""Wishes in sentences."""

from __future__ import annotations

from spindel.timeline import phrases
from spindel.timeline.diary import Kind, Sentence
from spindel.timeline.phrases import N_

SENTENCES = (
    Sentence(
        "Product Added to Wishlist",
        phrases.about_product(N_("Put %(product)s on the wish list")),
        Kind.BUYING,
        of_things=True,
    ),
    Sentence(
        "Product Removed from Wishlist",
        phrases.about_product(N_("Took %(product)s off the wish list")),
        Kind.BUYING,
        of_things=True,
    ),
    Sentence(
        "Wishlist Product Added to Cart",
        phrases.about_product(N_("Moved %(product)s from the wish list to the cart")),
        Kind.BUYING,
        of_things=True,
    ),
    Sentence(
        "Product Back In Stock",
        phrases.about_product(N_("Was told that %(product)s is back")),
        Kind.BUYING,
        of_things=True,
    ),
)
