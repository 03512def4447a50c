"""What is refused to a shop, and to whoever shops there."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from spindel.kit.refusal import Said

REFUSALS = {
    "bad_browser": Said(_("This names no browser."), 422),
    "bad_back": Said(_("A path in the shop begins with one slash."), 422),
    "not_held_there": Said(_("This is not held there."), 404, api="no_such_goods"),
    "closed": Said(_("The store does not open again.")),
    "no_hold_of_yours": Said(_("Nothing like that is held for you."), 404, api="no_such_hold"),
    "not_held_any_more": Said(_("It is not held any more."), api="ended"),
    "no_purchase_of_yours": Said(
        _("You have no purchase with this number."), 404, api="no_such_order"
    ),
    "no_order_of_yours": Said(_("You have no order with this number."), 404, api="no_such_order"),
    "no_such_receipt": Said(_("There is no such receipt."), 404, api="no_such_order"),
}
