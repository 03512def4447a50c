"""The start page: the box that takes whatever is scanned or typed, and what is to be done."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from spindel.commerce.common.pages import Wrong, in_words
from spindel.commerce.stock.actions import promises
from spindel.identity import shown
from spindel.staff import audit
from spindel.store import tasks
from spindel.store.forms import TasksQuery
from spindel.store.tasks import Task
from spindel.store.views.desk import Desk, at_desk, quote_link
from spindel.store.views.reservations import say_kept


@require_safe
@at_desk
def today(desk: Desk) -> HttpResponse:
    """Scan, search, or take the next task."""
    return desk.page("today.html", {**jobs(desk), "quote": quote_link(desk)})


@require_safe
@at_desk
def todays_list(desk: Desk) -> HttpResponse:
    """The list alone, fetched anew while the page stands open."""
    return desk.page("list.html", jobs(desk))


@require_POST
@at_desk
def seen(desk: Desk, id: int) -> HttpResponse:
    """She has read that something which she promised can't be kept."""
    promises.see(id, desk.user)
    desk.say(_("Seen."), reverse("store-promise-unseen", args=[id]))
    return redirect("store")


@require_POST
@at_desk
def unseen(desk: Desk, id: int) -> HttpResponse:
    """She wants to be told of it still."""
    promises.unsee(id, desk.user)
    return redirect("store")


@require_POST
@at_desk
def keep_next(desk: Desk, id: int) -> HttpResponse:
    """Keep the same in the nearest other store, for whom she has promised it to."""
    try:
        with in_words():
            kept = promises.keep_next(id, desk.user)
    except Wrong as wrong:
        desk.refuse(str(wrong))
    else:
        say_kept(desk, kept)
    return redirect("store")


def jobs(desk: Desk) -> dict[str, object]:
    """The lists with how many are in each, and the one that is shown."""
    found = tasks.of_place(desk.place, desk.language)
    flags = tasks.flags(desk.place, desk.language)
    lists = {
        "aside": [one for one in found if not one.set_aside],
        "hand": _by_order([one for one in found if one.set_aside]),
        "soon": [one for one in found if one.soon],
    }
    asked = TasksQuery(desk.request.GET).values["list"]
    chosen = asked if asked in {*lists, "stock"} else _first(lists)
    return {
        "tabs": [
            ("aside", _("Set aside"), len(lists["aside"])),
            ("hand", _("Hand over"), len(lists["hand"])),
            ("soon", _("Ends soon"), len(lists["soon"])),
            ("stock", _("Low stock"), len(flags)),
        ],
        "chosen": chosen,
        "tasks": lists.get(chosen, []),
        "names": names(desk, lists.get(chosen, [])),
        "flags": flags,
        "most": tasks.MOST,
        "full": len(found) >= tasks.MOST,
        "promises": tasks.broken(desk.user, desk.language),
    }


def _first(lists: dict[str, list[Task]]) -> str:
    """What is most urgent: to set aside; when all is, to hand over."""
    return "hand" if lists["hand"] and not lists["aside"] else "aside"


def _by_order(found: list[Task]) -> list[Task]:
    """One task for an order, however many of its goods wait."""
    seen: set[str] = set()
    kept = []
    for one in found:
        if one.order and one.order in seen:
            continue
        seen.add(one.order)
        kept.append(one)
    return kept


def names(desk: Desk, found: list[Task]) -> dict[int, str]:
    """What those are called who have an errand in the store, by customer; it is put on record."""
    ids = {one.customer for one in found if one.customer is not None}
    if not ids:
        return {}
    people = shown.summaries(desk.user, ids, looked_up=True)
    audit.note_shown(desk.user, "customers.listed", set(people))
    return {id: one.name for id, one in people.items()}
