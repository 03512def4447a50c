"""Customers for machines: what the API answers, and to whom."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from spindel.identity import customers
from spindel.staff import actions as staff
from spindel.staff.models import ApiToken, Scope
from spindel.timeline.models import Source
from tests.identity.cast import event, identify, who
from tests.telling import follow, tell

BOTH = (Scope.READ_CUSTOMERS, Scope.WRITE_CUSTOMERS)


class Machine:
    """A program that shows a token."""

    def __init__(self, secret: str | None) -> None:
        headers = {} if secret is None else {"Authorization": f"Bearer {secret}"}
        self._client = Client(raise_request_exception=False, headers=headers)

    def get(self, path: str, **parameters: object) -> HttpResponse:
        return self._client.get(f"/api{path}", parameters)

    def post(self, path: str, **body: object) -> HttpResponse:
        return self._client.post(f"/api{path}", json.dumps(body), content_type="application/json")


@pytest.fixture
def machine(database: str) -> Machine:
    """It may do everything."""
    return Machine(staff.create_token("till", BOTH, None)[1])


@pytest.fixture
def anna(web: Source) -> int:
    """Anna with her address and five visits; the id of the customer."""
    tell(
        [identify(0, userId="anna", traits={"email": "anna@Example.com", "name": "Anna Å"})],
        [event(minute, f"{minute}", userId="anna") for minute in range(1, 6)],
    )
    follow()
    return who("user_id", "anna")


@pytest.fixture
def bo(web: Source) -> int:
    """Bo, of whom nothing but a user id is known."""
    tell([event(9, "bo", userId="bo")])
    follow()
    return who("user_id", "bo")


def refused(answer: HttpResponse, status: int, code: str = "") -> None:
    """The answer says no in the words that all errors have."""
    assert answer.status_code == status, answer.content
    body = answer.json()
    assert set(body) == {"code", "message"}
    assert all(isinstance(text, str) and text for text in body.values())
    assert body["code"] == code or not code


# --- finding --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spelling",
    [
        "email:anna@example.com",
        "email:anna@EXAMPLE.COM",
        "email: anna@example.com ",
        "email:Anna Åkesson <anna@example.com>",
    ],
)
def test_a_customer_is_found_by_her_address_in_any_spelling(
    anna: int, machine: Machine, spelling: str
) -> None:
    body = machine.get("/customers", identifier=spelling).json()
    assert body["next"] is None
    (found,) = body["items"]
    assert found["id"] == anna
    assert found["name"] == "Anna Å"
    assert {row["identifier"] for row in found["identifiers"]} == {
        "user_id:anna",
        "email:anna@example.com",
    }
    assert found["traits"]["name"] == "Anna Å"


def test_an_address_is_found_however_its_provider_lets_one_write_it(
    web: Source, machine: Machine
) -> None:
    tell([identify(0, userId="u", traits={"email": "anna.lind@gmail.com"})])
    follow()
    for spelling in ("AnnaLind@googlemail.com", "annalind+shop@gmail.com"):
        body = machine.get("/customers", identifier=f"email:{spelling}").json()
        assert [one["id"] for one in body["items"]] == [who("user_id", "u")]


@pytest.mark.parametrize(
    "identifier", ["email:nobody@example.com", "email:rubbish", "email:", "phone:0"]
)
def test_an_identifier_that_is_nobodys_finds_nobody(
    anna: int, machine: Machine, identifier: str
) -> None:
    answer = machine.get("/customers", identifier=identifier)
    assert answer.status_code == 200
    assert answer.json() == {"items": [], "next": None}


@pytest.mark.parametrize(
    "identifier", ["mail:anna@example.com", "anna@example.com", "", "EMAIL:a@b.se"]
)
def test_an_unknown_kind_of_identifier_is_a_mistake(machine: Machine, identifier: str) -> None:
    refused(machine.get("/customers", identifier=identifier), 400, "bad_identifier")


def test_a_list_of_nothing_in_particular_is_refused(machine: Machine) -> None:
    refused(machine.get("/customers"), 400, "nothing_asked")


def test_a_customer_is_found_by_her_name(anna: int, bo: int, machine: Machine) -> None:
    found = machine.get("/customers", q="anna a").json()["items"]
    assert [one["id"] for one in found] == [anna]


def test_a_device_says_from_when_it_was_whose(web: Source, machine: Machine) -> None:
    tell(
        [
            identify(0, anonymousId="tablet", userId="anna"),
            identify(5, anonymousId="tablet", userId="bo"),
        ]
    )
    follow()
    first, second = (
        next(
            row
            for row in machine.get(f"/customers/{who('user_id', user)}").json()["identifiers"]
            if row["identifier"] == "anonymous_id:tablet"
        )
        for user in ("anna", "bo")
    )
    assert first["since"] is None
    assert first["until"] == second["since"]
    assert second["until"] is None


# --- reading --------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 200])
def test_the_pages_of_a_timeline_cover_everything_once(
    anna: int, machine: Machine, limit: int
) -> None:
    seen, before = [], None
    while True:
        page = machine.get(
            f"/customers/{anna}/timeline", limit=limit, **({"before": before} if before else {})
        ).json()
        assert len(page["items"]) <= limit
        seen += page["items"]
        before = page["next"]
        if before is None:
            break
    assert [fact["properties"].get("n") for fact in seen] == ["5", "4", "3", "2", "1", None]
    assert len({fact["id"] for fact in seen}) == 6


def test_facts_of_the_same_moment_are_on_one_page_or_the_other(
    web: Source, machine: Machine
) -> None:
    tell([event(0, f"{number}", userId="anna") for number in range(7)])
    follow()
    anna = who("user_id", "anna")
    first = machine.get(f"/customers/{anna}/timeline", limit=3).json()
    second = machine.get(f"/customers/{anna}/timeline", limit=4, before=first["next"]).json()
    told = [fact["properties"]["n"] for fact in first["items"] + second["items"]]
    assert sorted(told) == [f"{number}" for number in range(7)]
    assert second["next"] is None


def test_what_arrives_while_somebody_pages_shifts_no_page(anna: int, machine: Machine) -> None:
    first = machine.get(f"/customers/{anna}/timeline", limit=2).json()
    tell([event(60, "new", userId="anna")])
    follow()
    second = machine.get(f"/customers/{anna}/timeline", before=first["next"]).json()
    told = [fact["properties"].get("n") for fact in first["items"] + second["items"]]
    assert told == ["5", "4", "3", "2", "1", None]


def test_a_fact_has_what_the_contract_says(anna: int, machine: Machine) -> None:
    fact = machine.get(f"/customers/{anna}/timeline", limit=1).json()["items"][0]
    assert fact.keys() >= {"id", "name", "channel", "occurred_at", "properties", "identifier"}
    assert fact["name"] == "Product Viewed"
    assert fact["channel"] == "web"
    assert fact["occurred_at"] == "2026-03-02T09:05:00Z"
    assert fact["identifier"] == "user_id:anna"
    assert fact["properties"] == {"n": "5"}


@pytest.mark.parametrize("limit", ["0", "-1", "201", "many", "9" * 30, ""])
def test_a_limit_out_of_bounds_is_refused(anna: int, machine: Machine, limit: str) -> None:
    refused(machine.get(f"/customers/{anna}/timeline", limit=limit), 422, "invalid")


@pytest.mark.parametrize("before", ["rubbish", "å", "LjEuMg", "A" * 90, "a" * 101])
def test_a_cursor_of_ones_own_making_is_refused(anna: int, machine: Machine, before: str) -> None:
    answer = machine.get(f"/customers/{anna}/timeline", before=before)
    refused(answer, 422 if len(before) > 100 else 400)


def test_a_timeline_can_be_narrowed_to_a_channel_and_a_name(
    anna: int, pos: Source, machine: Machine
) -> None:
    tell([event(7, "till", userId="anna", event="Order Completed")], key="pos-key")
    follow()
    for narrowed in ({"channel": "store"}, {"name": "Order Completed"}):
        page = machine.get(f"/customers/{anna}/timeline", **narrowed).json()
        assert [fact["properties"]["n"] for fact in page["items"]] == ["till"]
    refused(machine.get(f"/customers/{anna}/timeline", name="\0"), 422)


# --- changing -------------------------------------------------------------------------------------


def test_a_preview_of_a_merge_changes_nothing_and_the_merge_does_what_it_showed(
    anna: int, bo: int, machine: Machine
) -> None:
    shown = machine.post(f"/customers/{anna}/merge", **{"with": bo, "preview": True}).json()
    assert shown["preview"] is True
    assert customers.living(bo) == bo
    done = machine.post(f"/customers/{anna}/merge", **{"with": bo}).json()
    assert done == {**shown, "preview": False}
    assert done["customers"] == [
        {
            "customer": anna,
            "identifiers": ["email:anna@example.com", "user_id:anna", "user_id:bo"],
        }
    ]


def test_the_id_of_one_who_was_merged_answers_with_who_she_is_now(
    anna: int, bo: int, machine: Machine
) -> None:
    machine.post(f"/customers/{bo}/merge", **{"with": anna})
    assert machine.get(f"/customers/{bo}").json()["id"] == anna
    assert machine.get(f"/customers/{bo}").json() == machine.get(f"/customers/{anna}").json()
    told = [
        fact["properties"].get("n")
        for fact in machine.get(f"/customers/{bo}/timeline").json()["items"]
    ]
    assert "bo" in told
    assert "5" in told
    found = machine.get("/customers", identifier="user_id:bo").json()["items"]
    assert [one["id"] for one in found] == [anna]


def test_merging_twice_or_with_oneself_is_refused(anna: int, bo: int, machine: Machine) -> None:
    refused(machine.post(f"/customers/{anna}/merge", **{"with": anna}), 409, "refused")
    machine.post(f"/customers/{anna}/merge", **{"with": bo})
    for preview in (True, False):
        answer = machine.post(f"/customers/{anna}/merge", **{"with": bo, "preview": preview})
        refused(answer, 409, "refused")


def test_a_preview_of_a_split_changes_nothing_and_the_split_does_what_it_showed(
    anna: int, machine: Machine
) -> None:
    taken = ["email:anna@EXAMPLE.com"]
    path = f"/customers/{anna}/split"
    shown = machine.post(path, identifiers=taken, preview=True).json()
    assert who("email", "anna@example.com") == anna
    done = machine.post(path, identifiers=taken).json()
    assert done == {**shown, "preview": False}
    assert [part["identifiers"] for part in done["customers"]] == [
        ["user_id:anna"],
        ["email:anna@example.com"],
    ]
    left, other = (part["customer"] for part in done["customers"])
    assert (who("user_id", "anna"), who("email", "anna@example.com")) == (left, other)
    assert left != other


@pytest.mark.parametrize(
    ("taken", "status"),
    [
        ([], 422),
        (["email:nobody@example.com"], 400),
        (["rubbish"], 400),
        (["user_id:\0"], 422),
        (["user_id:bo"], 409),
        (["user_id:anna", "email:anna@example.com"], 409),
        (["user_id:anna"] * 501, 422),
        ("user_id:anna", 422),
    ],
)
def test_a_split_that_can_not_be_is_refused_and_changes_nothing(
    anna: int, bo: int, machine: Machine, taken: object, status: int
) -> None:
    refused(machine.post(f"/customers/{anna}/split", identifiers=taken), status)
    assert who("email", "anna@example.com") == who("user_id", "anna") == anna


def test_a_merge_is_undone(anna: int, bo: int, machine: Machine) -> None:
    machine.post(f"/customers/{anna}/merge", **{"with": bo})
    link = next(
        row.evidence.link
        for row in customers.profile(anna).identifiers
        if row.evidence and row.evidence.rule == "by hand"
    )
    done = machine.post(f"/customers/{anna}/undo", link=link).json()
    assert sorted(part["customer"] for part in done["customers"]) == sorted([anna, bo])
    refused(machine.post(f"/customers/{anna}/undo", link=link), 409, "refused")
    assert machine.get(f"/customers/{bo}").json()["id"] == bo


def test_a_change_says_who_made_it(anna: int, bo: int, machine: Machine) -> None:
    machine.post(f"/customers/{anna}/merge", **{"with": bo})
    newest = machine.get(f"/customers/{anna}/timeline", limit=1).json()["items"][0]
    assert newest["name"] == "Customers Merged"
    assert newest["properties"]["by"] == "API: till"


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '{"with": "x"}', '{"with": 1e400}', "\0"])
def test_a_body_that_is_none_is_refused_clearly(anna: int, machine: Machine, body: str) -> None:
    answer = machine._client.post(
        f"/api/customers/{anna}/merge", body, content_type="application/json"
    )
    assert answer.status_code in (400, 422)
    refused(answer, answer.status_code)


# --- who may --------------------------------------------------------------------------------------

GETS = ("/customers?q=anna", "/customers/1", "/customers/1/timeline")
POSTS = ("/customers/1/merge", "/customers/1/split", "/customers/1/undo")


@pytest.mark.parametrize("secret", [None, "", "wrong", "sp_" + "x" * 43, "x" * 5000])
def test_without_a_good_token_nothing_is_answered(database: str, secret: str | None) -> None:
    stranger = Machine(secret)
    for answer in (*map(stranger.get, GETS), *map(stranger.post, POSTS)):
        refused(answer, 401)
        assert answer["WWW-Authenticate"] == "Bearer"


def test_a_token_opens_only_what_its_scopes_say(anna: int) -> None:
    reader = Machine(staff.create_token("reader", [Scope.READ_CUSTOMERS], None)[1])
    writer = Machine(staff.create_token("writer", [Scope.WRITE_CUSTOMERS], None)[1])
    assert reader.get(f"/customers/{anna}").status_code == 200
    for path in POSTS:
        refused(reader.post(path), 403, "missing_scope")
    for path in GETS:
        refused(writer.get(path), 403, "missing_scope")


def test_a_revoked_token_opens_nothing_any_more(anna: int) -> None:
    token, secret = staff.create_token("till", BOTH, None)
    machine = Machine(secret)
    assert machine.get(f"/customers/{anna}").status_code == 200
    staff.revoke_token(token.pk)
    refused(machine.get(f"/customers/{anna}"), 401, "bad_token")


def test_of_a_token_only_the_hash_is_kept(database: str) -> None:
    token, secret = staff.create_token("till", BOTH, None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM staff_apitoken t")
        (row,) = cursor.fetchone()
    assert secret not in row
    assert secret.encode().hex() not in row
    assert bytes(ApiToken.objects.get(pk=token.pk).digest) == ApiToken.hash(secret)


def test_a_login_to_the_console_is_no_token(anna: int, agent: object) -> None:
    client = Client()
    client.force_login(agent)
    refused(client.get(f"/api/customers/{anna}"), 401)


# --- nobody ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("id", ["999999999", "0", "-1", str(2**63), "9" * 60])
def test_a_customer_that_is_not_is_not_found(anna: int, machine: Machine, id: str) -> None:
    refused(machine.get(f"/customers/{id}"), 404, "no_such_customer")
    refused(machine.get(f"/customers/{id}/timeline"), 404, "no_such_customer")
    refused(machine.post(f"/customers/{id}/merge", **{"with": anna}), 404, "no_such_customer")
    refused(
        machine.post(f"/customers/{id}/split", identifiers=["user_id:anna"]),
        404,
        "no_such_customer",
    )


def test_a_merge_with_nobody_is_not_found(anna: int, machine: Machine) -> None:
    answer = machine.post(f"/customers/{anna}/merge", **{"with": 999_999_999})
    refused(answer, 404, "no_such_customer")
    refused(machine.post(f"/customers/{anna}/merge", **{"with": 2**63}), 422, "invalid")


@pytest.mark.parametrize("id", ["anna", "1.5", "\0", "å", "1 OR 1=1"])
def test_an_id_that_is_none_is_refused_clearly(machine: Machine, id: str) -> None:
    answer = machine.get(f"/customers/{quote(id)}")
    assert answer.status_code in (404, 422)
    refused(answer, answer.status_code)
