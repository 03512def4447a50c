"""Customers for machines: find, read, merge, split."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from spindel.identity import actions, customers, shown
from spindel.identity.models import Identifier
from spindel.identity.rules import KINDS, NOWHERE
from spindel.identity.searching import parse_identifier, search
from spindel.kit.refusal import Refusal
from spindel.kit.schema import GivenId, Id, ViewSchema
from spindel.staff import audit
from spindel.staff.api import Routes, caller, has, needs
from spindel.staff.models import Scope
from spindel.timeline.reading import FactRow, Filters

router = Router(tags=["Customers"])


class CustomerOut(Schema):
    """A customer, with what she is recognised by and what is known of her."""

    id: int
    name: str
    identifiers: list[IdentifierOut]
    traits: dict[str, Any]  # Any: whatever JSON the sources send


class IdentifierOut(Schema):
    """An identifier, and the time in which it was the customer's (null: always; still)."""

    identifier: str
    since: datetime | None
    until: datetime | None


class FactOut(ViewSchema, view=FactRow, without=("cursor",)):
    """Something that happened."""


class CustomerList(Schema):
    """Customers; `next` is given back as `before`."""

    items: list[CustomerOut]
    next: str | None = None


class FactList(Schema):
    """Facts, newest first; `next` is given back as `before`."""

    items: list[FactOut]
    next: str | None


class PartOut(ViewSchema, view=actions.Part):
    """A customer as she would be."""


class ChangeOut(Schema):
    """What a merge or a split has made, or with `preview` would make."""

    preview: bool
    customers: list[PartOut]


class MergeIn(Schema):
    """Which customer is the same person."""

    other: GivenId = Field(alias="with")
    preview: bool = False


class SplitIn(Schema):
    """Which identifiers (`kind:value`) are another person's."""

    identifiers: list[str] = Field(min_length=1, max_length=500)
    preview: bool = False


class UndoIn(Schema):
    """Which link was wrong."""

    link: GivenId


def _customer(request: HttpRequest, id: int) -> CustomerOut:
    profile = customers.profile(id)
    if not _opens_links(request):
        profile = shown.profile_without_codes(profile)
    return CustomerOut(
        id=profile.id,
        name=profile.name,
        identifiers=[
            IdentifierOut(identifier=f"{row.kind}:{row.value}", since=row.since, until=row.until)
            for row in profile.identifiers
        ],
        traits={row.name: row.value for row in profile.traits},
    )


@router.get("", summary="Find customers", response=CustomerList, auth=needs(Scope.READ_CUSTOMERS))
def list_customers(
    request: HttpRequest,
    identifier: Annotated[str | None, Query(max_length=1000)] = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
    country: Annotated[str, Query(pattern="^([A-Z]{2})?$")] = NOWHERE,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> CustomerList:
    """Who has an identifier, or whom a text may mean. Give `identifier` or `q`.

    A telephone number in `identifier` has its country's code, or is of the `country`.
    """
    if identifier is not None:
        if identifier.partition(":")[0] not in KINDS:
            raise Refusal("no_kind", kinds=", ".join(KINDS))
        parsed = parse_identifier(identifier, country)
        found = customers.by_identifier(*parsed) if parsed else None
        return _list(request, [] if found is None else [found])
    if q is not None:
        return _list(request, [hit.customer for hit in search(q, limit, country)])
    raise Refusal("nothing_asked")


def _list(request: HttpRequest, ids: list[int]) -> CustomerList:
    if ids:
        audit.note(caller(request), "customers.searched", ids)
    return CustomerList(items=[_customer(request, id) for id in ids])


@router.get(
    "/{customer_id}",
    summary="See a customer",
    response=CustomerOut,
    auth=needs(Scope.READ_CUSTOMERS),
)
def get_customer(request: HttpRequest, customer_id: Id) -> CustomerOut:
    """A customer. The id of one who was merged answers with whom she is now."""
    customer = _customer(request, customer_id)
    audit.note_look(caller(request), "customer.read", customer.id)
    return customer


@router.get(
    "/{customer_id}/timeline",
    summary="Read a customer’s timeline",
    response=FactList,
    auth=needs(Scope.READ_CUSTOMERS),
)
def get_timeline(
    request: HttpRequest,
    customer_id: Id,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[str | None, Query(max_length=100)] = None,
    channel: Annotated[list[str], Query(max_length=20)] = [],  # noqa: B006  # pydantic copies it
    name: Annotated[list[str], Query(max_length=50)] = [],  # noqa: B006  # the same
) -> FactList:
    """What happened, newest first. Codes by which a link opens an order, a quote or a login are
    hidden from a token that has not the scope `orders:write`.
    """
    living = customers.living(customer_id)
    audit.note_look(caller(request), "customer.read", living)
    only = Filters(_texts(channel), _texts(name))
    page = customers.timeline(living, limit, before, only=only)
    facts = page.items
    if not _opens_links(request):
        facts = [shown.without_codes(one) for one in facts]
    return FactList(
        items=[FactOut.from_orm(item) for item in facts],
        next=page.next,
    )


@router.post(
    "/{customer_id}/merge",
    summary="Merge two customers",
    response=ChangeOut,
    auth=needs(Scope.WRITE_CUSTOMERS),
)
def merge(request: HttpRequest, customer_id: Id, body: MergeIn) -> ChangeOut:
    """Make two customers one. Nothing of either is lost, and it can be undone."""
    into = customer_id
    if body.preview:
        parts = actions.preview_merge(into, body.other)
        audit.note(caller(request), "customer.merge_previewed", [into, body.other])
        return _change(True, parts)
    kept = actions.merge_customers(into, body.other, caller(request))
    return _change(False, [actions.part(kept)])


@router.post(
    "/{customer_id}/split",
    summary="Split a customer",
    response=ChangeOut,
    auth=needs(Scope.WRITE_CUSTOMERS),
)
def split(request: HttpRequest, customer_id: Id, body: SplitIn) -> ChangeOut:
    """Give some of a customer's identifiers to another customer: she first, then the other."""
    customer, ids = customer_id, _identifier_ids(body.identifiers)
    if body.preview:
        parts = actions.preview_split(customer, ids)
        audit.note(caller(request), "customer.split_previewed", [customer])
        return _change(True, parts)
    left, other = actions.split_customer(customer, ids, caller(request))
    return _change(False, [actions.part(left), actions.part(other)])


@router.post(
    "/{customer_id}/undo",
    summary="Undo a merge",
    response=ChangeOut,
    auth=needs(Scope.WRITE_CUSTOMERS),
)
def undo(request: HttpRequest, customer_id: Id, body: UndoIn) -> ChangeOut:
    """Take apart what a link has joined."""
    customers.living(customer_id)
    left, other = actions.undo_link(body.link, caller(request))
    return _change(False, [actions.part(left), actions.part(other)])


def _change(preview: bool, parts: list[actions.Part]) -> ChangeOut:
    return ChangeOut(
        preview=preview,
        customers=[PartOut.from_orm(one) for one in parts],
    )


def _opens_links(request: HttpRequest) -> bool:
    """Whether the token may do what a customer does by the links that she is sent."""
    return has(request, Scope.WRITE_ORDERS)


def _texts(values: list[str]) -> list[str]:
    return [value[:200] for value in values]


def _identifier_ids(texts: list[str]) -> list[int]:
    ids = []
    for text in texts:
        parsed = parse_identifier(text, NOWHERE)
        found = (
            Identifier.objects.filter(kind=parsed[0], value=parsed[1]).first() if parsed else None
        )
        if found is None:
            raise Refusal("unknown_identifier")
        ids.append(found.pk)
    return ids


ROUTES = (
    Routes("/customers", router, "Customers", "Who is who: find, read, merge and split customers."),
)
