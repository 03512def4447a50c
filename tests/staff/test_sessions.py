"""Logins end: unused, too old, ended from elsewhere, and with whatever changes who one is."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from spindel.staff import actions
from spindel.staff.models import Role, User
from tests.conftest import PASSWORD
from tests.staff.conftest import browser, is_in, log_in, logged_in


def ago(client: Client, **what: float) -> None:
    """Pretend that moments of the session were so many seconds ago."""
    session = client.session
    for name, seconds in what.items():
        session[name] = int(time.time() - seconds)
    session.save()


def expires(client: Client):
    return Session.objects.get(session_key=client.session.session_key).expire_date


def test_the_key_of_the_session_changes_on_login(agent: User) -> None:
    client = browser()
    client.get("/login/company/")
    session = client.session
    session["something"] = "from before"
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = before = session.session_key
    log_in(client, agent)
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_a_login_that_is_used_lasts_longer(agent: User) -> None:
    client = logged_in(agent)
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=5))
    ago(client, seen_at=600)
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=5))
    client.get("/")
    assert expires(client) > timezone.now() + timedelta(hours=11)


def test_one_that_is_not_used_ends(agent: User) -> None:
    client = logged_in(agent)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert not is_in(client)


def test_what_an_open_page_fetches_by_itself_is_no_use_of_it(agent: User) -> None:
    client = logged_in(agent)
    ago(client, seen_at=600)
    soon = timezone.now() + timedelta(minutes=5)
    Session.objects.update(expire_date=soon)
    client.get("/now/", headers={"HX-Request": "true"})
    assert expires(client) == soon


def test_none_lasts_for_ever(agent: User) -> None:
    client = logged_in(agent)
    ago(client, began_at=7 * 86_400 - 60)
    assert is_in(client)
    ago(client, began_at=7 * 86_400 + 60)
    assert not is_in(client)


def test_whoever_does_not_stay_logged_in_gets_a_cookie_that_goes_with_the_browser(
    agent: User,
) -> None:
    form = {"login": agent.email, "password": PASSWORD}
    name = settings.SESSION_COOKIE_NAME
    short, long = browser(), browser()
    short.post("/login/", form)
    long.post("/login/", form | {"remember": "on"})
    assert short.cookies[name]["max-age"] == ""
    assert long.cookies[name]["max-age"] == settings.SESSION_COOKIE_AGE == 12 * 3600


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(agent: User) -> None:
    client = browser()
    client.get("/login/")
    log_in(client, agent)
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        cookie = client.cookies[name]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert cookie["path"] == "/"
        assert not cookie["domain"]


def test_a_new_password_logs_out_everywhere_else(agent: User) -> None:
    here, there = logged_in(agent), logged_in(agent)
    new = "another long password for tests"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert here.post("/account/password/", form).status_code == 302
    assert is_in(here)
    assert not is_in(there)


@pytest.mark.parametrize(
    "new", ["short", "password1234", "maja@nordsko.example", "an entirely different one"]
)
def test_a_password_keeps_the_rules(agent: User, new: str) -> None:
    client = logged_in(agent)
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    answer = client.post("/account/password/", form)
    assert answer.status_code == (302 if new.startswith("an entirely") else 200)


def test_a_new_password_needs_the_one_from_before(agent: User) -> None:
    client = logged_in(agent)
    new = "another long password for tests"
    form = {"oldpassword": "not the password", "password1": new, "password2": new}
    assert client.post("/account/password/", form).status_code == 200
    agent.refresh_from_db()
    assert agent.check_password(PASSWORD)


def test_closing_an_account_logs_it_out_at_once(agent: User, admin: User) -> None:
    client = logged_in(agent)
    actions.close_account(agent.pk, admin)
    assert not is_in(client)
    actions.open_account(agent.pk, admin)
    assert not is_in(client)
    assert is_in(logged_in(agent))


def test_another_role_holds_at_once(agent: User, admin: User) -> None:
    client = logged_in(agent)
    assert client.get("/people/").status_code == 403
    actions.change_role(agent.pk, Role.ADMIN, admin)
    assert client.get("/people/").status_code == 200


def test_one_sees_where_one_is_logged_in_and_ends_it_there(agent: User) -> None:
    here, there = logged_in(agent), logged_in(agent)
    page = here.get("/account/").content.decode()
    assert page.count("Firefox on Linux") >= 2
    assert page.count("this device") == 1
    other = UserSession.objects.get(session_key=there.session.session_key)
    here.post(f"/account/devices/{other.pk}/end/")
    assert not is_in(there)
    assert is_in(here)


def test_one_logs_out_everywhere_else_at_once(agent: User) -> None:
    here, *others = (logged_in(agent) for _ in range(3))
    here.post("/account/devices/end/")
    assert [is_in(client) for client in (here, *others)] == [True, False, False]


def test_nobody_ends_anothers_login(agent: User, clerk: User) -> None:
    hers, his = logged_in(agent), logged_in(clerk)
    other = UserSession.objects.get(session_key=his.session.session_key)
    hers.post(f"/account/devices/{other.pk}/end/")
    hers.post("/account/devices/end/")
    assert is_in(his)


def test_logging_out_ends_it(agent: User) -> None:
    client = logged_in(agent)
    key = client.session.session_key
    client.post("/logout/")
    assert not is_in(client)
    assert not Session.objects.filter(session_key=key).exists()
