"""How an amount is shared out over lines. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction


def shared(amount: int, weights: Sequence[int]) -> list[int]:
    """The amount in parts that add up to it, each as large as its weight is beside the others.

    No part is larger than its weight, where the amount is no larger than all of them. As an amount
    grows no part of it shrinks: that is why the parts are Webster's, and not those of the largest
    remainders, with which a larger discount may cost a line more (Balinski and Young, *Fair
    Representation*, 1982). Of two that are equally near the first has the odd unit.
    """
    whole = sum(weights)
    if not amount or not whole:
        return [0] * len(weights)
    parts = [(2 * weight * amount + whole - 1) // (2 * whole) for weight in weights]
    over = sum(parts) - amount
    for _ in range(over):
        number = min(_next(weights, parts, -1))[1]
        parts[-number] -= 1
    for _ in range(-over):
        number = max(_next(weights, parts, 1))[1]
        parts[-number] += 1
    return parts


def _next(
    weights: Sequence[int], parts: Sequence[int], step: int
) -> Iterator[tuple[Fraction, int]]:
    """How strong a claim each has on the unit that it would be given next, or has been given last,
    with its number below zero, so that of equal ones the first is the strongest.
    """
    for number, (weight, part) in enumerate(zip(weights, parts, strict=True)):
        if weight and part + step >= 0:
            yield Fraction(weight, 2 * part + step), -number
