"""What people may promise a customer on their own, by what they do here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from spindel.staff.models import Role
from spindel.staff.permissions import PRICE_LIMIT


@dataclass(frozen=True, slots=True)
class Mandate:
    """How much less than everybody pays somebody may promise: in percent, and in minor units by
    currency where there is such a limit; for how long; and to how many customers in 24 hours.
    """

    percent: int
    longest: timedelta
    a_day: int
    amounts: Mapping[str, int] = field(default_factory=dict)


_AMOUNTS = {"SEK": 50_000, "DKK": 35_000, "NOK": 50_000, "EUR": 5_000}

ANYTHING = Mandate(100, timedelta(days=366), 1_000_000)

MANDATES: dict[Role, Mandate] = {
    Role.ADMIN: Mandate(PRICE_LIMIT[Role.ADMIN], timedelta(days=366), 1_000),
    Role.AGENT: Mandate(PRICE_LIMIT[Role.AGENT], timedelta(days=30), 50, _AMOUNTS),
    Role.CLERK: Mandate(PRICE_LIMIT[Role.CLERK], timedelta(days=14), 30, _AMOUNTS),
    Role.MARKETER: Mandate(PRICE_LIMIT[Role.MARKETER], timedelta(days=30), 0),
    Role.ANALYST: Mandate(PRICE_LIMIT[Role.ANALYST], timedelta(days=1), 0),
}
