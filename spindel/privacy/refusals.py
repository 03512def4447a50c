"""What is refused about a customer's rights."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from spindel.kit.refusal import Said

REFUSALS = {
    "no_such_erasure": Said(_("There is no erasure with this reference."), 404),
    "no_such_export": Said(_("There is no export with this reference."), 404),
    "not_ready": Said(_("The file is being made. Come again.")),
    "bad_language": Said(_("The languages are sv, da and en."), 400),
}
