"""What is refused of paying."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from spindel.kit.refusal import Said, refused

REFUSALS = {
    "nothing_to_pay": refused(_("There is nothing to pay here any more.")),
    "nothing_to_ask_for": refused(
        _("There is nothing to ask for."), page=_("It was done, or is being asked for already.")
    ),
    "no_such_gift_card": refused(
        _("There is no such gift card, or it does not pay here any more. Is it spelled right?")
    ),
    "too_many_gift_cards": Said(
        _("Too many gift cards were tried that are none. Wait ten minutes."), 429
    ),
    "gift_card_amount": refused(_("Say how much is on a card, and how many are made.")),
    "gift_card_over": refused(_("A gift card has to pay for a while: choose a later day.")),
    "gift_cards_made": Said(
        _("These gift cards were made already, and their codes were answered then."), 409
    ),
    "asked_already": refused(_("It was done, or is being asked for already.")),
}
