"""Who may do what with stock: read by `spindel.staff.permissions`."""

from __future__ import annotations

from spindel.staff.models import Role
from spindel.staff.permissions import EVERYBODY

ALLOWED: dict[str, frozenset[Role]] = {
    "stock.see": EVERYBODY,
    # Counts what lies in the store that she works in.
    "stock.count": frozenset((Role.ADMIN, Role.CLERK)),
    # Says by hand how many there are, anywhere.
    "stock.manage": frozenset((Role.ADMIN,)),
}
