"""Who may do what with the console itself: read by `spindel.staff.permissions`."""

from __future__ import annotations

from spindel.staff.models import Role
from spindel.staff.permissions import EVERYBODY

ALLOWED: dict[str, frozenset[Role]] = {
    # A first page in the console; a clerk's is the tablet.
    "start.see": frozenset((Role.ADMIN, Role.MARKETER, Role.AGENT, Role.ANALYST)),
    "live.see": EVERYBODY,
    # The frame around all pages, which shows each role what it may see.
    "console.open": EVERYBODY,
}
