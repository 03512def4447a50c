"""In the background: holds and quotes whose time is up are ended, customers are told of what has
happened, what nobody needs is put away, and the levels are proved.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import structlog
from django.utils import timezone

from spindel.commerce import mailing
from spindel.commerce import retention as tidying
from spindel.commerce.carts import actions as cart_actions
from spindel.commerce.carts import reading as carts
from spindel.commerce.orders import actions as orders
from spindel.commerce.orders import payments as order_payments
from spindel.commerce.payments import jobs as payments
from spindel.commerce.quotes import actions as quote_actions
from spindel.commerce.quotes import reading as quotes
from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.models import Hold, StockCheck
from spindel.commerce.stock.reading import levels as stock
from spindel.commerce.wishes import actions as wish_actions
from spindel.commerce.wishes import reading as wishes
from spindel.kit import sql
from spindel.kit.background import PART, Job, each

log = structlog.get_logger("spindel.commerce")

_EVENTS = 10_000  # of stock
_PROVE_EVERY = timedelta(hours=1)
_AT_ONCE = 1_000  # rows a transaction


def _expire_holds() -> bool:
    return bool(holds.take_back(PART))


def _tell_of_holds() -> bool:
    return each("commerce.holds_told", _untold, _tell_of_hold)


def _untold(most: int, without: Sequence[int]) -> list[int]:
    waiting = Hold.objects.filter(to_tell=True).exclude(pk__in=without).order_by("pk")
    return list(waiting.values_list("pk", flat=True)[:most])


def _tell_of_hold(id: int) -> None:
    if Hold.objects.filter(pk=id, order_line_id=None).exists():
        holds.tell_expired(id)
    else:
        orders.lapse(id)


def _abandon_carts() -> bool:
    return each("commerce.carts_abandoned", carts.to_abandon, cart_actions.abandon)


def _write_mails() -> bool:
    return bool(mailing.write_mails(PART, mailing.SETTLES))


def _follow_stock() -> bool:
    return wish_actions.follow_stock(_EVENTS)


def _tell_of_wishes() -> bool:
    return each("commerce.back_in_stock", wishes.to_tell, wish_actions.tell_back)


def _expire_quotes() -> bool:
    return each("commerce.quotes_expired", quotes.ended, quote_actions.expire)


def tidy() -> bool:
    """Put away sessions that are over, and carts that are nobody's any more, a part at a time."""
    more = [put_away(_AT_ONCE) for put_away in (tidying.sessions, tidying.links, tidying.carts)]
    return any(more)


def prove() -> bool:
    """Once an hour, prove every level by its movements. What is wrong is told, never repaired."""
    last = StockCheck.objects.first()
    if last is not None and timezone.now() - last.at < _PROVE_EVERY:
        return False
    wrong = stock.verify()
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
    Job(name="commerce.holds_told", step=_tell_of_holds),
    Job(name="commerce.carts_abandoned", step=_abandon_carts),
    Job(name="commerce.mails_written", step=_write_mails),
    Job(name="commerce.stock_followed", step=_follow_stock),
    Job(name="commerce.back_in_stock", step=_tell_of_wishes),
    Job(name="commerce.quotes_expired", step=_expire_quotes),
    *payments.JOBS,
    order_payments.JOB,
    Job(name="commerce.put_away", step=tidy, every=timedelta(hours=6)),
    Job(name="commerce.stock_proved", step=prove, every=timedelta(minutes=5)),
)
