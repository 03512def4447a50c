"""In the background: stock is followed, and whoever waits for something is told that it is back."""

from __future__ import annotations

from spindel.commerce.wishes import actions as wish_actions
from spindel.commerce.wishes import reading as wishes
from spindel.kit.background import Job, each

_EVENTS = 10_000  # of stock


def _follow_stock() -> bool:
    return wish_actions.follow_stock(_EVENTS)


def _tell_of_wishes() -> bool:
    return each("commerce.back_in_stock", wishes.to_tell, wish_actions.tell_back)


JOBS = (
    Job(name="commerce.stock_followed", step=_follow_stock),
    Job(name="commerce.back_in_stock", step=_tell_of_wishes),
)
