"""People who log in as people do: through the login page."""

from __future__ import annotations

import hashlib
import hmac
import time
from base64 import b32decode
from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client

from spindel.staff.models import Role, User
from tests.conftest import PASSWORD

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def _apart(request: pytest.FixtureRequest) -> None:
    """What is counted against guessing is in no model's table, so nothing empties it."""
    if "database" in request.fixturenames:
        request.getfixturevalue("database")
        cache.clear()


@pytest.fixture(autouse=True)
def _quick(settings) -> None:
    """A good hash of a password takes its time, which these tests need not."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def admin(database: None) -> User:
    """Ann, who administers."""
    return User.objects.create_user("ann@nordsko.example", PASSWORD, role=Role.ADMIN, name="Ann")


def browser() -> Client:
    """A browser of its own, which speaks English."""
    return Client(HTTP_ACCEPT_LANGUAGE="en", HTTP_USER_AGENT=AGENT)


def log_in(client: Client, user: User, password: str = PASSWORD):
    """Send the login form."""
    return client.post("/login/", {"login": user.email, "password": password})


def logged_in(user: User) -> Client:
    """A browser in which the person has logged in by password."""
    client = browser()
    assert log_in(client, user).status_code == 302
    assert client.get("/account/").status_code == 200
    return client


def is_in(client: Client) -> bool:
    """Whether the browser is logged in."""
    return client.get("/account/").status_code == 200


def prove(client: Client) -> None:
    """Type the password again, as is asked before something sensitive."""
    answer = client.post("/account/again/", {"password": PASSWORD, "next": "/account/"})
    assert answer.status_code == 302


def code(secret: str, at: float | None = None) -> str:
    """What an authenticator app shows: RFC 6238, by the standard library alone."""
    counter = int((at or time.time()) // 30)
    digest = hmac.digest(b32decode(secret), counter.to_bytes(8, "big"), hashlib.sha1)
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


@pytest.fixture
def use_app(monkeypatch: pytest.MonkeyPatch) -> Callable[[Client], str]:
    """Set up an authenticator app in a browser that is logged in; its secret."""

    def set_up(client: Client) -> str:
        prove(client)
        page = client.get("/account/app/")
        secret: str = page.context["form"].secret
        # The step before is as good, and so the code of this one is still unused.
        answer = client.post("/account/app/", {"code": code(secret, time.time() - 30)})
        assert answer.status_code == 302, answer.content.decode()
        return secret

    return set_up
