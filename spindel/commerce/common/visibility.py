"""What somebody here sees of a customer."""

from __future__ import annotations

from spindel.identity import shown
from spindel.identity.shown import NOBODY as NOBODY  # whose an order is, is asked here
from spindel.identity.shown import Who as Who
from spindel.identity.shown import who as who
from spindel.staff.models import User
from spindel.staff.permissions import may


def sees_contact(user: User, customer: int) -> bool:
    """Whether the person sees who the customer of an order is, and how to reach her."""
    return may(user, "contacts.see") and bool(customer) and shown.may_open(user, customer)


def sees_links(user: User, customer: int) -> bool:
    """Whether the person is given the links by which the customer sees her orders, and acts."""
    return may(user, "links.see") and sees_contact(user, customer)
