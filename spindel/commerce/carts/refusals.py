"""What is refused of carts."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from spindel.kit.refusal import Said, refused

REFUSALS = {
    "no_store_said": refused(_("Say in which store.")),
    "bad_market": Said(_("A market is a country such as SE."), 422),
    "cart_changed": Said(
        _("The cart has changed meanwhile."),
        api="changed",
        page=_("The cart has changed meanwhile. This is what is in it now."),
    ),
    "no_such_goods": Said(
        _("This is not sold here."), 404, page=_("This is not sold in the customer’s market.")
    ),
    "cart_lines": refused(_("A cart has at most %(most)s lines.")),
    "code_denied": Said(_("The code was not accepted. %(why)s")),
    "too_many_codes_typed": refused(_("A cart has at most %(most)s codes.")),
    "too_many_tries": Said(_("Too many codes were tried. Wait ten minutes."), 429),
    "carts_apart": refused(_("The carts were taken apart already.")),
    "carts_one": refused(_("The carts are one already.")),
    "cart_not_open": refused(_("The cart is not open any more.")),
    "carts_gone": refused(_("The carts are not known any more.")),
    "nobody_there": Said(_("There is no such customer."), 404, api="no_such_customer"),
    "no_such_counter": Said(_("Nothing is handed over there."), 404, api="no_such_place"),
    "quote_changed": Said(
        _("The quote has changed meanwhile."),
        api="changed",
        page=_("Somebody has changed it meanwhile. This is how it is now; look at it first."),
    ),
}
