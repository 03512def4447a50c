"""Who may do what with the systems that tell of facts: read by `spindel.staff.permissions`."""

from __future__ import annotations

from spindel.staff.models import Role

ALLOWED: dict[str, frozenset[Role]] = {
    "sources.see": frozenset((Role.ADMIN, Role.MARKETER, Role.ANALYST)),
    "sources.manage": frozenset((Role.ADMIN,)),
}
