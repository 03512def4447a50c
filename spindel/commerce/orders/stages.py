"""How far an order has come, in the one list of words that every page, mail and answer has for it.

An order keeps four states. One that is completed is not there yet while a parcel is under way, and
is over otherwise once all of it came back: that is read from its lines and parcels. What is said of
it is said of its pieces, which may have come unequally far: to whoever ordered, or to whoever works
here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Protocol

from babel.dates import format_interval
from django.db.models import Exists, F, OuterRef, Q, TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from spindel.catalogue import hours
from spindel.catalogue.models import Place
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.orders.delivery import Expected
from spindel.commerce.orders.models import Order, OrderLine, Return, Shipment
from spindel.commerce.payments.models import Payment
from spindel.kit.templatetags.look import day_said, locale
from spindel.timeline.models import Channel


class Stage(TextChoices):
    """A word for how far an order has come, by which people look for orders."""

    AWAITING_PAYMENT = "awaiting", _("Waits for the payment")
    CONFIRMED = "confirmed", _("To be sent or fetched")
    ON_ITS_WAY = "on_its_way", _("On its way")
    COMPLETED = "completed", _("Completed")
    GIVEN_BACK = "given_back", _("Given back")
    CANCELLED = "cancelled", _("Cancelled")


class Line(Protocol):
    """A line of an order. `exchanged`: how many of the `returned` others were given for."""

    @property
    def line(self) -> int: ...
    @property
    def quantity(self) -> int: ...
    @property
    def delivered(self) -> int: ...
    @property
    def cancelled(self) -> int: ...
    @property
    def returned(self) -> int: ...
    @property
    def exchanged(self) -> int: ...
    @property
    def fulfilment(self) -> str: ...
    @property
    def place_name(self) -> str: ...
    @property
    def set_aside(self) -> bool: ...


class Parcel(Protocol):
    """Goods that have left: by a carrier, or over a counter. `lines`: of which line how many."""

    @property
    def fulfilment(self) -> str: ...
    @property
    def place_name(self) -> str: ...
    @property
    def arrived_at(self) -> datetime | None: ...
    @property
    def lines(self) -> Sequence[tuple[int, int]]: ...


def of(state: str, lines: Sequence[Line], parcels: Sequence[Parcel]) -> Stage:
    """How far an order in this state, with these lines and parcels, has come."""
    if state != Order.State.COMPLETED:
        return Stage(state)
    if all(one.returned == one.delivered for one in lines):
        return Stage.GIVEN_BACK
    if any(one.fulfilment == Fulfilment.SHIP and one.arrived_at is None for one in parcels):
        return Stage.ON_ITS_WAY
    return Stage.COMPLETED


def within(stage: str) -> Q:
    """The orders that have come so far, as `of` says it."""
    if stage not in (Stage.ON_ITS_WAY, Stage.COMPLETED, Stage.GIVEN_BACK):
        return Q(state=stage)
    lines = OrderLine.objects.filter(order=OuterRef("pk")).exclude(returned=F("delivered"))
    kept = Q(Exists(lines))
    under_way = Shipment.objects.filter(arrived_at=None, fulfilment=Fulfilment.SHIP)
    completed = Q(state=Order.State.COMPLETED)
    if stage == Stage.GIVEN_BACK:  # few: begin with what came back
        return completed & Q(pk__in=Return.objects.values("order")) & ~kept
    if stage == Stage.ON_ITS_WAY:
        return completed & kept & Q(pk__in=under_way.values("order"))
    return completed & kept & ~Q(Exists(under_way.filter(order=OuterRef("pk"))))


# --- in words -------------------------------------------------------------------------------------


class Reader(Enum):
    """To whom it is said."""

    CUSTOMER = 0
    COLLEAGUE = 1


class Step(Enum):
    """How far a piece has come; what is still to be done first, what is over last."""

    AWAITING = 0
    READY = 1
    TO_SET_ASIDE = 2
    TO_SEND = 3
    PACKED = 4
    SENT = 5
    ARRIVED = 6
    FETCHED = 7
    BOUGHT = 8
    EXCHANGED = 9
    GIVEN_BACK = 10
    CANCELLED = 11


Words = tuple[Promise | str, Promise | str]  # to the customer, and to a colleague


def _both(words: Promise | str) -> Words:
    return words, words


_SAID: Mapping[Step, Words] = {
    Step.AWAITING: (
        pgettext_lazy("an order", "Waits for your payment"),
        pgettext_lazy("an order", "Waits for the payment"),
    ),
    Step.READY: (
        pgettext_lazy("an order", "Ready for you in %(place)s"),
        pgettext_lazy("an order", "Lies ready in %(place)s"),
    ),
    Step.TO_SET_ASIDE: (
        pgettext_lazy("an order", "Is put aside for you in %(place)s"),
        pgettext_lazy("an order", "To be set aside in %(place)s"),
    ),
    Step.TO_SEND: (
        pgettext_lazy("an order", "Is being packed"),
        pgettext_lazy("an order", "To be sent"),
    ),
    Step.PACKED: (
        pgettext_lazy("an order", "Packed, and about to leave"),
        pgettext_lazy("an order", "Packed, to be sent"),
    ),
    Step.SENT: (
        pgettext_lazy("an order", "On its way to you"),
        pgettext_lazy("an order", "On its way"),
    ),
    Step.ARRIVED: _both(pgettext_lazy("an order", "Arrived")),
    Step.FETCHED: _both(pgettext_lazy("an order", "Fetched in %(place)s")),
    Step.BOUGHT: _both(pgettext_lazy("an order", "Bought in %(place)s")),
    Step.EXCHANGED: _both(pgettext_lazy("an order", "Exchanged")),
    Step.GIVEN_BACK: _both(pgettext_lazy("an order", "Given back")),
    Step.CANCELLED: _both(pgettext_lazy("an order", "Cancelled")),
}

_GOOD = frozenset((Step.READY, Step.SENT, Step.ARRIVED, Step.FETCHED, Step.BOUGHT))


def said(state: str, lines: Sequence[Line], parcels: Sequence[Parcel], reader: Reader) -> str:
    """How far an order in this state, or these lines of it, have come, in the language that is on.

    Where pieces have come unequally far it is said of each with how many: "1 × ready for you in
    Göteborg · 1 × cancelled".
    """
    pieces = _pieces(state, lines, parcels)
    if not pieces:
        return str(of(state, lines, parcels).label)
    if len(pieces) == 1:
        return _say(*next(iter(pieces)), reader)
    return " · ".join(
        f"{many}\N{NO-BREAK SPACE}× {_lower(_say(step, place, reader))}"
        for (step, place), many in pieces.items()
    )


def said_of_parcel(parcel: Parcel, reader: Reader) -> str:
    """Where goods that have left are, in the language that is on."""
    return _say(*_where(parcel), reader)


def tone(state: str, lines: Sequence[Line], parcels: Sequence[Parcel]) -> str:
    """`warn` for what the customer still has to do, `good` for what is on its way or there."""
    step = next((step for step, _place in _pieces(state, lines, parcels)), None)
    return "warn" if step is Step.AWAITING else "good" if step in _GOOD else ""


def _say(step: Step, place: str, reader: Reader) -> str:
    return str(_SAID[step][reader.value]) % {"place": place}


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


_Pieces = Counter[tuple[Step, str]]


def _pieces(state: str, lines: Sequence[Line], parcels: Sequence[Parcel]) -> _Pieces:
    """How many have come how far, and where that is; what is still to be done first."""
    found: _Pieces = Counter()
    for one in lines:
        found += _of_line(state, one, parcels)
    return Counter(dict(sorted(found.items(), key=lambda one: (one[0][0].value, one[0][1]))))


def _of_line(state: str, line: Line, parcels: Sequence[Parcel]) -> _Pieces:
    kept = _delivered(line, parcels)
    back = line.returned
    # Nobody notes which of several came back: those that were in the customer's hands the longest.
    for key in sorted(kept, key=lambda one: -one[0].value):
        many = min(back, kept[key])
        kept[key] -= many
        back -= many
    exchanged = min(line.exchanged, line.returned)
    kept[Step.EXCHANGED, ""] = exchanged
    kept[Step.GIVEN_BACK, ""] = line.returned - exchanged
    kept[Step.CANCELLED, ""] = line.cancelled
    kept[_next(state, line)] += line.quantity - line.delivered - line.cancelled
    return +kept


def _delivered(line: Line, parcels: Sequence[Parcel]) -> _Pieces:
    """How those that have left did so. What went over the counter at once has no parcel."""
    found: _Pieces = Counter()
    for one in parcels:
        many = sum(quantity for number, quantity in one.lines if number == line.line)
        found[_where(one)] += many
    sent = line.fulfilment == Fulfilment.SHIP or not line.place_name
    at_once = (Step.ARRIVED, "") if sent else (Step.BOUGHT, line.place_name)
    found[at_once] += line.delivered - found.total()
    return found


def _where(parcel: Parcel) -> tuple[Step, str]:
    if parcel.fulfilment != Fulfilment.SHIP:
        return Step.FETCHED, parcel.place_name
    return (Step.ARRIVED if parcel.arrived_at else Step.SENT), ""


def _next(state: str, line: Line) -> tuple[Step, str]:
    """What is to happen to what has not left."""
    if state == Order.State.AWAITING_PAYMENT:
        return Step.AWAITING, ""
    if line.fulfilment == Fulfilment.SHIP:
        return (Step.PACKED if line.set_aside else Step.TO_SEND), ""
    return (Step.READY if line.set_aside else Step.TO_SET_ASIDE), line.place_name


# --- when it comes, and where it waits ------------------------------------------------------------


def under_way(state: str, lines: Sequence[Line], parcels: Sequence[Parcel]) -> bool:
    """Whether some of it is still to come by a carrier, and nothing is waited for before."""
    steps = {step for step, _place in _pieces(state, lines, parcels)}
    return bool(steps & {Step.TO_SEND, Step.PACKED, Step.SENT})


def said_of_days(expected: Expected) -> str:
    """When it is expected, in the language that is on: "Expected Thu 3 Dec – Mon 7 Dec"."""
    if expected.first == expected.last:
        days = day_said(expected.first)
    else:
        days = format_interval(expected.first, expected.last, "MMMMEEEEd", locale=locale())
    return gettext("Expected %(days)s") % {"days": days}


def said_of_hours(place: Place) -> str:
    """When the place is open today, in the language that is on: "Open today 10:00–18:00"."""
    spans = hours.today(place.opening)
    return gettext("Open today %(hours)s") % {"hours": spans} if spans else gettext("Closed today")


# --- its money, and where it began ----------------------------------------------------------------

State = Payment.State

_PAID: Mapping[str, Words] = {
    State.PENDING: _both(_("Not paid yet")),
    State.AUTHORISED: (_("Reserved on your card"), _("Reserved on the card")),
    State.CAPTURED: _both(_("Paid")),
    State.FAILED: _both(_("The card was refused")),
    State.CANCELLED: _both(_("Nothing was taken")),
}
# Of an invoice "taken" means that it is on it; what is paid in a store is paid when it is fetched.
_PAID_OTHERWISE: Mapping[tuple[str, str], Words] = {
    ("invoice", State.PENDING): _both(_("The invoice comes with the goods")),
    ("invoice", State.CAPTURED): _both(_("On the invoice")),
    ("store", State.PENDING): (_("You pay when you fetch it"), _("Is paid when it is fetched")),
}


def said_of_payment(provider: str, state: str, captured: int, refunded: int, reader: Reader) -> str:
    """How far the payment has come, in the language that is on."""
    if refunded:
        return str(_("Paid back") if refunded >= captured else _("Partly paid back"))
    words = _PAID_OTHERWISE.get((provider, state)) or _PAID[state]
    return str(words[reader.value])


_BOUGHT: Mapping[str, Promise | str] = {
    Channel.WEB: _("Ordered on the web"),
    Channel.APP: _("Ordered in the app"),
    Channel.STORE: _("Bought in a store"),
    Channel.PHONE: _("Ordered by phone"),
    Channel.CHAT: _("Ordered in a chat"),
    Channel.EMAIL: _("Ordered by e-mail"),
    Channel.SMS: _("Ordered by text message"),
    Channel.SOCIAL: _("Ordered through social media"),
    Channel.OTHER: _("Bought elsewhere"),
}


def said_of_channel(channel: str, place_name: str) -> str:
    """Where it was bought, in the language that is on."""
    if channel == Channel.STORE and place_name:
        return _say(Step.BOUGHT, place_name, Reader.CUSTOMER)
    return str(_BOUGHT.get(channel, _BOUGHT[Channel.OTHER]))
