"""Errors that pass by themselves are answered so that one comes again; all others are not."""

from __future__ import annotations

import errno
import re
import sqlite3
from contextlib import closing

import psycopg
import pytest
from django.db import OperationalError, connection
from django.test import Client

from spindel.kit.scratch import scratch
from spindel.kit.templatetags.look import _versions
from spindel.staff.api import needs


def said_by_scratch(doing: str) -> sqlite3.Error:
    """What SQLite says of that in a database that may not grow."""
    with closing(scratch("PRAGMA max_page_count = 1")) as database:
        try:
            database.execute(doing)
        except sqlite3.Error as error:
            return error
    raise AssertionError(doing)


def said_in_writing() -> sqlite3.Error:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_WRITE
    return error


PASSING = [
    OperationalError("the server is gone"),
    psycopg.OperationalError("no connection in time"),
    OSError(errno.ENOSPC, "No space left on device"),
    said_by_scratch("CREATE TABLE one (a)"),
    said_in_writing(),
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


@pytest.mark.parametrize("error", [ZeroDivisionError(), said_by_scratch("SELECT a FROM nowhere")])
def test_what_is_wrong_with_the_program_is_no_matter_of_time(
    fail, maja: Client, error: Exception
) -> None:
    failing = fail(error)
    failing.cookies = maja.cookies
    page = failing.get("/")
    assert page.status_code == 500
    assert "Retry-After" not in page


PASSES = OperationalError("it passes")


@pytest.mark.parametrize(
    ("path", "style", "start"),
    [
        ("/orders/", "console.css", "/"),
        ("/store/", "store.css", "/store/"),
        ("/o/x/", "paper.css", ""),
        ("/q/x/", "paper.css", ""),
    ],
)
@pytest.mark.parametrize("error", [PASSES, ZeroDivisionError()], ids=["passes", "does not"])
def test_the_page_of_an_error_looks_like_those_around_it_and_leads_on(
    fail, maja: Client, path: str, style: str, start: str, error: Exception
) -> None:
    failing = fail(error)
    failing.cookies = maja.cookies
    page = failing.get(path).content.decode()
    assert f"/{style}?v=" in page or not _versions()
    assert ("Spindel" in page) == bool(start), "who has come by a link has nothing to do with us"
    assert re.findall('href="(/?[a-z]*/?)"', page) == [start, ""] if start else [""]
    sent = failing.post(path, headers={"Referer": f"http://testserver{path}edit"})
    assert f'href="http://testserver{path}edit"' in sent.content.decode()
    elsewhere = failing.post(path, headers={"Referer": "https://elsewhere.example/"})
    assert "elsewhere" not in elsewhere.content.decode()


def test_a_page_that_waits_for_a_lock_is_told_to_come_again_and_nothing_is_done(
    database_url: str, maja: Client
) -> None:
    maja.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '50ms'")
        try:
            with psycopg.connect(database_url) as other:
                other.execute("LOCK TABLE orders_order IN ACCESS EXCLUSIVE MODE")
                page = maja.get("/orders/")
        finally:
            cursor.execute("RESET lock_timeout")
    assert page.status_code == 503
    assert page["Retry-After"] == "5"
    assert maja.get("/orders/").status_code == 200
