"""What of stock wants somebody's eye: promises that are broken or due, and wrong levels."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from spindel.catalogue import posts
from spindel.catalogue.models import Place
from spindel.commerce.common.goods import goods_of
from spindel.commerce.common.rules import NotEnough
from spindel.commerce.stock import broken_promises
from spindel.commerce.stock.actions import promises
from spindel.commerce.stock.models import Hold
from spindel.commerce.stock.pages import kept_before
from spindel.commerce.stock.reading import levels, shelves
from spindel.identity import shown
from spindel.kit.refusal import Refusal
from spindel.kit.templatetags.look import say_when
from spindel.staff.models import User
from spindel.staff.worries import Kind, Link, Worry

_DUE_WITHIN = timedelta(hours=24)


def _language() -> str:
    return (get_language() or "en")[:2]


def _goods(name: str, options: str, quantity: int) -> str:
    words = f"{name}, {options}" if options else name
    return f"{quantity} × {words}" if quantity > 1 else words


def _customer(who: shown.Who | None) -> list[Link]:
    if who is None or not who.opens:
        return []
    return [Link(who.name or _("the customer"), reverse("customer", args=[who.customer]))]


# --- promises -------------------------------------------------------------------------------------


def _broken(user: User, most: int) -> list[Worry]:
    found = broken_promises.unseen_of(user, _language(), most)
    asked = {one.customer for one in found if one.customer is not None}
    people = shown.who(user, asked, "promises.listed")
    return [_broken_one(one, people.get(one.customer or 0)) for one in found]


def _broken_one(one: broken_promises.Broken, who: shown.Who | None) -> Worry:
    if one.next is not None:
        to_do = _("%(store)s is the nearest that had it.") % {"store": one.next.name}
        again = _("Keep it in %(store)s") % {"store": one.next.name}
    else:
        to_do, again = _("No other store had it."), _("Look again")
    return Worry(
        one.id,
        _goods(one.name, one.options, one.quantity),
        to_do,
        about=_("not found in %(store)s") % {"store": one.place},
        at=one.made_at,
        links=_customer(who),
        again=again if one.customer is not None else "",
    )


def _keep_next(user: User, id: int) -> str:
    try:
        kept = promises.keep_next(id, user)
    except NotEnough as lacking:
        raise Refusal("no_store_has_it") from lacking
    return kept_before(kept, user) or _kept(kept.hold)


def _kept(hold: Hold) -> str:
    said = _("It is kept in %(store)s until %(until)s. Tell the customer.")
    return said % {"store": hold.place.name, "until": say_when(hold.until)}


def _see_promise(user: User, id: int) -> None:
    promises.see(id, user)


def _due(user: User, most: int) -> list[Worry]:
    found = broken_promises.due(user, timezone.now() + _DUE_WITHIN, _language(), most)
    asked = {one.customer for one in found if one.customer is not None}
    people = shown.who(user, asked, "promises.listed")
    return [_due_one(one, people.get(one.customer or 0)) for one in found]


def _due_one(one: broken_promises.Due, who: shown.Who | None) -> Worry:
    links = _customer(who)
    words = {"store": one.place.name, "until": say_when(one.until)}
    return Worry(
        one.hold,
        _goods(one.name, one.options, one.quantity),
        _("Kept in %(store)s until %(until)s, and not fetched yet.") % words,
        links=links,
        see=Link(_("Open it"), f"{links[0].url}#slot-holds") if links else None,
    )


def _count_due(user: User, most: int) -> QuerySet[Hold]:
    return broken_promises.ending(user, timezone.now() + _DUE_WITHIN)


# --- levels ---------------------------------------------------------------------------------------

_WRONG = {
    "below_zero": gettext_lazy("More was sold than the books had. Count what is there."),
    "short": gettext_lazy("More is promised than there is. Count, or bring some from elsewhere."),
}


def _place_of(user: User) -> int | None:
    place = posts.today(user)
    return place.pk if place else None


def _wrong(user: User, most: int) -> list[Worry]:
    found = shelves.wrong(_place_of(user), most)
    goods = goods_of([one.variant for one in found], _language())
    places = Place.objects.in_bulk([one.place for one in found])
    return [
        Worry(
            0,
            _goods(goods[one.variant].name, goods[one.variant].options, 1),
            str(_WRONG[one.kind]),
            about=f"{places[one.place].name} · {goods[one.variant].sku}",
            at=one.since,
            state=_("%(n)s there, %(held)s promised") % {"n": one.on_hand, "held": one.held},
            see=Link(_("Put it right"), reverse("level", args=[one.variant, one.place])),
        )
        for one in found
        if one.variant in goods and one.place in places
    ]


def _count_wrong(user: User, most: int) -> int:
    return len(shelves.wrong(_place_of(user), most))


def _low(user: User, most: int) -> list[Worry]:
    """One line that leads to all of them: they are many, and usual."""
    counts = shelves.running_low(_place_of(user), "", 1).counts
    said = [
        ngettext("%(n)s sold out", "%(n)s sold out", counts["sold_out"])
        % {"n": counts["sold_out"]},
        ngettext("%(n)s running low", "%(n)s running low", counts["low"]) % {"n": counts["low"]},
    ]
    if not counts["sold_out"] and not counts["low"]:
        return []
    to_do = _("Of what has sold in the last two weeks: order more, or bring some from elsewhere.")
    return [Worry(0, ", ".join(said), to_do, see=Link(_("Open it"), reverse("stock")))]


def _books(user: User, most: int) -> list[Worry]:
    check = levels.last_check()
    if check is None or not check.wrong:
        return []
    what = ngettext(
        "The books of the stock do not add up for %(n)s level.",
        "The books of the stock do not add up for %(n)s levels.",
        check.wrong,
    ) % {"n": check.wrong}
    see = Link(_("Open it"), reverse("stock"))
    return [Worry(0, what, _("Count what is there."), at=check.at, see=see)]


def _count_books(user: User, most: int) -> int:
    check = levels.last_check()
    return int(bool(check and check.wrong))


KINDS = (
    Kind(
        "promise",
        gettext_lazy("Promises that can’t be kept"),
        "bell",
        "orders.see",
        _broken,
        lambda user, most: broken_promises.unseen(user),
        again=_keep_next,
        settle=_see_promise,
        acts="orders.handle",
    ),
    Kind(
        "due",
        gettext_lazy("Promises that end within a day"),
        "clock",
        "orders.handle",
        _due,
        _count_due,
        rank=5,
    ),
    Kind(
        "stock",
        gettext_lazy("Stock that is wrong"),
        "stack-2",
        "stock.count",
        _wrong,
        _count_wrong,
        rank=40,
    ),
    Kind(
        "low",
        gettext_lazy("Stock that runs low"),
        "stack-2",
        "stock.count",
        _low,
        lambda user, most: 0,  # it is so every day: it is told, and does not ring
        rank=42,
    ),
    Kind(
        "books",
        gettext_lazy("Books of the stock"),
        "stack-2",
        "stock.manage",
        _books,
        _count_books,
        rank=41,
    ),
)
