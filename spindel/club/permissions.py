"""Who may do what in the club: read by `spindel.staff.permissions`."""

from __future__ import annotations

from spindel.staff.models import Role
from spindel.staff.permissions import EVERYBODY

ALLOWED: dict[str, frozenset[Role]] = {
    # How many members there are, and how the club works.
    "club.see": EVERYBODY,
    # What a member has, having her join, and making rewards of her points.
    "club.serve": frozenset((Role.ADMIN, Role.AGENT, Role.CLERK)),
    # Giving points, or taking some.
    "club.correct": frozenset((Role.ADMIN, Role.AGENT)),
    "club.manage": frozenset((Role.ADMIN, Role.MARKETER)),
}
