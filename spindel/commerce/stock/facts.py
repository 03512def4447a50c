"""The facts that reservations record."""

from __future__ import annotations

from dataclasses import dataclass

from spindel.timeline.recording import Recorded


@dataclass(frozen=True)
class _OfHold:
    """What every fact about a hold tells: its number, the store, the goods, and its end."""

    hold_id: int
    store: str
    store_name: str
    product_id: str
    name: str
    sku: str
    variant: str
    quantity: int
    until: str


@dataclass(frozen=True)
class StockReserved(_OfHold, Recorded):
    """Something is kept for her in a place, until a moment."""


@dataclass(frozen=True)
class ReservationExtended(_OfHold, Recorded):
    """It is kept for longer."""


@dataclass(frozen=True)
class ReservationReady(_OfHold, Recorded):
    """The store has set it aside for her."""


@dataclass(frozen=True)
class ReservationPutBack(_OfHold, Recorded):
    """It does not lie ready after all; it is kept for her still."""


@dataclass(frozen=True)
class ReservationReleased(_OfHold, Recorded):
    """It is not kept any more, because somebody said so."""


@dataclass(frozen=True)
class ReservationExpired(_OfHold, Recorded):
    """It is not kept any more, because its time is up."""


@dataclass(frozen=True)
class ReservationCollected(_OfHold, Recorded):
    """It was handed over to her."""


@dataclass(frozen=True)
class ReservationFailed(_OfHold, Recorded):
    """The store could not find it. `next_store` is the nearest that has it; empty if none has."""

    next_store: str
