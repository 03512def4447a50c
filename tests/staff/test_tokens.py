"""Tokens for machines, made and revoked on a page."""

from __future__ import annotations

import re

import pytest

from spindel.staff.models import ApiToken, AuditEntry, User
from tests.staff.conftest import browser, logged_in


@pytest.fixture
def ann(admin: User):
    """Ann's browser."""
    return logged_in(admin)


def make(client) -> str:
    page = client.post("/tokens/", {"name": "Till", "scopes": ["customers:read"]})
    found = re.search(r"sp_[\w-]{43}", page.content.decode())
    assert found
    return found[0]


def calls(secret: str) -> int:
    client = browser()
    return client.get("/api/customers/1", headers={"Authorization": f"Bearer {secret}"}).status_code


def test_an_empty_list_says_what_to_do(ann) -> None:
    assert "No program may call in yet" in ann.get("/tokens/").content.decode()


def test_a_token_is_shown_once_and_opens_the_api(ann) -> None:
    secret = make(ann)
    assert calls(secret) == 404
    page = ann.get("/tokens/").content.decode()
    assert secret not in page
    assert "made by Ann" in page
    assert "customers:read" in page


def test_a_revoked_token_opens_nothing(ann) -> None:
    secret = make(ann)
    there = f"/tokens/{ApiToken.objects.get().pk}/revoke/"
    assert "undone" in ann.get(there).content.decode()
    assert calls(secret) == 404
    ann.post(there)
    assert calls(secret) == 401
    assert "revoked" in ann.get("/tokens/").content.decode()
    did = list(AuditEntry.objects.values_list("by", "did"))
    assert ("ann@nordsko.example", "token.created") in did
    assert ("ann@nordsko.example", "token.revoked") in did


@pytest.mark.parametrize("form", [{"name": "Till"}, {"scopes": ["customers:read"]}])
def test_a_token_needs_a_name_and_something_to_do(ann, form: dict[str, object]) -> None:
    assert ann.post("/tokens/", form).status_code == 200
    assert not ApiToken.objects.exists()
    assert ann.post("/tokens/", {"name": "x", "scopes": ["everything"]}).status_code == 200
    assert not ApiToken.objects.exists()
