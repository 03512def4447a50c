"""Who comes in, and who does not."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from spindel.staff.models import Role, User
from tests.conftest import PASSWORD
from tests.console.conftest import text


def log_in(client: Client, email: str, password: str):
    return client.post("/login/", {"login": email, "password": password})


@pytest.mark.parametrize("role", Role)
def test_each_role_logs_in_and_sees_what_comes_in(role: Role, database: None) -> None:
    User.objects.create_user("somebody@nordsko.example", PASSWORD, role=role)
    client = Client()
    begins = "/store/" if role == Role.CLERK else "/"
    assert log_in(client, "Somebody@nordsko.example", PASSWORD)["Location"] == begins
    assert "Live" in text(client.get("/live/"))


def test_a_wrong_password_is_refused_in_words(agent: User) -> None:
    page = text(log_in(Client(), agent.email, "not the password"))
    assert 'role="alert"' in page
    assert "not the password" not in page


def test_somebody_unknown_is_told_the_same_as_a_wrong_password(agent: User) -> None:
    def alert(page: str) -> str:
        return page.partition('role="alert"')[2].partition("</p>")[0]

    known = text(log_in(Client(), agent.email, "not the password"))
    unknown = text(log_in(Client(), "nobody@nordsko.example", "not the password"))
    assert alert(known)
    assert alert(known) == alert(unknown)


def test_many_wrong_passwords_lock_out_the_right_one_too(agent: User) -> None:
    for _ in range(5):
        text(log_in(Client(), agent.email, "not the password"))
    client = Client()
    answer = log_in(client, agent.email, PASSWORD)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert client.get("/").status_code == 302


def test_nobody_signs_up(database: None) -> None:
    for path in ("/closed/signup", "/signup/", "/accounts/signup/", "/login/signup/"):
        assert Client().get(path).status_code in (302, 404)
    assert User.objects.count() == 0


def test_one_who_left_can_not_log_in(agent: User) -> None:
    User.objects.filter(pk=agent.pk).update(is_active=False)
    client = Client()
    log_in(client, agent.email, PASSWORD)
    assert client.get("/").status_code == 302


def test_after_logging_in_one_is_where_one_wanted_to_be(agent: User) -> None:
    client = Client()
    answer = client.get("/customers/?q=anna")
    assert answer.status_code == 302
    assert answer["Location"] == "/login/?next=/customers/%3Fq%3Danna"
    page = text(client.get(answer["Location"]))
    assert 'name="next" value="/customers/?q=anna"' in page


def test_login_leads_to_no_other_site(agent: User) -> None:
    form = {"login": agent.email, "password": PASSWORD, "next": "https://evil.example/"}
    assert Client().post("/login/", form)["Location"] == "/"


def test_a_fragment_sends_the_whole_page_to_the_login(database: None) -> None:
    headers = {
        "HX-Request": "true",
        "HX-Current-URL": "http://testserver/customers/?q=anna",
    }
    answer = Client().get("/customers/found/?q=anna", headers=headers)
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == "/login/?next=/customers/%3Fq%3Danna"


def test_marketers_read_but_do_not_merge(as_role, told) -> None:
    told("Product Viewed")
    told("Product Viewed", who="user_id:bo")
    client, anna, bo = as_role(Role.MARKETER), told.customer(), told.customer("user_id:bo")
    assert "Merge" not in text(client.get(f"/customers/{anna}/"))
    for path in (f"merge/{bo}/", "split/", "undo/1/", "correct/"):
        assert client.post(f"/customers/{anna}/{path}").status_code == 403


def test_a_post_without_its_token_changes_nothing(agent: User, told) -> None:
    told("Product Viewed")
    client = Client(enforce_csrf_checks=True)
    client.force_login(agent, backend=settings.AUTHENTICATION_BACKENDS[0])
    answer = client.post(f"/customers/{told.customer()}/correct/", {"name": "a", "value": "b"})
    assert answer.status_code == 403
    assert "Nothing was changed" in answer.content.decode()


def test_the_password_is_changed(agent: User, maja: Client) -> None:
    text(maja.get("/account/password/"))
    new = "another long password for tests"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert maja.post("/account/password/", form).status_code == 302
    agent.refresh_from_db()
    assert agent.check_password(new)


def test_pages_load_nothing_from_elsewhere_and_run_nothing_inline(maja: Client, told) -> None:
    told("Product Viewed")
    for path in (
        "/",
        "/customers/",
        f"/customers/{told.customer()}/",
        "/account/password/",
        "/nope",
    ):
        answer = maja.get(path)
        policy = answer["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        page = answer.content.decode()
        assert " style=" not in page
        assert "<style" not in page
        assert "<script>" not in page
        assert "://" not in page.replace("http://testserver", "").replace(
            "http://www.w3.org/2000/svg", ""
        )
