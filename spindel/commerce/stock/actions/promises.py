"""What somebody here had promised a customer and a store could not find."""

from __future__ import annotations

from django.utils import timezone

from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.actions.holds import Kept
from spindel.commerce.stock.models import Promise
from spindel.kit.actions import action
from spindel.kit.refusal import Refusal
from spindel.kit.saying import NotThere
from spindel.staff.actors import Actor
from spindel.staff.models import User


class NoPromise(NotThere):
    """There is no such promise of this person's."""

    code = "no_such_promise"


def _of(id: int, user: User) -> Promise:
    found = Promise.objects.select_related("hold").filter(pk=id, user=user).first()
    if found is None:
        raise NoPromise
    return found


@action(silent="That a colleague has read it says nothing of the customer.")
def see(id: int, user: User) -> None:
    """Show it to her no more as new. Again: nothing. Raises NoPromise."""
    found = _of(id, user)
    if found.seen_at is None:
        found.seen_at = timezone.now()
        found.save(update_fields=["seen_at"])


@action(silent="That a colleague has read it says nothing of the customer.")
def unsee(id: int, user: User) -> None:
    """Show it to her as new again. Again: nothing. Raises NoPromise."""
    found = _of(id, user)
    if found.seen_at is not None:
        found.seen_at = None
        found.save(update_fields=["seen_at"])


@action(records="Stock Reserved")
def keep_next(id: int, user: User) -> Kept:
    """Hold the same for the same customer in the nearest other place that has it now.

    As `holds.keep_instead`; she has seen it then. Raises NoPromise, Refusal, rules.NotEnough where
    no place has it, and recording.Gone.
    """
    lost = _of(id, user).hold
    if lost.identifier_id is None:
        raise Refusal("promise_of_nobody")
    return holds.keep_instead(lost.pk, Actor(str(user), user.pk, lost.channel))
