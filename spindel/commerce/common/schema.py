"""What requests are written with that is of commerce alone; the rest is in `kit.schema`."""

from __future__ import annotations

from typing import Annotated

from ninja import Header
from pydantic import Field

# Of a cart, as whoever asks has seen it.
Version = Annotated[int, Field(ge=0, le=2**31 - 1)]
IdempotencyKey = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=200)]
Whose = Annotated[str, Field(max_length=1000)]  # `kind:value`
