"""Carts, and the way to the order, in sentences."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from spindel.offers import explaining
from spindel.timeline import phrases
from spindel.timeline.diary import Kind, Sentence
from spindel.timeline.phrases import N_, Properties
from spindel.timeline.sentences import VISIT


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
        why = phrases.text(p.get("reason"))
        return phrases.detailed(
            phrases.say(_(message), coupon=phrases.em(name)), explaining.reason(why) or why
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


SENTENCES = (
    Sentence(
        "Product Added",
        phrases.about_some(N_("Put %(product)s in the cart")),
        Kind.BUYING,
        of_things=True,
    ),
    Sentence(
        "Product Removed",
        phrases.about_some(N_("Took %(product)s out of the cart")),
        Kind.BUYING,
        of_things=True,
    ),
    Sentence(
        "Product Saved",
        phrases.about_product(N_("Saved %(product)s for later")),
        Kind.BUYING,
        of_things=True,
    ),
    Sentence("Cart Viewed", _cart, Kind.BUYING, together=VISIT, of_things=True),
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
