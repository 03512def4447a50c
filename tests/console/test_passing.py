"""Errors that pass by themselves are answered so that one comes again; all others are not."""

from __future__ import annotations

import errno

import psycopg
import pytest
from django.db import OperationalError
from django.test import Client

from spindel.staff.api import needs

PASSING = [
    OperationalError("the server is gone"),
    psycopg.OperationalError("no connection in time"),
    OSError(errno.ENOSPC, "No space left on device"),
]


@pytest.fixture
def fail(monkeypatch: pytest.MonkeyPatch):
    """Has whatever is asked meet the error."""

    def with_error(error: Exception) -> Client:
        def raise_it(*_: object) -> bool:
            raise error

        monkeypatch.setattr("spindel.staff.sessions.is_over", raise_it)
        monkeypatch.setattr(needs, "authenticate", raise_it)
        return Client(raise_request_exception=False)

    return with_error


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__module__)
def test_a_page_and_a_machine_are_told_to_come_again(fail, maja: Client, error: Exception) -> None:
    failing = fail(error)
    failing.cookies = maja.cookies
    page = failing.get("/")
    assert page.status_code == 503
    assert page["Retry-After"] == "5"
    assert "Vänta en liten stund" in page.content.decode()
    called = failing.get("/api/orders", headers={"Authorization": "Bearer sp_x"})
    assert called.status_code == 503
    assert called["Retry-After"] == "5"
    assert called.json()["code"] == "unavailable"


def test_what_is_wrong_with_the_program_is_no_matter_of_time(fail, maja: Client) -> None:
    failing = fail(ZeroDivisionError())
    failing.cookies = maja.cookies
    page = failing.get("/")
    assert page.status_code == 500
    assert "Retry-After" not in page
