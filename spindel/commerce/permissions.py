"""Who may do what with stock, orders, quotes and returns: read by `spindel.staff.permissions`."""

from __future__ import annotations

from spindel.staff.models import Role
from spindel.staff.permissions import EVERYBODY

ALLOWED: dict[str, frozenset[Role]] = {
    "stock.see": EVERYBODY,
    # Counts what lies in the store that she works in.
    "stock.count": frozenset((Role.ADMIN, Role.CLERK)),
    # Says by hand how many there are, anywhere.
    "stock.manage": frozenset((Role.ADMIN,)),
    "orders.see": EVERYBODY,
    # Takes the whole list of orders away as a file, without whose they are.
    "orders.export": frozenset((Role.ADMIN, Role.MARKETER, Role.ANALYST)),
    # Whoever may sells, sends, hands over, cancels, takes back and exchanges, for any customer.
    "orders.handle": frozenset((Role.ADMIN, Role.AGENT, Role.CLERK)),
    "quotes.make": frozenset((Role.ADMIN, Role.AGENT, Role.CLERK)),
    # The tablet in the store.
    "store.work": frozenset((Role.ADMIN, Role.CLERK)),
    # Takes goods back although the policy says no.
    "returns.overrule": frozenset((Role.ADMIN, Role.AGENT)),
    # Says what is taken back, and for how long.
    "returns.policy": frozenset((Role.ADMIN,)),
}
