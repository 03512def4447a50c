"""Taking in the members of a club that there was before: in batches, each whole or not at all, and
safe to run again.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import islice
from typing import IO, NamedTuple

from django.db import transaction
from django.utils import timezone

from spindel.club import accounts, cards, settings
from spindel.club.accounts import Card, Membership
from spindel.club.facts import ClubJoined
from spindel.club.rules import Account
from spindel.club.terms import ClubTerms
from spindel.identity import identifiers
from spindel.identity.rules import Key, normalise
from spindel.kit import sql
from spindel.kit.tables import Record, Table, Unreadable
from spindel.timeline.recording import Recorded, record_all

_BATCH = 1_000
_MOST_POINTS = 10**9
_MOST_TOLD = 1_000  # refusals that are told of; all are counted
_COLUMNS = ("number", "email", "phone", "joined", "points", "store")


class Unfit(Exception):
    """A row can't be taken; the text says why."""


class RefusedRow(NamedTuple):
    """A row that was not taken, and why."""

    row: int
    reason: str


@dataclass(slots=True)
class Report:
    """What became of a file. `there` were members before; `problem` says why it was not read to its
    end.
    """

    rows: int = 0
    joined: int = 0
    there: int = 0
    refusals: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    problem: str = ""

    def refuse(self, row: int, reason: str) -> None:
        """Count a refusal, and tell of the first thousand."""
        self.refusals += 1
        if len(self.refused) < _MOST_TOLD:
            self.refused.append(RefusedRow(row, reason))


@dataclass(frozen=True, slots=True)
class _Row:
    """A member of the file; `reached` is what else she is known by."""

    place: int
    number: str
    reached: tuple[Key, ...]
    joined: datetime
    points: int
    store: str

    @property
    def card(self) -> Key:
        return ("card", self.number)


def import_members(file: IO[bytes], by: str, country: str = "") -> Report:
    """Have the members of a CSV file be members here, with their cards and points. A number that is
    a member's already is left as it is. `country` is that of numbers without a country's code.
    """
    report, club = Report(), settings.terms()
    try:
        table = Table(file)
        if "number" not in table.names:
            raise Unreadable(f"It has no column “number”; the columns are {', '.join(_COLUMNS)}.")
        rows = _rows(table, country, report)
        while some := list(islice(rows, _BATCH)):
            _take(some, club, by, report)
    except Unreadable as error:
        report.problem = str(error)
    return report


def _rows(table: Table, country: str, report: Report) -> Iterator[_Row]:
    for record in table:
        report.rows += 1
        try:
            yield _row(record, table.names, country)
        except Unfit as unfit:
            report.refuse(record.number, str(unfit))


def _row(record: Record, names: Sequence[str], country: str) -> _Row:
    if record.problem:
        raise Unfit(record.problem)
    told = {name: cell.strip() for name, cell in zip(names, record.cells, strict=True)}
    number = normalise("card", told["number"], "")
    if number is None or len(number) > 64:
        raise Unfit("Its number can be nobody’s card.")
    if cards.is_mistyped(number):
        raise Unfit("The last digit of its number is not right.")
    reached = []
    for kind in ("email", "phone"):
        if value := told.get(kind, ""):
            normal = normalise(kind, value, country)
            if normal is None:
                raise Unfit(f"Its {kind} can be nobody’s.")
            reached.append((kind, normal))
    return _Row(
        record.number,
        number,
        tuple(reached),
        _joined(told.get("joined", "")),
        _points(told.get("points", "")),
        told.get("store", ""),
    )


def _joined(text: str) -> datetime:
    if not text:
        return timezone.now()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Unfit("The day that they joined is written like 2024-03-31.") from None
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
    if not day.year >= 1970 or moment > timezone.now():
        raise Unfit("The day that they joined is long ago, or still to come.")
    return moment


def _points(text: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal()) or int(text) > _MOST_POINTS:
        raise Unfit("Its points are no whole number.")
    return int(text)


# Nobody is forgotten between this and the commit.
_PUT = """
INSERT INTO club_clubmember (identifier_id, number, joined_at, channel, place_id, by)
SELECT i.id, told.number, told.joined, CASE WHEN p.id IS NULL THEN 'other' ELSE 'store' END, p.id,
       %(by)s
FROM unnest(%(identifiers)s::bigint[], %(numbers)s::text[], %(joined)s::timestamptz[],
            %(stores)s::text[]) AS told (identifier, number, joined, store)
JOIN identity_identifier i ON i.id = told.identifier
LEFT JOIN catalogue_place p ON p.code = told.store
ORDER BY told.number
FOR KEY SHARE OF i
ON CONFLICT (number) DO NOTHING
RETURNING id, identifier_id, number
"""


@transaction.atomic
def _take(rows: Sequence[_Row], club: ClubTerms, by: str, report: Report) -> None:
    wanted = {one.number: one for one in rows}
    keys = {key for one in wanted.values() for key in (one.card, *one.reached)}
    known = identifiers.identifiers_each(sorted(keys))
    fresh = [one for one in wanted.values() if one.card in known]
    for one in wanted.values():
        if one.card not in known:
            report.refuse(one.place, "Its customer was forgotten.")
    made = sql.rows(
        _PUT,
        {
            "identifiers": [known[one.card] for one in fresh],
            "numbers": [one.number for one in fresh],
            "joined": [one.joined for one in fresh],
            "stores": [one.store for one in fresh],
            "by": by,
        },
    )
    now = timezone.now()
    hers, facts = [], list[tuple[Recorded, int]]()
    also, at = {}, {}
    for id, identifier, number in made:
        row = wanted[number]
        facts.append((ClubJoined(number=number), identifier))
        also[identifier] = [known[key] for key in row.reached if key in known]
        at[identifier] = row.joined
        if row.points:
            member = Membership(0, [Card(id, identifier, number, "")], Account([id]))
            member.account.put(accounts.given(id, row.points, now, club), "imported")
            hers.append(member)
    record_all(facts, also=also, at=at)
    record_all(accounts.write(hers, now, f"imported {uuid.uuid4()}", by))
    report.joined += len(made)
    report.there += len(fresh) - len(made) + len(rows) - len(wanted)
