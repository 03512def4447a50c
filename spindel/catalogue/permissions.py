"""Who may do what with what is sold, and where: read by `spindel.staff.permissions`."""

from __future__ import annotations

from spindel.staff.models import Role
from spindel.staff.permissions import EVERYBODY

ALLOWED: dict[str, frozenset[Role]] = {
    "catalogue.see": EVERYBODY,
    "catalogue.manage": frozenset((Role.ADMIN, Role.MARKETER)),
}
