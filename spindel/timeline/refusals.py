"""What is refused of whoever is not known any more."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from spindel.kit.refusal import Said

REFUSALS = {
    "forgotten": Said(
        _("Whoever it is for was just forgotten."),
        page=_("The customer was forgotten just now; nothing was done."),
    ),
}
