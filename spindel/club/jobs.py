"""In the background: points become such as can be spent, expire, and tiers end."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from spindel.club import accounts
from spindel.kit import sql
from spindel.kit.background import Job
from spindel.timeline.recording import record_all

_PART = 500  # members in a transaction

_DUE = """
SELECT DISTINCT t.customer_id FROM (
    (SELECT member_id FROM club_pointslot l
     WHERE NOT released AND available_from <= %(now)s
       AND EXISTS (SELECT FROM club_clubmember WHERE id = l.member_id AND left_at IS NULL)
     ORDER BY available_from LIMIT %(most)s)
    UNION
    (SELECT member_id FROM club_pointslot
     WHERE released AND "left" > 0 AND expires_at <= %(now)s ORDER BY expires_at LIMIT %(most)s)
    UNION
    (SELECT id FROM club_clubmember WHERE tier_due <= %(now)s ORDER BY tier_due LIMIT %(most)s)
) due
JOIN club_clubmember m ON m.id = due.member_id AND m.left_at IS NULL
CROSS JOIN LATERAL (
    SELECT customer_id FROM identity_tenure WHERE identifier_id = m.identifier_id
    ORDER BY since DESC LIMIT 1
) t
"""


@transaction.atomic
def settle() -> bool:
    """Bring some of the members that it is time for up to the moment; whether there may be more."""
    now = timezone.now()
    due = _due(now)
    if not due:
        return False
    found = accounts.lock(due, now)
    record_all(accounts.write(list(accounts.each(found)), now, f"settled {uuid.uuid4()}"))
    # Were the same due again, nothing would have come of it, nor would it the next time.
    return _due(now) not in (set(), due)


def _due(now: datetime) -> set[int]:
    return {id for (id,) in sql.rows(_DUE, {"now": now, "most": _PART})}


JOBS = (Job(name="club.settle", step=settle),)
