"""What somebody here had promised a customer and a store could not find."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from spindel.commerce import ledger
from spindel.commerce.actions import holds
from spindel.commerce.ending import ends
from spindel.commerce.models import Hold, Promise
from spindel.commerce.reading import stock
from spindel.commerce.rules import Line, NotEnough, Refused
from spindel.kit.actions import action
from spindel.staff.models import User


class NoPromise(LookupError):
    """There is no such promise of this person's."""


def _of(id: int, user: User) -> Promise:
    found = Promise.objects.select_related("hold").filter(pk=id, user=user).first()
    if found is None:
        raise NoPromise(id)
    return found


@action(silent="That a colleague has read it says nothing of the customer.")
def see(id: int, user: User) -> None:
    """Show it to her no more as new. Again: nothing. Raises NoPromise."""
    found = _of(id, user)
    if found.seen_at is None:
        found.seen_at = timezone.now()
        found.save(update_fields=["seen_at"])


@action(records="Stock Reserved")
def keep_next(id: int, user: User) -> Hold:
    """Hold the same for the same customer in the nearest other place that has it now.

    Until closing time of its next open day. Again: the same hold. Raises NoPromise, Refused,
    rules.NotEnough where no place has it, and recording.Gone.
    """
    found = _of(id, user)
    lost = found.hold
    if lost.identifier_id is None:
        raise Refused(_("It is not known any more for whom it was."))
    source, key = "promise", str(found.pk)
    if done := Hold.objects.filter(key=ledger.key(source, key)).first():
        return done
    place = stock.nearest_with(lost.variant_id, lost.quantity, lost.place)
    if place is None:
        raise NotEnough([Line(lost.variant_id, lost.place_id, 0)])
    try:
        until = ends("tomorrow", place, timezone.now())
    except ValueError:
        until = ends("hour", place, timezone.now())
    (kept,) = holds.reserve(
        [Line(lost.variant_id, place.pk, lost.quantity)],
        until,
        key=key,
        source=source,
        by=str(user),
        channel=lost.channel,
        whose=lost.identifier_id,
        asked="next",
        promised_by=user.pk,
    )
    found.next = place
    found.seen_at = found.seen_at or timezone.now()
    found.save(update_fields=["next", "seen_at"])
    return kept
