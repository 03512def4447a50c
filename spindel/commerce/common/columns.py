"""A column that orders and quotes have."""

from __future__ import annotations

from django.db import models

from spindel.commerce.common.contacts import CONTACT


def contact_key() -> models.CharField[str, str]:
    """The address or the number in `contact` in its normal form, which a row is found by."""
    return models.CharField(max_length=CONTACT["email"], blank=True, default="", db_default="")
