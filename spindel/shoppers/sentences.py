"""Logging in at the shop, in sentences."""

from __future__ import annotations

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from spindel.timeline import phrases
from spindel.timeline.diary import Kind, Sentence
from spindel.timeline.phrases import Properties


def _signed_in(p: Properties) -> SafeString:
    if phrases.text(p.get("method")) == "link":
        return phrases.say(_("Logged in at the shop, by a link in a mail"))
    return phrases.say(_("Logged in at the shop"))


SENTENCES = (Sentence("Signed In", _signed_in, Kind.IDENTITY),)
