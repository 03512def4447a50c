"""The log says what went wrong and where, and nothing of anybody."""

from __future__ import annotations

import io
import json
import logging

import pytest
from django.test import Client

from spindel.staff.models import User
from tests.staff.conftest import logged_in


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the program logs, as it is set up."""
    (handler,) = [one for one in logging.getLogger().handlers if _is_ours(one)]
    lines = io.StringIO()
    # Not by setStream(), which flushes the former: a test before may have closed that.
    monkeypatch.setattr(handler, "stream", lines)
    return lines


def _is_ours(handler: logging.Handler) -> bool:
    return isinstance(handler, logging.StreamHandler) and "structlog" in repr(handler.formatter)


def test_of_an_error_the_kind_and_the_place_are_logged_and_not_what_it_says(
    agent: User, monkeypatch: pytest.MonkeyPatch, log: io.StringIO
) -> None:
    def fail(*_: object) -> None:
        try:
            raise ValueError("Key (value)=(anna@example.com) already exists.")
        except ValueError as error:
            raise RuntimeError("No anna@example.com here.") from error

    client = logged_in(agent)
    monkeypatch.setattr("spindel.staff.sessions.devices", fail)
    client.raise_request_exception = False
    assert client.get("/account/").status_code == 500
    (line,) = [json.loads(one) for one in log.getvalue().splitlines()]
    assert [one["exc_type"] for one in line["exception"]] == ["RuntimeError", "ValueError"]
    assert line["exception"][0]["frames"][-1]["name"] == "fail"
    assert "anna" not in log.getvalue()


def test_a_link_that_sets_a_password_is_not_in_the_log(
    database: str, log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/welcome/a-good-token/", {"password1": "x"}).status_code == 403
    assert strict.get("/welcome/a-good-token/").status_code == 410
    assert strict.get("/customers/?q=anna", headers={"host": "evil"}).status_code == 400
    assert log.getvalue() == ""
    assert capsys.readouterr().err == ""  # where Python writes what no handler takes
