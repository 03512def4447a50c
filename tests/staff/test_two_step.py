"""Logging in by two steps: an authenticator app, recovery codes, and how both are kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection

from spindel.kit import sealed, vault
from spindel.staff.models import AuditEntry, User
from tests.staff.conftest import browser, code, is_in, log_in, logged_in, prove


def second(client, code: str):
    return client.post("/login/step/", {"code": code})


def test_after_the_password_the_apps_code_lets_her_in(agent: User, use_app) -> None:
    secret = use_app(logged_in(agent))
    client = browser()
    assert log_in(client, agent)["Location"] == "/login/step/"
    assert not is_in(client)
    assert second(client, code(secret))["Location"] == "/"
    assert is_in(client)


def test_a_code_opens_once(agent: User, use_app) -> None:
    secret = use_app(logged_in(agent))
    first, other = browser(), browser()
    typed = code(secret)
    for client in (first, other):
        log_in(client, agent)
        second(client, typed)
    assert is_in(first)
    assert not is_in(other)


def test_a_wrong_code_lets_nobody_in(agent: User, use_app) -> None:
    secret = use_app(logged_in(agent))
    client = browser()
    log_in(client, agent)
    wrong = f"{(int(code(secret)) + 1) % 1_000_000:06}"
    answer = second(client, wrong)
    assert answer.status_code == 200
    assert "Incorrect code" in answer.content.decode()
    assert not is_in(client)


def test_guessing_codes_ends_with_429_for_the_right_one_too(agent: User, use_app) -> None:
    secret = use_app(logged_in(agent))
    client = browser()
    log_in(client, agent)
    for _ in range(5):
        assert second(client, "abcdef").status_code == 200
    answer = second(client, code(secret))
    assert answer.status_code == 429
    assert "Too many attempts" in answer.content.decode()
    assert not is_in(client)


def test_a_recovery_code_lets_her_in_once(agent: User, use_app) -> None:
    at_home = logged_in(agent)
    use_app(at_home)
    shown = at_home.get("/account/codes/").content.decode()
    codes = re.findall(r"^(?:.*<pre[^>]*>)?(\d{8})(?:</pre>.*)?$", shown, re.MULTILINE)
    assert len(codes) == 10
    first, other = browser(), browser()
    for client in (first, other):
        log_in(client, agent)
        second(client, codes[0])
    assert is_in(first)
    assert not is_in(other)
    assert "9 are left" in at_home.get("/account/").content.decode()


@pytest.mark.parametrize(
    "path", ["/account/app/", "/account/passkeys/new/", "/account/codes/", "/account/codes/new/"]
)
def test_changing_how_one_logs_in_asks_for_the_password_again(
    path: str, agent: User, use_app
) -> None:
    if "codes" in path:
        use_app(logged_in(agent))
        Authenticator.objects.filter(type="totp").delete()  # so that the next login is one step
    client = logged_in(agent)
    answer = client.get(path)
    assert answer["Location"].startswith("/account/again/")
    prove(client)
    assert client.get(path).status_code == 200


def test_a_wrong_password_proves_nothing(agent: User) -> None:
    client = logged_in(agent)
    answer = client.post("/account/again/", {"password": "not the password", "next": "/"})
    assert answer.status_code == 200
    assert client.get("/account/app/").status_code == 302


def test_secrets_lie_sealed_in_the_database(agent: User, use_app) -> None:
    client = logged_in(agent)
    secret = use_app(client)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data::text FROM mfa_authenticator")
        kept = " ".join(row[0] for row in cursor.fetchall())
    assert kept.count("sealed:1:") == 2
    assert secret not in kept
    shown = client.get("/account/codes/").content.decode()
    for recovery in re.findall(r"\d{8}", shown):
        assert recovery not in kept


def test_the_app_goes_on_opening_after_a_change_of_key(
    agent: User, use_app, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINDEL_HOME", str(tmp_path))
    secret = use_app(logged_in(agent))
    vault.add_key()
    assert sealed.reseal() == 2  # the app's secret, and what the recovery codes are made from
    vault.drop_old_keys()
    client = browser()
    log_in(client, agent)
    second(client, code(secret))
    assert is_in(client)


def test_removing_the_app_leaves_the_password(agent: User, use_app) -> None:
    client = logged_in(agent)
    use_app(client)
    assert client.post("/account/app/remove/").status_code == 302
    assert log_in(browser(), agent)["Location"] == "/"


def test_two_step_login_goes_on_record(agent: User, use_app) -> None:
    client = logged_in(agent)
    use_app(client)
    client.post("/account/app/remove/")
    did = list(AuditEntry.objects.order_by("pk").values_list("by", "did"))
    assert (agent.email, "account.logged_in") in did
    assert (agent.email, "account.two_step_added") in did
    assert (agent.email, "account.two_step_removed") in did


def test_where_two_steps_are_demanded_she_sets_them_up_before_anything_else(
    agent: User, use_app, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINDEL_REQUIRE_MFA", "yes")
    client = logged_in(agent)
    for path in ("/", "/attention/", "/find/?q=anna", "/customers/", "/customers/1/"):
        assert client.get(path)["Location"] == "/account/"
    fragment = client.get("/now/", headers={"HX-Request": "true"})
    assert fragment["HX-Redirect"] == "/account/"
    assert "Here everybody logs in by two steps" in client.get("/account/").content.decode()
    use_app(client)
    assert client.get("/").status_code == 200


def test_where_they_are_not_demanded_she_goes_on_without(agent: User) -> None:
    assert logged_in(agent).get("/").status_code == 200


def test_giving_up_the_second_step_leads_back_to_the_login(agent: User, use_app) -> None:
    use_app(logged_in(agent))
    client = browser()
    log_in(client, agent)
    assert client.get("/login/")["Location"] == "/login/step/"
    assert client.post("/login/other/")["Location"] == "/login/"
    assert client.get("/login/").status_code == 200
