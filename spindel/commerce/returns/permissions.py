"""Who may do what with what comes back: read by `spindel.staff.permissions`."""

from __future__ import annotations

from spindel.staff.models import Role

ALLOWED: dict[str, frozenset[Role]] = {
    # Takes goods back although the policy says no.
    "returns.overrule": frozenset((Role.ADMIN, Role.AGENT)),
    # Says what is taken back, and for how long.
    "returns.policy": frozenset((Role.ADMIN,)),
}
