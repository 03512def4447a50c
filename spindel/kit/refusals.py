"""What anything may be refused for, by its code."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from spindel.kit.refusal import Said

REFUSALS = {
    "bad_cursor": Said(_("This cursor was not given out here."), 400),
    "key_reused": Said(
        _("The key was used for something else."),
        page=_("This page was open for too long. Do it again, please."),
    ),
}
