"""What requests are written with, and what is let through of it."""

from __future__ import annotations

from typing import Annotated

from ninja import Header
from pydantic import Field

# What things are called: a SKU, a place's code, an order's number.
Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]+$")]
Market = Annotated[str, Field(pattern="^[A-Z]{2}$")]
Language = Annotated[str, Field(pattern="^(sv|da|en)$")]
# Of a cart, as whoever asks has seen it.
Version = Annotated[int, Field(ge=0, le=2**31 - 1)]
IdempotencyKey = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=200)]
