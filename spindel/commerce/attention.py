"""What wants somebody's eye: promises that are broken or due, payments, disputes, wrong stock."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from spindel.catalogue import posts
from spindel.catalogue.models import Place
from spindel.commerce.common import goods as common_goods
from spindel.commerce.common import numbers
from spindel.commerce.common.rules import NotEnough
from spindel.commerce.payments import actions as paying
from spindel.commerce.payments import failed as stuck
from spindel.commerce.payments import payable
from spindel.commerce.payments import providers as payments
from spindel.commerce.payments.models import PaymentCommand, PaymentDispute, PaymentEvent
from spindel.commerce.stock import broken_promises as promising
from spindel.commerce.stock.actions import promises
from spindel.commerce.stock.models import Hold
from spindel.commerce.stock.pages import kept_before
from spindel.commerce.stock.reading import levels as stock
from spindel.commerce.stock.reading import shelves
from spindel.identity import shown
from spindel.kit.refusal import Refusal
from spindel.kit.templatetags.look import minor_words, say_when
from spindel.staff.models import User
from spindel.staff.worries import Kind, Link, Worry

_DUE_WITHIN = timedelta(hours=24)


def _language() -> str:
    return (get_language() or "en")[:2]


def _goods(name: str, options: str, quantity: int) -> str:
    words = f"{name}, {options}" if options else name
    return f"{quantity} × {words}" if quantity > 1 else words


def _customer(who: shown.Who | None) -> list[Link]:
    if who is None or not who.opens:
        return []
    return [Link(who.name or _("the customer"), reverse("customer", args=[who.customer]))]


# --- promises -------------------------------------------------------------------------------------


def _broken(user: User, most: int) -> list[Worry]:
    found = promising.unseen_of(user, _language(), most)
    asked = {one.customer for one in found if one.customer is not None}
    people = shown.who(user, asked, "promises.listed")
    return [_broken_one(one, people.get(one.customer or 0)) for one in found]


def _broken_one(one: promising.Broken, who: shown.Who | None) -> Worry:
    if one.next is not None:
        to_do = _("%(store)s is the nearest that had it.") % {"store": one.next.name}
        again = _("Keep it in %(store)s") % {"store": one.next.name}
    else:
        to_do, again = _("No other store had it."), _("Look again")
    return Worry(
        one.id,
        _goods(one.name, one.options, one.quantity),
        to_do,
        about=_("not found in %(store)s") % {"store": one.place},
        at=one.made_at,
        links=_customer(who),
        again=again if one.customer is not None else "",
    )


def _keep_next(user: User, id: int) -> str:
    try:
        kept = promises.keep_next(id, user)
    except NotEnough as lacking:
        raise Refusal("no_store_has_it") from lacking
    return kept_before(kept, user) or _kept(kept.hold)


def _kept(hold: Hold) -> str:
    said = _("It is kept in %(store)s until %(until)s. Tell the customer.")
    return said % {"store": hold.place.name, "until": say_when(hold.until)}


def _see_promise(user: User, id: int) -> None:
    promises.see(id, user)


def _due(user: User, most: int) -> list[Worry]:
    found = promising.due(user, timezone.now() + _DUE_WITHIN, _language(), most)
    asked = {one.customer for one in found if one.customer is not None}
    people = shown.who(user, asked, "promises.listed")
    return [_due_one(one, people.get(one.customer or 0)) for one in found]


def _due_one(one: promising.Due, who: shown.Who | None) -> Worry:
    links = _customer(who)
    words = {"store": one.place.name, "until": say_when(one.until)}
    return Worry(
        one.hold,
        _goods(one.name, one.options, one.quantity),
        _("Kept in %(store)s until %(until)s, and not fetched yet.") % words,
        links=links,
        see=Link(_("Open it"), f"{links[0].url}#slot-holds") if links else None,
    )


def _count_due(user: User, most: int) -> QuerySet[Hold]:
    return promising.ending(user, timezone.now() + _DUE_WITHIN)


# --- payments -------------------------------------------------------------------------------------

_ASKED = {
    PaymentCommand.Kind.CAPTURE: gettext_lazy("Money was not taken"),
    PaymentCommand.Kind.REFUND: gettext_lazy("Money was not paid back"),
    PaymentCommand.Kind.CANCEL: gettext_lazy("Reserved money was not released"),
}
_TO_DO = {
    PaymentCommand.Kind.CAPTURE: gettext_lazy(
        "The goods have left. Ask again; if it is refused once more, have it paid another way."
    ),
    PaymentCommand.Kind.REFUND: gettext_lazy(
        "The customer waits for it. Ask again; if it is refused once more, pay it back another way."
    ),
    PaymentCommand.Kind.CANCEL: gettext_lazy(
        "The customer’s bank releases it by itself after some days."
        " Ask again, if they are not to wait."
    ),
}
_BOUNCED = gettext_lazy(
    "The customer’s bank has sent it back: ask the customer where to, and pay it another way."
)
_TOLD = {
    PaymentEvent.Trouble.CURRENCY: gettext_lazy(
        "The order does not count as paid. Look in the dashboard of your payment provider whose"
        " money it is, and pay it back there."
    ),
    PaymentEvent.Trouble.PAID_BACK: gettext_lazy(
        "Look in the dashboard of your payment provider why. If all of it went back, what had not"
        " left was cancelled; if some did, the order goes on."
    ),
    PaymentEvent.Trouble.UNREADABLE: gettext_lazy(
        "Look for it in the dashboard of your payment provider: a payment may have come further"
        " than is known here."
    ),
}
_REASONS = {
    "fraudulent": gettext_lazy("The customer says that they have not bought it."),
    "unrecognized": gettext_lazy("The customer does not recognise it."),
    "product_not_received": gettext_lazy("The customer says that the goods have not come."),
    "product_unacceptable": gettext_lazy(
        "The customer says that the goods are not as they should be."
    ),
    "duplicate": gettext_lazy("The customer says that they have paid twice."),
    "credit_not_processed": gettext_lazy("The customer says that they were not paid back."),
}


def reason(dispute: PaymentDispute) -> str:
    """Why a customer disputes a payment, in words where we know them."""
    return str(_REASONS.get(dispute.reason, ""))


def _paid_for(order: int, number: str) -> Link:
    return Link(numbers.spaced(number), payable.registered().page(order))


def _disputes(user: User, most: int) -> list[Worry]:
    return [_dispute(one) for one in stuck.disputes(most)]


def _dispute(one: PaymentDispute) -> Worry:
    return Worry(
        one.pk,
        minor_words(one.amount, one.currency),
        " ".join(part for part in (reason(one), _answer_to(one)) if part),
        links=[_paid_for(one.payment.order_id, one.payment.number)],
        state=one.get_state_display(),
        waits=one.state not in (PaymentDispute.State.OPEN, PaymentDispute.State.LOST),
    )


def _answer_to(one: PaymentDispute) -> str:
    if one.state == PaymentDispute.State.LOST:
        return _("The money is gone back to the customer. Ask what was wrong.")
    if one.state != PaymentDispute.State.OPEN:
        return _("Nothing to do until the bank has decided.")
    if one.due_by is None:
        return _(
            "Answer in the dashboard of your payment provider: with the receipt, and the parcel’s"
            " number."
        )
    if one.due_by <= timezone.now():
        return _("The time to answer was over %(at)s.") % {"at": say_when(one.due_by)}
    return _(
        "Answer in the dashboard of your payment provider by %(at)s: with the receipt, and the"
        " parcel’s number."
    ) % {"at": say_when(one.due_by)}


def _commands(user: User, most: int) -> list[Worry]:
    return [_command(one) for one in stuck.given_up(most)]


def _command(one: stuck.GivenUp) -> Worry:
    kind = PaymentCommand.Kind(one.kind)
    amount = f": {minor_words(one.amount, one.currency)}" if one.amount else ""
    return Worry(
        one.id,
        f"{_ASKED[kind]}{amount}",
        str(_TO_DO[kind] if one.again else _BOUNCED),
        about=payments.label(one.provider),
        code=one.error,
        at=one.at,
        links=[_paid_for(one.order, one.number)],
        again=_("Ask again") if one.again else "",
    )


def _ask_again(user: User, id: int) -> str:
    paying.ask_again(id)
    return _("It is being asked for again. Should it fail, it is back here.")


def _told(user: User, most: int) -> list[Worry]:
    return [_told_one(one) for one in stuck.told(most)]


def _told_one(one: PaymentEvent) -> Worry:
    return Worry(
        one.pk,
        one.get_trouble_display(),
        str(_TOLD[PaymentEvent.Trouble(one.trouble)]),
        about=payments.label(one.provider),
        code=one.event_id,
        at=one.received_at,
        links=[_paid_for(one.payment.order_id, one.payment.number)] if one.payment else [],
    )


# --- stock ----------------------------------------------------------------------------------------

_WRONG = {
    "below_zero": gettext_lazy("More was sold than the books had. Count what is there."),
    "short": gettext_lazy("More is promised than there is. Count, or bring some from elsewhere."),
}


def _place_of(user: User) -> int | None:
    place = posts.today(user)
    return place.pk if place else None


def _wrong(user: User, most: int) -> list[Worry]:
    found = shelves.wrong(_place_of(user), most)
    goods = common_goods.goods_of([one.variant for one in found], _language())
    places = Place.objects.in_bulk([one.place for one in found])
    return [
        Worry(
            0,
            _goods(goods[one.variant].name, goods[one.variant].options, 1),
            str(_WRONG[one.kind]),
            about=f"{places[one.place].name} · {goods[one.variant].sku}",
            at=one.since,
            state=_("%(n)s there, %(held)s promised") % {"n": one.on_hand, "held": one.held},
            see=Link(_("Put it right"), reverse("level", args=[one.variant, one.place])),
        )
        for one in found
        if one.variant in goods and one.place in places
    ]


def _count_wrong(user: User, most: int) -> int:
    return len(shelves.wrong(_place_of(user), most))


def _low(user: User, most: int) -> list[Worry]:
    """One line that leads to all of them: they are many, and usual."""
    counts = shelves.running_low(_place_of(user), "", 1).counts
    said = [
        ngettext("%(n)s sold out", "%(n)s sold out", counts["sold_out"])
        % {"n": counts["sold_out"]},
        ngettext("%(n)s running low", "%(n)s running low", counts["low"]) % {"n": counts["low"]},
    ]
    if not counts["sold_out"] and not counts["low"]:
        return []
    to_do = _("Of what has sold in the last two weeks: order more, or bring some from elsewhere.")
    return [Worry(0, ", ".join(said), to_do, see=Link(_("Open it"), reverse("stock")))]


def _books(user: User, most: int) -> list[Worry]:
    check = stock.last_check()
    if check is None or not check.wrong:
        return []
    what = ngettext(
        "The books of the stock do not add up for %(n)s level.",
        "The books of the stock do not add up for %(n)s levels.",
        check.wrong,
    ) % {"n": check.wrong}
    see = Link(_("Open it"), reverse("stock"))
    return [Worry(0, what, _("Count what is there."), at=check.at, see=see)]


def _count_books(user: User, most: int) -> int:
    check = stock.last_check()
    return int(bool(check and check.wrong))


KINDS = (
    Kind(
        "promise",
        gettext_lazy("Promises that can’t be kept"),
        "bell",
        "orders.see",
        _broken,
        lambda user, most: promising.unseen(user),
        again=_keep_next,
        settle=_see_promise,
        acts="orders.handle",
    ),
    Kind(
        "due",
        gettext_lazy("Promises that end within a day"),
        "clock",
        "orders.handle",
        _due,
        _count_due,
        rank=5,
    ),
    Kind(
        "dispute",
        gettext_lazy("Disputed payments"),
        "credit-card",
        "attention.see",
        _disputes,
        lambda user, most: stuck.disputed(),
        settle=lambda user, id: paying.settle_dispute(id),
        rank=10,
    ),
    Kind(
        "payment",
        gettext_lazy("Payments that got stuck"),
        "credit-card",
        "attention.see",
        _commands,
        lambda user, most: stuck.unsettled(),
        again=_ask_again,
        settle=lambda user, id: paying.settle(id),
        rank=11,
    ),
    Kind(
        "told",
        gettext_lazy("What payment providers have told"),
        "credit-card",
        "attention.see",
        _told,
        lambda user, most: stuck.untended(),
        settle=lambda user, id: paying.settle_told(id),
        rank=12,
    ),
    Kind(
        "stock",
        gettext_lazy("Stock that is wrong"),
        "stack-2",
        "stock.count",
        _wrong,
        _count_wrong,
        rank=40,
    ),
    Kind(
        "low",
        gettext_lazy("Stock that runs low"),
        "stack-2",
        "stock.count",
        _low,
        lambda user, most: 0,  # it is so every day: it is told, and does not ring
        rank=42,
    ),
    Kind(
        "books",
        gettext_lazy("Books of the stock"),
        "stack-2",
        "stock.manage",
        _books,
        _count_books,
        rank=41,
    ),
)
