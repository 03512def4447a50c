"""A customer who is forgotten."""

from __future__ import annotations

from spindel.privacy.actions import forget_customer
from spindel.privacy.models import Erasure
from tests.telling import wait_until


def forget(customer: int) -> None:
    from spindel.privacy import jobs as privacy

    erasure = forget_customer(customer, "the test")

    def done() -> bool:
        privacy.work()
        erasure.refresh_from_db()
        return erasure.state == Erasure.State.DONE

    wait_until(done, 30)
