"""Who it is, in sentences."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from spindel.timeline import phrases
from spindel.timeline.diary import Kind, Sentence
from spindel.timeline.phrases import N_, Properties


def _identified(p: Properties) -> SafeString:
    first, last = phrases.text(p.get("first_name")) or phrases.text(p.get("firstName")), ""
    last = phrases.text(p.get("last_name")) or phrases.text(p.get("lastName"))
    name = phrases.text(p.get("name")) or f"{first} {last}".strip() or phrases.text(p.get("email"))
    return (
        phrases.say(_("Said who it is: %(name)s"), name=phrases.em(name))
        if name
        else phrases.say(_("Told something about themselves"))
    )


def _joined(p: Properties) -> SafeString:
    name = phrases.text(p.get("name")) or phrases.text(p.get("group_id"))
    return (
        phrases.say(_("Joined %(group)s"), group=phrases.em(name))
        if name
        else phrases.say(_("Joined a group"))
    )


def _by(message: str) -> Callable[[Properties], SafeString]:
    return lambda p: phrases.say(
        _(message),
        by=phrases.text(p.get("by")) or "…",
        name=phrases.em(phrases.text(p.get("name"))),
    )


def _noted(p: Properties) -> SafeString:
    by, text = phrases.text(p.get("by")) or "…", phrases.text(p.get("text"), 2_000)
    return phrases.say(_("%(by)s noted: %(text)s"), by=by, text=phrases.em(text))


SENTENCES = (
    Sentence("Customer Identified", _identified, Kind.IDENTITY),
    Sentence(
        "Customer Aliased", phrases.plain(N_("Was known by another id before")), Kind.IDENTITY
    ),
    Sentence("Group Joined", _joined, Kind.IDENTITY),
    Sentence(
        "Customers Merged", _by(N_("%(by)s merged two customers into this one")), Kind.IDENTITY
    ),
    Sentence("Customer Split", _by(N_("%(by)s split off another customer")), Kind.IDENTITY),
    Sentence(
        "Details Changed",
        phrases.plain(N_("Changed their own details")),
        Kind.IDENTITY,
        of_things=True,
    ),
    Sentence(
        "Trait Corrected", _by(N_("%(by)s corrected %(name)s")), Kind.IDENTITY, of_things=True
    ),
    Sentence("Note Written", _noted, Kind.NOTES),
)
