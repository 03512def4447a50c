"""Requests that no page of ours makes: each gets an answer, and none another's data."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction
from django.test import Client

from spindel.staff.models import AuditEntry, Role
from tests.console.conftest import Told, text
from tests.house.routes import example, routes

NAMES = (
    *("q", "before", "since", "until", "channel", "kind", "reason", "reject", "event", "property"),
    *("person", "did", "customer", "identifier", "page", "span", "with", "next", "name", "value"),
    *("do", "days", "role", "language", "theme", "scopes", "email", "country", "rate_limit"),
)
STRANGE = ("\0", "\0x@y", "9" * 30, "-1", "%", "\\", "[", "²", "http://[", "'\"<b>", "x" * 3_000)


@pytest.mark.slow
@pytest.mark.parametrize("value", STRANGE, ids=range(len(STRANGE)))
def test_strange_values_get_an_answer(as_role: Callable[[Role], Client], value: str) -> None:
    admin = as_role(Role.ADMIN)
    admin.raise_request_exception = False
    asked, wrong = dict.fromkeys(NAMES, value), []
    for path in routes():
        if path in ("/metrics", "/healthz"):
            continue
        for method in ("get", "post"):
            with transaction.atomic():  # whatever it does is undone
                answer = getattr(admin, method)(example(path), asked)
                transaction.set_rollback(True)
            if answer.status_code >= 500:
                wrong.append((method, path))
    assert not wrong


@pytest.mark.parametrize(
    "here", ["http://[", "//evil.example/", "http://x//evil.example", "\\", ""]
)
def test_a_fragment_leads_to_the_login_from_wherever_it_says_it_is(db: None, here: str) -> None:
    answer = Client().get("/now/", headers={"HX-Request": "true", "HX-Current-URL": here})
    assert answer.status_code == 204
    assert answer["HX-Redirect"].startswith("/login/?next=/")
    assert not answer["HX-Redirect"].startswith("/login/?next=//")


@pytest.mark.parametrize(
    "there", ["now", "-1", "https://evil.example", "//evil.example", "/\\evil"]
)
def test_a_preference_leads_to_a_page_of_ours_whatever_was_asked(db: None, there: str) -> None:
    answer = Client().post("/preferences/theme", {"theme": "dark", "next": there})
    assert (answer.status_code, answer["Location"]) == (302, "/")


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost@evil.example"]
)
def test_pages_answer_to_no_other_host(db: None, host: str) -> None:
    """A password link or a redirect would name it; a page elsewhere would read ours by it."""
    answer = Client().get("/login/", headers={"host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.content.decode()


def test_what_a_source_calls_an_event_hides_contacts_too(
    as_role: Callable[[Role], Client], told: Told
) -> None:
    told("Mail from anna.lind@example.com, 070-174 06 05")
    pages = [f"/sources/{told.source.pk}/", f"/sources/{told.source.pk}/now/"]
    analyst = as_role(Role.ANALYST)
    for page in pages:
        shown = text(analyst.get(page))
        assert "Mail from" in shown
        assert "anna.lind" not in shown
        assert "174 06 05" not in shown


def test_whoever_watches_the_messages_of_a_source_is_on_record(
    as_role: Callable[[Role], Client], told: Told
) -> None:
    told("Product Viewed", {"email": "anna.lind@example.com"})
    page = f"/sources/{told.source.pk}/"
    text(as_role(Role.ANALYST).get(page))  # who sees nobody's
    assert not AuditEntry.objects.filter(did="source.watched").exists()
    marketer = as_role(Role.MARKETER)
    assert "anna.lind" in text(marketer.get(page))
    text(marketer.get(f"{page}now/"))
    assert AuditEntry.objects.filter(did="source.watched").count() == 1
