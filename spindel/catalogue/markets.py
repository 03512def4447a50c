"""Where somebody buys."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Market:
    """Where somebody buys, by its country, in what money and language."""

    market: str
    currency: str
    language: str
