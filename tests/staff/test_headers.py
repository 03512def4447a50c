"""What every answer tells the browser, and what every form has to bring along."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from spindel.staff.models import User
from tests.staff.conftest import browser, logged_in, prove

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.fixture
def ann(admin: User) -> Client:
    """Ann's browser."""
    return logged_in(admin)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/account/", 200),
        ("/people/", 200),
        ("/customers/", 200),
        ("/customers/999/", 404),
        ("/nope", 404),
        ("/people/1/close/", 405),
        ("/account/app/", 302),
        ("/welcome/x/", 410),
        ("/api/customers/1", 401),
        ("/api/openapi.json", 200),
        ("/api/docs", 200),
        ("/healthz", 200),
        ("/metrics", 200),
        ("/static/ninja/swagger-ui.css", 200),
    ],
)
def test_every_answer_is_guarded(ann: Client, path: str, status: int) -> None:
    answer = ann.get(path)
    assert answer.status_code == status
    for name, value in ALWAYS.items():
        assert answer[name] == value, name
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src 'self'" in policy
    assert "microphone=()" in answer["Permissions-Policy"]
    if not path.startswith("/static/"):
        assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("path", ["/login/", "/people/new/", "/account/", "/account/app/"])
def test_nothing_inline_on_the_pages_about_logging_in(ann: Client, path: str) -> None:
    client = browser() if path == "/login/" else ann
    if path == "/account/app/":
        prove(client)
    page = client.get(path)
    assert "unsafe" not in page["Content-Security-Policy"]
    shown = page.content.decode()
    for inline in (" style=", "<style", "<script>", " onclick=", "javascript:"):
        assert inline not in shown


def test_answers_that_go_wrong_are_guarded(ann: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("spindel.staff.sessions.devices", fail)
    ann.raise_request_exception = False
    answer = ann.get("/account/")
    assert answer.status_code == 500
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"


def test_over_tls_browsers_are_told_to_stay_with_it(agent: User, settings) -> None:
    settings.SECURE_HSTS_SECONDS = 31_536_000
    answer = Client().get("/login/", secure=True)
    assert "max-age=31536000" in answer["Strict-Transport-Security"]


def routes(resolver: URLResolver, prefix: str = "/") -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            found += routes(entry, path)
        elif isinstance(entry, URLPattern):
            found.append((path, entry.callback))
    return found


def filled(path: str) -> str:
    for kind, value in (
        ("<uuid:", "00000000-0000-0000-0000-000000000000"),
        ("<id:", "1"),
        ("<str:", "x"),
        ("<slug:", "close"),
    ):
        while kind in path:
            start = path.index(kind)
            path = path[:start] + value + path[path.index(">", start) + 1 :]
    return path


def test_no_form_is_taken_without_its_token(admin: User) -> None:
    """Of somebody who is logged in and may do everything. Machines show their own token instead."""
    strict = Client(enforce_csrf_checks=True)
    strict.cookies.update(logged_in(admin).cookies)
    assert strict.get("/account/").status_code == 200
    walked = 0
    for path, view in routes(get_resolver()):
        answer = strict.post(filled(path), {"anything": "x"})
        if path.startswith("/api/"):
            assert answer.status_code in (401, 403, 405), path  # the login is no use to her here
            continue
        if path.startswith("/webhooks/"):
            assert answer.status_code == 400, path  # what is not signed is not taken
            continue
        assert not getattr(view, "csrf_exempt", False), path
        assert answer.status_code == 403, (path, answer.status_code)
        walked += 1
    assert walked > 40
    assert User.objects.get(pk=admin.pk).is_active


def test_a_form_that_is_too_long_is_refused(ann: Client) -> None:
    answer = ann.post("/people/new/", {"name": "x" * (2 * 1024 * 1024 + 1)})
    assert answer.status_code == 400
    answer = ann.post("/people/new/", {f"f{n}": "x" for n in range(2501)})
    assert answer.status_code == 400
