"""Quotes in sentences."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from spindel.timeline import phrases
from spindel.timeline.diary import Kind, Sentence
from spindel.timeline.phrases import N_, Properties


def _quote(message: str, *, until: bool = False) -> Callable[[Properties], SafeString]:
    """About goods that were offered at a price."""

    def tell(p: Properties) -> SafeString:
        goods = phrases.goods(p) or phrases.em(phrases.text(p.get("quote_id")) or "…")
        moment = phrases.moment(p.get("until")) if until else ""
        return phrases.detailed(
            phrases.say(_(message), goods=goods),
            phrases.money(p, "total"),
            phrases.say(_("until %(moment)s"), moment=moment) if moment else "",
            phrases.reason(p),
            phrases.text(p.get("by")),
        )

    return tell


SENTENCES = (
    Sentence("Quote Sent", _quote(N_("Was offered %(goods)s"), until=True), Kind.BUYING),
    Sentence(
        "Quote Changed", _quote(N_("The offer of %(goods)s was changed"), until=True), Kind.BUYING
    ),
    Sentence("Quote Accepted", _quote(N_("Accepted the offer of %(goods)s")), Kind.BUYING),
    Sentence("Quote Failed", _quote(N_("Could not accept the offer of %(goods)s")), Kind.BUYING),
    Sentence("Quote Withdrawn", _quote(N_("The offer of %(goods)s was taken back")), Kind.BUYING),
    Sentence("Quote Expired", _quote(N_("The offer of %(goods)s has run out")), Kind.BUYING),
)

REASONS = {
    "sold_out": gettext_lazy("sold out"),
    "changed": gettext_lazy("changed since"),
    "expired": gettext_lazy("its time was up"),
    "withdrawn": gettext_lazy("taken back before"),
    "not_right": gettext_lazy("something in it was not right"),
}
