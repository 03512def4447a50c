"""Who may do what with the tablet in the store: read by `spindel.staff.permissions`."""

from __future__ import annotations

from spindel.staff.models import Role

ALLOWED: dict[str, frozenset[Role]] = {
    # The tablet in the store.
    "store.work": frozenset((Role.ADMIN, Role.CLERK)),
}
