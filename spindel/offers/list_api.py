"""Lists of customers for machines."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import BaseModel, Field

from spindel.offers import lists
from spindel.staff.api import caller, needs
from spindel.staff.models import Scope

router = Router(tags=["Lists"])
_read, _write = needs(Scope.READ_OFFERS), needs(Scope.WRITE_OFFERS)

Key = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,79}$")]


class ListIn(BaseModel):
    """What the list is called here."""

    name: Annotated[str, Field(min_length=1, max_length=120)]


class ListOut(Schema):
    """A list, and how many customers are on it."""

    key: str
    name: str
    customers: int


class IdentifierIn(BaseModel):
    """An identifier of a customer."""

    kind: Annotated[str, Field(max_length=40)]
    value: Annotated[str, Field(min_length=1, max_length=400, pattern=r"^[^\x00]+$")]


class CustomersIn(BaseModel):
    """Who comes on the list, and who leaves it."""

    add: Annotated[list[IdentifierIn], Field(max_length=lists.MOST_AT_ONCE)] = []
    remove: Annotated[list[IdentifierIn], Field(max_length=lists.MOST_AT_ONCE)] = []


@router.put("/{key}", summary="Name a list", response=ListOut, auth=_write)
def put_list(request: HttpRequest, key: Key, body: ListIn) -> ListOut:
    """Make the list, or call it something else."""
    lists.keep(key, body.name, by=caller(request))
    return _one(key)


@router.get("/{key}", summary="See a list", response=ListOut, auth=_read)
def get_list(request: HttpRequest, key: Key) -> ListOut:
    """A list, and how many customers are on it."""
    return _one(key)


@router.post("/{key}/customers", summary="Change who is on a list", response=ListOut, auth=_write)
def change_list(request: HttpRequest, key: Key, body: CustomersIn) -> ListOut:
    """Add customers and remove others; who is there already, or not, stays so."""
    lists.change(
        key,
        add=[(one.kind, one.value) for one in body.add],
        remove=[(one.kind, one.value) for one in body.remove],
    )
    return _one(key)


def _one(key: str) -> ListOut:
    found = lists.one(key)
    return ListOut(key=found.key, name=found.name, customers=lists.customers(found))
