"""The mails that tell of what was noted: of many in as many statements as of one.

Each has a key of what it tells, so that it is written once. It goes to the contact of the order; of
a hold, to an address that is certainly of whoever it is held for.
"""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ParamSpec

import structlog
from django.conf import settings
from django.db.models import Count
from django.utils import timezone

from spindel.catalogue.models import Place
from spindel.commerce.common import addresses
from spindel.commerce.common.letters import Letter
from spindel.commerce.common.models import Notice
from spindel.commerce.orders import held as held_for
from spindel.commerce.orders import order_mail, return_requests
from spindel.commerce.orders import reading as orders
from spindel.commerce.orders.models import (
    Order,
    OrderEvent,
    OrderLine,
    Return,
    ReturnLine,
    ReturnRequest,
    Shipment,
)
from spindel.commerce.orders.order_mail import Back
from spindel.commerce.orders.reading import OrderView
from spindel.commerce.orders.return_requests import RequestView
from spindel.commerce.stock import hold_mail
from spindel.commerce.stock.models import Hold
from spindel.identity import identifiers
from spindel.kit import idempotency
from spindel.messages.actions import Outgoing
from spindel.messages.models import Mail

log = structlog.get_logger("spindel.commerce")

Kind = Notice.Kind
_USUAL = {"SE": "sv", "DK": "da"}  # what people speak who fetch something there


@dataclass(frozen=True, slots=True)
class Noted:
    """What happened, to what, and how much goes back to her for it."""

    kind: str
    about: int
    amount: int = 0


def mails(noted: Sequence[Noted], untrue: Sequence[Untrue] = ()) -> list[Outgoing]:
    """The mails to send. Who can't be reached is told of nothing.

    `untrue` is what was told to lie ready, by a mail that may have left, and does not.
    """
    of: dict[str, list[Noted]] = defaultdict(list)
    for one in noted:
        of[one.kind].append(one)
    ready = _holds(of[Kind.READY])
    bought = [one for one in ready if one.order_line_id is not None]
    whats = _whats(ready) | {one.hold.pk: one.what for one in untrue}
    lines = held_for.lines([*bought, *(one.hold for one in untrue)])
    told = [
        *(_Told(Kind.CONFIRMED, f"{one.about}", one.about) for one in of[Kind.CONFIRMED]),
        *_ready(bought, whats, lines),
        *_sent(of[Kind.SENT]),
        *_cancelled(of[Kind.CANCELLED]),
        *_started(of[Kind.STARTED]),
        *_backs([*of[Kind.REFUNDED], *of[Kind.EXCHANGED]]),
    ]
    held = [
        *((Kind.HELD, one) for one in _holds(of[Kind.HELD])),
        *((Kind.READY, one) for one in ready if one.order_line_id is None),
        *((Kind.LAPSED, one) for one in _holds(of[Kind.LAPSED])),
    ]
    told += [
        _Told(Kind.NOT_READY, one.what, lines[one.hold.pk].order_id, place=one.hold.place)
        for one in untrue
        if one.hold.pk in lines
    ]
    held += [(Kind.NOT_READY, one.hold) for one in untrue if one.hold.pk not in lines]
    return [*_of_orders(told), *_of_holds(held, whats)]


# --- what lies ready after all, or not ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Untrue:
    """Something that does not lie ready: `what` tells the mail that says so from others."""

    hold: Hold
    what: str


def not_ready(noted: Sequence[Noted]) -> dict[uuid.UUID, Untrue]:
    """What was put back and does not lie ready now, by the key of the mail that says it does."""
    put_back = [
        one
        for one in _holds([each for each in noted if each.kind == Kind.NOT_READY])
        if one.state == Hold.State.ACTIVE and one.set_aside_at is None
    ]
    whats = _whats(put_back)
    return {_key(Kind.READY, whats[one.pk]): Untrue(one, whats[one.pk]) for one in put_back}


_MOST_TIMES = 20  # that one thing is put back


def _whats(holds: Collection[Hold]) -> dict[int, str]:
    """What tells the mails that these lie ready from others, by the holds' ids. Once it was told
    that one does not, the next is another.
    """
    times, lines = {}, held_for.lines(holds)
    for one in holds:
        of = lines[one.pk].order_id if one.pk in lines else one.key
        first = f"{of} {one.place_id}"
        times[one.pk] = [first, *(f"{first} {number}" for number in range(1, _MOST_TIMES))]
    keys = {what: _key(Kind.NOT_READY, what) for some in times.values() for what in some}
    mails = Mail.objects.filter(key__in=list(keys.values())) if keys else Mail.objects.none()
    told = set(mails.values_list("key", flat=True))
    return {
        hold: next((what for what in some if keys[what] not in told), some[-1])
        for hold, some in times.items()
    }


def _holds(noted: Collection[Noted]) -> list[Hold]:
    ids = [one.about for one in noted]
    found = Hold.objects.filter(pk__in=ids).select_related("place")
    return list(found.order_by("pk")) if ids else []


def _key(kind: str, what: str) -> uuid.UUID:
    return idempotency.key("mail", f"{kind} {what}")


P = ParamSpec("P")


def _written(
    kind: str, write: Callable[P, Letter | None], *about: P.args, **more: P.kwargs
) -> Letter | None:
    """The letter. One that can't be written is told of here, and keeps no other from being sent."""
    try:
        return write(*about, **more)
    except Exception as error:
        # Without its text, which could hold personal data.
        log.error("mail_not_written", kind=kind, error=type(error).__name__)
        return None


# --- of orders ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Told:
    """Something that has become of an order. `what` tells it from whatever else did."""

    kind: Notice.Kind
    what: str
    order: int
    place: Place | None = None
    parcel: int = 0
    lines: Sequence[tuple[int, int]] = ()
    came: Sequence[tuple[int, int, int]] = ()
    why: str = ""
    amount: int = 0
    new: int | None = None
    request: RequestView | None = None


def _ready(
    holds: Collection[Hold], whats: Mapping[int, str], lines: Mapping[int, OrderLine]
) -> list[_Told]:
    found = {}
    for one in holds:
        order = lines[one.pk].order_id
        if (order, one.place_id) not in found:
            told = _Told(Kind.READY, whats[one.pk], order, place=one.place)
            found[order, one.place_id] = told
    return list(found.values())


def _sent(noted: Collection[Noted]) -> list[_Told]:
    ids = [one.about for one in noted]
    rows = Shipment.objects.filter(pk__in=ids).values_list("pk", "order") if ids else ()
    return [_Told(Kind.SENT, str(id), order, parcel=id) for id, order in rows]


def _cancelled(noted: Collection[Noted]) -> list[_Told]:
    """Of an order once, whatever was cancelled in how many steps."""
    amounts = {one.about: one.amount for one in noted}
    found = OrderEvent.objects.filter(pk__in=amounts).order_by("pk") if amounts else ()
    of: dict[int, list[OrderEvent]] = defaultdict(list)
    for one in found:
        of[one.order_id].append(one)
    told = []
    for order, steps in of.items():
        lines: Counter[int] = Counter()
        for one in steps:
            lines.update(dict(one.detail.get("lines", ())))
        amount = sum(amounts[one.pk] for one in steps)
        what, why = str(steps[-1].pk), steps[-1].why
        told.append(
            _Told(Kind.CANCELLED, what, order, lines=sorted(lines.items()), why=why, amount=amount)
        )
    return told


def _started(noted: Collection[Noted]) -> list[_Told]:
    """Of what was called off by now nothing is told."""
    if not noted:
        return []
    open_ = ReturnRequest.objects.filter(
        pk__in=[one.about for one in noted], state=ReturnRequest.State.OPEN
    )
    by_language: dict[str, list[ReturnRequest]] = defaultdict(list)
    for one in open_.select_related("order").order_by("pk"):
        by_language[one.order.language[:2]].append(one)
    return [
        _Told(Kind.STARTED, str(view.id), view.order, request=view)
        for language, some in by_language.items()
        for view in return_requests.views(some, language)
    ]


def _backs(noted: Collection[Noted]) -> list[_Told]:
    if not noted:
        return []
    ids = [one.about for one in noted]
    lines: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    rows = ReturnLine.objects.filter(back__in=ids).order_by("pk")
    for back, *told in rows.values_list("back", "order_line__line", "quantity", "amount"):
        lines[back].append((told[0], told[1], told[2]))
    return [
        _Told(
            Kind.EXCHANGED if one.exchange_id else Kind.REFUNDED,
            str(one.pk),
            one.order_id,
            place=one.place,
            came=lines[one.pk],
            amount=one.refund - one.credited,
            new=one.exchange_id,
        )
        for one in Return.objects.filter(pk__in=ids).select_related("place").order_by("pk")
    ]


def _of_orders(told: Collection[_Told]) -> list[Outgoing]:
    ids = {one.order for one in told} | {one.new for one in told if one.new}
    books = Order.objects.only("language", "proved", "contact_email").in_bulk(ids)
    views = _views(books.values())
    codes = {line.place for view in views.values() for line in view.lines if line.place}
    places = {one.code: one for one in Place.objects.filter(code__in=codes)}
    lately = _lately({one.contact_email for one in books.values() if not one.proved})
    found = []
    for one in told:
        book, view = books[one.new or one.order], views[one.new or one.order]
        to = view.contact.get("email", "") if view.identifier else ""
        letter = _written(one.kind, _letter, one, views, places) if to else None
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
    key = _key(kind, what)
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


def _letter(
    told: _Told, views: Mapping[int, OrderView], places: Mapping[str, Place]
) -> Letter | None:
    order = views[told.order]
    match told.kind:
        case Kind.CONFIRMED:
            gone = order.state == Order.State.CANCELLED  # so she is told of that
            return None if gone else order_mail.confirmed(order, places)
        case Kind.READY:
            assert told.place is not None
            waits = order_mail.waiting(order, told.place)
            # Somebody may have put it back, or handed it over.
            settled = order.state == Order.State.CONFIRMED
            lies_ready = settled and waits and all(line.set_aside for line, *_ in waits)
            return order_mail.ready(order, told.place) if lies_ready else None
        case Kind.NOT_READY:
            assert told.place is not None
            waits = order_mail.waiting(order, told.place)
            return order_mail.not_ready(order, told.place) if waits else None
        case Kind.SENT:
            (parcel,) = (one for one in order.shipments if one.id == told.parcel)
            return order_mail.sent(order, parcel)
        case Kind.CANCELLED:
            return order_mail.cancelled(order, told.lines, told.why, told.amount)
        case Kind.STARTED:
            assert told.request is not None
            return order_mail.return_started(order, told.request)
    assert told.place is not None
    back = Back(told.place.name, told.came, told.amount)
    if told.new is None:
        return order_mail.refunded(order, back)
    return order_mail.exchanged(order, views[told.new], back, places)


# --- of what is held ------------------------------------------------------------------------------


def _of_holds(
    told: Collection[tuple[Notice.Kind, Hold]], whats: Mapping[int, str]
) -> list[Outgoing]:
    if not told:
        return []
    kept: dict[uuid.UUID, list[Hold]] = defaultdict(list)
    of = Hold.objects.filter(key__in={one.key for _, one in told}, order_line_id=None)
    of = of.select_related("variant__product", "place", "shopper").order_by("line", "pk")
    for one in of:
        kept[one.key].append(one)
    certain = identifiers.proven_each({who for some in kept.values() if (who := _owner(some[0]))})
    emails, languages = addresses.emails(certain), addresses.languages(certain)
    found = {}
    for kind, one in told:
        some, what = _meant(kind, one, kept[one.key], whats.get(one.pk, ""))
        who = _owner(some[0]) if some else None
        if who is None or who not in emails or (kind, what) in found:
            continue
        language = _language(some[0], languages.get(who, ""))
        letter = _written(kind, _LETTERS[kind], some, language)
        if letter is not None:
            found[kind, what] = letter.mail(
                emails[who],
                language=language,
                purpose=kind,
                key=_key(kind, what),
                identifier=who,
                ends_at=None if kind == Kind.LAPSED else min(x.until for x in some),
            )
    return list(found.values())


_LETTERS: Mapping[str, Callable[[Sequence[Hold], str], Letter]] = {
    Kind.HELD: hold_mail.held,
    Kind.READY: hold_mail.ready,
    Kind.NOT_READY: hold_mail.not_ready,
    Kind.LAPSED: hold_mail.lapsed,
}


def _meant(kind: str, one: Hold, kept: Sequence[Hold], ready: str) -> tuple[list[Hold], str]:
    """Which holds of the reservation the mail is about, none where it is not so any more; and what
    tells it from other mails about the reservation.
    """
    active = [other for other in kept if other.state == Hold.State.ACTIVE]
    if kind == Kind.HELD:
        return active, str(one.key)
    if kind == Kind.READY:
        here = [other for other in active if other.place_id == one.place_id]
        lies_ready = all(other.set_aside_at is not None for other in here)
        return here if lies_ready else [], ready
    if kind == Kind.NOT_READY:
        return [other for other in active if other.place_id == one.place_id], ready
    gone = [
        other for other in kept if other.state == Hold.State.EXPIRED and other.until == one.until
    ]
    return gone, f"{one.key} {one.until.isoformat()}"


def _owner(hold: Hold) -> int | None:
    """Whose it is: whoever has proved who she is in the session, else who it was written under."""
    if hold.shopper is not None and hold.shopper.identifier_id is not None:
        return hold.shopper.identifier_id
    return hold.identifier_id


def _language(hold: Hold, last: str) -> str:
    """The session's, else as she was last spoken with, else as people speak there."""
    chosen = (hold.shopper.language if hold.shopper else last)[:2]
    usual = _USUAL.get(hold.place.country, "en")
    return chosen if chosen in dict(settings.LANGUAGES) else usual
