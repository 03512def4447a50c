"""Differences in sentences."""

from __future__ import annotations

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from spindel.timeline import phrases
from spindel.timeline.diary import Kind, Sentence
from spindel.timeline.phrases import Properties


def _found(p: Properties) -> SafeString:
    face, sku = phrases.em(phrases.text(p.get("face"))), phrases.em(phrases.text(p.get("sku")))
    return phrases.say(_("The audit: %(face)s answered differently of %(sku)s"), face=face, sku=sku)


def _gone(p: Properties) -> SafeString:
    face, sku = phrases.em(phrases.text(p.get("face"))), phrases.em(phrases.text(p.get("sku")))
    return phrases.say(
        _("The audit: %(face)s answers like the others of %(sku)s again"), face=face, sku=sku
    )


SENTENCES = (
    Sentence("Difference Found", _found, Kind.BUYING),
    Sentence("Difference Gone", _gone, Kind.BUYING),
)
