"""What comes back, in sentences."""

from __future__ import annotations

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from spindel.commerce.orders.sentences import about_order
from spindel.kit.options import stored_text
from spindel.timeline import phrases
from spindel.timeline.diary import Kind, Sentence
from spindel.timeline.phrases import N_, Properties


def _return_started(p: Properties) -> SafeString:
    goods = phrases.goods(p) or phrases.em(phrases.text(p.get("order_id")) or "…")
    message = (
        _("Sends %(goods)s back") if p.get("method") == "parcel" else _("Brings %(goods)s back")
    )
    wanted = phrases.text(p.get("wanted"))
    instead = phrases.say(_("wants %(wanted)s instead"), wanted=wanted) if wanted else ""
    return phrases.detailed(phrases.say(message, goods=goods), phrases.reason(p), instead)


def _exchanged(p: Properties) -> SafeString:
    before = stored_text(phrases.text(p.get("returned_variant")))
    after = stored_text(phrases.text(p.get("variant")))
    name = phrases.text(p.get("name"))
    came = phrases.text(p.get("returned_name")) or name
    if came == name:
        before, after = phrases.apart(before, after)
    else:
        after = f"{name}, {after}" if after else name
    if before and after:
        sentence = phrases.say(
            _("Exchanged %(before)s for %(after)s"),
            before=phrases.em(f"{came}, {before}" if came else before),
            after=phrases.em(after),
        )
    else:
        sentence = phrases.say(_("Exchanged %(product)s"), product=phrases.product(p))
    return phrases.detailed(phrases.in_store(sentence, p), phrases.reason(p))


def _returned(p: Properties) -> SafeString:
    sentence = phrases.say(_("Gave back %(product)s"), product=phrases.product(p))
    return phrases.detailed(phrases.in_store(sentence, p), phrases.reason(p))


SENTENCES = (
    Sentence("Return Started", _return_started, Kind.BUYING),
    Sentence(
        "Return Called Off",
        about_order(N_("Keeps what was to come back of %(order)s")),
        Kind.BUYING,
    ),
    Sentence("Item Exchanged", _exchanged, Kind.BUYING, of_things=True),
    Sentence("Item Returned", _returned, Kind.BUYING, of_things=True),
)

REASONS = {
    "too small": gettext_lazy("too small"),
    "too large": gettext_lazy("too large"),
    "changed their mind": gettext_lazy("changed their mind"),
    "faulty": gettext_lazy("faulty"),
    "other": gettext_lazy("another reason"),
    "rung up by mistake": gettext_lazy("rung up by mistake"),
}
