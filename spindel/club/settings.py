"""How the club works now."""

from __future__ import annotations

from spindel.club.models import ClubSettings
from spindel.club.terms import ClubTerms, of


def terms() -> ClubTerms:
    """What its people have decided; before they have, something sensible."""
    found = ClubSettings.objects.filter(pk=1).values_list("terms", flat=True).first()
    return ClubTerms() if found is None else of(found)
