"""Guessing is slowed down, by the account and by the address it comes from."""

from __future__ import annotations

import threading

import pytest
from django.contrib.auth.hashers import BasePasswordHasher, get_hasher
from django.db import connection

from spindel.staff.models import User
from tests.conftest import PASSWORD
from tests.staff.conftest import browser, is_in, log_in, logged_in


def test_an_account_is_guarded_whatever_address_the_guesses_come_from(agent: User) -> None:
    for n in range(5):
        client = browser()
        client.defaults["REMOTE_ADDR"] = f"203.0.113.{n}"
        assert log_in(client, agent, "not the password").status_code == 200
    client = browser()
    client.defaults["REMOTE_ADDR"] = "203.0.113.99"
    assert log_in(client, agent).status_code == 429


def test_an_address_is_slowed_down_whatever_accounts_it_tries(agent: User) -> None:
    def guess(n: int, address: str) -> int:
        client = browser()
        client.defaults["REMOTE_ADDR"] = address
        form = {"login": f"p{n}@nordsko.example", "password": "guess"}
        return client.post("/login/", form).status_code

    assert [guess(n, "203.0.113.1") for n in range(11)] == [200] * 10 + [429]
    assert guess(0, "203.0.113.2") == 200
    # Of the long addresses a household has 2^64.
    assert [guess(n, f"2001:db8::{n:x}") for n in range(11)] == [200] * 10 + [429]


def test_a_forged_header_is_no_other_address(agent: User) -> None:
    def guess(n: int) -> int:
        client = browser()
        client.defaults["HTTP_X_FORWARDED_FOR"] = f"198.51.100.{n}"
        form = {"login": f"p{n}@nordsko.example", "password": "guess"}
        return client.post("/login/", form).status_code

    assert [guess(n) for n in range(11)][-1] == 429


@pytest.mark.parametrize("header", ["", "nonsense", "198.51.100.1"])
def test_a_page_opens_round_the_proxies_too(
    agent: User, monkeypatch: pytest.MonkeyPatch, header: str
) -> None:
    monkeypatch.setenv("SPINDEL_TRUSTED_PROXIES", "2")
    client = browser()
    client.defaults["HTTP_X_FORWARDED_FOR"] = header
    assert log_in(client, agent).status_code == 302


def test_the_count_holds_for_guesses_at_the_same_moment(agent: User) -> None:
    answers: list[int] = []

    def guess() -> None:
        try:
            answers.append(log_in(browser(), agent, "not the password").status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(200) <= 5
    assert set(answers) <= {200, 429}


@pytest.mark.parametrize(
    ("path", "form", "limit"),
    [
        ("/account/password/", {"oldpassword": "x", "password1": "y", "password2": "y"}, 5),
        ("/account/again/", {"password": "x"}, 5),
    ],
)
def test_somebody_at_an_open_screen_can_not_guess_the_password(
    agent: User, path: str, form: dict[str, str], limit: int
) -> None:
    client = logged_in(agent)
    answers = [client.post(path, form).status_code for _ in range(limit + 1)]
    assert answers == [200] * limit + [429]


def test_whoever_logs_in_rightly_is_not_slowed_down(agent: User) -> None:
    for _ in range(12):
        assert is_in(logged_in(agent))


def test_unknown_and_wrong_take_about_as_long(agent: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Measured in what takes the time: the slow hash of a password is made in both."""
    hasher = type(get_hasher())
    made: list[str] = []
    encode = hasher.encode

    def count(self: BasePasswordHasher, password: str, salt: str) -> str:
        made.append(salt)
        return encode(self, password, salt)

    monkeypatch.setattr(hasher, "encode", count)
    log_in(browser(), agent, "not the password")
    wrong = len(made)
    log_in(browser(), User(email="nobody@nordsko.example"), PASSWORD)
    assert wrong == len(made) - wrong == 1


def test_a_closed_account_is_not_told_from_an_unknown_one_without_its_password(
    agent: User,
) -> None:
    User.objects.filter(pk=agent.pk).update(is_active=False)

    def alert(page: str) -> str:
        return page.partition('role="alert"')[2].partition("</p>")[0]

    closed = log_in(browser(), agent, "not the password").content.decode()
    unknown = log_in(browser(), User(email="x@nordsko.example"), "x").content.decode()
    assert alert(closed)
    assert alert(closed) == alert(unknown)
