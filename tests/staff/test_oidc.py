"""Logging in at the company's provider, and what is not believed."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from spindel.staff.models import AuditEntry, Role, User
from tests.staff.conftest import browser, code, is_in, logged_in
from tests.staff.provider import CLIENT, SECRET, Provider


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch, settings) -> Iterator[Provider]:
    """A provider, and Spindel set up for it."""
    provider = Provider()
    for name, value in (("URL", provider.url), ("NAME", "Nordsko ID")):
        monkeypatch.setenv(f"SPINDEL_OIDC_{name}", value)
    app = {
        "provider_id": "company",
        "name": "Nordsko ID",
        "client_id": CLIENT,
        "secret": SECRET,
        "settings": {"server_url": provider.url},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {**settings.SOCIALACCOUNT_PROVIDERS["openid_connect"], "APPS": [app]}
    }
    yield provider
    provider.stop()


def there(client: Client, next: str = "") -> str:
    """Where the button on the login page leads."""
    answer = client.get("/login/company/" + (f"?next={next}" if next else ""))
    assert answer.status_code == 302, answer.content
    return str(answer["Location"])


def come_back(client: Client, address: str):
    parts = urlsplit(address)
    assert parts.path == "/login/company/back/"
    return client.get(f"{parts.path}?{parts.query}")


def log_in(client: Client, provider: Provider, next: str = ""):
    return come_back(client, provider.authorize(there(client, next)))


def test_somebody_who_is_here_logs_in_by_her_verified_address(
    agent: User, provider: Provider
) -> None:
    client = browser()
    assert "Log in with Nordsko ID" in client.get("/login/").content.decode()
    answer = log_in(client, provider, "/customers/%3Fq=anna")
    assert answer["Location"] == "/customers/?q=anna"
    assert is_in(client)
    assert client.get("/account/").context["user"] == agent
    assert agent.has_usable_password()
    assert AuditEntry.objects.filter(by=agent.email, did="account.logged_in").exists()


def test_the_case_of_an_address_is_no_matter(agent: User, provider: Provider) -> None:
    provider.person["email"] = "Maja@Nordsko.Example"
    client = browser()
    log_in(client, provider)
    assert is_in(client)


def refused(client: Client, answer, says: str, status: int = 403) -> None:
    assert answer.status_code == status, answer.content.decode()
    assert says in answer.content.decode().replace("&#x27;", "'")
    assert not is_in(client)


def test_somebody_unknown_is_told_to_ask(agent: User, provider: Provider) -> None:
    provider.person["email"] = "stranger@nordsko.example"
    client = browser()
    refused(client, log_in(client, provider), "you have no account here")
    assert User.objects.count() == 1


@pytest.mark.parametrize("verified", [False, None, "false", 0])
def test_an_address_that_is_not_verified_is_nobodys(
    agent: User, provider: Provider, verified: object
) -> None:
    provider.person["email_verified"] = verified
    client = browser()
    refused(client, log_in(client, provider), "has not verified your e-mail address")


def test_it_stays_open_while_a_stranger_guesses_the_password(
    agent: User, provider: Provider
) -> None:
    """Whoever knows an address can keep the password from being tried, and not this."""
    stranger = browser()
    for _ in range(6):
        guess = stranger.post("/login/", {"login": agent.email, "password": "a guess"})
    assert guess.status_code == 429
    client = browser()
    log_in(client, provider)
    assert is_in(client)


@pytest.mark.parametrize("letter", ["\u212a", "K\u0307", "\u0199"], ids=ascii)
def test_an_address_that_only_looks_like_a_colleagues_is_not_hers(
    agent: User, provider: Provider, letter: str
) -> None:
    """The Kelvin sign is a k once it is in lower case; its domain is somebody else's."""
    provider.person["email"] = agent.email.replace("k", letter)
    client = browser()
    refused(client, log_in(client, provider), "has not verified your e-mail address")


def test_a_closed_account_stays_closed(agent: User, provider: Provider) -> None:
    User.objects.filter(pk=agent.pk).update(is_active=False)
    client = browser()
    assert log_in(client, provider)["Location"] == "/inactive/"
    assert not is_in(client)


def test_the_second_step_is_asked_for_here_too(agent: User, provider: Provider, use_app) -> None:
    secret = use_app(logged_in(agent))
    client = browser()
    assert log_in(client, provider)["Location"] == "/login/step/"
    assert not is_in(client)
    client.post("/login/step/", {"code": code(secret)})
    assert is_in(client)


def test_unknown_people_come_in_with_a_role_where_the_settings_say_so(
    provider: Provider, database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINDEL_OIDC_SIGNUP_ROLE", "analyst")
    client = browser()
    log_in(client, provider)
    assert is_in(client)
    user = User.objects.get()
    assert (user.email, user.name, user.role) == (
        "maja@nordsko.example",
        "Maja Lund",
        Role.ANALYST,
    )
    assert not user.has_usable_password()
    assert "Change password" not in client.get("/account/").content.decode()
    log_in(browser(), provider)
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "lies",
    [
        {"iss": "http://evil.example"},
        {"aud": "another-program"},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"nonce": "of another login"},
        {"nonce": None},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"sub": None},
        {"iat": None},
    ],
    ids=str,
)
def test_an_id_token_that_is_not_for_this_login_is_refused(
    agent: User, provider: Provider, lies: dict[str, object]
) -> None:
    provider.lies = lies
    client = browser()
    refused(client, log_in(client, provider), "was not good")


@pytest.mark.parametrize("how", ["forged", "unsigned"])
def test_an_id_token_that_the_provider_did_not_sign_is_refused(
    agent: User, provider: Provider, how: str
) -> None:
    setattr(provider, how, True)
    client = browser()
    refused(client, log_in(client, provider), "was not good")


def test_what_is_told_of_somebody_else_is_refused(agent: User, provider: Provider) -> None:
    provider.userinfo_lies = {"sub": "p-2"}
    client = browser()
    refused(client, log_in(client, provider), "was not good")


def test_the_signed_claims_stand_above_the_others(
    agent: User, clerk: User, provider: Provider
) -> None:
    provider.userinfo_lies = {"email": clerk.email}
    client = browser()
    log_in(client, provider)
    assert client.get("/account/").context["user"] == agent


def test_a_provider_by_another_name_is_refused(agent: User, provider: Provider) -> None:
    provider.issuer_lie = "http://evil.example"
    answer = browser().get("/login/company/")
    assert answer.status_code == 502


def test_an_answer_to_nobodys_question_is_refused(agent: User, provider: Provider) -> None:
    asked, other = browser(), browser()
    back = provider.authorize(there(asked))
    refused(other, come_back(other, back), "was not good")
    made_up = back.replace(parse_qs(urlsplit(back).query)["state"][0], "made-up")
    refused(asked, come_back(asked, made_up), "was not good")


def test_an_answer_is_good_once(agent: User, provider: Provider) -> None:
    client = browser()
    back = provider.authorize(there(client))
    come_back(client, back)
    client.post("/logout/")
    refused(client, come_back(client, back), "was not good")


def test_anothers_code_does_not_fit(agent: User, provider: Provider) -> None:
    hers, mine = browser(), browser()
    stolen = parse_qs(urlsplit(provider.authorize(there(hers))).query)["code"][0]
    back = provider.authorize(there(mine))
    own = parse_qs(urlsplit(back).query)["code"][0]
    refused(mine, come_back(mine, back.replace(own, stolen)), "was not good")


def test_whoever_cancels_is_back_at_the_login(agent: User, provider: Provider) -> None:
    client = browser()
    state = parse_qs(urlsplit(there(client)).query)["state"][0]
    answer = client.get(f"/login/company/back/?error=access_denied&state={state}")
    assert answer["Location"] == "/login/"


def test_a_provider_that_is_away_is_told_of(agent: User, provider: Provider) -> None:
    client = browser()
    back = provider.authorize(there(client))
    provider.stop()
    refused(client, come_back(client, back), "does not answer", 502)
    refused(client, client.get("/login/company/"), "does not answer", 502)


def test_it_leads_to_no_other_site(agent: User, provider: Provider) -> None:
    assert log_in(browser(), provider, "https://evil.example/")["Location"] == "/"


def test_without_settings_there_is_no_such_login(agent: User) -> None:
    assert "login/company" not in browser().get("/login/").content.decode()
    assert browser().get("/login/company/")["Location"] == "/login/"
    assert browser().get("/login/company/back/?code=x&state=y")["Location"] == "/login/"
