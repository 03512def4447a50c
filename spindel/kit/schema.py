"""What the API is written with: requests with one type for each kind of thing, with its bounds, and
answers that are described by what pages show.

What no text may hold (`is_readable`) the API's parser refuses, whichever field it stands in.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Annotated, Any, ClassVar, get_type_hints

from babel.core import get_global
from babel.numbers import get_territory_currencies
from django.utils import timezone
from ninja import Schema
from ninja.schema import ResolverMetaclass
from pydantic import AfterValidator, AwareDatetime, Field

from spindel.kit import ids

# The id of a row: one that no row can have is nobody's, and not found like any other.
Id = Annotated[int, AfterValidator(ids.bounded)]
# The same where the request says more than whose it is: what can't be is no request.
GivenId = Annotated[int, Field(ge=1, lt=ids.LARGEST + 1)]
# What things are called: a SKU, a place's code.
Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]+$")]
# The number of an order or a receipt, as tills really write them: `Shop 3/0001`, `Kvitto å`.
Number = Annotated[str, Field(max_length=64, pattern=r"^[^\x00-\x1F\x7F]*\w[^\x00-\x1F\x7F]*$")]
Quantity = Annotated[int, Field(ge=1, le=999)]  # of one thing that somebody buys
Amount = Annotated[int, Field(ge=0, le=10**12)]  # of money, in minor units
Language = Annotated[str, Field(pattern="^(sv|da|en)$")]


def is_readable(text: str) -> bool:
    """Whether a text can be kept: without NUL, and without halves of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= one <= "\udfff" for one in text)


# --- moments --------------------------------------------------------------------------------------

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)  # a moment before that is a mistake
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)  # so that there is room to reckon with it
AHEAD = timedelta(days=1)  # that a clock may be, with its time zone wrong


def moment(at: datetime) -> datetime:
    """The moment, in UTC. Raises ValueError for one that is none, or of another age."""
    if at.tzinfo is None:
        raise ValueError("A moment has a time zone.")
    # By the year first: the edges of what Python can say are in no other zone.
    if not EARLIEST.year <= at.year <= _LATEST.year or not EARLIEST <= at < _LATEST:
        raise ValueError("The moment is too long ago, or too far away.")
    return at.astimezone(UTC)


def happened(at: datetime) -> datetime:
    """As `moment`, of something that is over: no more than a day ahead, as clocks are wrong."""
    at = moment(at)
    if at > timezone.now() + AHEAD:
        raise ValueError("The moment is in the future.")
    return at


Moment = Annotated[AwareDatetime, AfterValidator(moment)]
Happened = Annotated[AwareDatetime, AfterValidator(happened)]


# --- countries and money --------------------------------------------------------------------------


@cache
def _currencies() -> frozenset[str]:
    countries = get_global("territory_currencies")
    return frozenset(one for country in countries for one in get_territory_currencies(country))


def currency(code: str) -> str:
    """The code of a currency that people pay with somewhere today. Raises ValueError."""
    if code not in _currencies():
        raise ValueError("There is no such currency.")
    return code


def market(code: str) -> str:
    """The code of a country. Raises ValueError for what is none."""
    if not get_territory_currencies(code):
        raise ValueError("A market is a country such as SE.")
    return code


Currency = Annotated[str, Field(pattern="^[A-Z]{3}$"), AfterValidator(currency)]
Market = Annotated[str, Field(pattern="^[A-Z]{2}$"), AfterValidator(market)]


# --- answers --------------------------------------------------------------------------------------


class _OfView(ResolverMetaclass):
    """Writes a view's fields into the class, before pydantic reads what it declares itself."""

    def __new__(  # Any: pydantic's metaclass has it so
        cls,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        *,
        view: type | None = None,
        without: Collection[str] = (),
        **kwargs: Any,
    ) -> _OfView:
        if view is not None:
            shown = fields_of(view)
            if unknown := set(without) - shown.keys():
                raise TypeError(f"{view.__name__} has no {', '.join(sorted(unknown))}.")
            told = {field: type for field, type in shown.items() if field not in without}
            namespace["__annotations__"] = _merged(told, namespace.get("__annotations__", {}))
            namespace.setdefault("__doc__", view.__doc__)
            namespace["view"] = view
        made: _OfView = super().__new__(cls, name, bases, namespace, **kwargs)
        return made


def _merged(shown: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """The view's fields in their order; what the class alone has comes before what it has next."""
    told, waiting = dict[str, Any](), dict(own)
    for name, type in shown.items():
        while name in waiting:
            first = next(iter(waiting))
            told[first] = waiting.pop(first)
        told.setdefault(name, type)
    return told | waiting


class ViewSchema(Schema, metaclass=_OfView):
    """What the API answers of a view: the fields of its dataclass or named tuple, in their order,
    and its docstring where the class has none of its own.

        class OrderLineOut(ViewSchema, view=LineView, without=("variant",)): ...

    What the class declares itself is answered instead or besides: a part of the view that has its
    own schema, or a property. An answer is made of the view with `from_orm`.
    """

    view: ClassVar[type]


@cache
def fields_of(view: type) -> dict[str, Any]:  # Any: whatever types they have
    """The fields of a dataclass or a named tuple, and their types."""
    hints = get_type_hints(view, include_extras=True)
    if is_dataclass(view):
        return {field.name: hints[field.name] for field in fields(view)}
    return hints
