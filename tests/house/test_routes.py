"""Every address, as every role and as nobody, against docs/permissions.md."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from copy import copy

import httpx
import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, resolve
from ninja import Schema

from spindel.catalogue.markets import Market
from spindel.collect.app import Collector
from spindel.console.api import api
from spindel.decide.page import PageKey
from spindel.identity import identifiers
from spindel.shop.api.key import ShopperKey
from spindel.shoppers import actions as shoppers
from spindel.shoppers.reading import digest
from spindel.staff import actions
from spindel.staff.api import needs
from spindel.staff.models import Role, Scope, User
from spindel.staff.permissions import allowed
from tests.conftest import PASSWORD
from tests.house.routes import example, operations, routes
from tests.house.tree import rows

# From elsewhere: this machine may read /metrics without a login.
ELSEWHERE = {"REMOTE_ADDR": "203.0.113.7", "HTTP_ACCEPT_LANGUAGE": "en"}
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
ROLES = [Role.ADMIN, Role.MARKETER, Role.AGENT, Role.CLERK, Role.ANALYST]


def permissions() -> dict[str, dict[str, str]]:
    """From the documentation: which role may do what."""
    return {
        name: dict(zip(ROLES, marks, strict=True))
        for name, *marks, _meaning in rows("permissions.md", "permission")
    }


def _needs(view: object) -> str:
    return getattr(view, "requires", "") or (
        f"nobody: {getattr(view, 'is_public', '')}" if getattr(view, "is_public", "") else ""
    )


def test_every_address_declares_who_may_and_is_documented() -> None:
    declared = {path: _needs(view) for path, view in routes().items()}
    assert not [path for path, what in declared.items() if not what]
    documented = dict(rows("permissions.md", "address"))
    right = "\n".join(
        f"| `{path}` | {what if ' ' in what else f'`{what}`'} |"
        for path, what in sorted(declared.items())
    )
    assert documented == declared, f"The table should be\n{right}"


def test_no_address_holds_an_id_that_no_row_can_have() -> None:
    with_ids = [path for path in routes() if "<id:" in path]
    assert len(with_ids) > 50
    for path in with_ids:
        assert resolve(example(path, 2**63 - 1)), path
        for id in (2**63, 10**30):
            with pytest.raises(Resolver404):
                resolve(example(path, id))


def test_what_opens_before_the_two_steps_that_are_demanded_is_the_own_account_alone() -> None:
    first = {path for path, view in routes().items() if _needs(view) == "account.own"}
    besides = {path for path in first if not path.startswith("/account/")}
    assert besides == {"/logout/", "/signs/"}, "figures in the frame, and no names"


def test_the_table_of_roles_is_the_one_in_the_code() -> None:
    documented = {
        name: {role for role, mark in marks.items() if mark}
        for name, marks in permissions().items()
    }
    assert documented == {name: set(roles) for name, roles in allowed().items()}


def _broken(answer: HttpResponse) -> bool:
    return answer.status_code >= 500 and answer.status_code != 503  # /healthz, of a test's database


def _leads_to_login(answer: HttpResponse) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith("/login/?next=")


@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_what_the_table_says_and_nothing_else(db: None, role: Role) -> None:
    user = User.objects.create_user(f"{role}@nordsko.example", PASSWORD, role=role)
    client = Client(**ELSEWHERE)
    client.force_login(user, backend=BACKEND)
    table, wrong = permissions(), []
    for path, view in routes().items():
        permission = getattr(view, "requires", "")
        if path == "/metrics":  # asks for itself
            permission = "metrics.read"
        answers = [_alone(client, method, path) for method in ("get", "post")]
        given = {answer.status_code for answer in answers}
        if not permission or table[permission][role]:
            right = 403 not in given and not any(map(_leads_to_login, answers))
        else:
            right = 403 in given and given <= {403, 405}
        if not right or any(map(_broken, answers)):
            wrong.append((path, given))
    assert not wrong


def _alone(client: Client, method: str, path: str) -> HttpResponse:
    """What is answered to somebody who has done nothing before; whatever it does is undone."""
    cookies = copy(client.cookies)
    with transaction.atomic():
        answer: HttpResponse = getattr(client, method)(example(path))
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer


def test_nobody_opens_what_is_not_public(db: None) -> None:
    wrong = []
    nobody, parts = Client(**ELSEWHERE), Client(**ELSEWHERE, HTTP_HX_REQUEST="true")
    for path, view in routes().items():
        for method in ("get", "post"):
            page, part = _alone(nobody, method, path), _alone(parts, method, path)
            if getattr(view, "is_public", ""):
                right = not _leads_to_login(page) and not _broken(page)
            else:
                right = _leads_to_login(page) and part.status_code == 204 and "HX-Redirect" in part
            if not right:
                wrong.append((method, path, page.status_code))
    assert not wrong


# --- machines -------------------------------------------------------------------------------------


def _example_of(path: str) -> str:
    before, _, rest = path.partition("{")
    return before + ("1" + rest.partition("}")[2] if rest else "")


def test_every_operation_asks_for_the_scope_that_is_documented() -> None:
    declared = {}
    for method, path, asked in operations():
        assert len(asked) == 1, path
        assert isinstance(asked[0], needs | ShopperKey | PageKey), path
        declared[f"{method} {path}"] = str(asked[0].scope)
    documented = dict(rows("permissions.md", "operation"))
    right = "\n".join(f"| `{name}` | `{scope}` |" for name, scope in declared.items())
    assert documented == declared, f"The table should be\n{right}"


def test_a_token_opens_the_operations_of_its_scopes_and_no_other(db: None) -> None:
    secrets = {scope: actions.create_token(scope, [scope], None)[1] for scope in Scope}
    revoked, secret = actions.create_token("revoked", list(Scope), None)
    actions.revoke_token(revoked.pk)
    tried = 0
    for method, path, (asked,) in operations():
        if not isinstance(asked, needs):
            continue
        for bad in (None, "sp_made-up", "sh_made-up", secret):
            assert _ask(method, path, bad).status_code == 401
        for scope, good in secrets.items():
            answer = _ask(method, path, good)
            assert (answer.status_code == 403) == (scope != asked.scope), (path, scope)
            assert answer.status_code != 401
        tried += 1
    assert tried > 5


# What each operation is asked with, so that it comes to ask whose it is.
_SHOPPERS_BODY = {
    "email": "anna@example.se",
    "name": "Anna",
    "code": "made-up",
    "sku": "vinga-38",
    "place": "goteborg",
    "number": "R1",
    "content": "spring",
    "placement": "start",
    "did": "viewed",
    "pay_by": "invoice",
    "contact": {"name": "Anna", "email": "anna@example.se", "phone": "070-123 45 67"},
    "address": {"street": "S 1", "postcode": "411 01", "city": "Göteborg", "country": "SE"},
}


def test_what_is_a_shoppers_opens_to_the_key_of_her_session_alone(database: str) -> None:
    browser = identifiers.identifier("anonymous_id", "phone")
    how = {"market": Market("SE", "SEK", "sv")}
    hers = shoppers.let_in(browser=browser, **how)
    over = shoppers.let_in(browser=browser, **how)
    shoppers.let_out(digest(over))
    shops = actions.create_token("shop", list(Scope), None)[1]
    tried = 0
    for method, path, (asked,) in operations():
        if not isinstance(asked, ShopperKey):
            continue
        for bad in (None, "sh_made-up", over, shops):
            assert _ask(method, path, bad, _SHOPPERS_BODY).status_code == 401, (method, path)
        good = _ask(method, path, hers, _SHOPPERS_BODY)
        assert good.status_code not in (401, 422), (method, path, good.content)
        tried += 1
    assert tried > 20


def _ask(
    method: str, path: str, secret: str | None, body: Mapping[str, object] | None = None
) -> HttpResponse:
    """What the operation answers; whatever it does is undone."""
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    client = Client(**ELSEWHERE, headers={**headers, "Idempotency-Key": "k"})
    said = json.dumps(body or {})
    with transaction.atomic():
        answer = client.generic(method, _example_of(path), said, content_type="application/json")
        transaction.set_rollback(True)
    return answer


COLLECTED = (
    *("track", "t", "identify", "i", "page", "p", "screen", "s", "group", "g", "alias", "a"),
    *("batch", "b", "import"),
)


@pytest.mark.parametrize("key", [None, "made-up"])
def test_nothing_is_collected_without_a_write_key(database: str, key: str | None) -> None:
    async def ask() -> None:
        collector = Collector()
        await collector.start()
        try:
            transport = httpx.ASGITransport(collector)
            async with httpx.AsyncClient(transport=transport, base_url="http://spindel") as client:
                message = {"type": "track", "event": "Seen", "userId": "anna"}
                for name in COLLECTED:
                    answer = await client.post(
                        f"/v1/{name}",
                        json=message | {"batch": [message]},
                        auth=(key, "") if key else None,
                    )
                    assert answer.status_code == 401, name
                for path in (f"/v1/projects/{key}/settings", "/sourceConfig"):
                    answer = await client.get(path, auth=(key, "") if key else None)
                    assert answer.status_code in (400, 401, 404), path
        finally:
            await collector.stop()

    asyncio.run(ask())


def test_no_two_schemas_of_the_api_have_one_name() -> None:
    """The description keeps one for each name, so the other's calls would be described wrongly."""
    api.get_openapi_schema()
    names = Counter(kind.__name__ for kind in _kinds(Schema) if kind.__module__[:7] == "spindel")
    assert [name for name, many in names.items() if many > 1] == []


def _kinds(kind: type) -> set[type]:
    return {each for sub in kind.__subclasses__() for each in (sub, *_kinds(sub))}
