"""Columns that many tables of commerce have.

Goods, places and identifiers are there for good, or cleared by whoever forgets; their foreign keys
are not checked, as each check would cost every hold and every order a look-up more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any  # Any: Django's own type of a foreign key's options

from django.db import models

from spindel.catalogue.models import Place, Variant
from spindel.commerce.contacts import CONTACT
from spindel.identity.models import Identifier

if TYPE_CHECKING:
    from spindel.commerce.models.carts import Shopper

_UNCHECKED: dict[str, Any] = {
    "on_delete": models.DO_NOTHING,
    "db_constraint": False,
    "db_index": False,
    "related_name": "+",
}


def of_variant() -> models.ForeignKey[Variant, Variant]:
    """Which goods."""
    return models.ForeignKey(Variant, **_UNCHECKED)


def of_place() -> models.ForeignKey[Place, Place]:
    """Where."""
    return models.ForeignKey(Place, **_UNCHECKED)


def maybe_place() -> models.ForeignKey[Place | None, Place | None]:
    """Where, if that matters."""
    return models.ForeignKey(Place, null=True, **_UNCHECKED)


def maybe_shopper() -> models.ForeignKey[Shopper | None, Shopper | None]:
    """In whose session, where it was done in one: she sees it there without proving who she is."""
    return models.ForeignKey("commerce.Shopper", null=True, **_UNCHECKED)


def of_identifier() -> models.ForeignKey[Identifier | None, Identifier | None]:
    """Whose; nobody's any more when she was forgotten."""
    return models.ForeignKey(Identifier, null=True, **_UNCHECKED)


def contact_key() -> models.CharField[str, str]:
    """The address or the number in `contact` in its normal form, which a row is found by."""
    return models.CharField(max_length=CONTACT["email"], blank=True, default="", db_default="")
