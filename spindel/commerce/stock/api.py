"""Stock for machines: levels, sales at tills, and holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field

from spindel.catalogue.closing_times import ends
from spindel.catalogue.models import Place, Variant
from spindel.commerce.common import lookups
from spindel.commerce.common.rules import MOST, Line, NotEnough
from spindel.commerce.common.schema import IdempotencyKey, Whose
from spindel.commerce.stock import bulk_api, ordered
from spindel.commerce.stock.actions import holds, movements
from spindel.commerce.stock.hold_codes import code
from spindel.commerce.stock.models import Hold
from spindel.commerce.stock.reading import levels
from spindel.identity.rules import NOWHERE
from spindel.kit.refusal import Refusal
from spindel.kit.saying import beside
from spindel.kit.schema import Happened, Id, Name
from spindel.staff.api import Routes, actor, caller, needs, sent
from spindel.staff.models import Scope
from spindel.timeline.models import Channel

router = Router(tags=["Stock"])
router.add_router("", bulk_api.router)
_read, _write = needs(Scope.READ_STOCK), needs(Scope.WRITE_STOCK)

_Key = Annotated[str, Field(min_length=1, max_length=200)]
_Quantity = Annotated[int, Field(ge=1, le=MOST)]


# --- levels ---------------------------------------------------------------------------------------


class LevelOut(Schema):
    """What is there of a variant in a place, and how far that is from where was asked."""

    sku: str
    place: str
    on_hand: int
    held: int
    available: int
    kilometres: float | None = None


class LevelsOut(Schema):
    """The levels of a variant, nearest first where a place was named, else by place."""

    items: list[LevelOut]


@router.get("/levels", summary="See the stock of several variants", response=LevelsOut, auth=_read)
def get_levels_of_several(
    request: HttpRequest, sku: Annotated[list[Name], Query(min_length=1, max_length=100)]
) -> LevelsOut:
    """How much of up to a hundred variants is where; those that nobody knows are left out."""
    names = dict(Variant.objects.filter(sku__in=sku).values_list("pk", "sku"))
    places = Place.objects.in_bulk()
    found = [
        _level(one, names[one.variant], places[one.place].code) for one in levels.levels(names)
    ]
    return LevelsOut(items=sorted(found, key=lambda one: (one.sku, one.place)))


@router.get(
    "/levels/{path:sku}", summary="See the stock of a variant", response=LevelsOut, auth=_read
)
def get_levels(
    request: HttpRequest, sku: Name, near: Annotated[Name | None, Query()] = None
) -> LevelsOut:
    """How much of a variant is where; with `near`, a place's code, the nearest first."""
    variant = lookups.variants([sku])[sku]
    here = lookups.places([near])[near] if near else None
    places = Place.objects.in_bulk()
    found = []
    for level in levels.levels([variant]):
        place = places[level.place]
        far = levels.kilometres(here, place) if here else float("inf")
        found.append((far, place.code, _level(level, sku, place.code, far)))
    return LevelsOut(items=[one for _, _, one in sorted(found, key=lambda one: one[:2])])


def _level(level: levels.Stock, sku: str, place: str, far: float = float("inf")) -> LevelOut:
    return LevelOut(
        sku=sku,
        place=place,
        on_hand=level.on_hand,
        held=level.held,
        available=level.available,
        kilometres=None if far == float("inf") else round(far, 1),
    )


# --- what was sold --------------------------------------------------------------------------------


class LineIn(Schema):
    """So many of a variant."""

    sku: Name
    quantity: _Quantity = 1


class SaleIn(Schema):
    """A sale at a till. `key` is its receipt's: told again, it counts once."""

    key: _Key
    place: Name
    at: Happened | None = None
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=holds.MOST_LINES)]


class SaleOut(Schema):
    """Whether it was told before, and its levels that have less than is promised."""

    again: bool
    short: list[LevelOut]


@router.post("/sales", summary="Report a sale", response=SaleOut, auth=_write)
def tell_sale(request: HttpRequest, body: SaleIn) -> SaleOut:
    """Tell of a sale, as it happens, or later from a till that was offline."""
    variants = lookups.variants({one.sku for one in body.lines})
    place = lookups.places([body.place])[body.place]
    lines = [Line(variants[one.sku], place.pk, one.quantity) for one in body.lines]
    sold = movements.sell(lines, body.at, caller(request), sent(request, body.key))
    names = {id: sku for sku, id in variants.items()}
    short = [_level(one, names[one.variant], place.code) for one in sold.short]
    return SaleOut(again=sold.again, short=short)


# --- holds ----------------------------------------------------------------------------------------


class HoldLineIn(LineIn):
    """So many of a variant in a place."""

    place: Name


class HoldIn(Schema):
    """What to hold, all or nothing.

    `until` is `hour`, `tomorrow` (closing time of the place's next open day), a date (its closing
    time), or a moment; with several places the first to close counts. `whose` is `kind:value`.
    """

    lines: Annotated[list[HoldLineIn], Field(min_length=1, max_length=holds.MOST_LINES)]
    until: Annotated[str, Field(max_length=40)]
    whose: Whose | None = None
    channel: Channel = Channel.OTHER


class ExtendIn(Schema):
    """How long to hold it: as when holding."""

    until: Annotated[str, Field(max_length=40)]


class HoldOut(Schema):
    """A hold. `state` is active, released, expired, handed_over or missing; `code` is what whoever
    it is for says in the store.
    """

    id: int
    code: str
    sku: str
    place: str
    quantity: int
    until: datetime
    state: str
    set_aside: bool
    made_at: datetime


class HoldsOut(Schema):
    """The holds of a reservation."""

    items: list[HoldOut]


class MissingOut(Schema):
    """A hold that nothing was found for, and the nearest place that has as many."""

    hold: HoldOut
    next_place: str | None


@router.post("/holds", summary="Reserve stock", response={201: HoldsOut}, auth=_write)
def hold(request: HttpRequest, body: HoldIn, key: IdempotencyKey) -> Status[HoldsOut]:
    """Hold something for somebody. The same key again answers the same holds.

    409 `not_enough` says what is available of the lines that lack.
    """
    variants = lookups.variants({one.sku for one in body.lines})
    places = lookups.places({one.place for one in body.lines})
    try:
        made = holds.reserve(
            [Line(variants[one.sku], places[one.place].pk, one.quantity) for one in body.lines],
            min(_ends(body.until, place) for place in places.values()),
            request=sent(request, key),
            actor=actor(request, body.channel),
            whose=lookups.identifier(body.whose, _country(places)) if body.whose else None,
            asked=body.until,
        )
    except NotEnough as lacking:
        raise _NotHeld(lacking, variants, places) from lacking
    return Status(201, HoldsOut(items=_holds(made)))


class _NotHeld(Refusal):
    """There is too little to hold; `there` is what there is of what lacks, as it was named."""

    code = "not_enough_to_hold"

    def __init__(
        self, lacking: NotEnough, variants: Mapping[str, int], places: Mapping[str, Place]
    ) -> None:
        super().__init__()
        skus = {id: sku for sku, id in variants.items()}
        codes = {place.pk: place.code for place in places.values()}
        self.there = [
            {"sku": skus[one.variant], "place": codes[one.place], "available": one.quantity}
            for one in lacking.available
        ]


@beside.register
def _there(no: _NotHeld) -> dict[str, object]:
    return {"available": no.there}


@router.get("/holds/{hold_id}", summary="See a reservation", response=HoldOut, auth=_read)
def get_hold(request: HttpRequest, hold_id: Id) -> HoldOut:
    """What has become of a hold."""
    return _holds([_hold(hold_id)])[0]


@router.post(
    "/holds/{hold_id}/extend", summary="Extend a reservation", response=HoldOut, auth=_write
)
def extend(request: HttpRequest, hold_id: Id, body: ExtendIn, key: IdempotencyKey) -> HoldOut:
    """Hold it for longer: three times at most, and two weeks in all."""
    until = _ends(body.until, _hold(hold_id).place)
    changed = holds.extend(hold_id, until, request=sent(request, key), asked=body.until)
    return _holds([changed])[0]


@router.post(
    "/holds/{hold_id}/release", summary="Cancel a reservation", response=HoldOut, auth=_write
)
def release(request: HttpRequest, hold_id: Id) -> HoldOut:
    """Let others have it. Again, nothing changes."""
    return _done(hold_id, lambda: holds.release(hold_id, caller(request)))


@router.post(
    "/holds/{hold_id}/set-aside",
    summary="Report that goods are set aside",
    response=HoldOut,
    auth=_write,
)
def set_aside(request: HttpRequest, hold_id: Id) -> HoldOut:
    """Say that it lies ready in the store."""
    return _done(hold_id, lambda: holds.set_aside(hold_id))


@router.post(
    "/holds/{hold_id}/hand-over",
    summary="Report that a reservation was fetched",
    response=HoldOut,
    auth=_write,
)
def hand_over(request: HttpRequest, hold_id: Id) -> HoldOut:
    """Say that it was sold to whom it was held for. Tell of no sale beside it."""
    return _done(hold_id, lambda: holds.hand_over(hold_id, caller(request)))


@router.post(
    "/holds/{hold_id}/not-found",
    summary="Report that goods are missing",
    response=MissingOut,
    auth=_write,
)
def not_found(request: HttpRequest, hold_id: Id) -> MissingOut:
    """Say that it is not there: the stock is put right, and the nearest other place named."""
    _hold(hold_id)
    bought = Hold.objects.filter(pk=hold_id, order_line_id__isnull=False).exists()
    lose = ordered.registered().not_found if bought else holds.not_found
    missing = lose(hold_id, caller(request))
    return MissingOut(
        hold=_holds([missing.hold])[0], next_place=missing.next.code if missing.next else None
    )


def _done(id: int, act: Callable[[], Hold]) -> HoldOut:
    _hold(id)
    return _holds([act()])[0]


# --- shared ---------------------------------------------------------------------------------------


def _hold(id: int) -> Hold:
    found = Hold.objects.select_related("place").filter(pk=id).first()
    if found is None:
        raise Refusal("no_such_hold")
    return found


def _country(places: Mapping[str, Place]) -> str:
    """The country that all of the places are in."""
    found = {place.country for place in places.values()}
    return found.pop() if len(found) == 1 else NOWHERE


def _ends(asked: str, place: Place) -> datetime:
    try:
        return ends(asked, place, timezone.now())
    except (ValueError, OverflowError):
        raise Refusal("bad_until") from None


def _holds(found: Sequence[Hold]) -> list[HoldOut]:
    skus = dict(
        Variant.objects.filter(pk__in={one.variant_id for one in found}).values_list("pk", "sku")
    )
    codes = dict(
        Place.objects.filter(pk__in={one.place_id for one in found}).values_list("pk", "code")
    )
    return [
        HoldOut(
            id=one.pk,
            code=code(one.pk),
            sku=skus[one.variant_id],
            place=codes[one.place_id],
            quantity=one.quantity,
            until=one.until,
            state=str(one.state),
            set_aside=one.set_aside_at is not None,
            made_at=one.made_at,
        )
        for one in found
    ]


ROUTES = (
    Routes(
        "/stock",
        router,
        "Stock",
        "How much is where, what is reserved, and what came and went.",
    ),
)
