"""In the background: quotes whose time is up are ended."""

from __future__ import annotations

from spindel.commerce.quotes import actions as quote_actions
from spindel.commerce.quotes import reading as quotes
from spindel.kit.background import Job, each


def _expire_quotes() -> bool:
    return each("commerce.quotes_expired", quotes.ended, quote_actions.expire)


JOBS = (Job(name="commerce.quotes_expired", step=_expire_quotes),)
