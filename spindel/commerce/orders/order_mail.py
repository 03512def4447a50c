"""Mails about an order: that it is to be paid, and each thing that has become of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from django.utils import translation
from django.utils.translation import gettext as _

from spindel.catalogue.models import Place
from spindel.commerce.common import links, mail_layout
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.common.mail_layout import Content, Goods, Letter, Row
from spindel.commerce.common.templatetags.paper import moment
from spindel.commerce.orders import returning, rules
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.payment_due import Due
from spindel.commerce.orders.reading import WHY, FeeView, LineView, OrderView, ShipmentView
from spindel.commerce.orders.return_requests import RequestView
from spindel.commerce.payments import providers
from spindel.kit import money
from spindel.kit.money import share
from spindel.kit.options import stored_text
from spindel.kit.templatetags.look import minor_words

Places = Mapping[str, Place]  # by their codes
Some = Sequence[tuple[LineView, int, int]]  # so many of which lines, and what those come to


# --- the link to its page -------------------------------------------------------------------------


def link(order: OrderView, due: Due | None) -> Letter:
    """The link to its page, to see how far it has come, or to pay for it."""
    with translation.override(order.language):
        return _written(order, _to_pay(order, due) if due else _to_see(order))


def _to_see(order: OrderView) -> Content:
    return Content(
        subject=_("Your order %(number)s") % {"number": order.number_spaced},
        name=_name(order),
        lead=_("This is your order:"),
        goods=[_goods(order, _all(order), _sums(order))],
        button=_("See your order"),
        url=order.url,
        about=_about(order),
    )


def _to_pay(order: OrderView, due: Due) -> Content:
    amount = {"amount": minor_words(due.amount, order.currency)}
    left = _("Goods that you gave back pay for some of it: %(amount)s are left to pay.") % amount
    until = _("Your goods are kept for you until %(until)s.") % {"until": moment(due.until)}
    leads = _(
        "The page leads you to our bank, which takes your card. If it is not paid in time the"
        " order is cancelled, and nothing is taken."
    )
    return Content(
        subject=_("Your order %(number)s waits for your payment") % {"number": order.number_spaced},
        name=_name(order),
        lead=_("This is ordered for you:"),
        goods=[_goods(order, _all(order), _sums(order))],
        said=[left] if due.amount < _worth(order) else [],
        button=_("Pay %(amount)s") % amount,
        url=order.url,
        small=[f"{until} {leads}"],
        about=_about(order),
    )


# --- what has become of it ------------------------------------------------------------------------


def confirmed(order: OrderView, places: Places) -> Letter:
    """It is settled: what it is, what it costs, and how it comes."""
    with translation.override(order.language):
        some = _all(order)
        vat = money.totals((amount, one.vat_rate) for one, _many, amount in some).vat
        sums = [*_sums(order), (_("of which VAT"), minor_words(vat, order.currency))]
        if order.payment:
            sums.append((_("How it is paid"), providers.label(order.payment.provider)))
        said, stores = _ways(order, some, places)
        return _event(
            order,
            _("Your order is confirmed"),
            lead=_("Thank you for your order."),
            goods=[_goods(order, some, sums)],
            said=said,
            stores=stores,
        )


def ready(order: OrderView, place: Place) -> Letter:
    """What she fetches in the place lies ready."""
    with translation.override(order.language):
        some = waiting(order, place)
        worth = sum(amount for _line, _many, amount in some)
        untils = [line.until for line, *_ in some if line.until is not None]
        said = []
        if untils:
            said.append(_kept_until(min(untils)))
        paid = order.payment
        if paid and paid.provider == "store" and not paid.captured:
            amount = {"amount": minor_words(worth, order.currency)}
            said.append(_("You pay %(amount)s in the store.") % amount)
        said.append(_say_number(order))
        return _event(
            order,
            _("Ready to fetch in %(place)s") % {"place": place.name},
            lead=_("What you ordered lies ready for you."),
            goods=[_goods(order, some)],
            said=said,
            stores=[mail_layout.store(place)],
        )


def not_ready(order: OrderView, place: Place) -> Letter:
    """What was told to lie ready does not yet."""
    with translation.override(order.language):
        return _event(
            order,
            _("Not ready yet in %(place)s") % {"place": place.name},
            lead=_("We told you that this lies ready. We are sorry: it does not yet."),
            goods=[_goods(order, waiting(order, place))],
            said=[_("You get a mail when it does. It is kept for you as before.")],
        )


def waiting(order: OrderView, place: Place) -> Some:
    """What of it is still to be fetched in the place."""
    return [
        (line, many, amount)
        for line, many, amount in _left(order)
        if line.fulfilment == Fulfilment.PICK_UP and line.place == place.code
    ]


def sent(order: OrderView, parcel: ShipmentView) -> Letter:
    """A parcel is on its way."""
    with translation.override(order.language):
        follows = any(line.fulfilment == Fulfilment.SHIP for line, *_ in _left(order))
        said = [_("It goes to %(address)s.") % {"address": _address(order)}]
        if order.expected_text:
            said.append(f"{order.expected_text}.")
        if parcel.tracking:
            number = _("Parcel number")
            said.append(f"{number} {parcel.tracking}")
        if follows:
            said.append(_("The rest follows. You get a mail when it leaves."))
        link = _on_the_web(parcel.tracking_url)
        carrier = {"carrier": parcel.carrier}
        return _event(
            order,
            _("Part of your order is on its way") if follows else _("Your order is on its way"),
            lead=_("%(carrier)s brings it to you:") % carrier
            if parcel.carrier
            else _("This has left:"),
            goods=[_goods(order, _of(order, parcel.lines, _left_last))],
            said=said,
            links=[(_("Follow the parcel"), link)] if link else [],
        )


def cancelled(order: OrderView, lines: Iterable[tuple[int, int]], why: str, back: int) -> Letter:
    """Some or all of it does not come, and so much goes back to her."""
    with translation.override(order.language):
        whole = order.state == Order.State.CANCELLED
        # What somebody has typed is for whoever works here.
        said = [str(WHY[why])] if why in WHY else []
        if back:
            said.append(_goes_back(order, back))
        elif order.payment and not order.payment.captured:
            said.append(_("You have nothing to pay for it."))
        return _event(
            order,
            _("Your order is cancelled") if whole else _("Part of your order is cancelled"),
            lead=_("This does not come:"),
            goods=[_goods(order, _of(order, lines, _cancelled_last))],
            said=said,
        )


def return_started(order: OrderView, request: RequestView) -> Letter:
    """They have started a return from home: what to do now, and what they get for it."""
    with translation.override(order.language):
        parcel = request.by_parcel
        if parcel:
            said = [_("Print the label, or write its number and address on the parcel.")]
        elif request.place is not None:
            store = {"store": request.place.name}
            said = [_("Bring it to %(store)s, and show the code.") % store]
        else:
            said = [_("Bring it to any of our stores, and show the code.")]
        if request.wanted and request.held:
            words = {"what": request.wanted, "until": moment(request.held)}
            said.append(_("You get instead: %(what)s, kept for you until %(until)s.") % words)
        elif not request.wanted:
            amount = {"amount": minor_words(request.value, order.currency)}
            said.append(_("You get %(amount)s back the way you paid, when it is here.") % amount)
        until = {"until": moment(request.until)}
        said.append(_("It counts as in time until %(until)s.") % until)
        numbered = {one.line: one for one in order.lines}
        some = [(numbered[one.line], one.quantity, one.value) for one in request.lines]
        title = _("Your exchange has begun") if request.wanted else _("Your return has begun")
        return _event(
            order,
            title,
            lead=_("This comes back, with the number %(number)s:")
            % {"number": request.number_spaced},
            goods=[_goods(order, some)],
            said=said,
            stores=[] if parcel or request.place is None else [mail_layout.store(request.place)],
            links=[
                (
                    _("The label and the code"),
                    links.whole(returning.registered().page(links.code("order", order.id))),
                )
            ],
        )


@dataclass(frozen=True, slots=True)
class Back:
    """Goods of an order that came back in a place; so much of what they count for goes back.

    `lines` are by number, with how many came back and what those count for.
    """

    place: str
    lines: Sequence[tuple[int, int, int]]
    amount: int


def refunded(order: OrderView, back: Back) -> Letter:
    """Goods came back for their money."""
    with translation.override(order.language):
        amount = {"amount": minor_words(back.amount, order.currency)}
        return _event(
            order,
            _("You get %(amount)s back") % amount if back.amount else _("We have your return"),
            lead=_("This came back in %(place)s:") % {"place": back.place},
            goods=[_goods(order, _back(order, back))],
            said=[_goes_back(order, back.amount)]
            if back.amount
            else [_("You have nothing to pay for it.")],
        )


def exchanged(order: OrderView, new: OrderView, back: Back, places: Places) -> Letter:
    """Goods came back, and others are given for them, which are an order of their own."""
    with translation.override(order.language):
        some = _all(new)
        said, stores = _ways(new, some, places)
        sums = []
        if new.payment:
            paid = minor_words(new.payment.amount, new.currency)
            sums.append((_("Difference"), f"{paid} · {providers.label(new.payment.provider)}"))
        if back.amount:
            said.append(_goes_back(order, back.amount))
        return _event(
            new,
            _("Your exchange"),
            lead=_("This is exchanged for you:"),
            goods=[
                _goods(order, _back(order, back), title=_("You gave back")),
                _goods(new, some, sums, title=_("You get")),
            ],
            said=said,
            stores=stores,
        )


def receipt(order: OrderView, *, paid: bool, hers: bool) -> Letter:
    """Its receipt, which the mail brings. `hers`: it goes to whoever the order is for, and so with
    the link by which she acts.
    """
    with translation.override(order.language):
        some = _all(order)
        title = _("Your receipt") if paid else _("Your order confirmation")
        return _event(
            order if hers else replace(order, contact={}, url=""),
            title,
            lead=_("It is attached as a PDF, to keep or to print."),
            goods=[_goods(order, some, _sums(order))],
            said=[_("Bring it, or its number, if you want to give something back.")],
        )


# --- what they have in common ---------------------------------------------------------------------


def _event(
    order: OrderView,
    title: str,
    *,
    lead: str,
    goods: Sequence[Goods],
    said: Sequence[str] = (),
    stores: Sequence[mail_layout.Store] = (),
    links: Sequence[tuple[str, str]] = (),
) -> Letter:
    content = Content(
        subject=_("%(what)s: order %(number)s") % {"what": title, "number": order.number_spaced},
        name=_name(order),
        title=title,
        lead=lead,
        goods=goods,
        said=said,
        stores=stores,
        button=_("See your order"),
        url=order.url,
        links=links,
        about=_about(order),
    )
    return _written(order, content)


def _written(order: OrderView, content: Content) -> Letter:
    return mail_layout.written(content, order.language)


def _name(order: OrderView) -> str:
    return mail_layout.called(order.contact.get("name", ""))


def _about(order: OrderView) -> str:
    return _("Order %(number)s") % {"number": order.number_spaced}


def _all(order: OrderView) -> Some:
    """What was not cancelled."""
    some = [(line, line.quantity - line.cancelled, rules.kept(line)) for line in order.lines]
    return [one for one in some if one[1]]


def _worth(order: OrderView) -> int:
    return sum(map(rules.kept, order.lines)) + sum(map(_charged, order.fees))


def _charged(fee: FeeView) -> int:
    return 0 if fee.cancelled else fee.total


def _left(order: OrderView) -> Some:
    """What has neither left nor was cancelled."""
    left = [(line, line.quantity - line.delivered - line.cancelled) for line in order.lines]
    return [(line, many, rules.leaving(line, many)) for line, many in left if many]


def _of(
    order: OrderView, lines: Iterable[tuple[int, int]], start: Callable[[LineView, int], int]
) -> Some:
    """So many of the lines by number, from the piece on that `start` says."""
    numbered = {one.line: one for one in order.lines}
    some = [(numbered[line], many) for line, many in lines if line in numbered]
    return [
        (line, many, share(line.total, line.quantity, start(line, many), many))
        for line, many in some
    ]


def _left_last(line: LineView, many: int) -> int:
    return max(0, line.delivered - many)


def _cancelled_last(line: LineView, many: int) -> int:
    return line.quantity - line.cancelled


def _back(order: OrderView, back: Back) -> Some:
    numbered = {one.line: one for one in order.lines}
    return [(numbered[line], many, amount) for line, many, amount in back.lines]


def _goods(
    order: OrderView, some: Some, sums: Sequence[tuple[str, str]] = (), title: str = ""
) -> Goods:
    rows = [
        Row(
            many,
            line.name,
            stored_text(line.options),
            minor_words(amount, order.currency),
        )
        for line, many, amount in some
    ]
    return Goods(rows, title, sums)


def _sums(order: OrderView) -> list[tuple[str, str]]:
    """What it costs that it comes, and what all of it does."""
    fees = [one for one in order.fees if not one.cancelled]
    delivery = [(one.name, minor_words(one.total, order.currency)) for one in fees]
    return [*delivery, (_("Total"), minor_words(_worth(order), order.currency))]


def _ways(
    order: OrderView, some: Some, places: Places
) -> tuple[list[str], list[mail_layout.Store]]:
    """How the goods come to her, in words, and the stores that she goes to."""
    left = [line for line, *_ in some if line.quantity > line.delivered + line.cancelled]
    said = []
    if any(line.fulfilment == Fulfilment.SHIP for line in left):
        address = {"address": _address(order)}
        said.append(_("We send it to %(address)s. You get a mail when it leaves.") % address)
        if order.expected_text:
            said.append(f"{order.expected_text}.")
    fetched = [line for line in left if line.fulfilment == Fulfilment.PICK_UP]
    codes = list(dict.fromkeys(one.place for one in fetched if one.place in places))
    for code in codes:
        place = {"place": places[code].name}
        said.append(_("You fetch it in %(place)s. You get a mail when it lies ready.") % place)
    if untils := [one.until for one in fetched if one.until is not None]:
        said.append(_kept_until(min(untils)))
    return said, [mail_layout.store(places[code]) for code in codes]


def _kept_until(until: datetime) -> str:
    return _("It is kept for you until %(until)s.") % {"until": moment(until)}


def _say_number(order: OrderView) -> str:
    number = {"number": order.number_spaced}
    return _("Say the number %(number)s, or show the code on the receipt.") % number


def _goes_back(order: OrderView, amount: int) -> str:
    words = {"amount": minor_words(amount, order.currency), "seller": order.by}
    if order.payment and order.payment.provider == "elsewhere":
        return _("%(amount)s is paid back by %(seller)s, where you bought it.") % words
    told = [_("%(amount)s goes back the way you paid.") % words]
    if order.payment and providers.is_awaited(order.payment.provider):
        told.append(_("That can take your bank some days."))
    return " ".join(told)


def _address(order: OrderView) -> str:
    told = order.address
    town = " ".join(told.get(name, "") for name in ("postcode", "city")).strip()
    parts = (order.contact.get("name", ""), told.get("street", ""), town)
    return ", ".join(one for one in parts if one)


def _on_the_web(link: str) -> str:
    """The link, where it leads to the web."""
    try:
        return link if urlsplit(link).scheme in ("https", "http") else ""
    except ValueError:
        return ""
