"""The one list of what wants somebody's eye, of all that the domains declare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from spindel.identity.shown import staff
from spindel.kit import saying
from spindel.kit.refusal import Refusal
from spindel.kit.saying import NotThere
from spindel.staff import worries
from spindel.staff.models import User
from spindel.staff.permissions import requires
from spindel.staff.worries import Kind, Worry


@dataclass(frozen=True, slots=True)
class Listed:
    """The worries of a kind for somebody, how many there are, and whether she may act on them."""

    kind: Kind
    items: Sequence[Worry]
    count: int
    may_act: bool

    @property
    def settles(self) -> bool:
        """Whether the person may say that she has seen to one."""
        return self.may_act and self.kind.settle is not None

    @property
    def more(self) -> bool:
        """Whether there are more than are shown."""
        return self.count > len(self.items)


def listed(user: User, most: int = worries.MOST) -> list[Listed]:
    """What there is for the person to see to, by kind; so many of each at most."""
    found = []
    for kind in worries.kinds_for(user):
        items = kind.find(user, most)
        if items:
            count = len(items) if len(items) < most else worries.count_of(kind, user)
            found.append(Listed(kind, items, max(count, len(items)), kind.may_act(user)))
    return found


@require_safe
@requires("console.open")
def attention(request: HttpRequest) -> HttpResponse:
    """What nobody has seen to yet, as far as it is this person's to see to."""
    user = staff(request)
    context = {"listed": listed(user), "seen_to": worries.kinds_for(user), "most": worries.MOST}
    return render(request, "console/attention.html", context)


def _kind(request: HttpRequest, name: str) -> Kind:
    """The kind of that name. Raises Http404, and PermissionDenied for whom it is not."""
    kind = next((one for one in worries.kinds() if one.name == name), None)
    if kind is None:
        raise Http404
    if not kind.may_act(staff(request)):
        raise PermissionDenied
    return kind


@require_POST
@requires("console.open")
def again(request: HttpRequest, what: str, id: int) -> HttpResponse:
    """Do what there is to do about one of them."""
    kind = _kind(request, what)
    if kind.again is None:
        raise Http404
    try:
        messages.success(request, kind.again(staff(request), id))
    except NotThere:
        raise
    except Refusal as no:
        messages.error(request, saying.in_words(no))
    return redirect("attention")


@require_POST
@requires("console.open")
def settle(request: HttpRequest, what: str, id: int) -> HttpResponse:
    """Say that one has seen to it."""
    kind = _kind(request, what)
    if kind.settle is None:
        raise Http404
    kind.settle(staff(request), id)
    messages.success(request, _("It is off the list."))
    return redirect("attention")


@require_safe
@requires("console.open")
def former(request: HttpRequest) -> HttpResponse:
    """Where promises had a page of their own."""
    return redirect("attention", permanent=True)
