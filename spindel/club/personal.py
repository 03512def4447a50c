"""What the club holds about a member."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext_lazy as _

from spindel.kit import sql
from spindel.kit.register import Holding, Subject, rows_naming_her, told

_CARDS = rows_naming_her("club_clubmember", "joined_at")
_TELL_CARDS = f"""
SELECT m.number, m.joined_at, m.left_at, m.channel, p.name, m.by, m.available, m.pending, m.owed,
       m.tier
FROM club_clubmember m LEFT JOIN catalogue_place p ON p.id = m.place_id
WHERE m.id IN ({_CARDS}) ORDER BY m.joined_at, m.id
"""  # noqa: S608  # put together from constants
_TELL_POINTS = f"""
SELECT e.at, e.kind, e.points, l."order", e.by, e.why
FROM club_pointsentry e LEFT JOIN club_pointslot l ON l.id = e.lot_id
WHERE e.member_id IN ({_CARDS}) ORDER BY e.at, e.id
"""  # noqa: S608  # the same


def _tell_cards(who: Subject) -> Iterator[Mapping[str, object]]:
    names = ("number", "joined_at", "left_at", "channel", "store", "by", "available", "pending")
    return told(_TELL_CARDS, (*names, "owed", "tier"), who.parameters)


def _tell_points(who: Subject) -> Iterator[Mapping[str, object]]:
    names = ("at", "kind", "points", "order", "by", "why")
    return told(_TELL_POINTS, names, who.parameters)


def _forget_points(who: Subject, limit: int | None) -> int:
    gone = sql.run(
        f"DELETE FROM club_pointsentry WHERE member_id IN ({_CARDS})",  # noqa: S608  # the same
        who.parameters,
    )
    return gone + sql.run(
        f"DELETE FROM club_pointslot WHERE member_id IN ({_CARDS})",  # noqa: S608  # the same
        who.parameters,
    )


def _forget_cards(who: Subject, limit: int | None) -> int:
    return sql.run(
        f"DELETE FROM club_clubmember WHERE id IN ({_CARDS})",  # noqa: S608  # the same
        who.parameters,
    )


# What is on a card goes before the card.
HOLDINGS = (
    Holding(
        name=_("Points"),
        tables=("club_pointsentry", "club_pointslot"),
        tell=_tell_points,
        forget=_forget_points,
        rank=4,
    ),
    Holding(
        name=_("Membership in the club"),
        tables=("club_clubmember",),
        tell=_tell_cards,
        forget=_forget_cards,
        rank=4,
    ),
)
FREE = {"club_clubsettings": "how the club works"}
