"""What is refused of orders."""

from __future__ import annotations

from functools import partial

from django.utils.translation import gettext_noop as _

from spindel.kit.refusal import Said, refused

_contact = partial(Said, status=422, api="bad_contact")
_payment = partial(Said, status=422, api="bad_payment")

REFUSALS = {
    "nothing_collected_there": refused(_("Nothing is collected there.")),
    "bad_before": Said(_("Take `before` from the page before."), 422, api="bad_cursor"),
    "not_mailed": _contact(_("%(why)s")),
    "dearer": Said(_("The price has changed."), api="changed"),
    "no_such_order": Said(_("There is no order with this number."), 404),
    "no_such_shipment": Said(_("The order has no such parcel."), 404),
    "no_such_line": refused(_("The order has no such line.")),
    "not_left_to_cancel": refused(_("So many are not left to cancel.")),
    "left_meanwhile": refused(
        _("Some of it has left meanwhile, so nothing was cancelled. You can bring it back instead.")
    ),
    "nothing_waits_here": refused(_("Nothing of the order waits here.")),
    "not_so_many_wait": refused(_("So many of it do not wait here.")),
    "order_changed": refused(_("The order has changed meanwhile. Look at it again.")),
    "order_cancelled": refused(_("The order was cancelled.")),
    "not_to_be_sent": refused(_("Only an order that is settled, and not over, is sent.")),
    "not_to_be_handed_over": refused(
        _("Only an order that is settled, and not over, is handed over.")
    ),
    "hand_over_undone": refused(_("It was not handed over after all: somebody has undone it.")),
    "leaves_otherwise": refused(
        _("What is to be sent is sent, and what is to be collected is handed over.")
    ),
    "keeping_over": refused(_("It was kept until a moment that is over.")),
    "sent_already": refused(_("What was sent comes back as a return.")),
    "back_since": refused(_("Some of it has come back since.")),
    "not_of_today": refused(
        _("Only a sale of today at this counter is undone. Take it back instead.")
    ),
    "buyer_unknown": refused(_("Whoever bought this is not known any more.")),
    "claimed_already": refused(_("The receipt is on somebody’s page already.")),
    "cart_empty": refused(_("The cart is empty.")),
    "over_the_counter": refused(_("Over a counter goods are handed over in the store.")),
    "receipt_number_taken": refused(_("Another receipt has this number.")),
    "credit_below_zero": refused(_("A credit is not below zero.")),
    "paid_over_counter": refused(
        _("What is handed over now is paid over the counter, or by invoice.")
    ),
    "paid_in_store": refused(_("Only what is collected in a store can be paid there.")),
    "nothing_to_order": refused(_("There is nothing to order.")),
    "order_lines": refused(_("An order has at most %(most)s lines.")),
    "line_quantity": refused(_("A quantity is 1 to 999.")),
    "sent_or_from_place": refused(_("Goods are sent, or come from a place.")),
    "no_goods": refused(_("There are no such goods.")),
    "not_sold": refused(_("%(name)s is not sold any more.")),
    "no_address_in_order": refused(_("There is no e-mail address in this order.")),
    "no_list_name": refused(_("Give it a name.")),
    "list_too_long": refused(_("This filter is too long to be saved.")),
    "lists_full": refused(_("You have saved 30 lists. Remove one first.")),
    "cards_not_taken": _payment(_("Cards are not taken here.")),
    "no_mail_to_pay": _contact(_("Say to which e-mail address the link to pay is sent.")),
    "other_currency": refused(_("It was bought in a currency that nobody pays with here.")),
    "not_vouched_for": refused(
        _("What nobody vouches for, or was cancelled, does not come back here.")
    ),
    "not_known_enough": refused(_("Nothing of it is known well enough to come back here.")),
}
