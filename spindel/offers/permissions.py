"""Who may do what with offers: read by `spindel.staff.permissions`."""

from __future__ import annotations

from spindel.staff.models import Role
from spindel.staff.permissions import EVERYBODY

ALLOWED: dict[str, frozenset[Role]] = {
    "offers.see": EVERYBODY,
    "offers.manage": frozenset((Role.ADMIN, Role.MARKETER)),
}
