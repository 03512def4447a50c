"""Orders, and paying for them, in sentences."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from spindel.timeline import phrases
from spindel.timeline.diary import Kind, Sentence
from spindel.timeline.phrases import N_, Properties


def about_order(message: str) -> Callable[[Properties], SafeString]:
    """About the order of a number."""
    return lambda p: phrases.say(
        _(message), order=phrases.em(phrases.text(p.get("order_id")) or "…")
    )


def _bought(p: Properties) -> SafeString:
    products, total = phrases.goods(p), phrases.money(p, "total", "revenue", "value", "subtotal")
    order = phrases.text(p.get("order_id"))
    if products:
        sentence = phrases.say(_("Bought %(products)s"), products=products)
    elif order:
        sentence = phrases.say(_("Placed the order %(order)s"), order=phrases.em(order))
    else:
        sentence = phrases.say(_("Placed an order"))
    return phrases.detailed(phrases.in_store(sentence, p), total)


def _changed(p: Properties) -> SafeString:
    money = phrases.money(p, "total", "revenue", "value")
    told = about_order(N_("The order %(order)s was changed"))(p)
    return phrases.detailed(told, phrases.say(_("now %(money)s"), money=money) if money else "")


def _cancelled(p: Properties) -> SafeString:
    return phrases.detailed(
        about_order(N_("The order %(order)s was cancelled"))(p), phrases.reason(p)
    )


def _shipped(p: Properties) -> SafeString:
    products, carrier = phrases.goods(p), phrases.text(p.get("carrier"))
    if not products:
        return phrases.detailed(
            about_order(N_("A parcel of the order %(order)s is on its way"))(p), carrier
        )
    return phrases.detailed(
        phrases.say(_("A parcel with %(products)s is on its way"), products=products), carrier
    )


def _collected(p: Properties) -> SafeString:
    products = phrases.goods(p)
    if products:
        sentence = phrases.say(_("Fetched %(products)s"), products=products)
    else:
        sentence = about_order(N_("Fetched the order %(order)s"))(p)
    return phrases.in_store(sentence, p)


def _paying(p: Properties) -> SafeString:
    order, method = phrases.text(p.get("order_id")), phrases.text(p.get("payment_method"))
    told = phrases.say(_("Filled in how to pay"))
    if order:
        told = phrases.say(_("Filled in how to pay for %(order)s"), order=phrases.em(order))
    return phrases.detailed(told, str(_METHODS.get(method, method)))


# How orders are paid here, in words to read. Others are shown as they are.
_METHODS = {
    "card": gettext_lazy("by card"),
    "invoice": gettext_lazy("by invoice"),
    "store": gettext_lazy("in the store"),
    "till": gettext_lazy("at the till"),
}


def _refunded(p: Properties) -> SafeString:
    money, order = phrases.money(p, "total", "revenue", "value"), phrases.text(p.get("order_id"))
    if money:
        return phrases.say(
            _("Got %(money)s back for %(order)s"), money=money, order=phrases.em(order or "…")
        )
    return phrases.say(_("Got money back for %(order)s"), order=phrases.em(order or "…"))


SENTENCES = (
    Sentence("Order Completed", _bought, Kind.BUYING),
    Sentence("Order Updated", _changed, Kind.BUYING),
    Sentence("Order Cancelled", _cancelled, Kind.BUYING),
    Sentence("Order Shipped", _shipped, Kind.BUYING),
    Sentence("Order Collected", _collected, Kind.BUYING),
    Sentence(
        "Receipt Claimed", about_order(N_("Showed the receipt %(order)s as their own")), Kind.BUYING
    ),
    Sentence("Payment Info Entered", _paying, Kind.BUYING),
    Sentence("Order Refunded", _refunded, Kind.BUYING),
)


REASONS = {
    "not collected": gettext_lazy("not collected"),
    "not paid": gettext_lazy("not paid"),
}
