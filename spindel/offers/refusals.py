"""What is refused of offers and codes."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from spindel.kit.refusal import Said, refused

REFUSALS = {
    "no_such_offer": Said(_("There is no such offer."), 404),
    "offer_exists": refused(_("There is an offer of that name already: %(name)s. Take another.")),
    "offer_changed": Said(
        _("Somebody has changed the offer meanwhile. Look at what it says now, and change that."),
        409,
        api="changed",
    ),
    "offer_ended": refused(_("The offer has ended. Make a new one.")),
    "offer_was_given": refused(_("The offer was given already: it can be paused or ended.")),
    "offer_not_given": refused(_("Only an offer that is given can be sent to anybody.")),
    "offer_used_up": Said(
        _("An offer was used up meanwhile, so it costs something else now."), api="changed"
    ),
    "bad_terms": Said(_("These are no terms of an offer: %(why)s"), 422),
    "bad_code": refused(_("A code is %(least)s to %(most)s letters and digits.")),
    "code_taken": refused(_("Another offer has this code.")),
    "fee_twice": refused(_("Two fees are for the same goods.")),
    "fee_market": refused(_("There is no such market, or one pays with something else there.")),
    "no_such_price_promise": Said(_("There is no such promise."), 404),
    "promise_settled": refused(_("It was kept or has lapsed: it can't be taken back.")),
    "promise_over": refused(_("A promise has to hold for a while: choose a later day.")),
    "promise_too_long": refused(_("You may promise something for %(days)s days at most.")),
    "promises_enough": refused(
        _("You have promised %(most)s things in 24 hours: ask a colleague.")
    ),
    "promise_too_much": refused(_("You may promise %(percent)s %% less than it costs at most.")),
    "promise_too_large": refused(_("That is more off than you may promise.")),
    "promise_of_what": refused(_("Say which product the price is for.")),
    "not_promised_so": refused(_("Promise a price, an amount or per cent, in her currency.")),
    "no_such_code": Said(_("The offer has no such code."), 404),
    "no_such_list": Said(_("There is no such list."), 404),
    "bad_listed": Said(_("An identifier has a kind and a value, such as an e-mail address."), 422),
    "too_many_codes": refused(_("At most %(most)s codes are made at once.")),
}
