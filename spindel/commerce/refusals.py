"""What is refused of stock, carts, orders and what becomes of them, room by room."""

from __future__ import annotations

from functools import partial

from django.utils.translation import gettext_noop as _

from spindel.kit.refusal import Said, refused

_contact = partial(Said, status=422, api="bad_contact")
_address = partial(Said, status=422, api="bad_address")
_payment = partial(Said, status=422, api="bad_payment")

_COMMON = {
    "no_lines": refused(_("There are no lines.")),
    "no_quantity": refused(_("A quantity is 1 or more.")),
    "quantity_too_large": refused(_("A quantity is at most %(most)s.")),
    "no_store_said": refused(_("Say in which store.")),
    "no_such_store": refused(_("There is no such store.")),
    "nothing_collected_there": refused(_("Nothing is collected there.")),
    "not_collected_in_market": refused(
        _(
            "Goods are collected in the country whose prices they have: choose a store there, or"
            " change the country, and so the prices."
        )
    ),
    "not_sent_in_market": refused(
        _(
            "Goods are sent within the country whose prices they have: give an address there, or"
            " change the country, and so the prices."
        )
    ),
    "bad_market": Said(_("A market is a country such as SE."), 422),
    "bad_identifier": Said(
        _("Write kind:value, such as email:anna@example.com or phone:+46701740605."), 422
    ),
    "bad_before": Said(_("Take `before` from the page before."), 422, api="bad_cursor"),
    "no_such_variant": Said(_("There is no variant %(names)s."), 404),
    "no_such_place": Said(_("There is no place %(names)s."), 404),
    "no_such_link": Said(_("There is nothing behind this link."), 404),
    "no_reach": _contact(_("An e-mail address or a telephone number is needed.")),
    "no_name": _contact(_("Say who it is for: a name is needed.")),
    "no_phone": _contact(_("This is no telephone number.")),
    "not_mailed": _contact(_("%(why)s")),
    "no_such_country": _address(_("There is no such country.")),
    "no_street": _address(_("Say where it is to be sent: the street is needed.")),
    "no_postcode": _address(_("Say where it is to be sent: the postcode is needed.")),
    "odd_postcode": _address(_("This is no postcode there; they look like %(example)s.")),
    "no_city": _address(_("Say where it is to be sent: the city is needed.")),
}

_STOCK = {
    "not_enough_to_hold": Said(
        _("There is not enough; nothing is held."),
        api="not_enough",
        page=_("There is not enough, so nothing was done."),
    ),
    "no_store_has_it": refused(_("No store has it any more.")),
    "no_such_hold": Said(_("There is no hold with this id."), 404),
    "no_such_promise": Said(_("There is no such promise."), 404),
    "promise_of_nobody": refused(_("It is not known any more for whom it was.")),
    "ended": Said(
        _("The hold has ended: it is %(state)s."), page=_("This hold has ended: %(state)s.")
    ),
    "bad_until": Said(
        _("Write hour, tomorrow, a date on which the place is open, or a moment."), 422
    ),
    "hold_lines": refused(_("A reservation has at most %(most)s lines.")),
    "hold_over": refused(_("A hold ends in the future.")),
    "hold_too_long": refused(_("A hold ends within %(days)s days.")),
    "extended_enough": refused(_("It was extended %(times)s times already.")),
    "held_anyway": refused(_("It is held until then anyway.")),
    "held_too_long": refused(_("It can be held for %(days)s days at most.")),
    "not_let_go": refused(_("It was not let go of.")),
    "not_missing": refused(_("It is not missing any more.")),
    "held_for_order": refused(_("It is kept for an order: go by the order.")),
    "bad_row": Said(_("%(why)s"), 422, api="invalid"),
    "no_row": Said(_("No row was taken in. %(rows)s")),
    "no_movement": refused(_("A movement is one of %(ways)s.")),
    "movement_quantity": refused(_("A quantity is 1 to %(most)s.")),
    "no_transfer": refused(_("A transfer, and nothing else, goes to another place.")),
    "too_many_movements": refused(_("At most %(most)s at a time.")),
    "count_quantity": refused(_("A count is 0 to %(most)s.")),
    "level_too_large": refused(_("The level would be more than can be said.")),
    "counted_just_now": refused(_("Somebody else has counted it just now.")),
    "not_counted": refused(_("It was not counted.")),
    "counted_since": refused(_("It was counted again since.")),
}

_CARTS = {
    "cart_changed": Said(
        _("The cart has changed meanwhile."),
        api="changed",
        page=_("The cart has changed meanwhile. This is what is in it now."),
    ),
    "no_such_goods": Said(
        _("This is not sold here."), 404, page=_("This is not sold in the customer’s market.")
    ),
    "cart_lines": refused(_("A cart has at most %(most)s lines.")),
    "carts_apart": refused(_("The carts were taken apart already.")),
    "carts_one": refused(_("The carts are one already.")),
    "cart_not_open": refused(_("The cart is not open any more.")),
    "carts_gone": refused(_("The carts are not known any more.")),
    "nobody_there": Said(_("There is no such customer."), 404, api="no_such_customer"),
    "no_such_counter": Said(_("Nothing is handed over there."), 404, api="no_such_place"),
}

_WISHES = {
    "wishes_full": refused(_("A wish list has at most %(count)s things.")),
}

_ORDERS = {
    "not_enough": Said(_("There is not enough; nothing was ordered.")),
    "dearer": Said(_("The price has changed."), api="changed"),
    "no_such_order": Said(_("There is no order with this number."), 404),
    "no_such_shipment": Said(_("The order has no such parcel."), 404),
    "no_such_line": refused(_("The order has no such line.")),
    "not_left_to_cancel": refused(_("So many are not left to cancel.")),
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
    "not_sold_now": refused(_("This is not sold any more.")),
    "not_sold": refused(_("%(name)s is not sold any more.")),
    "no_address_in_order": refused(_("There is no e-mail address in this order.")),
    "no_list_name": refused(_("Give it a name.")),
    "list_too_long": refused(_("This filter is too long to be saved.")),
    "lists_full": refused(_("You have saved 30 lists. Remove one first.")),
}

_PAYMENTS = {
    "nothing_to_pay": refused(_("There is nothing to pay here any more.")),
    "nothing_to_ask_for": refused(
        _("There is nothing to ask for."), page=_("It was done, or is being asked for already.")
    ),
    "asked_already": refused(_("It was done, or is being asked for already.")),
    "not_paid_in_store": _payment(_("What is sent can’t be paid in a store.")),
    "cards_not_taken": _payment(_("Cards are not taken here.")),
    "no_mail_to_pay": _contact(_("Say to which e-mail address the link to pay is sent.")),
}

_QUOTES = {
    "no_such_quote": Said(_("There is no quote with this number."), 404),
    "quote_changed": Said(
        _("The quote has changed meanwhile."),
        api="changed",
        page=_("Somebody has changed it meanwhile. This is how it is now; look at it first."),
    ),
    "quote_over": Said(
        _("The quote is %(state)s."),
        api="not_open",
        page=_("This can’t be done with it now."),
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

_RETURNS = {
    "no_such_return": Said(_("There is no return with this number."), 404),
    "differs": Said(_("The price has changed."), api="changed"),
    "against_policy": Said(_("The policy for returns says no."), api="policy"),
    "may_not_overrule": refused(
        _("You may not overrule the policy for returns. Ask somebody who may.")
    ),
    "policy_days": refused(
        _("Goods are taken back for 0 to 3,650 days."),
        page=_("Goods are taken back for ten years at most."),
    ),
    "nothing_comes_back": refused(_("Say what comes back.")),
    "no_reason": refused(_("Say why it comes back.")),
    "too_many_returns": refused(_("So many returns of one order are not started.")),
    "nothing_by_parcel": refused(_("Nothing is sent back by parcel here: bring it to a store.")),
    "nowhere_to_send": refused(
        _("The order has no address to send anything to: fetch it in a store.")
    ),
    "back_already": refused(_("It came back already.")),
    "return_not_under_way": refused(
        _("This return is not on its way any more: it was taken in, or called off.")
    ),
    "started_already": refused(
        _("So many of it do not come back: look at what was started already.")
    ),
    "not_out": refused(_("So many of it are not out any more: they came back already.")),
    "not_so_many_back": refused(_("So many of it can not come back.")),
    "not_handed_over": refused(_("This was not handed over yet. Cancel it instead.")),
    "goods_from_here": refused(_("What is handed over now comes from this store.")),
    "exchange_payment": refused(
        _("What it costs more is paid over the counter, by invoice, or by card.")
    ),
    "no_condition": refused(_("Goods are good, or damaged.")),
    "other_currency": refused(_("It was bought in a currency that nobody pays with here.")),
    "not_vouched_for": refused(
        _("What nobody vouches for, or was cancelled, does not come back here.")
    ),
    "not_known_enough": refused(_("Nothing of it is known well enough to come back here.")),
}

_SHOPPERS = {
    "no_session": Said(_("The session is over. Begin a new one."), 401),
    "not_known": Said(_("Log in first."), 403),
    "no_browser_said": refused(_("Say which browser it is.")),
    "bad_browser": Said(_("This names no browser."), 422),
    "bad_back": Said(_("A path in the shop begins with one slash."), 422),
    "shop_not_set": refused(_("SPINDEL_SHOP_URL is not set: no link can lead to the shop.")),
    "no_address": refused(_("This is no address.")),
    "too_many_links": Said(
        _("Many links were asked for just now. Wait an hour, or use one that has come."),
        429,
        api="too_many",
    ),
    "used": Said(_("The link is not good any more. Ask for another."), 410),
    "expired": Said(_("The link is not good any more. Ask for another."), 410),
    "asked_elsewhere": Said(
        _("Another session has asked for this link. Show as whom it logs in, and confirm it.")
    ),
    # shops
    "not_held_there": Said(_("This is not held there."), 404, api="no_such_goods"),
    "closed": Said(_("The store does not open again.")),
    "too_many_held": Said(_("At most %(most)s are held for one at a time."), api="too_many"),
    "no_hold_of_yours": Said(_("Nothing like that is held for you."), 404, api="no_such_hold"),
    "not_held_any_more": Said(_("It is not held any more."), api="ended"),
    "no_purchase_of_yours": Said(
        _("You have no purchase with this number."), 404, api="no_such_order"
    ),
    "no_order_of_yours": Said(_("You have no order with this number."), 404, api="no_such_order"),
    "no_such_receipt": Said(_("There is no such receipt."), 404, api="no_such_order"),
}

REFUSALS = {
    **_COMMON,
    **_STOCK,
    **_CARTS,
    **_WISHES,
    **_ORDERS,
    **_PAYMENTS,
    **_QUOTES,
    **_RETURNS,
    **_SHOPPERS,
}
