"""Sessions and links that nobody needs any more are put away, a part at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from spindel.kit import declared, sql
from spindel.kit.actions import action

SESSIONS_KEPT = timedelta(days=90)  # after they were used
_ENDED_KEPT = timedelta(days=1)

_OVER = "What is put away says nothing new of anybody; what she did stays on her timeline."
_FIND_SESSIONS = """
SELECT id FROM shoppers_shopper WHERE used_at < %(unused)s OR ended_at < %(ended)s
ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED
"""
_LINKS = """
DELETE FROM shoppers_loginlink WHERE id IN (
    SELECT id FROM shoppers_loginlink WHERE ends_at < %(over)s ORDER BY id LIMIT %(most)s
    FOR UPDATE SKIP LOCKED)
"""


@action(silent=_OVER)
def sessions(most: int) -> bool:
    """Those that have ended, or were not used for months; whether there may be more."""
    now = timezone.now()
    words = {"unused": now - SESSIONS_KEPT, "ended": now - _ENDED_KEPT, "most": most}
    found = [id for (id,) in sql.rows(_FIND_SESSIONS, words)]
    return remove_sessions(found) == most


@action(silent=_OVER)
def links(most: int) -> bool:
    """Links to log in by that are over, used or not; whether there may be more."""
    return sql.run(_LINKS, {"over": timezone.now() - _ENDED_KEPT, "most": most}) == most


def remove_sessions(sessions: Sequence[int]) -> int:
    """Take these away, in the caller's transaction; how many there were.

    What was done in them stays; that it was done in these does not. A domain whose tables name
    sessions has a `retention.py` with `OF_SESSIONS`: statements that let go of an array of them.
    """
    # The highest first, as orders are locked before what is held for them.
    for statement in reversed(list(declared.each("retention", "OF_SESSIONS"))):
        sql.run(statement, [sessions])
    return sql.run("DELETE FROM shoppers_shopper WHERE id = ANY(%s)", [sessions])
