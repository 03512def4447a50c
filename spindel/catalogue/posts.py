"""Reading in which store somebody works: what waits there is hers to do."""

from __future__ import annotations

from collections.abc import Collection

from django.http import HttpRequest
from django.utils import timezone

from spindel.catalogue.models import Place, Post
from spindel.identity.shown import staff
from spindel.staff.models import User


def stores() -> dict[str, Place]:
    """The places that somebody can work in, by their codes."""
    found = Place.objects.filter(closed_at=None).order_by("kind", "country", "name", "pk")
    return {one.code: one for one in found}


def choices() -> list[tuple[str, str]]:
    """The same by code and name, to choose from."""
    return [(code, one.name) for code, one in stores().items()]


def named(people: Collection[int]) -> dict[int, tuple[str, str]]:
    """The stores of those who have one of their own, by code and name."""
    return {person: (one.code, one.name) for person, one in of(people).items()}


def own(user: User) -> Place | None:
    """The store of her own; None where she works in any."""
    return of([user.pk]).get(user.pk)


def of(people: Collection[int]) -> dict[int, Place]:
    """The stores of those who have one of their own."""
    found = Post.objects.filter(user__in=people, place__closed_at=None).select_related("place")
    return {one.user_id: one.place for one in found}


def today(user: User) -> Place | None:
    """Where she works today: where she helps out, else in her own store."""
    found = Post.objects.filter(user=user).select_related("place", "helps").first()
    if found is None:
        return None
    helps = found.helps if found.helps_on == timezone.localdate() else None
    return next((one for one in (helps, found.place) if one and one.closed_at is None), None)


def hers(user: User) -> list[int]:
    """The places whose errands are hers today: her own, and where she helps out; none: all are."""
    found = Post.objects.filter(user=user, place__closed_at=None).first()
    if found is None:
        return []
    helps = found.helps_id if found.helps_on == timezone.localdate() else None
    return [one for one in (found.place_id, helps) if one is not None]


# What a device in a store says of where it stands.
COOKIE = "store"


def standing(request: HttpRequest) -> Place | None:
    """Where she works today; without a store of her own, in the one that the device stands in."""
    if here := today(staff(request)):
        return here
    code = request.COOKIES.get(COOKIE, "")
    return stores().get(code) if code else None
