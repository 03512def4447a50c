"""Short words for what the tests do with quotes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

from django.db import connection
from django.utils import timezone

from spindel.commerce.orders.placement.draft import Item
from spindel.commerce.quotes import actions
from spindel.commerce.quotes.actions import Maker, QuoteData
from spindel.commerce.quotes.models import Quote
from spindel.kit.idempotency import Request
from spindel.staff.actors import Actor

ANNA = {"name": "Anna Åkesson", "email": "anna@example.se", "phone": "070-123 45 67"}
HOME = {"street": "Storgatan 1", "postcode": "411 01", "city": "Göteborg", "country": "SE"}
OSKAR = Maker(Actor("Oskar", channel="store"), 10)
_numbers = itertools.count()


def in_days(days: float) -> datetime:
    """So many days from now."""
    return timezone.now() + timedelta(days=days)


def offer(*items: Item, **more: object) -> QuoteData:
    """What is offered, sent to Anna and on an invoice unless it says otherwise."""
    words: dict[str, object] = {
        "items": list(items),
        "until": in_days(7),
        "market": "SE",
        "language": "sv",
        "pay_by": "invoice",
        "contact": ANNA,
        "address": HOME,
    }
    return QuoteData(**(words | more))  # type: ignore[arg-type]  # the words are right


def make(*items: Item, maker: Maker = OSKAR, key: str = "", **more: object) -> Quote:
    """A quote, written down."""
    key = key or f"q{next(_numbers)}"
    return actions.make(offer(*items, **more), maker, identifier=None, request=Request("test", key))


def sent(*items: Item, **more: object) -> Quote:
    """A quote that she has a link to."""
    quote = make(*items, **more)  # type: ignore[arg-type]  # the words are right
    return actions.send(quote.pk, quote.revision, Request("tests", "s"), by="Oskar", mail=False)


def let_time_pass(quote: Quote) -> None:
    """The quote's time is up."""
    Quote.objects.filter(pk=quote.pk).update(until=timezone.now() - timedelta(seconds=1))


def at_once(*whats: Callable[[], object]) -> Sequence[object]:
    """Do all of it at the same moment, each on a connection of its own; what came of each."""
    barrier = Barrier(len(whats))

    def run(what: Callable[[], object]) -> object:
        try:
            connection.ensure_connection()
            barrier.wait(30)
            return what()
        except Exception as error:  # whatever it is, the test wants to know
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(whats)) as threads:
        return list(threads.map(run, whats))
