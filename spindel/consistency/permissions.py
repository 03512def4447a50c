"""Who may do what with the audit of faces: read by `spindel.staff.permissions`."""

from __future__ import annotations

from spindel.staff.models import Role

ALLOWED: dict[str, frozenset[Role]] = {
    "consistency.see": frozenset((Role.ADMIN, Role.MARKETER, Role.ANALYST)),
    "consistency.run": frozenset((Role.ADMIN, Role.MARKETER)),
}
