"""Customers' rights for machines: forgetting, and all about a customer as a file."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Router, Schema, Status

from spindel.kit.refusal import Refusal
from spindel.kit.schema import Id
from spindel.privacy import actions, telling
from spindel.privacy.models import Erasure, Export
from spindel.staff import audit
from spindel.staff.api import Routes, caller, needs
from spindel.staff.models import Scope

router = Router(tags=["Privacy"])


class ForgetIn(Schema):
    """Whom to forget. `for_good`: turn away her messages from now on, too."""

    customer: Id
    for_good: bool = False


class ErasureOut(Schema):
    """A customer being, or having been, forgotten. Done, it is the certificate."""

    reference: UUID
    customer: int
    for_good: bool
    state: str
    asked_at: datetime
    asked_by: str
    done_at: datetime | None
    counts: dict[str, int]


class ExportIn(Schema):
    """Whom to tell about, in which language (sv, da or en)."""

    customer: Id
    language: str = "en"


class ExportOut(Schema):
    """All about a customer; the file can be fetched once `state` is `done`."""

    reference: UUID
    customer: int
    state: str
    asked_at: datetime
    done_at: datetime | None


@router.post(
    "/erasures", summary="Forget a customer", response={202: ErasureOut}, auth=needs(Scope.PRIVACY)
)
def forget(request: HttpRequest, body: ForgetIn) -> Status[Erasure]:
    """Forget a customer. Asked for twice, it is one erasure; poll it until it is `done`."""
    made = actions.forget_customer(body.customer, caller(request), for_good=body.for_good)
    return Status(202, made)


@router.get(
    "/erasures/{reference}",
    summary="Follow an erasure",
    response=ErasureOut,
    auth=needs(Scope.PRIVACY),
)
def get_erasure(request: HttpRequest, reference: UUID) -> Erasure:
    """How far an erasure has come; done, its certificate."""
    found = Erasure.objects.filter(reference=reference).first()
    if found is None:
        raise Refusal("no_such_erasure")
    return found


@router.post(
    "/exports",
    summary="Export a customer’s data",
    response={202: ExportOut},
    auth=needs(Scope.PRIVACY),
)
def export(request: HttpRequest, body: ExportIn) -> Status[Export]:
    """Have all about a customer put into a file."""
    if body.language not in ("sv", "da", "en"):
        raise Refusal("bad_language")
    return Status(202, actions.export_customer(body.customer, caller(request), body.language))


@router.get(
    "/exports/{reference}",
    summary="Follow an export",
    response=ExportOut,
    auth=needs(Scope.PRIVACY),
)
def get_export(request: HttpRequest, reference: UUID) -> Export:
    """How far an export has come."""
    return _export(reference)


@router.get("/exports/{reference}/file", summary="Download an export", auth=needs(Scope.PRIVACY))
def get_file(request: HttpRequest, reference: UUID) -> StreamingHttpResponse:
    """All about her: `{"made_at", "customer", "holdings": [{"name", "items"}]}`."""
    made = _export(reference)
    if made.state != Export.State.DONE:
        raise Refusal("not_ready")
    audit.note(caller(request), "export.fetched", [made.customer], {"export": str(made.reference)})
    response = StreamingHttpResponse(telling.read(made, "json"), content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response


def _export(reference: UUID) -> Export:
    found = Export.objects.filter(reference=reference).first()
    if found is None:
        raise Refusal("no_such_export")
    return found


ROUTES = (
    Routes(
        "/privacy",
        router,
        "Privacy",
        "A customer’s rights: all that is kept about them as a file, and being forgotten.",
        rank=1,
    ),
)
