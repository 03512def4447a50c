"""Facts in words: the timeline as a diary rather than a log.

Every value of a fact is outside text: it is escaped, and cut where it is long. A fact with a name
that is not known here is told by its name and what it carries.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby

from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from spindel.kit.options import stored_text
from spindel.kit.templatetags.look import money_words, say_when
from spindel.timeline.reading import FactRow

Properties = Mapping[str, object]

# What the timeline can be narrowed to, and the facts that belong to it.
KINDS: dict[str, tuple[object, frozenset[str]]] = {
    "browsing": (
        gettext_lazy("Browsing"),
        frozenset(
            (
                "Page Viewed",
                "Screen Viewed",
                "Products Searched",
                "Product List Viewed",
                "Product List Filtered",
                "Promotion Viewed",
                "Promotion Clicked",
                "Product Clicked",
                "Product Viewed",
                "Ad Clicked",
            )
        ),
    ),
    "buying": (
        gettext_lazy("Cart and orders"),
        frozenset(
            (
                "Product Added",
                "Product Removed",
                "Product Saved",
                "Cart Viewed",
                "Cart Shared",
                "Cart Merged",
                "Cart Taken Apart",
                "Cart Abandoned",
                "Cart Recovered",
                "Product Added to Wishlist",
                "Product Removed from Wishlist",
                "Wishlist Product Added to Cart",
                "Product Back In Stock",
                "Checkout Started",
                "Checkout Step Viewed",
                "Checkout Step Completed",
                "Payment Info Entered",
                "Coupon Entered",
                "Coupon Applied",
                "Coupon Denied",
                "Coupon Removed",
                "Order Completed",
                "Order Updated",
                "Order Cancelled",
                "Order Shipped",
                "Order Collected",
                "Order Refunded",
                "Receipt Claimed",
                "Quote Sent",
                "Quote Changed",
                "Quote Accepted",
                "Quote Failed",
                "Quote Withdrawn",
                "Quote Expired",
                "Return Started",
                "Return Called Off",
                "Item Exchanged",
                "Item Returned",
                "Stock Reserved",
                "Reservation Extended",
                "Reservation Ready",
                "Reservation Put Back",
                "Reservation Released",
                "Reservation Expired",
                "Reservation Collected",
                "Reservation Failed",
            )
        ),
    ),
    "talking": (
        gettext_lazy("Conversations"),
        frozenset(
            (
                "Live Chat Conversation Started",
                "Live Chat Conversation Ended",
                "Live Chat Message Sent",
                "Live Chat Message Received",
                "Call Started",
                "Call Ended",
                "Product Reviewed",
            )
        ),
    ),
    "mail": (
        gettext_lazy("E-mails"),
        frozenset(
            (
                "Email Delivered",
                "Email Opened",
                "Email Link Clicked",
                "Email Bounced",
                "Email Marked as Spam",
                "Unsubscribed",
            )
        ),
    ),
    "notes": (gettext_lazy("Notes"), frozenset(("Note Written",))),
    "identity": (
        gettext_lazy("Who it is"),
        frozenset(
            (
                "Customer Identified",
                "Customer Aliased",
                "Group Joined",
                "Customers Merged",
                "Customer Split",
                "Trait Corrected",
                "Details Changed",
                "Signed In",
            )
        ),
    ),
}


def N_(message: str) -> str:
    """Mark a text for translation; it is translated where it is said."""
    return message


# --- values ---------------------------------------------------------------------------------------

_LONGEST = 140


def _text(value: object, longest: int = _LONGEST) -> str:
    """A value as text; nothing for what has parts."""
    if isinstance(value, bool) or value is None or isinstance(value, list | dict):
        return ""
    text = f"{value:g}" if isinstance(value, float) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _escaped(word: object) -> str:
    return conditional_escape(word if isinstance(word, str) else str(word))


def _say(message: str, **words: object) -> SafeString:
    """A translated sentence with outside words in it, escaped."""
    return mark_safe(  # noqa: S308 - each word is escaped, and the message is ours
        message % {name: _escaped(word) for name, word in words.items()}
    )


def _em(text: object) -> SafeString:
    return format_html("<em>{}</em>", text)


def _quoted(text: str) -> SafeString:
    return format_html("<q>{}</q>", text)


def _product(p: Properties) -> SafeString:
    """A product with its variant, emphasised: "Vinga, size 38"."""
    name = _text(p.get("name")) or _text(p.get("product_id")) or _text(p.get("sku"))
    variant = stored_text(_text(p.get("variant")))
    if not name:
        return format_html("{}", _("a product"))
    return _em(f"{name}, {variant}" if variant else name)


def _products(p: Properties) -> list[Properties]:
    listed = p.get("products")
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _all_products(p: Properties) -> SafeString:
    """The products in words: at most two by name, and how many more."""
    listed = _products(p)
    return _some([_product(one) for one in listed]) if listed else SafeString("")


def _some(names: Sequence[SafeString], most: int = 2) -> SafeString:
    if len(names) == 1:
        return names[0]
    if len(names) <= most:
        return _say(_("%(first)s and %(last)s"), first=_comma(names[:-1]), last=names[-1])
    more = len(names) - most
    return _say(
        ngettext("%(some)s and %(count)s more", "%(some)s and %(count)s more", more),
        some=_comma(names[:most]),
        count=more,
    )


def _comma(names: Sequence[SafeString]) -> SafeString:
    return mark_safe(", ".join(names))  # noqa: S308 - safe strings, joined


def _money(p: Properties, *names: str) -> str:
    for name in names:
        value = p.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return money_words(value, p.get("currency"))
    return ""


def _store(p: Properties) -> str:
    """The store's name; a bare code is made readable."""
    for name in ("store_name", "affiliation"):
        if text := _text(p.get(name)):
            return text
    return _text(p.get("store")).replace("-", " ").title()


def _moment(value: object) -> str:
    if not isinstance(value, str):
        return ""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return ""
    return say_when(moment) if moment.tzinfo else ""


def _minutes(p: Properties) -> str:
    seconds = p.get("duration")
    if not isinstance(seconds, int | float) or isinstance(seconds, bool):
        return ""
    minutes = max(1, min(round(seconds / 60), 100_000)) if seconds == seconds else 1
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}


def _with(sentence: SafeString, *details: object) -> SafeString:
    """The sentence, with what else is known of it behind."""
    told = [_escaped(detail) for detail in details if detail]
    return mark_safe(", ".join([sentence, *told]))  # noqa: S308 - all escaped


def times(count: int) -> str:
    """How often, as people say it."""
    words = {
        2: _("twice"),
        3: _("three times"),
        4: _("four times"),
        5: _("five times"),
        6: _("six times"),
    }
    return words.get(count) or ngettext("%(count)s time", "%(count)s times", count) % {
        "count": count
    }


# --- one fact -------------------------------------------------------------------------------------


def _page(p: Properties) -> SafeString:
    name = _text(p.get("name")) or _text(p.get("title")) or _text(p.get("path"))
    return (
        _say(_("Looked at the page %(page)s"), page=_em(name))
        if name
        else _say(_("Looked at a page"))
    )


def _screen(p: Properties) -> SafeString:
    name = _text(p.get("name"))
    return (
        _say(_("Looked at the screen %(screen)s"), screen=_em(name))
        if name
        else _say(_("Looked at a screen"))
    )


def _list(p: Properties) -> SafeString:
    name = _text(p.get("category")) or _text(p.get("list_id"))
    return (
        _say(_("Looked through %(category)s"), category=_em(name))
        if name
        else _say(_("Looked through a list"))
    )


def _viewed(p: Properties) -> SafeString:
    sentence = _say(_("Looked at %(product)s"), product=_product(p))
    sold_out = _text(p.get("availability")).lower() in ("sold out", "out of stock", "outofstock")
    return _with(sentence, _("which was sold out") if sold_out else "")


def _promotion(message: str) -> Callable[[Properties], SafeString]:
    return lambda p: _say(
        _(message), name=_em(_text(p.get("name")) or _text(p.get("promotion_id")) or "…")
    )


def _about_product(message: str) -> Callable[[Properties], SafeString]:
    return lambda p: _say(_(message), product=_product(p))


def _about_some(message: str) -> Callable[[Properties], SafeString]:
    """About a product, and how many where that is more than one."""

    def tell(p: Properties) -> SafeString:
        sentence, many = _say(_(message), product=_product(p)), p.get("quantity")
        if not isinstance(many, int) or isinstance(many, bool) or not 1 < many < 1_000_000:
            return sentence
        words = ngettext("%(count)s of it", "%(count)s of them", many)
        return _with(sentence, words % {"count": many})

    return tell


def _abandoned(p: Properties) -> SafeString:
    products = _all_products(p)
    if not products:
        return _say(_("Left the cart"))
    return _say(_("Left %(products)s in the cart"), products=products)


def _signed_in(p: Properties) -> SafeString:
    if _text(p.get("method")) == "link":
        return _say(_("Logged in at the shop, by a link in a mail"))
    return _say(_("Logged in at the shop"))


def _searched(p: Properties) -> SafeString:
    return _say(_("Searched for %(query)s"), query=_quoted(_text(p.get("query"))))


def _filtered(p: Properties) -> SafeString:
    listed = p.get("filters")
    filters = (
        [_text(one.get("value")) for one in listed if isinstance(one, dict)]
        if isinstance(listed, list)
        else []
    )
    return _with(
        _list(p),
        _say(_("only %(filters)s"), filters=", ".join(filters[:5])) if any(filters) else "",
    )


def _cart(p: Properties) -> SafeString:
    count = len(_products(p))
    if not count:
        return _say(_("Looked at the cart"))
    return _say(
        ngettext(
            "Looked at the cart, with %(count)s thing in it",
            "Looked at the cart, with %(count)s things in it",
            count,
        ),
        count=count,
    )


def _coupon(message: str) -> Callable[[Properties], SafeString]:
    def tell(p: Properties) -> SafeString:
        name = _text(p.get("coupon_name")) or _text(p.get("coupon")) or _text(p.get("coupon_id"))
        return _with(_say(_(message), coupon=_em(name)), _text(p.get("reason")))

    return tell


def _checkout(p: Properties) -> SafeString:
    return _with(_say(_("Went to the checkout")), _money(p, "value", "total", "revenue"))


def _step(message: str) -> Callable[[Properties], SafeString]:
    return lambda p: _with(
        _say(_(message), step=_text(p.get("step"))),
        _text(p.get("shipping_method")),
        _text(p.get("payment_method")),
    )


def _bought(p: Properties) -> SafeString:
    products, total = _all_products(p), _money(p, "total", "revenue", "value", "subtotal")
    order = _text(p.get("order_id"))
    if products:
        sentence = _say(_("Bought %(products)s"), products=products)
    elif order:
        sentence = _say(_("Placed the order %(order)s"), order=_em(order))
    else:
        sentence = _say(_("Placed an order"))
    if store := _store(p):
        sentence = _say(_("%(sentence)s in %(store)s"), sentence=sentence, store=store)
    return _with(sentence, total)


def _order(message: str) -> Callable[[Properties], SafeString]:
    return lambda p: _say(_(message), order=_em(_text(p.get("order_id")) or "…"))


def _changed(p: Properties) -> SafeString:
    money = _money(p, "total", "revenue", "value")
    told = _order(N_("The order %(order)s was changed"))(p)
    return _with(told, _say(_("now %(money)s"), money=money) if money else "")


def _cancelled(p: Properties) -> SafeString:
    return _with(_order(N_("The order %(order)s was cancelled"))(p), _reason(p))


def _shipped(p: Properties) -> SafeString:
    products, carrier = _all_products(p), _text(p.get("carrier"))
    if not products:
        return _with(_order(N_("A parcel of the order %(order)s is on its way"))(p), carrier)
    return _with(_say(_("A parcel with %(products)s is on its way"), products=products), carrier)


def _collected(p: Properties) -> SafeString:
    products = _all_products(p)
    if products:
        sentence = _say(_("Fetched %(products)s"), products=products)
    else:
        sentence = _order(N_("Fetched the order %(order)s"))(p)
    if store := _store(p):
        sentence = _say(_("%(sentence)s in %(store)s"), sentence=sentence, store=store)
    return sentence


def _paying(p: Properties) -> SafeString:
    order, method = _text(p.get("order_id")), _text(p.get("payment_method"))
    told = _say(_("Filled in how to pay"))
    if order:
        told = _say(_("Filled in how to pay for %(order)s"), order=_em(order))
    return _with(told, str(METHODS.get(method, method)))


# How orders are paid here, in words to read. Others are shown as they are.
METHODS = {
    "card": gettext_lazy("by card"),
    "invoice": gettext_lazy("by invoice"),
    "store": gettext_lazy("in the store"),
    "till": gettext_lazy("at the till"),
}


def _quote(message: str, *, until: bool = False) -> Callable[[Properties], SafeString]:
    """About goods that were offered at a price."""

    def tell(p: Properties) -> SafeString:
        goods = _all_products(p) or _em(_text(p.get("quote_id")) or "…")
        moment = _moment(p.get("until")) if until else ""
        return _with(
            _say(_(message), goods=goods),
            _money(p, "total"),
            _say(_("until %(moment)s"), moment=moment) if moment else "",
            _reason(p),
            _text(p.get("by")),
        )

    return tell


def _refunded(p: Properties) -> SafeString:
    money, order = _money(p, "total", "revenue", "value"), _text(p.get("order_id"))
    if money:
        return _say(_("Got %(money)s back for %(order)s"), money=money, order=_em(order or "…"))
    return _say(_("Got money back for %(order)s"), order=_em(order or "…"))


# What sources say of themselves in English, in words to read. Others are shown as they are.
REASONS = {
    "too small": gettext_lazy("too small"),
    "too large": gettext_lazy("too large"),
    "changed their mind": gettext_lazy("changed their mind"),
    "faulty": gettext_lazy("faulty"),
    "size": gettext_lazy("the size"),
    "stock": gettext_lazy("the stock"),
    "delivery": gettext_lazy("the delivery"),
    "return": gettext_lazy("a return"),
    "order": gettext_lazy("an order"),
    "complaint": gettext_lazy("a complaint"),
    "not collected": gettext_lazy("not collected"),
    "not paid": gettext_lazy("not paid"),
    "other": gettext_lazy("another reason"),
    "rung up by mistake": gettext_lazy("rung up by mistake"),
    "sold_out": gettext_lazy("sold out"),
    "changed": gettext_lazy("changed since"),
    "expired": gettext_lazy("its time was up"),
    "withdrawn": gettext_lazy("taken back before"),
    "not_right": gettext_lazy("something in it was not right"),
}


def _reason(p: Properties) -> str:
    text = _text(p.get("reason"))
    return str(REASONS.get(text, text))


def _return_started(p: Properties) -> SafeString:
    goods = _all_products(p) or _em(_text(p.get("order_id")) or "…")
    message = (
        _("Sends %(goods)s back") if p.get("method") == "parcel" else _("Brings %(goods)s back")
    )
    wanted = _text(p.get("wanted"))
    instead = _say(_("wants %(wanted)s instead"), wanted=wanted) if wanted else ""
    return _with(_say(message, goods=goods), _reason(p), instead)


def _exchanged(p: Properties) -> SafeString:
    before = stored_text(_text(p.get("returned_variant")))
    after = stored_text(_text(p.get("variant")))
    name = _text(p.get("name"))
    came = _text(p.get("returned_name")) or name
    if came == name:
        before, after = apart(before, after)
    else:
        after = f"{name}, {after}" if after else name
    if before and after:
        sentence = _say(
            _("Exchanged %(before)s for %(after)s"),
            before=_em(f"{came}, {before}" if came else before),
            after=_em(after),
        )
    else:
        sentence = _say(_("Exchanged %(product)s"), product=_product(p))
    if store := _store(p):
        sentence = _say(_("%(sentence)s in %(store)s"), sentence=sentence, store=store)
    return _with(sentence, _reason(p))


def apart(before: str, after: str) -> tuple[str, str]:
    """Of two variants only the parts in which they differ: "size 38" for "size 39"."""
    ours, theirs = re.split(" / |, ", before), re.split(" / |, ", after)
    if len(ours) != len(theirs) or before == after:
        return before, after
    differing = [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b]
    return " / ".join(a for a, _b in differing), " / ".join(b for _a, b in differing)


def _returned(p: Properties) -> SafeString:
    sentence = _say(_("Gave back %(product)s"), product=_product(p))
    if store := _store(p):
        sentence = _say(_("%(sentence)s in %(store)s"), sentence=sentence, store=store)
    return _with(sentence, _reason(p))


def _reserved(p: Properties) -> SafeString:
    words = {"product": _product(p), "store": _store(p), "until": _moment(p.get("until"))}
    if words["store"] and words["until"]:
        return _say(_("Reserved %(product)s in %(store)s until %(until)s"), **words)
    if words["store"]:
        return _say(_("Reserved %(product)s in %(store)s"), **words)
    return _say(_("Reserved %(product)s"), **words)


def _reviewed(p: Properties) -> SafeString:
    rating, body = _text(p.get("rating")), _text(p.get("review_body"))
    sentence = (
        _say(_("Gave %(rating)s of 5"), rating=rating) if rating else _say(_("Wrote a review"))
    )
    return _say("%(one)s: %(two)s", one=sentence, two=_quoted(body)) if body else sentence


def _visited(p: Properties) -> SafeString:
    store = _store(p)
    return _say(_("Came to %(store)s"), store=store) if store else _say(_("Came to a store"))


def _message(message: str, nobody: str) -> Callable[[Properties], SafeString]:
    def tell(p: Properties) -> SafeString:
        agent, body = _text(p.get("agent_name")), _text(p.get("message_body"), 400)
        told = _say(_(message), agent=agent) if agent else _say(_(nobody))
        return _say("%(one)s: %(two)s", one=told, two=_quoted(body)) if body else told

    return tell


def _chat(message: str, nobody: str) -> Callable[[Properties], SafeString]:
    def tell(p: Properties) -> SafeString:
        agent = _text(p.get("agent_name"))
        return _say(_(message), agent=agent) if agent else _say(_(nobody))

    return tell


def _called(p: Properties) -> SafeString:
    if _text(p.get("direction")) == "outbound":
        return _say(_("Was called"))
    return _say(_("Called"))


def _call_ended(p: Properties) -> SafeString:
    agent, reason = _text(p.get("agent_name")), _reason(p)
    if agent and reason:
        told = _say(_("Talked with %(agent)s about %(reason)s"), agent=agent, reason=reason)
    elif agent:
        told = _say(_("Talked with %(agent)s"), agent=agent)
    else:
        told = _say(_("Ended a call"))
    return _with(told, _minutes(p))


def _mail(message: str, nothing: str) -> Callable[[Properties], SafeString]:
    def tell(p: Properties) -> SafeString:
        subject = _text(p.get("email_subject")) or _text(p.get("campaign_name"))
        return _say(_(message), subject=_em(subject)) if subject else _say(_(nothing))

    return tell


def _ad(p: Properties) -> SafeString:
    network, campaign = _text(p.get("network")).title(), _text(p.get("campaign"))
    if network and campaign:
        return _say(
            _("Clicked an ad on %(network)s, %(campaign)s"), network=network, campaign=_em(campaign)
        )
    return _say(_("Clicked an ad"))


def _identified(p: Properties) -> SafeString:
    first, last = _text(p.get("first_name")) or _text(p.get("firstName")), ""
    last = _text(p.get("last_name")) or _text(p.get("lastName"))
    name = _text(p.get("name")) or f"{first} {last}".strip() or _text(p.get("email"))
    return (
        _say(_("Said who it is: %(name)s"), name=_em(name))
        if name
        else _say(_("Told something about themselves"))
    )


def _joined(p: Properties) -> SafeString:
    name = _text(p.get("name")) or _text(p.get("group_id"))
    return _say(_("Joined %(group)s"), group=_em(name)) if name else _say(_("Joined a group"))


def _by(message: str) -> Callable[[Properties], SafeString]:
    return lambda p: _say(_(message), by=_text(p.get("by")) or "…", name=_em(_text(p.get("name"))))


def _noted(p: Properties) -> SafeString:
    by, text = _text(p.get("by")) or "…", _text(p.get("text"), 2_000)
    return _say(_("%(by)s noted: %(text)s"), by=by, text=_em(text))


def _plain(message: str) -> Callable[[Properties], SafeString]:
    return lambda p: _say(_(message))


SENTENCES: dict[str, Callable[[Properties], SafeString]] = {
    "Page Viewed": _page,
    "Screen Viewed": _screen,
    "Products Searched": _searched,
    "Product List Viewed": _list,
    "Product List Filtered": _filtered,
    "Promotion Viewed": _promotion(N_("Saw the offer %(name)s")),
    "Promotion Clicked": _promotion(N_("Followed the offer %(name)s")),
    "Product Clicked": _about_product(N_("Clicked on %(product)s")),
    "Product Viewed": _viewed,
    "Product Added": _about_some(N_("Put %(product)s in the cart")),
    "Product Removed": _about_some(N_("Took %(product)s out of the cart")),
    "Product Saved": _about_product(N_("Saved %(product)s for later")),
    "Cart Viewed": _cart,
    "Cart Shared": _plain(N_("Shared the cart")),
    "Cart Merged": _plain(N_("Two carts became one")),
    "Cart Taken Apart": _plain(N_("What had become one cart was taken apart")),
    "Cart Abandoned": _abandoned,
    "Cart Recovered": _plain(N_("Came back to the cart")),
    "Product Shared": _about_product(N_("Shared %(product)s")),
    "Product Added to Wishlist": _about_product(N_("Put %(product)s on the wish list")),
    "Product Removed from Wishlist": _about_product(N_("Took %(product)s off the wish list")),
    "Wishlist Product Added to Cart": _about_product(
        N_("Moved %(product)s from the wish list to the cart")
    ),
    "Product Back In Stock": _about_product(N_("Was told that %(product)s is back")),
    "Checkout Started": _checkout,
    "Checkout Step Viewed": _step(N_("Came to step %(step)s of the checkout")),
    "Checkout Step Completed": _step(N_("Finished step %(step)s of the checkout")),
    "Payment Info Entered": _paying,
    "Coupon Entered": _coupon(N_("Entered the code %(coupon)s")),
    "Coupon Applied": _coupon(N_("Used the code %(coupon)s")),
    "Coupon Denied": _coupon(N_("The code %(coupon)s was not accepted")),
    "Coupon Removed": _coupon(N_("Took back the code %(coupon)s")),
    "Order Completed": _bought,
    "Order Updated": _changed,
    "Order Cancelled": _cancelled,
    "Order Shipped": _shipped,
    "Order Collected": _collected,
    "Order Refunded": _refunded,
    "Receipt Claimed": _order(N_("Showed the receipt %(order)s as their own")),
    "Quote Sent": _quote(N_("Was offered %(goods)s"), until=True),
    "Quote Changed": _quote(N_("The offer of %(goods)s was changed"), until=True),
    "Quote Accepted": _quote(N_("Accepted the offer of %(goods)s")),
    "Quote Failed": _quote(N_("Could not accept the offer of %(goods)s")),
    "Quote Withdrawn": _quote(N_("The offer of %(goods)s was taken back")),
    "Quote Expired": _quote(N_("The offer of %(goods)s has run out")),
    "Return Started": _return_started,
    "Return Called Off": _order(N_("Keeps what was to come back of %(order)s")),
    "Item Exchanged": _exchanged,
    "Item Returned": _returned,
    "Stock Reserved": _reserved,
    "Reservation Extended": _about_product(N_("Keeps %(product)s reserved for longer")),
    "Reservation Ready": _about_product(N_("The store has set %(product)s aside")),
    "Reservation Put Back": _about_product(N_("%(product)s does not lie ready after all")),
    "Reservation Released": _about_product(N_("The reservation of %(product)s was given up")),
    "Reservation Expired": _about_product(N_("The reservation of %(product)s has run out")),
    "Reservation Collected": _about_product(N_("Fetched %(product)s, which was reserved")),
    "Reservation Failed": _about_product(N_("The store could not find %(product)s")),
    "Product Reviewed": _reviewed,
    "Store Visited": _visited,
    "Live Chat Conversation Started": _chat(N_("Began a chat with %(agent)s"), N_("Began a chat")),
    "Live Chat Conversation Ended": _chat(
        N_("Ended the chat with %(agent)s"), N_("Ended the chat")
    ),
    "Live Chat Message Sent": _message(N_("Wrote to %(agent)s"), N_("Wrote")),
    "Live Chat Message Received": _message(N_("%(agent)s answered"), N_("Got an answer")),
    "Call Started": _called,
    "Call Ended": _call_ended,
    "Email Delivered": _mail(N_("Was sent %(subject)s"), N_("Was sent an e-mail")),
    "Email Opened": _mail(N_("Opened %(subject)s"), N_("Opened an e-mail")),
    "Email Link Clicked": _mail(
        N_("Followed a link in %(subject)s"), N_("Followed a link in an e-mail")
    ),
    "Email Bounced": _mail(
        N_("%(subject)s did not reach the customer"), N_("An e-mail did not reach the customer")
    ),
    "Email Marked as Spam": _mail(N_("Marked %(subject)s as spam"), N_("Marked an e-mail as spam")),
    "Unsubscribed": _plain(N_("Unsubscribed from the newsletter")),
    "Ad Clicked": _ad,
    "Application Installed": _plain(N_("Installed the app")),
    "Application Opened": _plain(N_("Opened the app")),
    "Application Updated": _plain(N_("Updated the app")),
    "Signed In": _signed_in,
    "Customer Identified": _identified,
    "Customer Aliased": _plain(N_("Was known by another id before")),
    "Group Joined": _joined,
    "Customers Merged": _by(N_("%(by)s merged two customers into this one")),
    "Customer Split": _by(N_("%(by)s split off another customer")),
    "Details Changed": _plain(N_("Changed their own details")),
    "Trait Corrected": _by(N_("%(by)s corrected %(name)s")),
    "Note Written": _noted,
}

_TELLING = ("name", "title", "product_id", "order_id", "value", "total", "category", "status")


def sentence(name: str, properties: Properties) -> SafeString:
    """What happened, as safe HTML in the page's language."""
    tell = SENTENCES.get(name)
    if tell is not None:
        return tell(properties)
    told = [
        f"{key} {text}"
        for key in (*_TELLING, *list(properties)[:20])
        if (text := _text(properties.get(key), 60))
    ]
    return _with(_quoted(_text(name)), *list(dict.fromkeys(told))[:3])


# --- like things in a row -------------------------------------------------------------------------


@dataclass(slots=True)
class Line:
    """A line of the diary: one fact, or several that belong together, newest first."""

    facts: list[FactRow]
    text: SafeString
    lines: list[Line] = field(default_factory=list)

    @property
    def newest(self) -> FactRow:
        """The fact that gives the line its time, channel and source."""
        return self.facts[0]

    @property
    def key(self) -> str:
        """The same for a line that has grown at its newest end."""
        return f"f-{self.facts[-1].id}"


@dataclass(frozen=True, slots=True)
class Day:
    """The lines of one day in the shop's time zone."""

    date: date
    lines: list[Line]


_VISIT = timedelta(minutes=30)
_BROWSING = frozenset(
    (
        "Page Viewed",
        "Screen Viewed",
        "Products Searched",
        "Product List Viewed",
        "Product List Filtered",
        "Product Clicked",
        "Product Viewed",
        "Promotion Viewed",
        "Cart Viewed",
    )
)
_CHATTING = frozenset(
    (
        "Live Chat Conversation Started",
        "Live Chat Conversation Ended",
        "Live Chat Message Sent",
        "Live Chat Message Received",
    )
)


def _likeness(fact: FactRow) -> tuple[str, ...]:
    """What facts have in common that fold into one line."""
    if fact.name in _BROWSING:
        return ("browsing", fact.channel)
    if fact.name in _CHATTING:
        return ("chat", _text(fact.properties.get("conversation_id")))
    if fact.name in ("Call Started", "Call Ended"):
        return ("call", _text(fact.properties.get("call_id")) or str(fact.id))
    about = (
        "product_id",
        "sku",
        "order_id",
        "quote_id",
        "email_id",
        "campaign_id",
        "store",
        "coupon_id",
    )
    return (
        fact.name,
        fact.channel,
        *(_text(fact.properties.get(key)) for key in about),
    )


def _belongs(fact: FactRow, line: list[FactRow]) -> bool:
    earlier_in_line = line[-1]
    return (
        _likeness(fact) == _likeness(earlier_in_line)
        and earlier_in_line.occurred_at - fact.occurred_at <= _VISIT
        and _day(fact) == _day(earlier_in_line)
    )


def _day(fact: FactRow) -> date:
    return timezone.localtime(fact.occurred_at).date()


def fold(facts: Iterable[FactRow]) -> list[Line]:
    """The facts, newest first, as lines; like things in a row become one that opens."""
    groups: list[list[FactRow]] = []
    for fact in facts:
        if groups and _belongs(fact, groups[-1]):
            groups[-1].append(fact)
        else:
            groups.append([fact])
    return [_line(group) for group in groups]


def _line(facts: list[FactRow]) -> Line:
    single = [Line([fact], sentence(fact.name, fact.properties)) for fact in facts]
    if len(facts) == 1:
        return single[0]
    likeness = _likeness(facts[0])[0]
    if likeness == "browsing":
        text = _browsing(facts)
    elif likeness == "chat":
        text = _conversation(facts)
    elif likeness == "call":
        text = single[0].text
    else:
        text = _with(single[0].text, times(len(facts)))
    return Line(facts, text, single)


def _browsing(facts: list[FactRow]) -> SafeString:
    """What a visit was about: what was searched for and looked at, in the order it happened."""
    in_order = facts[::-1]
    products = [str(_product(f.properties)) for f in in_order if f.name == "Product Viewed"]
    if len(set(products)) == 1:
        seen = _say(_("Looked at %(product)s"), product=mark_safe(products[0]))  # noqa: S308 - from _product
        return _with(seen, times(len(products)) if len(products) > 1 else "")
    if products:
        distinct = [mark_safe(one) for one in dict.fromkeys(products)]  # noqa: S308 - from _product
        return _say(_("Looked at %(product)s"), product=_some(distinct))
    for fact in in_order:
        if fact.name == "Products Searched":
            return _searched(fact.properties)
    pages = [
        str(_em(name))
        for f in in_order
        if (name := _text(f.properties.get("name")) or _text(f.properties.get("category")))
        and f.name != "Promotion Viewed"
    ]
    if not pages:
        return _say(_("Looked around"))
    distinct = [mark_safe(one) for one in dict.fromkeys(pages)]  # noqa: S308 - from _em
    return _say(_("Looked around: %(pages)s"), pages=_some(distinct, 3))


def _conversation(facts: list[FactRow]) -> SafeString:
    messages = sum(fact.name.startswith("Live Chat Message") for fact in facts)
    agent = next((name for f in facts if (name := _text(f.properties.get("agent_name")))), "")
    told = _say(_("Chatted with %(agent)s"), agent=agent) if agent else _say(_("Chatted"))
    if not messages:
        return told
    return _with(
        told, ngettext("%(count)s message", "%(count)s messages", messages) % {"count": messages}
    )


def by_day(facts: Iterable[FactRow]) -> list[Day]:
    """The lines of the facts, grouped by day, newest first."""
    lines = fold(facts)
    return [Day(day, list(of_day)) for day, of_day in groupby(lines, lambda x: _day(x.newest))]
