"""What an order's lines come to, and what of that is whose, without a database."""

from __future__ import annotations

from typing import Protocol

from spindel.kit.money import share


class Agreed(Protocol):
    """A line of an order: so many for so much, adjustments included, and what has become of them.

    Each piece has its own part of the total (`kit.money.pieces`). Pieces leave and come back from
    the first on and are cancelled from the last, so that none counts twice, whatever comes first.
    """

    @property
    def quantity(self) -> int: ...
    @property
    def list_amount(self) -> int: ...
    @property
    def total(self) -> int: ...
    @property
    def delivered(self) -> int: ...
    @property
    def cancelled(self) -> int: ...
    @property
    def returned(self) -> int: ...


def kept(line: Agreed) -> int:
    """What the line comes to without what was cancelled."""
    return share(line.total, line.quantity, 0, line.quantity - line.cancelled)


def saved(line: Agreed) -> int:
    """How much less the line came to, as it was ordered, than everybody else paid."""
    return max(0, line.quantity * line.list_amount - line.total)


def cancelling(line: Agreed, many: int) -> int:
    """What the next so many come to that are cancelled."""
    return share(line.total, line.quantity, line.quantity - line.cancelled - many, many)


def leaving(line: Agreed, many: int) -> int:
    """What the next so many come to that leave."""
    return share(line.total, line.quantity, line.delivered, many)


def returning(line: Agreed, many: int) -> int:
    """What the next so many come to that come back."""
    return share(line.total, line.quantity, line.returned, many)


def given_back(line: Agreed) -> int:
    """What those come to that came back."""
    return share(line.total, line.quantity, 0, line.returned)
