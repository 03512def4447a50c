from dataclasses import dataclass

from spindel.timeline.recording import Recorded


@dataclass(frozen=True)
class SaunaBooked(Recorded):
    """A customer has booked a sauna."""

    booking: int
    people: int
