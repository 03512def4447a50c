"""What is refused of wish lists."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from spindel.kit.refusal import refused

REFUSALS = {
    "wishes_full": refused(_("A wish list has at most %(count)s things.")),
}
