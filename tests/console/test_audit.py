"""The audit log: only added to, told in words, searched and taken along."""

from __future__ import annotations

import ast
import csv
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from spindel.identity.actions import merge_customers
from spindel.staff import actions, audit
from spindel.staff.models import AuditEntry, Role, Scope, User
from tests.conftest import PASSWORD
from tests.console.conftest import text
from tests.house.tree import ROOT


@pytest.fixture
def admin(as_role) -> Client:
    return as_role(Role.ADMIN)


def _dids() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("did", flat=True))


def _age(days: int) -> None:
    """As if all entries had been made so many days earlier: the guard is asleep meanwhile."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE staff_auditentry DISABLE TRIGGER staff_auditentry_guard")
        cursor.execute("UPDATE staff_auditentry SET at = at - make_interval(days => %s)", [days])
        cursor.execute("ALTER TABLE staff_auditentry ENABLE TRIGGER staff_auditentry_guard")


# --- only added to --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda: AuditEntry.objects.update(did="nothing"),
        lambda: AuditEntry.objects.all().delete(),
        lambda: AuditEntry.objects.get().delete(),
        lambda: AuditEntry.objects.get().save(),
    ],
)
def test_an_entry_is_neither_changed_nor_deleted(agent: User, change) -> None:
    audit.note(agent, "customer.seen", [1])
    with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
        change()
    assert _dids() == ["customer.seen"]


def test_only_what_is_old_is_dropped(agent: User) -> None:
    audit.note(agent, "customer.seen", [1])
    _age(400)
    audit.note(agent, "customer.seen", [2])
    with pytest.raises(ValueError, match="366"):
        audit.drop_older_than(30)
    assert audit.drop_older_than(730) == 0
    assert audit.drop_older_than(366) == 1
    assert AuditEntry.objects.get().customers == [2]


def test_an_entry_goes_with_the_action_that_fails(agent: User) -> None:
    with transaction.atomic():
        audit.note(agent, "customer.merged", [1, 2])
        transaction.set_rollback(True)
    assert _dids() == []


def test_a_look_is_noted_once_in_ten_minutes(agent: User, clerk: User) -> None:
    for _ in range(3):
        audit.note_look(agent, "customer.seen", 1)
    audit.note_look(agent, "customer.seen", 2)
    audit.note_look(clerk, "customer.seen", 1)
    assert len(_dids()) == 3
    _age(1)
    audit.note_look(agent, "customer.seen", 1)
    assert len(_dids()) == 4


def test_a_list_is_noted_when_somebody_new_is_on_it(agent: User) -> None:
    for ids in ([1, 2, 3], [2], [3, 1], [3, 4]):
        audit.note_shown(agent, "customers.searched", ids)
    found = AuditEntry.objects.order_by("id").values_list("customers", flat=True)
    assert list(found) == [[1, 2, 3], [3, 4]]


# --- logging in -----------------------------------------------------------------------------------


def test_logins_are_on_record_without_what_was_typed(agent: User) -> None:
    for login, password in (
        (agent.email, "not the password"),
        ("not-the-password@nordsko.example", PASSWORD),
        (agent.email, PASSWORD),
    ):
        Client().post("/login/", {"login": login, "password": password})
    assert _dids() == ["account.login_failed", "account.login_unknown", "account.logged_in"]
    for entry in AuditEntry.objects.all():
        assert "not" not in f"{entry.by}{entry.detail}"


def test_guessing_is_on_record_when_it_is_stopped(agent: User) -> None:
    for _ in range(7):
        Client().post("/login/", {"login": agent.email, "password": "not the password"})
    assert _dids() == ["account.login_failed"] * 5 + ["account.locked"]


# --- machines -------------------------------------------------------------------------------------


def test_a_machine_is_on_record_by_its_token(told) -> None:
    told("Product Viewed", also=("email:anna@example.com",))
    anna = told.customer()
    secret = actions.create_token("till", [Scope.READ_CUSTOMERS], None)[1]
    machine = Client(headers={"Authorization": f"Bearer {secret}"})
    for path in (f"/{anna}", f"/{anna}/timeline", "?identifier=email:anna@example.com"):
        assert machine.get(f"/api/customers{path}").status_code == 200
    found = AuditEntry.objects.exclude(did="token.created").order_by("id")
    assert [(one.by, one.did, one.customers) for one in found] == [
        ("API: till", "customer.read", [anna]),
        ("API: till", "customers.searched", [anna]),
    ]


# --- the page -------------------------------------------------------------------------------------


def test_the_log_is_told_in_sentences(admin: Client, agent: User) -> None:
    audit.note(agent, "customer.seen", [1042])
    page = text(admin.get("/audit/"))
    assert '<strong>Maja</strong> looked at <a href="/customers/1042/">customer 1042</a>' in page
    assert "today" in page


def test_the_log_is_searched(admin: Client, agent: User, clerk: User) -> None:
    audit.note(agent, "customer.seen", [1])
    audit.note(clerk, "customer.seen", [2])
    audit.note("API: till", "customer.read", [2])
    actions.create_token("till", [], None)

    def found(**asked: str) -> str:
        return text(admin.get("/audit/", asked)).partition('<ol class="card audit">')[2]

    assert "Maja" in found(person="maj")
    assert "Oskar" not in found(person="maj")
    assert "API: till" in found(person="till")
    assert "Oskar" in found(customer="2")
    assert "Maja" not in found(customer="#2")
    assert "Maja" not in found(did="customer.read")
    assert found(person="nobody") == ""
    today = timezone.localdate()
    assert "Maja" in found(since=str(today - timedelta(days=1)), until=str(today))
    assert found(until=str(today - timedelta(days=2))) == ""
    for asked in ({"customer": "anna"}, {"since": "yesterday"}, {"customer": "9" * 40}):
        assert 'role="alert"' in text(admin.get("/audit/", asked))


def test_entries_of_both_are_found_after_a_merge(admin: Client, agent: User, told) -> None:
    for one in ("email:anna@example.com", "email:lind@example.com"):
        told("Product Viewed", who=one)
    anna, lind = told.customer("email:anna@example.com"), told.customer("email:lind@example.com")
    audit.note(agent, "customer.seen", [lind])
    merge_customers(anna, lind, "somebody")
    for id in (anna, lind):
        assert "looked at" in text(admin.get("/audit/", {"customer": id})).partition("<ol")[2]


def test_the_log_is_read_to_its_beginning(admin: Client, agent: User) -> None:
    for id in range(120):
        audit.note(agent, "customer.seen", [1000 + id])
    seen, address = set(), "/audit/?did=customer.seen"
    while address:
        page = text(admin.get(address))
        seen |= {id for id in range(120) if f">customer {1000 + id}<" in page}
        older = page.partition('class="older"')[2].partition('href="')[2].partition('"')[0]
        address = older.replace("&amp;", "&")
    assert len(seen) == 120
    assert admin.get("/audit/?before=nonsense").status_code == 404


def test_names_in_the_log_are_text(admin: Client, database: str) -> None:
    audit.note("<script>alert(1)</script>", "customer.seen", [1])
    audit.note("x", "<b>made.up", [1])
    audit.note("x", "token.created", detail={"name": "<img src=x>%(who)s%"})
    page = text(admin.get("/audit/"))
    assert "<script>alert" not in page
    assert "<b>made" not in page
    assert "<img" not in page


def test_the_log_is_taken_along_as_a_table_which_is_on_record(admin: Client, agent: User) -> None:
    audit.note(agent, "customer.seen", [1, 2])
    audit.note("=HYPERLINK(1)", "customer.read", [3])
    answer = admin.get("/audit/audit.csv", {"customer": "3"})
    assert answer["Content-Disposition"] == 'attachment; filename="audit.csv"'
    head, row = csv.reader(answer.content.decode().splitlines())
    assert head == ["at", "by", "did", "customers"]
    assert row[1:] == ["'=HYPERLINK(1)", "customer.read", "3"]
    assert "audit.exported" in _dids()


@pytest.mark.parametrize("language", ["en", "sv", "da"])
def test_every_kind_of_entry_can_be_told(admin: Client, agent: User, language: str) -> None:
    for did in audit.SENTENCES:
        audit.note(agent, did, [1, 2, 3, 4, 5], {"name": "till"})
    for _ in range(2):
        text(admin.get("/audit/", headers={"Accept-Language": language}))


def test_whatever_is_noted_has_its_sentence() -> None:
    noted = set()
    for path in (ROOT / "spindel").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name.lstrip("_") in ("note", "note_look", "note_shown", "who"):
                given = [*node.args, *(word.value for word in node.keywords)]
                noted |= {
                    one.value
                    for one in given
                    if isinstance(one, ast.Constant)
                    and isinstance(one.value, str)
                    and one.value.count(".") == 1
                }
    assert len(noted) > 20
    assert noted <= audit.SENTENCES.keys()
