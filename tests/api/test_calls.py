"""A call of the API goes its own short way; what holds for every answer holds for it, too."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import Client

from spindel.staff.actions import create_token
from spindel.staff.models import ApiToken, Scope


@pytest.fixture
def secret(database: str) -> str:
    """A token to read stock with."""
    return create_token("erp", [Scope.READ_STOCK], None)[1]


def ask(secret: str, path: str = "/api/stock/holds/1", **headers: str) -> HttpResponse:
    return Client().get(path, headers={"Authorization": f"Bearer {secret}", **headers})


def test_a_call_tells_its_length_and_sets_no_cookie(secret: str) -> None:
    answer = ask(secret)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_hold")
    assert answer["Content-Length"] == str(len(answer.content))
    assert not answer.cookies


def test_a_host_that_is_not_ours_is_refused(secret: str, settings) -> None:
    settings.ALLOWED_HOSTS = ["shop.example"]
    assert ask(secret, Host="evil.example").status_code == 400
    assert ask(secret, Host="shop.example").status_code == 404


def test_an_address_with_nothing_behind_it_says_so_in_json(secret: str) -> None:
    answer = ask(secret, "/api/stock/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_the_language_is_the_one_that_was_asked_for(secret: str) -> None:
    assert ask(secret, **{"Accept-Language": "sv"})["Content-Language"] == "sv"
    assert ask(secret)["Content-Language"] == "en"


def test_when_it_was_used_last_is_noted_and_not_at_each_call(secret: str) -> None:
    ask(secret)
    first = ApiToken.objects.get().used_at
    ask(secret)
    assert first is not None
    assert ApiToken.objects.get().used_at == first
