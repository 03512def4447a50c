"""How background work does, for whoever looks after the installation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from spindel.console import pulse
from spindel.staff.start import Part


def _background() -> tuple[str, str]:
    behind = pulse.lag()
    return behind.state, behind.words


PARTS = (Part(_("In the background"), "adjustments", "live", _background, rank=2),)
