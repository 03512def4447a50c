"""The column by which tables say in whose session something was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from spindel.kit.fields import UNCHECKED

if TYPE_CHECKING:
    from spindel.shoppers.models import Shopper


def maybe_shopper() -> models.ForeignKey[Shopper | None, Shopper | None]:
    """In whose session, where it was done in one: she sees it there without proving who she is."""
    return models.ForeignKey("shoppers.Shopper", null=True, **UNCHECKED)
