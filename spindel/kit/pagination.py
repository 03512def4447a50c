"""Lists, a page at a time, by keyset: the next page begins behind the last row that was shown.

What comes or goes meanwhile moves nothing from one page to another, and the hundredth page costs
what the first does. https://use-the-index-luke.com/no-offset
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, NamedTuple, TypeVar

from django.db.models import Model, Q, QuerySet

from spindel.kit import ids
from spindel.kit.saying import NotThere

Row = TypeVar("Row")
Kept = TypeVar("Kept", bound=Model)


class BadCursor(NotThere):
    """A cursor that was not given out here."""

    code = "bad_cursor"


class Position(NamedTuple):
    """Where in a list a row stands: its moment, and of those of one moment its id."""

    at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows, and the cursor that gets the next ones; None at the end."""

    items: list[Row]
    next: str | None


def page(rows: Iterable[Row], limit: int, cursor_of: Callable[[Row], str]) -> Page[Row]:
    """The page of the rows, of which one more than the limit was asked for."""
    found = list(rows)
    return Page(found[:limit], cursor_of(found[limit - 1]) if len(found) > limit else None)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def cursor(at: datetime, id: int) -> str:
    """The position, as it is given out."""
    return f"{(at - _EPOCH) // _MICROSECOND}-{id}"


def position(cursor: str | None) -> Position | None:
    """Where the list goes on; None: from its beginning. Raises BadCursor."""
    if not cursor:
        return None
    found = re.fullmatch(r"(-?[0-9]{1,18})-([0-9]{1,19})", cursor)
    if found is None or int(found[2]) > ids.LARGEST:
        raise BadCursor
    try:
        return Position(_EPOCH + int(found[1]) * _MICROSECOND, int(found[2]))
    except OverflowError:
        raise BadCursor from None


def id_at(cursor: str | None) -> int | None:
    """As `position`, of a list in the order of its ids, whose cursors are ids."""
    if not cursor:
        return None
    id = ids.read(cursor)
    if not id:
        raise BadCursor
    return id


def older(found: QuerySet[Kept], moment: str, than: Position | None) -> QuerySet[Kept]:
    """The rows, the newest first by the column `moment` and their id; those behind the position."""
    found = found.order_by(f"-{moment}", "-pk")
    if than is None:
        return found
    before = Q(**{f"{moment}__lt": than.at}) | Q(**{moment: than.at, "pk__lt": than.id})
    # Said apart from the `or`, so that an index on the moment serves.
    return found.filter(before, **{f"{moment}__lte": than.at})
