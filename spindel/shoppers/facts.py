"""The facts that shoppers' sessions record."""

from __future__ import annotations

from dataclasses import dataclass

from spindel.timeline.recording import Recorded


@dataclass(frozen=True)
class SignedIn(Recorded):
    """She has proved at a shop who she is."""

    method: str
