"""Mails about what is held for a customer: that it is, that it lies ready, that it is let go of.

The holds of a mail are those of one reservation, with their goods and places.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlencode

from django.utils import translation
from django.utils.translation import gettext as _

from spindel.catalogue.models import Place
from spindel.commerce.common import goods as common_goods
from spindel.commerce.common import links, mail_layout
from spindel.commerce.common.mail_layout import Content, Goods, Letter, Row
from spindel.commerce.common.templatetags.paper import moment
from spindel.commerce.stock.models import Hold
from spindel.kit import environment


def held(holds: Sequence[Hold], language: str) -> Letter:
    """It is kept for her."""
    with translation.override(language):
        until = _until(holds)
        title = _("Kept for you in %(place)s") % {"place": _names(holds)}
        content = Content(
            title=title,
            name="",
            subject=_("%(what)s until %(until)s") % {"what": title, "until": until},
            lead=_("This is kept for you until %(until)s:") % {"until": until},
            goods=[_goods(holds, language)],
            said=[_("You need not buy it. If you do not come, others may have it after that.")],
            stores=_stores(holds),
            url=_page(holds[0]),
            button=_("See what is kept for you"),
        )
        return mail_layout.written(content, language)


def ready(holds: Sequence[Hold], language: str) -> Letter:
    """What is kept for her was taken from the shelf."""
    with translation.override(language):
        title = _("Ready to fetch in %(place)s") % {"place": _names(holds)}
        until = _until(holds)
        content = Content(
            title=title,
            name="",
            subject=_("%(what)s until %(until)s") % {"what": title, "until": until},
            lead=_("What we keep for you lies ready:"),
            goods=[_goods(holds, language)],
            said=[_("It is kept for you until %(until)s.") % {"until": until}],
            stores=_stores(holds),
            url=_page(holds[0]),
            button=_("See what is kept for you"),
        )
        return mail_layout.written(content, language)


def not_ready(holds: Sequence[Hold], language: str) -> Letter:
    """What was told to lie ready does not yet."""
    with translation.override(language):
        title = _("Not ready yet in %(place)s") % {"place": _names(holds)}
        content = Content(
            title=title,
            name="",
            subject=title,
            lead=_("We told you that this lies ready. We are sorry: it does not yet."),
            goods=[_goods(holds, language)],
            said=[_("You get a mail when it does. It is kept for you as before.")],
            stores=[],
            url=_page(holds[0]),
            button=_("See what is kept for you"),
        )
        return mail_layout.written(content, language)


def lapsed(holds: Sequence[Hold], language: str) -> Letter:
    """Its time is up, and others may have it."""
    with translation.override(language):
        title = _("No longer kept for you in %(place)s") % {"place": _names(holds)}
        url = _in_shop(holds[0])
        content = Content(
            title=title,
            name="",
            subject=title,
            lead=_("This was kept for you until %(until)s:") % {"until": _until(holds)},
            goods=[_goods(holds, language)],
            said=[_("Others may have it now. If you still want it, look whether it is there.")],
            stores=[],
            url=url,
            button=_("See it in the shop"),
        )
        return mail_layout.written(content, language)


def _goods(holds: Sequence[Hold], language: str) -> Goods:
    several = len(_places(holds)) > 1
    rows = []
    for one in holds:
        goods = common_goods.goods(one.variant, language)
        rows.append(
            Row(one.quantity, goods.name, goods.options, aside=one.place.name if several else "")
        )
    return Goods(rows)


def _places(holds: Sequence[Hold]) -> list[Place]:
    return list({one.place_id: one.place for one in holds}.values())


def _names(holds: Sequence[Hold]) -> str:
    return ", ".join(one.name for one in _places(holds))


def _stores(holds: Sequence[Hold]) -> list[mail_layout.Store]:
    return [mail_layout.store(one) for one in _places(holds)]


def _until(holds: Sequence[Hold]) -> str:
    return moment(min(one.until for one in holds))


# --- where they lead ------------------------------------------------------------------------------


def _shop() -> str:
    return environment.value("SPINDEL_SHOP_URL").rstrip("/")


def _page(hold: Hold) -> str:
    """The page of the hold with its code, which opens without a login."""
    return links.page("hold-page", "hold", hold.pk)


def _in_shop(hold: Hold) -> str:
    number, sku = quote(hold.variant.product.number, safe=""), urlencode({"sku": hold.variant.sku})
    return f"{_shop()}/products/{number}?{sku}" if _shop() else ""
