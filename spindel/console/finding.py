"""The box in the header: whatever a text may mean, by what the domains declare."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from spindel.identity import serving, shown
from spindel.identity.found import Hit
from spindel.identity.shown import staff
from spindel.kit import declared
from spindel.kit.forms import SearchQuery
from spindel.staff.permissions import may, requires


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of a kind."""

    name: str
    label: object
    hits: list[Hit] = field(default_factory=list)


@require_safe
@requires("console.open")
def find(request: HttpRequest) -> HttpResponse:
    """What a text may mean, of that which the person may see; while one types, or with Enter."""
    text = SearchQuery(request.GET).values["q"]
    groups = [one for one in _groups(request, text) if one.hits]
    context = {"q": text, "groups": groups, "least": shown.least_letters(staff(request))}
    if request.headers.get("HX-Request"):
        return render(request, "console/found.html", context)
    hits = [hit for one in groups for hit in one.hits]
    if len(hits) == 1:
        return redirect(hits[0].url)
    return render(request, "console/find.html", context)


def _groups(request: HttpRequest, text: str) -> list[Group]:
    if len(text) < shown.least_letters(staff(request)):
        return []
    people = serving.search(request, text) if may(request.user, "customers.read") else []
    typed = {one.kind for one in people}
    # What has the number that was typed goes before whoever has bought it.
    found = sorted(
        (one for one in declared.each("finding", "SEARCHES") if may(request.user, one.needs)),
        key=lambda one: (one.number not in typed, one.rank),
    )
    groups: dict[str, Group] = {}
    for one in found:
        group = groups.setdefault(one.group, Group(one.group, one.label))
        group.hits.extend(one.find(request, text, people))
    return list(groups.values())
