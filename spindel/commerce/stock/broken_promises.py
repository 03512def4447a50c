"""Reading what somebody here has promised: what a store could not find, and what is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from spindel.catalogue.models import Place
from spindel.catalogue.wording import in_language
from spindel.commerce.stock.models import Hold, Promise
from spindel.identity import customers
from spindel.kit.options import options_text
from spindel.staff.models import User


@dataclass(frozen=True, slots=True)
class Broken:
    """A promise that can't be kept. `next` is the nearest other place that had it then."""

    id: int
    name: str
    options: str
    quantity: int
    place: str
    next: Place | None
    made_at: datetime
    customer: int | None


def unseen_of(user: User, language: str, most: int) -> list[Broken]:
    """What the person has promised and has not seen to yet, the newest first."""
    found = unseen(user).select_related("hold__variant__product", "hold__place", "next")
    listed = list(found.order_by("-made_at", "-pk")[:most])
    owners = customers.of({one.hold.identifier_id for one in listed if one.hold.identifier_id})
    return [_broken(one, owners.get(one.hold.identifier_id or 0), language) for one in listed]


def _broken(one: Promise, customer: int | None, language: str) -> Broken:
    hold = one.hold
    product = hold.variant.product
    return Broken(
        one.pk,
        in_language(product.names, language, product.number),
        options_text(hold.variant.options),
        hold.quantity,
        hold.place.name,
        one.next,
        one.made_at,
        customer,
    )


def unseen(user: User) -> QuerySet[Promise]:
    """Those that are new to her."""
    return Promise.objects.filter(user=user, seen_at=None)


# --- what is due ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Due:
    """What a person here has promised a customer, and is kept until `until`."""

    hold: int
    name: str
    options: str
    quantity: int
    place: Place
    until: datetime
    customer: int | None


def ending(user: User, before: datetime) -> QuerySet[Hold]:
    """The holds that the person has promised and that end before then."""
    found = Hold.objects.filter(promised_by=user, state=Hold.State.ACTIVE, order_line_id=None)
    return found.filter(until__gt=timezone.now(), until__lt=before)


def due(user: User, before: datetime, language: str, most: int) -> list[Due]:
    """What the person has promised and ends before then, the first to end first."""
    found = ending(user, before).select_related("variant__product", "place")
    listed = list(found.order_by("until", "pk")[:most])
    owners = customers.of({one.identifier_id for one in listed if one.identifier_id is not None})
    return [
        Due(
            one.pk,
            in_language(one.variant.product.names, language, one.variant.product.number),
            options_text(one.variant.options),
            one.quantity,
            one.place,
            one.until,
            owners.get(one.identifier_id or 0),
        )
        for one in listed
    ]
