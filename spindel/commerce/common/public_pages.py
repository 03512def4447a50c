"""What the pages have in common that customers open by a link: their language, their frame, and
that they are the customer's own: a colleague who has come by the link looks on, on record, as far
as she may see the customer, and does nothing there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import update_wrapper
from typing import Concatenate, ParamSpec, TypeVar

from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation

from spindel.commerce.common import links, visibility
from spindel.commerce.common.forms import LanguageQuery
from spindel.commerce.common.seller import seller
from spindel.kit import pictures
from spindel.staff import audit
from spindel.staff.models import User

T = TypeVar("T", bound=Model)
P = ParamSpec("P")


Owners = Callable[[Collection[int]], Mapping[int, int]]


def by_link(
    kind: str, find: Callable[[int], T | None], owners: Owners
) -> Callable[
    [Callable[Concatenate[HttpRequest, T, P], HttpResponse]],
    Callable[..., HttpResponse],
]:
    """Hand the view what the link is to; else say that there is nothing behind it. `owners` says
    whose things of the kind are, by their ids.
    """

    def decorate(
        view: Callable[Concatenate[HttpRequest, T, P], HttpResponse],
    ) -> Callable[..., HttpResponse]:
        def run(request: HttpRequest, code: str, *args: P.args, **more: P.kwargs) -> HttpResponse:
            try:
                found = find(links.read(kind, code))
            except links.NoSuchLink:
                found = None
            if found is None:
                return nothing(request)
            user = request.user
            if isinstance(user, User):
                owner = owners([found.pk]).get(found.pk, 0)
                if request.method == "POST" or not visibility.sees_contact(user, owner):
                    return _hers_alone(request, kind, found.pk)
                audit.note_look(user, f"{kind}.page_seen", owner)
            return view(request, found, *args, **more)

        update_wrapper(run, view)
        return run

    return decorate


def _hers_alone(request: HttpRequest, kind: str, id: int) -> HttpResponse:
    """Said to a colleague who may not see the customer, or has pressed what is for her to press."""
    language = language_of(request, translation.get_language() or "en")
    here = reverse(kind, args=[id]) if kind != "hold" else reverse("live")
    return page(request, "common/hers_alone.html", {"here": here}, language, 403)


def nothing(request: HttpRequest) -> HttpResponse:
    """Said when nothing is behind a link."""
    language = language_of(request, translation.get_language() or "en")
    return page(request, "common/nothing.html", {}, language, 404)


def language_of(request: HttpRequest, usual: str) -> str:
    """The language that she has chosen on the page, else the one that she is written to in."""
    offered = dict(settings.LANGUAGES)
    for one in (LanguageQuery(request.GET).values["in_"], usual[:2]):
        if one in offered:
            return one
    return settings.LANGUAGE_CODE


def _stay(request: HttpRequest, language: str) -> str:
    """What keeps the language that she has chosen in the next address."""
    chosen = LanguageQuery(request.GET).values["in_"]
    return f"?in={language}" if chosen == language else ""


def go(request: HttpRequest, name: str, code: str, language: str) -> HttpResponse:
    """To another of her pages, in the language that she has chosen."""
    return redirect(reverse(name, args=[code]) + _stay(request, language))


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, object],
    language: str,
    status: int = 200,
) -> HttpResponse:
    """The page, in the language. Nobody but her looks for it, and nobody finds it by searching."""
    words = {
        **context,
        "seller": seller(),
        "language": language,
        "languages": [(code, name) for code, name in settings.LANGUAGES if code != language],
        "stay": _stay(request, language),
        "colleague": request.user if request.user.is_authenticated else None,
    }
    with translation.override(language):
        response = pictures.allow(render(request, template, words, status=status))
    response["Content-Language"] = language
    response["X-Robots-Tag"] = "noindex"
    return response
