"""The column by which tables say whose something is."""

from __future__ import annotations

from django.db import models

from spindel.identity.models import Identifier
from spindel.kit.fields import UNCHECKED


def of_identifier() -> models.ForeignKey[Identifier | None, Identifier | None]:
    """Whose; nobody's any more when she was forgotten."""
    return models.ForeignKey(Identifier, null=True, **UNCHECKED)
