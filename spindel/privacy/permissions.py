"""Who may do what with customers’ rights: read by `spindel.staff.permissions`."""

from __future__ import annotations

from spindel.staff.models import Role

ALLOWED: dict[str, frozenset[Role]] = {
    "privacy.tell": frozenset((Role.ADMIN, Role.AGENT)),
    "privacy.forget": frozenset((Role.ADMIN,)),
    "retention.manage": frozenset((Role.ADMIN,)),
}
