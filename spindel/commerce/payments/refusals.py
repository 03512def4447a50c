"""What is refused of paying."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from spindel.kit.refusal import refused

REFUSALS = {
    "nothing_to_pay": refused(_("There is nothing to pay here any more.")),
    "nothing_to_ask_for": refused(
        _("There is nothing to ask for."), page=_("It was done, or is being asked for already.")
    ),
    "asked_already": refused(_("It was done, or is being asked for already.")),
}
