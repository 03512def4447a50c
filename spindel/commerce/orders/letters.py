"""What customers are told by mail of what has become of their orders.

It goes to the contact of the order. A higher room that tells of orders, too, has a `letters.py`
with `OF_ORDERS`: what answers from what was noted what it tells, as `Told`.
"""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count
from django.utils import timezone

from spindel.catalogue.models import Place
from spindel.commerce.common import mailing
from spindel.commerce.common.mail_layout import Letter
from spindel.commerce.common.mailing import Noted, Writer
from spindel.commerce.common.notices import Kind
from spindel.commerce.orders import order_holds, order_mail
from spindel.commerce.orders import reading as orders
from spindel.commerce.orders.models import Order, OrderEvent, OrderLine, Shipment
from spindel.commerce.orders.order_mail import Places
from spindel.commerce.orders.reading import OrderView
from spindel.commerce.stock.letters import noted_holds, untrue, whats
from spindel.commerce.stock.models import Hold
from spindel.kit import declared
from spindel.messages.actions import Outgoing
from spindel.messages.models import Mail

Write = Callable[[Mapping[int, OrderView], Places], Letter | None]


@dataclass(frozen=True, slots=True)
class Told:
    """Something that has become of an order, to whose contact the mail goes.

    `what` tells it from whatever else did. `write` makes the letter of the orders by their ids,
    this one and the `other` that it names, too; None where it is not so any more.
    """

    kind: Kind
    what: str
    order: int
    write: Write
    other: int | None = None


def _told(noted: Sequence[Noted]) -> list[Told]:
    of: dict[str, list[Noted]] = defaultdict(list)
    for one in noted:
        of[one.kind].append(one)
    return [
        *(_confirmed(one) for one in of[Kind.CONFIRMED]),
        *_ready([one for one in noted_holds(noted, Kind.READY, Kind.NOT_READY) if _is_bought(one)]),
        *_sent(of[Kind.SENT]),
        *_cancelled(of[Kind.CANCELLED]),
        *(told for tell in declared.each("letters", "OF_ORDERS") for told in tell(noted)),
    ]


def _confirmed(noted: Noted) -> Told:
    def write(views: Mapping[int, OrderView], places: Places) -> Letter | None:
        order = views[noted.about]
        gone = order.state == Order.State.CANCELLED  # so she is told of that
        return None if gone else order_mail.confirmed(order, places)

    return Told(Kind.CONFIRMED, str(noted.about), noted.about, write)


# --- what lies ready, or not ----------------------------------------------------------------------


def _is_bought(one: tuple[Noted, Hold]) -> bool:
    return one[1].order_line_id is not None


def _order(lines: Mapping[int, OrderLine]) -> Callable[[Hold], str]:
    return lambda hold: str(lines[hold.pk].order_id)


def _untrue(noted: Sequence[Noted]) -> Mapping[uuid.UUID, Noted]:
    put_back = list(filter(_is_bought, noted_holds(noted, Kind.NOT_READY)))
    return untrue(put_back, _order(order_holds.lines([hold for _, hold in put_back])))


def _ready(noted: Collection[tuple[Noted, Hold]]) -> list[Told]:
    """Of an order and a place once."""
    lines = order_holds.lines([hold for _, hold in noted])
    of = whats([hold for _, hold in noted], _order(lines))
    found: dict[tuple[Kind, int, int], Told] = {}
    for one, hold in noted:
        kind, order, place = Kind(one.kind), lines[hold.pk].order_id, hold.place
        write = _write_ready if kind == Kind.READY else _write_not_ready
        told = Told(kind, of[hold.pk], order, write(order, place))
        found.setdefault((kind, order, place.pk), told)
    return list(found.values())


def _write_ready(id: int, place: Place) -> Write:
    def write(views: Mapping[int, OrderView], places: Places) -> Letter | None:
        order = views[id]
        waits = order_mail.waiting(order, place)
        # Somebody may have put it back, or handed it over.
        settled = order.state == Order.State.CONFIRMED
        lies_ready = settled and waits and all(line.set_aside for line, *_ in waits)
        return order_mail.ready(order, place) if lies_ready else None

    return write


def _write_not_ready(id: int, place: Place) -> Write:
    def write(views: Mapping[int, OrderView], places: Places) -> Letter | None:
        waits = order_mail.waiting(views[id], place)
        return order_mail.not_ready(views[id], place) if waits else None

    return write


# --- what was sent, and what was cancelled --------------------------------------------------------


def _sent(noted: Collection[Noted]) -> list[Told]:
    ids = [one.about for one in noted]
    rows = Shipment.objects.filter(pk__in=ids).values_list("pk", "order") if ids else ()
    return [Told(Kind.SENT, str(id), order, _write_sent(order, id)) for id, order in rows]


def _write_sent(id: int, parcel: int) -> Write:
    def write(views: Mapping[int, OrderView], places: Places) -> Letter:
        (shipment,) = (one for one in views[id].shipments if one.id == parcel)
        return order_mail.sent(views[id], shipment)

    return write


def _cancelled(noted: Collection[Noted]) -> list[Told]:
    """Of an order once, whatever was cancelled in how many steps."""
    amounts = {one.about: one.amount for one in noted}
    found = OrderEvent.objects.filter(pk__in=amounts).order_by("pk") if amounts else ()
    of: dict[int, list[OrderEvent]] = defaultdict(list)
    for one in found:
        of[one.order_id].append(one)
    return [
        Told(
            Kind.CANCELLED,
            str(steps[-1].pk),
            order,
            _write_cancelled(steps, sum(amounts[one.pk] for one in steps)),
        )
        for order, steps in of.items()
    ]


def _write_cancelled(steps: Sequence[OrderEvent], amount: int) -> Write:
    lines: Counter[int] = Counter()
    for one in steps:
        lines.update(dict(one.detail.get("lines", ())))
    last = steps[-1]

    def write(views: Mapping[int, OrderView], places: Places) -> Letter:
        order = views[last.order_id]
        return order_mail.cancelled(order, sorted(lines.items()), last.why, amount)

    return write


# --- the mails ------------------------------------------------------------------------------------


def _mails(noted: Sequence[Noted]) -> list[Outgoing]:
    told = _told(noted)
    ids = {id for one in told for id in (one.order, one.other) if id}
    books = Order.objects.only("language", "proved", "contact_email").in_bulk(ids)
    views = _views(books.values())
    codes = {line.place for view in views.values() for line in view.lines if line.place}
    places = {one.code: one for one in Place.objects.filter(code__in=codes)}
    lately = _lately({one.contact_email for one in books.values() if not one.proved})
    found = []
    for one in told:
        book, view = books[one.order], views[one.order]
        to = view.contact.get("email", "") if view.identifier else ""
        letter = mailing.written(one.kind, one.write, views, places) if to else None
        if letter is None:
            continue
        if not book.proved:
            lately[book.contact_email] += 1
            if lately[book.contact_email] > MOST_UNPROVED:
                continue
        found.append(_outgoing(one.kind, one.what, letter, to, view))
    return found


MOST_UNPROVED = 20  # in a day, to an address that somebody has merely typed at a checkout


def _lately(addresses: Collection[str]) -> Counter[str]:
    """How many mails were written to the addresses within a day."""
    if not addresses:
        return Counter()
    since = timezone.now() - timedelta(days=1)
    of = Mail.objects.filter(normal_form__in=addresses, made_at__gt=since)
    counted = of.values_list("normal_form").annotate(many=Count("pk"))
    return Counter(dict(counted))


def _outgoing(kind: str, what: str, letter: Letter, to: str, order: OrderView) -> Outgoing:
    key = mailing.key(kind, what)
    return letter.mail(
        to, language=order.language, purpose=kind, key=key, identifier=order.identifier
    )


def _views(books: Iterable[Order]) -> dict[int, OrderView]:
    """The orders, each in words of its own language."""
    by_language: dict[str, list[int]] = defaultdict(list)
    for one in books:
        by_language[one.language].append(one.pk)
    return {
        view.id: view
        for language, some in sorted(by_language.items())
        for view in orders.views(sorted(some), language)
    }


WRITERS = (Writer(mails=_mails, untrue=_untrue),)
