"""Who may do what with customers: read by `spindel.staff.permissions`."""

from __future__ import annotations

from spindel.staff.models import Role
from spindel.staff.permissions import EVERYBODY

ALLOWED: dict[str, frozenset[Role]] = {
    "customers.read": EVERYBODY,
    # Who may not sees only whom she has looked up, or who has an errand: `identity/shown.py`.
    "customers.browse": frozenset((Role.ADMIN, Role.MARKETER, Role.AGENT, Role.ANALYST)),
    # Who may not sees no name, address or number of a customer's, nor what she has written.
    "contacts.see": frozenset((Role.ADMIN, Role.MARKETER, Role.AGENT, Role.CLERK)),
    # Whoever may not is given no link by which a customer sees her order and acts: contact data,
    # and leave to do in her name what selling and quoting allow.
    "links.see": frozenset((Role.ADMIN, Role.AGENT, Role.CLERK)),
    "customers.lookers": frozenset((Role.ADMIN, Role.AGENT)),
    "customers.merge": frozenset((Role.ADMIN, Role.AGENT)),
    "customers.note": frozenset((Role.ADMIN, Role.AGENT, Role.CLERK)),
    "customers.correct": frozenset((Role.ADMIN, Role.AGENT, Role.CLERK)),
}
