"""On the clock: holds and quotes whose time is up are ended, customers are told of what has
happened, and the levels are proved.
"""

from __future__ import annotations

import time
from datetime import timedelta

import structlog
from django.utils import timezone

from spindel.commerce.actions import carts as cart_actions
from spindel.commerce.actions import holds, mailing, orders, tidying
from spindel.commerce.actions import quotes as quote_actions
from spindel.commerce.actions import wishes as wish_actions
from spindel.commerce.models import Hold, StockCheck
from spindel.commerce.reading import carts, quotes, stock, wishes
from spindel.kit import sql

log = structlog.get_logger("spindel.commerce")

_PART = 200  # holds a transaction
_EVENTS = 10_000  # of stock
_PROVE_EVERY = timedelta(hours=1)


def step() -> bool:
    """Do a piece of what is due; whether there may be more."""
    ended = holds.take_back(_PART)
    waiting = list(Hold.objects.filter(to_tell=True).order_by("pk")[:_PART])
    for hold in waiting:
        if hold.order_line_id is None:
            holds.tell_expired(hold.pk)
        else:
            orders.lapse(hold.pk)
    for cart in carts.to_abandon(_PART):
        cart_actions.abandon(cart)
    told = mailing.write_mails(_PART)
    back = wish_actions.follow_stock(_EVENTS)
    waiting_long = wishes.to_tell(_PART)
    for wish in waiting_long:
        wish_actions.tell_back(wish)
    late = quotes.ended(_PART)
    for quote in late:
        quote_actions.expire(quote)
    return bool(ended or waiting or late or told or back or waiting_long)


_TIDY_EVERY = 6 * 3600.0  # seconds
_AT_ONCE = 1_000  # rows a transaction
_tidied_at = -_TIDY_EVERY


def tidy() -> None:
    """Now and then, put away sessions that are over, and carts that are nobody's any more."""
    global _tidied_at
    if time.monotonic() - _tidied_at < _TIDY_EVERY:
        return
    _tidied_at = time.monotonic()
    for put_away in (tidying.sessions, tidying.links, tidying.carts):
        while put_away(_AT_ONCE):
            pass


def prove() -> None:
    """Once an hour, prove every level by its movements. What is wrong is told, never repaired."""
    last = StockCheck.objects.first()
    if last is not None and timezone.now() - last.at < _PROVE_EVERY:
        return
    wrong = stock.verify()
    keep(len(wrong))
    for one in wrong[:20]:
        log.error("stock_wrong", variant=one.variant, place=one.place, levels=len(wrong))


def keep(wrong: int) -> None:
    """Put on record what proving the levels has found."""
    row = sql.row("SELECT count(*) FROM commerce_level")
    assert row is not None
    found = {"at": timezone.now(), "levels": row[0], "wrong": wrong}
    StockCheck.objects.update_or_create(pk=1, defaults=found)
