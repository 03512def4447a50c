"""The columns by which tables say which goods, and where."""

from __future__ import annotations

from django.db import models

from spindel.catalogue.models import Place, Variant
from spindel.kit.fields import UNCHECKED


def of_variant() -> models.ForeignKey[Variant, Variant]:
    """Which goods."""
    return models.ForeignKey(Variant, **UNCHECKED)


def of_place() -> models.ForeignKey[Place, Place]:
    """Where."""
    return models.ForeignKey(Place, **UNCHECKED)


def maybe_place() -> models.ForeignKey[Place | None, Place | None]:
    """Where, if that matters."""
    return models.ForeignKey(Place, null=True, **UNCHECKED)
