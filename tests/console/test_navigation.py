"""The way around: what each domain declares, for whom, and where one is."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import resolve, reverse

from spindel.staff import navigation, worries
from spindel.staff.models import Role
from spindel.staff.permissions import allowed
from tests.console.conftest import text

As = Callable[[Role], Client]
ROLES = list(Role)


def rail(page: str) -> list[str]:
    """Where the navigation leads."""
    inside = page.partition('<nav class="nav"')[2].partition("</nav>")[0]
    return re.findall(r'<a href="([^"]*)"', inside)


@pytest.mark.parametrize("role", ROLES)
def test_all_that_is_offered_opens_and_says_where_one_is(as_role: As, role: Role) -> None:
    client = as_role(role)
    offered = rail(text(client.get("/live/")))
    assert len(offered) == len(set(offered)) > 3
    for path in offered:
        answer = client.get(path)
        if path == "/store/":  # the tablet has a frame of its own
            assert answer.status_code in (200, 302)
            continue
        page = text(answer)
        assert re.search(rf'<a href="{path}" aria-current="page"', page), path


@pytest.mark.parametrize("role", ROLES)
def test_nothing_is_offered_that_is_not_for_the_role(as_role: As, role: Role) -> None:
    offered = set(rail(text(as_role(role).get("/live/"))))
    for entry in navigation.entries():
        asks = getattr(resolve(entry.url).func, "requires", "")
        assert asks in allowed(), entry.route
        if role not in allowed()[asks]:
            assert entry.url not in offered, entry.route


def test_an_entry_asks_for_no_less_than_its_page() -> None:
    for entry in navigation.entries():
        page = allowed()[resolve(entry.url).func.requires]
        assert allowed()[entry.needs] <= page, entry.route


def test_a_page_below_an_entry_belongs_to_it(as_role: As) -> None:
    page = text(as_role(Role.ADMIN).get("/people/new/"))
    assert '<a href="/people/" aria-current="page"' in page
    assert re.search(r'<a href="/settings/"\s+aria-current="true"', page)


def test_settings_are_one_area_with_all_that_is_set_up(as_role: As) -> None:
    page = text(as_role(Role.ADMIN).get("/settings/"))
    main = page.partition("<main")[2]
    for route in (
        *("people", "tokens", "sources", "places", "selling", "return-policy"),
        *("mail", "privacy", "audit"),
    ):
        assert f'href="{reverse(route)}"' in main, route
        assert reverse(route) in rail(page), route
    for role in (Role.AGENT, Role.MARKETER, Role.CLERK, Role.ANALYST):
        client = as_role(role)
        assert client.get("/settings/").status_code == 403
        assert "/settings/" not in rail(text(client.get("/live/")))


@pytest.mark.parametrize("page", ["mail", "selling"])
def test_what_is_set_up_is_told_without_secrets(
    as_role: As, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    monkeypatch.setenv("SPINDEL_SMTP_URL", "smtp://anna:very-secret@mail.example:587?tls=starttls")
    monkeypatch.setenv("SPINDEL_MAIL_FROM", "Nordsko <hej@nordsko.example>")
    monkeypatch.setenv("SPINDEL_SELLER", "Nordsko AB")
    said = text(as_role(Role.ADMIN).get(f"/settings/{page}/"))
    assert ("mail.example:587" if page == "mail" else "Nordsko AB") in said
    assert "very-secret" not in said


def test_old_addresses_lead_to_the_list(maja: Client) -> None:
    assert maja.get("/promises/")["Location"] == "/attention/"


def test_a_kind_of_worry_asks_for_a_permission_that_there_is() -> None:
    names = [kind.name for kind in worries.kinds()]
    assert len(names) == len(set(names)) > 5
    for kind in worries.kinds():
        assert {kind.needs, kind.acts or kind.needs} <= allowed().keys()


@pytest.mark.parametrize("role", ROLES)
def test_nobody_acts_on_what_is_not_for_the_role(as_role: As, role: Role) -> None:
    client = as_role(role)
    for kind in worries.kinds():
        if role in allowed()[kind.acts or kind.needs]:
            continue
        for verb in ("again", "settle"):
            assert client.post(f"/attention/{kind.name}/1/{verb}/").status_code == 403, kind.name
