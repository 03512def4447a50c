"""What is refused of stock, and of what is held of it."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from spindel.kit.refusal import Said, refused

REFUSALS = {
    "not_enough_to_hold": Said(
        _("There is not enough; nothing is held."),
        api="not_enough",
        page=_("There is not enough, so nothing was done."),
    ),
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
    "no_store_has_it": refused(_("No store has it any more.")),
}
