"""The audit log: who saw and did what, to which customer."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from spindel.staff.models import AuditEntry, User


def note(
    by: User | str,
    did: str,
    customers: Collection[int] = (),
    detail: Mapping[str, object] | None = None,
) -> None:
    """Put on record what somebody saw or did: `did` is *object.verb*, such as `customer.seen`.

    `by` is a person, or a text for a machine. `detail` holds no value of a customer's. Within an
    action the entry stands or falls with it.
    """
    AuditEntry.objects.create(
        user=by if isinstance(by, User) else None,
        by=by.email if isinstance(by, User) else by[:254],
        did=did,
        customers=sorted(customers),
        detail=dict(detail or {}),
    )
