"""What is held moves to another place."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from spindel.commerce.common.rules import Line
from spindel.commerce.stock import ledger
from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.models import Hold
from spindel.identity import identifiers
from spindel.kit.actions import action
from spindel.kit.idempotency import KeyReused, Request
from spindel.staff.actors import Actor


@action(records="Stock Reserved")
def move_hold(
    hold: int,
    place: int,
    until: datetime,
    *,
    actor: Actor,
    request: Request,
) -> Hold:
    """Keep in another place what is held, until then, and not here any more: both or neither.

    The same request again answers the same hold. Raises as `holds.reserve` and `holds.release`.
    """
    old = Hold.objects.filter(pk=hold).first()
    if old is None:
        raise holds.NoHold
    # In the order of everybody else: two that change places don't wait for each other.
    identifiers.stay([old.identifier_id])
    ledger.lock([(old.variant_id, old.place_id), (old.variant_id, place)])
    own = request.part(f"hold {old.pk}")
    done = Hold.objects.filter(key=own.id).first()
    if done is not None:
        if done.place_id != place:
            raise KeyReused
        return done
    old.refresh_from_db()
    if old.state != Hold.State.ACTIVE or old.until <= timezone.now():
        raise holds.Ended(old)
    (new,) = holds.reserve(
        [Line(old.variant_id, place, old.quantity)],
        until,
        actor=actor,
        request=own,
        whose=old.identifier_id,
        asked="moved",
    )
    holds.release(old.pk, actor.by)
    return new
