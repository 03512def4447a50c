"""Asking for a customer to be forgotten or told about, and saying how long facts are kept."""

from __future__ import annotations

from django.utils import timezone

from spindel.identity import customers, forgetting
from spindel.kit import sql
from spindel.kit.actions import action
from spindel.kit.background import NOTIFY_JOBS
from spindel.privacy.models import Erasure, Export, Retention
from spindel.staff import audit
from spindel.staff.models import User

_NOTHING_STAYS = "What remembers that she was forgotten would remember her."
_NO_CUSTOMER = "It is about how long facts are kept; no customer's timeline is concerned."


@action(silent=_NOTHING_STAYS)
def forget_customer(customer: int, by: User | str, *, for_good: bool = False) -> Erasure:
    """Have the customer forgotten, as soon as the background comes to it.

    Asked for twice, it is one erasure. `for_good`: messages that name her are turned away from
    now on, too, until she is let in again. Raises customers.NotFound.
    """
    customer = customers.living(customer)
    erasure, asked = Erasure.objects.get_or_create(
        customer=customer,
        state=Erasure.State.ASKED,
        defaults={"asked_by": _name(by), "for_good": for_good},
    )
    if asked:
        audit.note(by, "customer.forget", [customer], {"erasure": str(erasure.reference)})
        sql.notify(NOTIFY_JOBS)
    return erasure


@action(silent="Nobody knows any more whose timeline it would be.")
def let_in_again(erasure: Erasure, by: User | str) -> None:
    """From now on messages that name her are taken in again. No error when they are already."""
    now = timezone.now()
    if forgetting.let_in_again(erasure.pk, now):
        Erasure.objects.filter(pk=erasure.pk).update(let_in_at=now)
        audit.note(by, "erasure.let_in", detail={"erasure": str(erasure.reference)})


@action(silent="She is told what happened to her; that she was is no part of it.")
def export_customer(customer: int, by: User | str, language: str) -> Export:
    """Have all about the customer put into files, in the language. Asked for twice before it is
    ready, it is one. Raises customers.NotFound.
    """
    customer = customers.living(customer)
    sql.rows("SELECT pg_advisory_xact_lock(%s, %s)", [_EXPORTS, customer % 2**31])
    waiting = Export.objects.filter(customer=customer, state=Export.State.ASKED).first()
    if waiting:
        return waiting
    made = Export.objects.create(customer=customer, asked_by=_name(by), language=language)
    audit.note(by, "customer.export", [customer], {"export": str(made.reference)})
    sql.notify(NOTIFY_JOBS)
    return made


_EXPORTS = 0x5350  # the first half of the locks that keep two exports of a customer apart


@action(silent=_NO_CUSTOMER)
def keep_for(kind: str, days: int | None, by: User | str) -> None:
    """Keep facts of the kind for so many days; None: for ever."""
    Retention.objects.update_or_create(kind=kind, defaults={"days": days, "applied_at": None})
    audit.note(by, "retention.changed", detail={"kind": kind, "days": days})
    sql.notify(NOTIFY_JOBS)


def _name(by: User | str) -> str:
    return by.email if isinstance(by, User) else by
