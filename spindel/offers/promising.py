"""The one door by which something is promised to a customer."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from spindel.identity.ownership import Under
from spindel.offers.models import PricePromise
from spindel.offers.terms import Terms, encode
from spindel.staff.actors import Actor


def promise(
    who: Under,
    terms: Terms,
    *,
    until: datetime,
    source: PricePromise.Source,
    reference: str,
    actor: Actor,
    why: str = "",
    content: UUID | None = None,
) -> PricePromise:
    """Have the terms hold for her until then, for one order: in the caller's transaction, who
    records what it was for. The same reference of a source again answers the same promise.
    """
    made, _ = PricePromise.objects.get_or_create(
        source=source,
        reference=reference,
        identifier_id=who,
        defaults={
            "terms": json.loads(encode(terms)),
            "until": until,
            "channel": actor.channel,
            "by": actor.by,
            "why": why,
            "content": content,
        },
    )
    return made
