"""Carts, orders and what becomes of them, in sentences: one list for each subject."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from spindel.kit.options import stored_text
from spindel.timeline import phrases
from spindel.timeline.diary import Kind, Sentence
from spindel.timeline.phrases import N_, Properties
from spindel.timeline.sentences import VISIT

# --- carts, and the way to the order --------------------------------------------------------------


def _abandoned(p: Properties) -> SafeString:
    products = phrases.goods(p)
    if not products:
        return phrases.say(_("Left the cart"))
    return phrases.say(_("Left %(products)s in the cart"), products=products)


def _cart(p: Properties) -> SafeString:
    count = len(phrases.products(p))
    if not count:
        return phrases.say(_("Looked at the cart"))
    return phrases.say(
        ngettext(
            "Looked at the cart, with %(count)s thing in it",
            "Looked at the cart, with %(count)s things in it",
            count,
        ),
        count=count,
    )


def _coupon(message: str) -> Callable[[Properties], SafeString]:
    def tell(p: Properties) -> SafeString:
        name = (
            phrases.text(p.get("coupon_name"))
            or phrases.text(p.get("coupon"))
            or phrases.text(p.get("coupon_id"))
        )
        return phrases.detailed(
            phrases.say(_(message), coupon=phrases.em(name)), phrases.text(p.get("reason"))
        )

    return tell


def _checkout(p: Properties) -> SafeString:
    return phrases.detailed(
        phrases.say(_("Went to the checkout")), phrases.money(p, "value", "total", "revenue")
    )


def _step(message: str) -> Callable[[Properties], SafeString]:
    return lambda p: phrases.detailed(
        phrases.say(_(message), step=phrases.text(p.get("step"))),
        phrases.text(p.get("shipping_method")),
        phrases.text(p.get("payment_method")),
    )


CARTS = (
    Sentence("Product Added", phrases.about_some(N_("Put %(product)s in the cart")), Kind.BUYING),
    Sentence(
        "Product Removed", phrases.about_some(N_("Took %(product)s out of the cart")), Kind.BUYING
    ),
    Sentence(
        "Product Saved", phrases.about_product(N_("Saved %(product)s for later")), Kind.BUYING
    ),
    Sentence("Cart Viewed", _cart, Kind.BUYING, together=VISIT),
    Sentence("Cart Shared", phrases.plain(N_("Shared the cart")), Kind.BUYING),
    Sentence("Cart Merged", phrases.plain(N_("Two carts became one")), Kind.BUYING),
    Sentence(
        "Cart Taken Apart",
        phrases.plain(N_("What had become one cart was taken apart")),
        Kind.BUYING,
    ),
    Sentence("Cart Abandoned", _abandoned, Kind.BUYING),
    Sentence("Cart Recovered", phrases.plain(N_("Came back to the cart")), Kind.BUYING),
    Sentence("Checkout Started", _checkout, Kind.BUYING),
    Sentence(
        "Checkout Step Viewed", _step(N_("Came to step %(step)s of the checkout")), Kind.BUYING
    ),
    Sentence(
        "Checkout Step Completed", _step(N_("Finished step %(step)s of the checkout")), Kind.BUYING
    ),
    Sentence("Coupon Entered", _coupon(N_("Entered the code %(coupon)s")), Kind.BUYING),
    Sentence("Coupon Applied", _coupon(N_("Used the code %(coupon)s")), Kind.BUYING),
    Sentence("Coupon Denied", _coupon(N_("The code %(coupon)s was not accepted")), Kind.BUYING),
    Sentence("Coupon Removed", _coupon(N_("Took back the code %(coupon)s")), Kind.BUYING),
)

# --- wishes ---------------------------------------------------------------------------------------

WISHES = (
    Sentence(
        "Product Added to Wishlist",
        phrases.about_product(N_("Put %(product)s on the wish list")),
        Kind.BUYING,
    ),
    Sentence(
        "Product Removed from Wishlist",
        phrases.about_product(N_("Took %(product)s off the wish list")),
        Kind.BUYING,
    ),
    Sentence(
        "Wishlist Product Added to Cart",
        phrases.about_product(N_("Moved %(product)s from the wish list to the cart")),
        Kind.BUYING,
    ),
    Sentence(
        "Product Back In Stock",
        phrases.about_product(N_("Was told that %(product)s is back")),
        Kind.BUYING,
    ),
)

# --- orders ---------------------------------------------------------------------------------------


def _order(message: str) -> Callable[[Properties], SafeString]:
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
    told = _order(N_("The order %(order)s was changed"))(p)
    return phrases.detailed(told, phrases.say(_("now %(money)s"), money=money) if money else "")


def _cancelled(p: Properties) -> SafeString:
    return phrases.detailed(_order(N_("The order %(order)s was cancelled"))(p), phrases.reason(p))


def _shipped(p: Properties) -> SafeString:
    products, carrier = phrases.goods(p), phrases.text(p.get("carrier"))
    if not products:
        return phrases.detailed(
            _order(N_("A parcel of the order %(order)s is on its way"))(p), carrier
        )
    return phrases.detailed(
        phrases.say(_("A parcel with %(products)s is on its way"), products=products), carrier
    )


def _collected(p: Properties) -> SafeString:
    products = phrases.goods(p)
    if products:
        sentence = phrases.say(_("Fetched %(products)s"), products=products)
    else:
        sentence = _order(N_("Fetched the order %(order)s"))(p)
    return phrases.in_store(sentence, p)


ORDERS = (
    Sentence("Order Completed", _bought, Kind.BUYING),
    Sentence("Order Updated", _changed, Kind.BUYING),
    Sentence("Order Cancelled", _cancelled, Kind.BUYING),
    Sentence("Order Shipped", _shipped, Kind.BUYING),
    Sentence("Order Collected", _collected, Kind.BUYING),
    Sentence(
        "Receipt Claimed", _order(N_("Showed the receipt %(order)s as their own")), Kind.BUYING
    ),
)

# --- payments -------------------------------------------------------------------------------------


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


PAYMENTS = (
    Sentence("Payment Info Entered", _paying, Kind.BUYING),
    Sentence("Order Refunded", _refunded, Kind.BUYING),
)

# --- quotes ---------------------------------------------------------------------------------------


def _quote(message: str, *, until: bool = False) -> Callable[[Properties], SafeString]:
    """About goods that were offered at a price."""

    def tell(p: Properties) -> SafeString:
        goods = phrases.goods(p) or phrases.em(phrases.text(p.get("quote_id")) or "…")
        moment = phrases.moment(p.get("until")) if until else ""
        return phrases.detailed(
            phrases.say(_(message), goods=goods),
            phrases.money(p, "total"),
            phrases.say(_("until %(moment)s"), moment=moment) if moment else "",
            phrases.reason(p),
            phrases.text(p.get("by")),
        )

    return tell


QUOTES = (
    Sentence("Quote Sent", _quote(N_("Was offered %(goods)s"), until=True), Kind.BUYING),
    Sentence(
        "Quote Changed", _quote(N_("The offer of %(goods)s was changed"), until=True), Kind.BUYING
    ),
    Sentence("Quote Accepted", _quote(N_("Accepted the offer of %(goods)s")), Kind.BUYING),
    Sentence("Quote Failed", _quote(N_("Could not accept the offer of %(goods)s")), Kind.BUYING),
    Sentence("Quote Withdrawn", _quote(N_("The offer of %(goods)s was taken back")), Kind.BUYING),
    Sentence("Quote Expired", _quote(N_("The offer of %(goods)s has run out")), Kind.BUYING),
)

# --- returns --------------------------------------------------------------------------------------


def _return_started(p: Properties) -> SafeString:
    goods = phrases.goods(p) or phrases.em(phrases.text(p.get("order_id")) or "…")
    message = (
        _("Sends %(goods)s back") if p.get("method") == "parcel" else _("Brings %(goods)s back")
    )
    wanted = phrases.text(p.get("wanted"))
    instead = phrases.say(_("wants %(wanted)s instead"), wanted=wanted) if wanted else ""
    return phrases.detailed(phrases.say(message, goods=goods), phrases.reason(p), instead)


def _exchanged(p: Properties) -> SafeString:
    before = stored_text(phrases.text(p.get("returned_variant")))
    after = stored_text(phrases.text(p.get("variant")))
    name = phrases.text(p.get("name"))
    came = phrases.text(p.get("returned_name")) or name
    if came == name:
        before, after = phrases.apart(before, after)
    else:
        after = f"{name}, {after}" if after else name
    if before and after:
        sentence = phrases.say(
            _("Exchanged %(before)s for %(after)s"),
            before=phrases.em(f"{came}, {before}" if came else before),
            after=phrases.em(after),
        )
    else:
        sentence = phrases.say(_("Exchanged %(product)s"), product=phrases.product(p))
    return phrases.detailed(phrases.in_store(sentence, p), phrases.reason(p))


def _returned(p: Properties) -> SafeString:
    sentence = phrases.say(_("Gave back %(product)s"), product=phrases.product(p))
    return phrases.detailed(phrases.in_store(sentence, p), phrases.reason(p))


RETURNS = (
    Sentence("Return Started", _return_started, Kind.BUYING),
    Sentence(
        "Return Called Off", _order(N_("Keeps what was to come back of %(order)s")), Kind.BUYING
    ),
    Sentence("Item Exchanged", _exchanged, Kind.BUYING),
    Sentence("Item Returned", _returned, Kind.BUYING),
)

# --- what is kept in stores -----------------------------------------------------------------------


def _reserved(p: Properties) -> SafeString:
    words = {
        "product": phrases.product(p),
        "store": phrases.store(p),
        "until": phrases.moment(p.get("until")),
    }
    if words["store"] and words["until"]:
        return phrases.say(_("Reserved %(product)s in %(store)s until %(until)s"), **words)
    if words["store"]:
        return phrases.say(_("Reserved %(product)s in %(store)s"), **words)
    return phrases.say(_("Reserved %(product)s"), **words)


STOCK = (
    Sentence("Stock Reserved", _reserved, Kind.BUYING),
    Sentence(
        "Reservation Extended",
        phrases.about_product(N_("Keeps %(product)s reserved for longer")),
        Kind.BUYING,
    ),
    Sentence(
        "Reservation Ready",
        phrases.about_product(N_("The store has set %(product)s aside")),
        Kind.BUYING,
    ),
    Sentence(
        "Reservation Put Back",
        phrases.about_product(N_("%(product)s does not lie ready after all")),
        Kind.BUYING,
    ),
    Sentence(
        "Reservation Released",
        phrases.about_product(N_("The reservation of %(product)s was given up")),
        Kind.BUYING,
    ),
    Sentence(
        "Reservation Expired",
        phrases.about_product(N_("The reservation of %(product)s has run out")),
        Kind.BUYING,
    ),
    Sentence(
        "Reservation Collected",
        phrases.about_product(N_("Fetched %(product)s, which was reserved")),
        Kind.BUYING,
    ),
    Sentence(
        "Reservation Failed",
        phrases.about_product(N_("The store could not find %(product)s")),
        Kind.BUYING,
    ),
)

# --- shoppers -------------------------------------------------------------------------------------


def _signed_in(p: Properties) -> SafeString:
    if phrases.text(p.get("method")) == "link":
        return phrases.say(_("Logged in at the shop, by a link in a mail"))
    return phrases.say(_("Logged in at the shop"))


SHOPPERS = (Sentence("Signed In", _signed_in, Kind.IDENTITY),)


_OF_ORDERS = {
    "not collected": gettext_lazy("not collected"),
    "not paid": gettext_lazy("not paid"),
}
_OF_RETURNS = {
    "too small": gettext_lazy("too small"),
    "too large": gettext_lazy("too large"),
    "changed their mind": gettext_lazy("changed their mind"),
    "faulty": gettext_lazy("faulty"),
    "other": gettext_lazy("another reason"),
    "rung up by mistake": gettext_lazy("rung up by mistake"),
}
_OF_QUOTES = {
    "sold_out": gettext_lazy("sold out"),
    "changed": gettext_lazy("changed since"),
    "expired": gettext_lazy("its time was up"),
    "withdrawn": gettext_lazy("taken back before"),
    "not_right": gettext_lazy("something in it was not right"),
}
REASONS = {**_OF_ORDERS, **_OF_RETURNS, **_OF_QUOTES}


SENTENCES = (
    *CARTS,
    *WISHES,
    *ORDERS,
    *PAYMENTS,
    *QUOTES,
    *RETURNS,
    *STOCK,
    *SHOPPERS,
)
