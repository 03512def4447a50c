"""Reading what somebody here had promised and a store could not find."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from spindel.catalogue.models import Place
from spindel.catalogue.options import options_text
from spindel.commerce import whose
from spindel.commerce.models import Promise
from spindel.commerce.reading.carts import in_language
from spindel.staff.models import User

_MOST = 50
_SHOWN_FOR = timedelta(days=30)  # after it was seen


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
    seen_at: datetime | None
    customer: int | None


def of(user: User, language: str) -> list[Broken]:
    """What the person has promised: the newest first, those that she has seen for a month."""
    late = timezone.now() - _SHOWN_FOR
    found = Promise.objects.filter(user=user).exclude(seen_at__lt=late)
    found = found.select_related("hold__variant__product", "hold__place", "next")
    return [_broken(one, language) for one in found.order_by("-made_at", "-pk")[:_MOST]]


def _broken(one: Promise, language: str) -> Broken:
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
        one.seen_at,
        whose.living(hold.identifier_id) if hold.identifier_id is not None else None,
    )


def unseen(user: User) -> int:
    """How many are new to her."""
    return Promise.objects.filter(user=user, seen_at=None).count()
