"""What is refused of what comes back."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from spindel.kit.refusal import Said, refused

REFUSALS = {
    "no_such_store": refused(_("There is no such store.")),
    "not_sold_now": refused(_("This is not sold any more.")),
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
}
