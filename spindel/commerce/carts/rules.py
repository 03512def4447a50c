"""What can be said of the lines of a cart without a database."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line of a cart as far as it may have changed since she saw it.

    `amount` is what one costs now and None where it is not sold any more; `seen` is what it cost
    when she last touched the line, `available` how many can come the way she wants. `elsewhere`:
    she wants to fetch it in another market than the one whose price it has.
    """

    quantity: int
    amount: int | None
    seen: int | None
    available: int
    elsewhere: bool = False


def notes(line: Wanted) -> list[str]:
    """What she has to know of a line, in words for machines: `gone`, `short`, and so on."""
    if line.amount is None:
        return ["gone"]
    found = []
    if line.elsewhere:
        found.append("not_here")
    elif line.available <= 0:
        found.append("sold_out")
    elif line.available < line.quantity:
        found.append("short")
    if line.seen is not None and line.seen != line.amount:
        found.append("dearer" if line.seen < line.amount else "cheaper")
    return found
