"""What is refused of quotes."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from spindel.kit.refusal import Said, refused

REFUSALS = {
    "no_such_quote": Said(_("There is no quote with this number."), 404),
    "quote_over": Said(
        _("The quote is %(state)s."),
        api="not_open",
        page=_("This can’t be done with it now."),
    ),
    "quote_not_as_seen": refused(
        _("It was changed since you opened it, so nothing is ordered yet. This is how it is now.")
    ),
    "quote_lacks": refused(
        _(
            "Nothing is ordered, as there is not enough: %(what)s. %(by)s is told, and can offer"
            " you something else."
        )
    ),
    "quote_not_now": refused(_("It can’t be ordered just now. Please get in touch with us.")),
    "quote_not_right": refused(
        _("Nothing is ordered: something in it is not right. %(by)s is told, and can put it right.")
    ),
    "quote_of_nobody": Said(_("Whoever it is for was forgotten."), api="forgotten"),
    "quote_for_nobody": refused(_("Say whom it is for: an e-mail address or a telephone number.")),
    "quoted_now": refused(_("What is quoted is sent, or collected later.")),
    "not_paid_so": refused(_("It can’t be paid in this way.")),
    "store_closed": refused(_("Goods are collected in a store that is open.")),
    "not_in_market": refused(_("Something of it is not sold in this market.")),
    "quote_words": refused(_("A name, an address or a number is too long, or can’t be read.")),
    "quote_note": refused(_("The note is too long, or can’t be read.")),
    "quote_language": refused(_("The languages are Swedish, Danish and English.")),
    "quote_in_the_past": refused(_("A quote ends in the future.")),
    "quote_too_long": refused(_("A quote is good for 90 days at most.")),
    "quote_held_too_long": refused(
        _("Goods are held for 14 days at most: let it end sooner, or hold nothing.")
    ),
    "quote_market": refused(_("A market is a country such as SE.")),
    "price_above": refused(_("A personal price is not above what everybody pays.")),
    "too_cheap": refused(_("This is less than you may ask for it.")),
    "no_address_in_quote": refused(_("There is no e-mail address in it.")),
}
