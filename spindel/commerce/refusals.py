"""What is refused of what wants an eye."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from spindel.kit.refusal import refused

REFUSALS = {
    "no_store_has_it": refused(_("No store has it any more.")),
}
