"""Who may do what with content: read by `spindel.staff.permissions`."""

from __future__ import annotations

from spindel.staff.models import Role
from spindel.staff.permissions import EVERYBODY

ALLOWED: dict[str, frozenset[Role]] = {
    "content.see": EVERYBODY,
    "content.manage": frozenset((Role.ADMIN, Role.MARKETER)),
}
