"""What is held of a customer's visits to shops, and of the links that she logged in by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext_lazy as _

from spindel.kit import sql
from spindel.kit.register import SPAN, Holding, Subject, ids_of, rows_naming_her, told
from spindel.shoppers import retention

# Of a device that several have used: those that began or were used while it was hers, and in which
# nobody else has proved who she is.
_SESSIONS = f"""
SELECT s.id FROM {SPAN}
JOIN shoppers_shopper s ON s.identifier_id = span.id OR (
    s.browser_id = span.id
    AND (s.identifier_id IS NULL OR s.identifier_id = ANY(%(ids)s::bigint[])))
WHERE s.used_at >= span.since AND s.made_at < span.until
"""  # noqa: S608  # put together from constants
_TELL_SESSIONS = f"""
SELECT s.made_at, s.used_at, s.ended_at, s.shop, s.channel, s.market, s.language,
       s.identifier_id IS NOT NULL
FROM shoppers_shopper s WHERE s.id IN ({_SESSIONS}) ORDER BY s.made_at, s.id
"""  # noqa: S608  # the same
# Somebody else's link that was asked for in a session of hers.
_LEAVE_LINKS = """
UPDATE shoppers_loginlink SET shopper_id = NULL, network = '' WHERE shopper_id = ANY(%s)
"""
# Somebody else's, on a device that was hers and is nobody's any more.
_LEAVE_DEVICES = """
UPDATE shoppers_shopper s SET browser_id = NULL WHERE s.browser_id = ANY(%(ids)s::bigint[])
AND NOT EXISTS (SELECT FROM identity_identifier WHERE id = s.browser_id)
"""


def _tell_sessions(who: Subject) -> Iterator[Mapping[str, object]]:
    names = ("at", "used_at", "ended_at", "name", "channel", "market", "language", "logged_in")
    return told(_TELL_SESSIONS, names, who.parameters)


def _forget_sessions(who: Subject, limit: int | None) -> int:
    sessions = ids_of(_SESSIONS, who)
    sql.run(_LEAVE_LINKS, [sessions])
    count = retention.remove_sessions(sessions)
    sql.run(_LEAVE_DEVICES, who.parameters)
    return count


_LINKS = rows_naming_her("shoppers_loginlink", "made_at")
_TELL_LINKS = f"""
SELECT made_at, ends_at, used_at FROM shoppers_loginlink WHERE id IN ({_LINKS}) ORDER BY made_at, id
"""  # noqa: S608  # the same


def _tell_links(who: Subject) -> Iterator[Mapping[str, object]]:
    return told(_TELL_LINKS, ("at", "ends_at", "used_at"), who.parameters)


def _forget_links(who: Subject, limit: int | None) -> int:
    return sql.run(f"DELETE FROM shoppers_loginlink WHERE id IN ({_LINKS})", who.parameters)  # noqa: S608  # the same


HOLDINGS = (
    Holding(
        name=_("Visits to shops"),
        tables=("shoppers_shopper",),
        tell=_tell_sessions,
        forget=_forget_sessions,
        rank=2,
    ),
    Holding(
        name=_("Links to log in by"),
        tables=("shoppers_loginlink",),
        tell=_tell_links,
        forget=_forget_links,
        rank=3,
    ),
)
FREE: Mapping[str, str] = {}
