"""Promises in sentences."""

from __future__ import annotations

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from spindel.kit.templatetags.look import rate_words
from spindel.timeline import phrases
from spindel.timeline.diary import Kind, Sentence
from spindel.timeline.phrases import Properties


def _promised(p: Properties) -> SafeString:
    until = phrases.moment(p.get("until"))
    return phrases.detailed(
        _what(p),
        phrases.say(_("until %(moment)s"), moment=until) if until else "",
        phrases.text(p.get("why")),
        phrases.text(p.get("by")),
    )


def _what(p: Properties) -> SafeString:
    goods = phrases.goods(p)
    if price := phrases.money(p, "price"):
        return phrases.say(_("Was promised %(goods)s for %(price)s"), goods=goods, price=price)
    off = phrases.money(p, "discount") or _rate(p)
    if goods:
        return phrases.say(_("Was promised %(off)s off %(goods)s"), off=off, goods=goods)
    return phrases.say(_("Was promised %(off)s off"), off=off)


def _rate(p: Properties) -> str:
    rate = p.get("percent")
    return rate_words(round(rate * 100)) if isinstance(rate, int | float) else "…"


def _kept(p: Properties) -> SafeString:
    return phrases.detailed(
        phrases.say(_("Got what she was promised")),
        phrases.money(p, "discount"),
        phrases.text(p.get("order_id")),
    )


SENTENCES = (
    Sentence("Offer Promised", _promised, Kind.BUYING, of_things=True),
    Sentence("Promise Kept", _kept, Kind.BUYING, of_things=True),
    Sentence(
        "Promise Lapsed",
        phrases.plain(phrases.N_("What she was promised has lapsed")),
        Kind.BUYING,
        of_things=True,
    ),
    Sentence(
        "Promise Withdrawn",
        phrases.plain(phrases.N_("What she was promised was taken back")),
        Kind.BUYING,
        of_things=True,
    ),
)
