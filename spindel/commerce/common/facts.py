"""What the facts of several rooms are told with: money, and goods."""

from __future__ import annotations

from spindel.kit.money import to_major


def major(amount: int, currency: str) -> float:
    """An amount for a fact, whose money is a JSON number of whole units, as in Segment's spec."""
    return float(to_major(amount, currency))


# --- orders ---------------------------------------------------------------------------------------

Products = list[dict[str, object]]  # product_id, sku, name, variant, quantity, price
