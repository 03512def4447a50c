"""Who may promise a customer a price: read by `spindel.staff.permissions`."""

from __future__ import annotations

from spindel.staff.models import Role

ALLOWED: dict[str, frozenset[Role]] = {
    "promises.make": frozenset((Role.ADMIN, Role.AGENT, Role.CLERK)),
}
