"""Pages that other domains have their parts on: each declares its own in its `panels.py`.

A customer's page has panels of whatever is open for her, a product's and a place's page of what
lies there. Whose page it is knows none of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from spindel.kit import declared
from spindel.staff.models import User
from spindel.staff.permissions import may


class Slot(Enum):
    """A page, and where on it a panel stands."""

    CUSTOMER_HEAD = "beside her name: what is done most"
    CUSTOMER_OPEN = "what is open for her now"
    CUSTOMER_KNOWN = "below what is known of her"
    PRODUCT = "below a product's sizes"
    PLACE = "below what is known of a place"


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a page, which fetches it by its route with the id of whom or what the page shows.

    On a customer's page it is fetched again whenever facts come; it is the element of the id
    `slot-<name>`, and what it opens beside itself goes into the empty element of the id `opens`.
    `rank` goes before the order of the domains.
    """

    name: str
    route: str
    needs: str
    slot: Slot = Slot.CUSTOMER_OPEN
    opens: str = ""
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """A panel on the page of somebody or something: its address."""

    panel: Panel
    url: str


def panels(user: User | AnonymousUser, slot: Slot, id: int) -> list[Shown]:
    """Those that the person sees there."""
    found = sorted(declared.each("panels", "PANELS"), key=lambda one: one.rank)
    seen = [one for one in found if one.slot is slot and may(user, one.needs)]
    return [Shown(one, reverse(one.route, args=[id])) for one in seen]
