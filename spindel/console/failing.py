"""The pages of an error. They ask nobody for anything: whoever would answer may be what failed."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme

# Whose page failed, by how its address begins: its style, and where its start is.
_FACES = {"/store/": ("store.css", "/store/"), "/o/": ("paper.css", ""), "/q/": ("paper.css", "")}
_CONSOLE = ("console.css", "/")


def page(status: int, request: HttpRequest | None = None) -> str:
    """What people see of a 500 or a 503, in the style of the page that failed, with a way on."""
    path = request.path if request else "/"
    style, start = next((face for at, face in _FACES.items() if path.startswith(at)), _CONSOLE)
    return render_to_string(
        f"{status}.html", {"style": style, "start": start, "again": _again(request, start)}
    )


def _again(request: HttpRequest | None, start: str) -> str:
    """The same page once more; of what was sent, the page that it was sent from."""
    if request is None or request.method in ("GET", "HEAD"):
        return ""
    came_from = request.headers.get("Referer", "")
    return came_from if url_has_allowed_host_and_scheme(came_from, request.get_host()) else start
