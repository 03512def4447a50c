"""In which store somebody works, and where she helps out for a day."""

from __future__ import annotations

from django.utils import timezone

from spindel.catalogue import posts
from spindel.catalogue.models import Place, Post
from spindel.kit.actions import action
from spindel.kit.refusal import Refusal
from spindel.staff import audit
from spindel.staff.models import User

_NO_CUSTOMER = "It is about who works where; no customer's timeline is concerned."


@action(silent=_NO_CUSTOMER)
def give(person: int, code: str, by: User) -> None:
    """Give somebody a store of her own, by its code; "": she works in any. Raises Refusal."""
    user = User.objects.select_for_update().get(pk=person)
    place = posts.stores().get(code)
    if code and place is None:
        raise Refusal("no_such_post")
    before = Post.objects.select_related("place").filter(user=user).first()
    if (before.place if before else None) == place:
        return
    if place is None:
        Post.objects.filter(user=user).delete()
    else:
        Post.objects.update_or_create(
            user=user, defaults={"place": place, "helps": None, "helps_on": None}
        )
    detail = {
        "person": user.pk,
        "email": user.email,
        "from": before.place.code if before else "",
        "to": code,
    }
    audit.note(by, "person.store_changed", detail=detail)


@action(silent=_NO_CUSTOMER)
def work_in(user: User, place: Place) -> bool:
    """Have her work there for today; in her own store, as ever. False: she has none of her own."""
    found = Post.objects.select_for_update().filter(user=user).first()
    if found is None:
        return False
    before = posts.today(user)
    own = found.place_id == place.pk
    found.helps, found.helps_on = (None, None) if own else (place, timezone.localdate())
    found.save(update_fields=["helps", "helps_on"])
    if before != place and not own:
        audit.note(user, "person.helps_out", detail={"name": place.name, "place": place.code})
    return True
