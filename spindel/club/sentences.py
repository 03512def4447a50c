"""The club in sentences."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from spindel.timeline import phrases
from spindel.timeline.diary import Kind, Sentence
from spindel.timeline.phrases import N_, Properties


def _points(p: Properties) -> str:
    found = p.get("points")
    many = found if isinstance(found, int) and not isinstance(found, bool) else 0
    return ngettext("%(many)s point", "%(many)s points", many) % {"many": many}


def _about(message: str) -> Callable[[Properties], SafeString]:
    def sentence(p: Properties) -> SafeString:
        said = phrases.say(_(message), points=_points(p))
        return phrases.detailed(said, phrases.text(p.get("order_id")))

    return sentence


def _tier(p: Properties) -> SafeString:
    name = phrases.text(p.get("title")) or phrases.text(p.get("tier"))
    return phrases.say(_("Reached %(tier)s in the club"), tier=phrases.em(name))


SENTENCES = (
    Sentence("Club Joined", phrases.plain(N_("Joined the club")), Kind.IDENTITY),
    Sentence("Club Left", phrases.plain(N_("Left the club")), Kind.IDENTITY),
    Sentence("Points Earned", _about(N_("Earned %(points)s")), Kind.BUYING),
    Sentence("Points Spent", _about(N_("Made a reward of %(points)s")), Kind.BUYING),
    Sentence("Points Expired", _about(N_("%(points)s expired")), Kind.BUYING),
    Sentence("Points Taken Back", _about(N_("%(points)s were taken back")), Kind.BUYING),
    Sentence("Tier Reached", _tier, Kind.BUYING),
)
