"""In the background: carts are abandoned, and what nobody needs any more is put away."""

from __future__ import annotations

from datetime import timedelta

from spindel.commerce.carts import actions as cart_actions
from spindel.commerce.carts import reading as carts
from spindel.commerce.carts import retention
from spindel.kit.background import Job, each
from spindel.shoppers import retention as shoppers

_AT_ONCE = 1_000  # rows a transaction


def _abandon_carts() -> bool:
    return each("commerce.carts_abandoned", carts.to_abandon, cart_actions.abandon)


def tidy() -> bool:
    """Put away sessions that are over, and carts that are nobody's any more, a part at a time."""
    parts = (shoppers.sessions, shoppers.links, retention.carts)
    more = [put_away(_AT_ONCE) for put_away in parts]
    return any(more)


JOBS = (
    Job(name="commerce.carts_abandoned", step=_abandon_carts),
    Job(name="commerce.put_away", step=tidy, every=timedelta(hours=6)),
)
