"""What is kept in stores, in sentences."""

from __future__ import annotations

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from spindel.timeline import phrases
from spindel.timeline.diary import Kind, Sentence
from spindel.timeline.phrases import N_, Properties


def _reserved(p: Properties) -> SafeString:
    words = {
        "product": phrases.product(p),
        "store": phrases.store(p),
        "until": phrases.moment(p.get("until")),
    }
    if words["store"] and words["until"]:
        return phrases.say(_("Reserved %(product)s in %(store)s until %(until)s"), **words)
    if words["store"]:
        return phrases.say(_("Reserved %(product)s in %(store)s"), **words)
    return phrases.say(_("Reserved %(product)s"), **words)


SENTENCES = (
    Sentence("Stock Reserved", _reserved, Kind.BUYING, of_things=True),
    Sentence(
        "Reservation Extended",
        phrases.about_product(N_("Keeps %(product)s reserved for longer")),
        Kind.BUYING,
        of_things=True,
    ),
    Sentence(
        "Reservation Ready",
        phrases.about_product(N_("The store has set %(product)s aside")),
        Kind.BUYING,
        of_things=True,
    ),
    Sentence(
        "Reservation Put Back",
        phrases.about_product(N_("%(product)s does not lie ready after all")),
        Kind.BUYING,
        of_things=True,
    ),
    Sentence(
        "Reservation Released",
        phrases.about_product(N_("The reservation of %(product)s was given up")),
        Kind.BUYING,
        of_things=True,
    ),
    Sentence(
        "Reservation Expired",
        phrases.about_product(N_("The reservation of %(product)s has run out")),
        Kind.BUYING,
        of_things=True,
    ),
    Sentence(
        "Reservation Collected",
        phrases.about_product(N_("Fetched %(product)s, which was reserved")),
        Kind.BUYING,
        of_things=True,
    ),
    Sentence(
        "Reservation Failed",
        phrases.about_product(N_("The store could not find %(product)s")),
        Kind.BUYING,
        of_things=True,
    ),
)
