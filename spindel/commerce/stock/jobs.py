"""In the background: holds whose time is up are ended, and the levels are proved."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.utils import timezone

from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.models import StockCheck
from spindel.commerce.stock.reading import levels
from spindel.kit import sql
from spindel.kit.background import PART, Job

log = structlog.get_logger("spindel.commerce")

_PROVE_EVERY = timedelta(hours=1)


def _expire_holds() -> bool:
    return bool(holds.expire(PART))


def prove() -> bool:
    """Once an hour, prove every level by its movements. What is wrong is told, never repaired."""
    last = StockCheck.objects.first()
    if last is not None and timezone.now() - last.at < _PROVE_EVERY:
        return False
    wrong = levels.verify()
    keep(len(wrong))
    for one in wrong[:20]:
        log.error("stock_wrong", variant=one.variant, place=one.place, levels=len(wrong))
    return False


def keep(wrong: int) -> None:
    """Put on record what proving the levels has found."""
    row = sql.row("SELECT count(*) FROM stock_level")
    assert row is not None
    found = {"at": timezone.now(), "levels": row[0], "wrong": wrong}
    StockCheck.objects.update_or_create(pk=1, defaults=found)


JOBS = (
    Job(name="commerce.holds_expired", step=_expire_holds),
    Job(name="commerce.stock_proved", step=prove, every=timedelta(minutes=5)),
)
