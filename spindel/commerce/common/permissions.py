"""Who may do what with carts, orders and what is kept: read by `spindel.staff.permissions`."""

from __future__ import annotations

from spindel.staff.models import Role
from spindel.staff.permissions import EVERYBODY

ALLOWED: dict[str, frozenset[Role]] = {
    "orders.see": EVERYBODY,
    # Takes the whole list of orders away as a file, without whose they are.
    "orders.export": frozenset((Role.ADMIN, Role.MARKETER, Role.ANALYST)),
    # Whoever may sells, sends, hands over, cancels, takes back and exchanges, for any customer.
    "orders.handle": frozenset((Role.ADMIN, Role.AGENT, Role.CLERK)),
}
