"""What a customer was promised."""

from __future__ import annotations

from spindel.identity import customers
from spindel.offers import promises
from spindel.offers.promises import PromiseView

_MOST = 50


def of_customer(customer: int, language: str, most: int = _MOST) -> list[PromiseView]:
    """What she was promised, under whatever she is known by; what is open first."""
    return promises.of_identifiers([id for id, _, _ in customers.spans(customer)], language, most)
