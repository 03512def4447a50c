"""Administrators let people in and out; the link that sets a password."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from spindel.kit.refusal import Refusal
from spindel.staff import actions, links
from spindel.staff.models import AuditEntry, Role, User
from tests.conftest import PASSWORD
from tests.staff.conftest import browser, is_in, log_in, logged_in

NEW = {"name": "Karin Berg", "email": "Karin@Nordsko.example", "role": "clerk"}


@pytest.fixture
def ann(admin: User):
    """Ann's browser."""
    return logged_in(admin)


@pytest.fixture
def karin(ann) -> User:
    """Somebody who was let in and has not come yet."""
    ann.post("/people/new/", NEW)
    return User.objects.get(email="karin@nordsko.example")


def link_on(page) -> str:
    found = re.search(r"http://testserver(/welcome/[^<]+/)", page.content.decode())
    assert found
    return found[1]


def set_password(link: str, password: str = PASSWORD):
    return browser().post(link, {"password1": password, "password2": password})


def did() -> set[str]:
    return set(AuditEntry.objects.values_list("did", flat=True))


def test_a_new_person_sets_her_password_by_a_link_and_comes_in(ann) -> None:
    there = ann.post("/people/new/", NEW)["Location"]
    link = link_on(ann.get(there))
    assert "Welcome, Karin Berg" in browser().get(link).content.decode()
    assert set_password(link)["Location"] == "/login/"
    karin = User.objects.get(email="karin@nordsko.example")
    assert karin.role == Role.CLERK
    assert is_in(logged_in(karin))
    assert "/welcome/" not in ann.get(there).content.decode()
    assert {"person.invited", "account.password_set"} <= did()


def test_a_link_works_once(ann, karin: User) -> None:
    link = f"/welcome/{links.token(karin)}/"
    set_password(link)
    assert set_password(link, "yet another long password").status_code == 410
    assert browser().get(link).status_code == 410
    karin.refresh_from_db()
    assert karin.check_password(PASSWORD)


def test_a_link_used_twice_at_once_works_once(karin: User) -> None:
    token = links.token(karin)
    done: list[str] = []

    def use(password: str) -> None:
        try:
            actions.set_password_by_link(token, password)
            done.append(password)
        except Refusal:
            pass
        finally:
            connection.close()

    passwords = [f"a long password, number {n}" for n in range(4)]
    threads = [threading.Thread(target=use, args=(one,)) for one in passwords]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    karin.refresh_from_db()
    assert len(done) == 1
    assert karin.check_password(done[0])


def test_a_link_grows_too_old(karin: User) -> None:
    made_at = timezone.now() - timedelta(days=3, seconds=1)
    User.objects.filter(pk=karin.pk).update(link_made_at=made_at + timedelta(minutes=1))
    karin.refresh_from_db()
    link = f"/welcome/{links.token(karin)}/"
    assert browser().get(link).status_code == 200
    User.objects.filter(pk=karin.pk).update(link_made_at=made_at)
    assert browser().get(link).status_code == 410
    karin.refresh_from_db()
    assert links.token(karin) == ""


def test_a_newer_link_and_a_closed_account_make_a_link_void(ann, karin: User) -> None:
    first = f"/welcome/{links.token(karin)}/"
    there = f"/people/{karin.pk}/"
    ann.post(f"{there}link/")
    second = link_on(ann.get(there))
    assert browser().get(first).status_code == 410
    assert browser().get(second).status_code == 200
    ann.post(f"{there}close/")
    ann.post(f"{there}open/")
    assert browser().get(second).status_code == 410


@pytest.mark.parametrize("token", ["x", "e30:aaaa", "W10", "%00", "[1,2]:x", "a" * 3000])
def test_a_made_up_link_opens_nothing(database: None, token: str) -> None:
    assert browser().get(f"/welcome/{token}/").status_code == 410


def test_a_link_keeps_the_rules_for_passwords(karin: User) -> None:
    link = f"/welcome/{links.token(karin)}/"
    for weak in ("short", "karin@nordsko.example", "1234567890123"):
        assert set_password(link, weak).status_code == 200
    answer = browser().post(link, {"password1": PASSWORD, "password2": PASSWORD + "!"})
    assert "The two are not the same" in answer.content.decode()


def test_a_new_password_by_link_logs_out_everywhere(ann, agent: User) -> None:
    client = logged_in(agent)
    ann.post(f"/people/{agent.pk}/link/")
    assert is_in(client)
    set_password(link_on(ann.get(f"/people/{agent.pk}/")), "yet another long password")
    assert not is_in(client)
    assert log_in(browser(), agent).status_code == 200


def test_an_address_is_one_persons(ann, karin: User) -> None:
    answer = ann.post("/people/new/", NEW | {"email": "KARIN@nordsko.example"})
    assert "is here already" in answer.content.decode()
    assert User.objects.filter(email__iexact=karin.email).count() == 1


@pytest.mark.parametrize("wrong", [{"role": "king"}, {"email": "no address"}, {"name": ""}])
def test_what_can_not_be_is_refused(ann, wrong: dict[str, str]) -> None:
    assert ann.post("/people/new/", NEW | wrong).status_code == 200
    assert User.objects.count() == 1


def test_a_role_is_changed_and_an_account_closed_and_opened(ann, agent: User) -> None:
    there = f"/people/{agent.pk}/"
    ann.post(f"{there}role/", {"role": "analyst"})
    agent.refresh_from_db()
    assert agent.role == Role.ANALYST
    ann.post(f"{there}close/")
    assert log_in(browser(), agent)["Location"] == "/inactive/"
    ann.post(f"{there}open/")
    assert is_in(logged_in(agent))
    assert {"person.role_changed", "person.closed", "person.opened"} <= did()


def test_two_step_login_that_was_lost_is_taken_away(ann, agent: User, use_app) -> None:
    client = logged_in(agent)
    use_app(client)
    ann.post(f"/people/{agent.pk}/two-step/")
    assert not is_in(client)
    assert is_in(logged_in(agent))
    assert "person.two_step_reset" in did()


@pytest.mark.parametrize(("what", "form"), [("close", {}), ("role", {"role": "agent"})])
def test_nobody_shuts_herself_out(ann, admin: User, what: str, form: dict[str, str]) -> None:
    answer = ann.post(f"/people/{admin.pk}/{what}/", form, follow=True)
    assert "Another administrator has to do this" in answer.content.decode()
    admin.refresh_from_db()
    assert (admin.is_active, admin.role) == (True, Role.ADMIN)


def test_two_who_close_each_other_at_once_do_not_leave_nobody(admin: User) -> None:
    other = User.objects.create_user("eva@nordsko.example", PASSWORD, role=Role.ADMIN)
    start = threading.Barrier(2)

    def close(whom: User, by: User) -> None:
        start.wait(10)
        try:
            actions.close_account(whom.pk, by)
        except Refusal:
            pass
        finally:
            connection.close()

    threads = [
        threading.Thread(target=close, args=pair) for pair in ((admin, other), (other, admin))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert User.objects.filter(role=Role.ADMIN, is_active=True).count() == 1


def test_the_list_pages(ann) -> None:
    for n in range(60):
        User.objects.create_user(f"p{n:02}@nordsko.example", None, role=Role.CLERK)
    first = ann.get("/people/").content.decode()
    assert "Page 1 of 2" in first
    assert "p59@nordsko.example" in ann.get("/people/?page=2").content.decode()
    assert ann.get("/people/?page=nonsense").status_code == 200


@pytest.mark.parametrize("path", ["/people/", "/people/new/", "/people/1/", "/tokens/"])
def test_people_and_tokens_are_for_administrators(agent: User, path: str) -> None:
    client = logged_in(agent)
    assert client.get(path).status_code == 403
    assert "/people/" not in client.get("/").content.decode()


def test_what_nobody_offered_is_nowhere(ann, agent: User) -> None:
    assert ann.post(f"/people/{agent.pk}/promote/").status_code == 404
    assert ann.post(f"/people/{agent.pk}/role/", {"role": "king"}).status_code == 400
    assert ann.post("/people/99999/close/").status_code == 404
