"""What ERPs tell of stock, one row or a hundred thousand at once.

Rows are taken in by parts, each a transaction of its own, so nobody waits long for a level that is
among them. What was kept before a request broke off stays kept: sent again, it counts once, and
the rest is taken in. A row that can't be is refused for itself, and said so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar  # Any: a JSON schema

import msgspec
from django.db import DataError
from django.http import HttpRequest
from msgspec import Meta
from ninja import Router, Schema

from spindel.catalogue.models import Place, Variant
from spindel.commerce.common.rules import MOST
from spindel.commerce.stock import ledger
from spindel.commerce.stock.actions import movements as actions_movements
from spindel.commerce.stock.actions.movements import Move
from spindel.commerce.stock.ledger import Count
from spindel.commerce.stock.models import Movement
from spindel.kit.idempotency import KeyReused
from spindel.kit.refusal import Refusal, Said
from spindel.kit.schema import happened
from spindel.staff.api import caller, needs, source
from spindel.staff.models import Scope

router = Router(tags=["Stock"])
_write = needs(Scope.WRITE_STOCK)

MOST_ROWS = 100_000  # as large as a body may be that `spindel.run.pages` lets through
PART = 1_000  # rows in one transaction: others wait some tens of milliseconds at most
_MOST_SHOWN = 1_000  # refused rows
_MOST_NAMED = 10  # refused rows in a sentence

_Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\x00]+$")]
_Moment = Annotated[datetime, Meta(tz=True)]


class MovementIn(msgspec.Struct, frozen=True):
    """Goods that came or went. `to` is the place that a transfer went to.

    `key` is yours: told again, the movement counts once.
    """

    key: Annotated[str, Meta(min_length=1, max_length=200)]
    kind: Literal["delivery", "return", "damage", "transfer"]
    sku: _Name
    place: _Name
    quantity: Annotated[int, Meta(ge=1, le=MOST)]
    at: _Moment | None = None
    to: _Name | None = None


class CountIn(msgspec.Struct, frozen=True):
    """So many were there at the moment, held ones included."""

    sku: _Name
    place: _Name
    quantity: Annotated[int, Meta(ge=0, le=MOST)]
    at: _Moment


class _Movements(msgspec.Struct, frozen=True):
    movements: Annotated[list[msgspec.Raw], Meta(max_length=MOST_ROWS)]


class _Counts(msgspec.Struct, frozen=True):
    counts: Annotated[list[msgspec.Raw], Meta(max_length=MOST_ROWS)]


class RefusedRow(Schema):
    """A row that was not taken in: its number from 0 on, and why."""

    row: int
    code: str
    message: str


class RefusedOut(Schema):
    """How many rows were refused, and the first thousand of them."""

    refused: int
    refused_rows: list[RefusedRow]


class MovementsOut(RefusedOut):
    """How many levels' changes were new (two of a transfer)."""

    changes: int


class CountsOut(RefusedOut):
    """How many were newer than the last count of their level; the others are passed over."""

    applied: int


def _described(name: str, row: type[MovementIn | CountIn]) -> dict[str, Any]:
    """What is sent, for the description: it is read row by row, not as a whole."""
    schema = msgspec.json.schema(row)["$defs"][row.__name__]
    rows = {"type": "array", "maxItems": MOST_ROWS, "items": schema}
    whole = {"type": "object", "required": [name], "properties": {name: rows}}
    return {
        "requestBody": {"required": True, "content": {"application/json": {"schema": whole}}},
    }


@router.post(
    "/movements",
    summary="Report movements of stock",
    response=MovementsOut,
    auth=_write,
    openapi_extra=_described("movements", MovementIn),
)
def tell_movements(request: HttpRequest) -> MovementsOut:
    """Tell of deliveries, returns, damage and transfers: one, or a hundred thousand.

    Rows are refused one by one; where all are, that is an error. What broke off is sent again.
    """
    rows = _read(request, _Movements).movements
    by, no = caller(request), _Refusals(len(rows))
    changes = sum(
        _keep_movements(part, by, source(request), no) for part in _parts(rows, MovementIn, no)
    )
    no.check()
    return MovementsOut(changes=changes, refused=no.many, refused_rows=no.shown)


@router.post(
    "/counts",
    summary="Report counted stock",
    response=CountsOut,
    auth=_write,
    openapi_extra=_described("counts", CountIn),
)
def tell_counts(request: HttpRequest) -> CountsOut:
    """Make levels what was counted: one, or a hundred thousand. Told again, nothing changes.

    Rows are refused one by one; where all are, that is an error. What broke off is sent again.
    """
    rows = _read(request, _Counts).counts
    by, no = caller(request), _Refusals(len(rows))
    applied = sum(_keep_counts(part, by, no) for part in _parts(rows, CountIn, no))
    no.check()
    return CountsOut(applied=applied, refused=no.many, refused_rows=no.shown)


Body = TypeVar("Body", _Movements, _Counts)
Row = TypeVar("Row", MovementIn, CountIn)


def _read(request: HttpRequest, kind: type[Body]) -> Body:
    """The body, whose rows are read later, part by part."""
    try:
        return msgspec.json.decode(request.read(), type=kind)
    except (ValueError, RecursionError) as error:
        said = str(error) if isinstance(error, msgspec.ValidationError) else "It is no JSON."
        raise Refusal("not_as_described", what=said) from None


# --- what is refused ------------------------------------------------------------------------------


class _NoRow(Refusal):
    """Nothing but refused rows was sent: by the code and the status of the first."""

    code = "no_row"

    def __init__(self, first: Refusal, rows: Sequence[RefusedRow]) -> None:
        super().__init__(rows=" ".join(f"{one.row}: {one.message}" for one in rows))
        self.first = first

    @property
    def said(self) -> Said:
        """By the first's code and status, and in a sentence of its own."""
        first = self.first
        return replace(super().said, status=first.status, api=first.to_programs)


@dataclass(slots=True)
class _Refusals:
    """The rows, of so many, that were not taken in."""

    rows: int
    many: int = 0
    first: Refusal | None = None
    shown: list[RefusedRow] = field(default_factory=list)

    def add(self, row: int, no: Refusal) -> None:
        """Refuse a row."""
        self.many += 1
        self.first = self.first or no
        if self.many <= _MOST_SHOWN:
            self.shown.append(RefusedRow(row=row, code=no.to_programs, message=str(no)))

    def check(self) -> None:
        """Raises Refusal where nothing but refused rows was sent."""
        if self.first is None or self.many < self.rows:
            return
        raise self.first if self.rows == 1 else _NoRow(self.first, self.shown[:_MOST_NAMED])


# --- parts ----------------------------------------------------------------------------------------


def _parts(rows: Sequence[msgspec.Raw], kind: type[Row], no: _Refusals) -> Iterator[dict[int, Row]]:
    """The rows by their numbers, in their order, part by part; without those that can't be."""
    decoder = msgspec.json.Decoder(kind)
    for start in range(0, len(rows), PART):
        part = {}
        for number in range(start, min(start + PART, len(rows))):
            try:
                row = decoder.decode(rows[number])
            except (ValueError, RecursionError) as error:
                no.add(number, Refusal("bad_row", why=str(error)))
                continue
            try:
                if row.at is not None:
                    happened(row.at)
            except ValueError as error:
                no.add(number, Refusal("bad_row", why=str(error)))
                continue
            part[number] = row
        yield part


@dataclass(frozen=True, slots=True)
class _Names:
    """The ids of what the rows of a part name."""

    variants: Mapping[str, int]
    places: Mapping[str, int]

    @staticmethod
    def of(rows: Collection[MovementIn | CountIn]) -> _Names:
        """Look them up, all at once."""
        skus = {row.sku for row in rows}
        codes = {row.place for row in rows}
        codes |= {row.to for row in rows if isinstance(row, MovementIn) and row.to}
        return _Names(
            dict(Variant.objects.filter(sku__in=skus).values_list("sku", "pk")),
            dict(Place.objects.filter(code__in=codes).values_list("code", "pk")),
        )

    def know(self, number: int, row: MovementIn | CountIn, no: _Refusals) -> bool:
        """Whether there is all that the row names; else it is refused."""
        if row.sku not in self.variants:
            no.add(number, Refusal("no_such_variant", names=row.sku))
            return False
        for code in (row.place, row.to if isinstance(row, MovementIn) else None):
            if code is not None and code not in self.places:
                no.add(number, Refusal("no_such_place", names=code))
                return False
        return True


def _keep_movements(part: Mapping[int, MovementIn], by: str, source: str, no: _Refusals) -> int:
    """Take in the rows of a part; how many levels' changes were new."""
    names = _Names.of(part.values())
    moves: dict[int, Move] = {}
    numbers: dict[str, int] = {}  # of the first row with the key
    for number, row in part.items():
        if not names.know(number, row, no):
            continue
        move = Move(
            row.key,
            Movement.Kind(row.kind),
            names.variants[row.sku],
            names.places[row.place],
            row.quantity,
            row.at,
            names.places[row.to] if row.to else None,
        )
        try:
            move.check()
        except Refusal as error:
            no.add(number, error)
            continue
        first = numbers.setdefault(row.key, number)
        if first == number:
            moves[number] = move
        elif moves[first] != move:
            no.add(number, KeyReused())
    return _tell(moves, by, source, no)


def _tell(moves: dict[int, Move], by: str, source: str, no: _Refusals) -> int:
    """Take in the movements but those whose key was used before, by whoever was quicker, too."""
    while True:
        try:
            return _halving(
                moves, lambda some: actions_movements.move(list(some.values()), by, source), no
            )
        except KeyReused:
            lines = {number: list(move.lines(source)) for number, move in moves.items()}
            used = ledger.used_otherwise([one for told in lines.values() for one in told])
            for number, told in lines.items():
                if told[0].key in used:
                    del moves[number]
                    no.add(number, KeyReused())


def _keep_counts(part: Mapping[int, CountIn], by: str, no: _Refusals) -> int:
    """Take in the rows of a part; how many counts were news."""
    names = _Names.of(part.values())
    counts = {
        number: Count(names.variants[row.sku], names.places[row.place], row.quantity, row.at)
        for number, row in part.items()
        if names.know(number, row, no)
    }
    return _halving(counts, lambda some: actions_movements.count(list(some.values()), by), no)


Given = TypeVar("Given", Move, Count)


def _halving(rows: dict[int, Given], keep: Callable[[dict[int, Given]], int], no: _Refusals) -> int:
    """Keep the rows; where they come to more than a level can say, those that don't."""
    if not rows:
        return 0
    try:
        return keep(rows)
    except DataError:
        if len(rows) == 1:
            no.add(next(iter(rows)), Refusal("level_too_large"))
            return 0
    numbers = list(rows)
    middle = len(numbers) // 2
    return sum(
        _halving({number: rows[number] for number in half}, keep, no)
        for half in (numbers[:middle], numbers[middle:])
    )
