"""Looking around among what is sold, in sentences."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from spindel.timeline import phrases
from spindel.timeline.diary import Kind, Sentence
from spindel.timeline.phrases import N_, Properties
from spindel.timeline.sentences import VISIT


def _searched(p: Properties) -> SafeString:
    return phrases.say(
        _("Searched for %(query)s"), query=phrases.quoted(phrases.text(p.get("query")))
    )


def _list(p: Properties) -> SafeString:
    name = phrases.text(p.get("category")) or phrases.text(p.get("list_id"))
    return (
        phrases.say(_("Looked through %(category)s"), category=phrases.em(name))
        if name
        else phrases.say(_("Looked through a list"))
    )


def _filtered(p: Properties) -> SafeString:
    listed = p.get("filters")
    filters = (
        [phrases.text(one.get("value")) for one in listed if isinstance(one, dict)]
        if isinstance(listed, list)
        else []
    )
    return phrases.detailed(
        _list(p),
        phrases.say(_("only %(filters)s"), filters=", ".join(filters[:5])) if any(filters) else "",
    )


def promotion(message: str) -> Callable[[Properties], SafeString]:
    return lambda p: phrases.say(
        _(message),
        name=phrases.em(phrases.text(p.get("name")) or phrases.text(p.get("promotion_id")) or "…"),
    )


def _viewed(p: Properties) -> SafeString:
    sentence = phrases.say(_("Looked at %(product)s"), product=phrases.product(p))
    sold_out = phrases.text(p.get("availability")).lower() in (
        "sold out",
        "out of stock",
        "outofstock",
    )
    return phrases.detailed(sentence, _("which was sold out") if sold_out else "")


def _reviewed(p: Properties) -> SafeString:
    rating, body = phrases.text(p.get("rating")), phrases.text(p.get("review_body"))
    sentence = (
        phrases.say(_("Gave %(rating)s of 5"), rating=rating)
        if rating
        else phrases.say(_("Wrote a review"))
    )
    return (
        phrases.say("%(one)s: %(two)s", one=sentence, two=phrases.quoted(body))
        if body
        else sentence
    )


SENTENCES = (
    Sentence("Products Searched", _searched, Kind.BROWSING, together=VISIT),
    Sentence("Product List Viewed", _list, Kind.BROWSING, together=VISIT, of_things=True),
    Sentence("Product List Filtered", _filtered, Kind.BROWSING, together=VISIT, of_things=True),
    Sentence(
        "Promotion Viewed",
        promotion(N_("Saw the offer %(name)s")),
        Kind.BROWSING,
        together=VISIT,
        of_things=True,
    ),
    Sentence(
        "Promotion Clicked",
        promotion(N_("Followed the offer %(name)s")),
        Kind.BROWSING,
        of_things=True,
    ),
    Sentence(
        "Product Clicked",
        phrases.about_product(N_("Clicked on %(product)s")),
        Kind.BROWSING,
        together=VISIT,
        of_things=True,
    ),
    Sentence("Product Viewed", _viewed, Kind.BROWSING, together=VISIT, of_things=True),
    Sentence("Product Shared", phrases.about_product(N_("Shared %(product)s")), of_things=True),
    Sentence("Product Reviewed", _reviewed, Kind.TALKING),
)
