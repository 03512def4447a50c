"""Who may do what with payments: read by `spindel.staff.permissions`."""

from __future__ import annotations

from spindel.staff.models import Role

ALLOWED: dict[str, frozenset[Role]] = {
    # Makes gift cards, which is to make money.
    "gift_cards.make": frozenset((Role.ADMIN,)),
}
