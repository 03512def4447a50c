"""Who may do what with quotes: read by `spindel.staff.permissions`."""

from __future__ import annotations

from spindel.staff.models import Role

ALLOWED: dict[str, frozenset[Role]] = {
    "quotes.make": frozenset((Role.ADMIN, Role.AGENT, Role.CLERK)),
}
