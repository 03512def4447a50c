"""A customer can be handed all that is kept about her: a file for machines, and one to read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

import pytest
from django.test import Client

from spindel.identity.actions import correct_trait
from spindel.privacy import jobs, telling
from spindel.privacy.actions import export_customer
from spindel.privacy.models import Export, ExportPart
from spindel.staff.models import AuditEntry, User
from spindel.timeline.models import Fact, Source
from tests.privacy.conftest import forget, traces
from tests.telling import tell


def _made(customer: int, language: str = "en") -> Export:
    export = export_customer(customer, "the test", language)
    jobs.work()
    export.refresh_from_db()
    assert export.state == Export.State.DONE
    return export


def _told(export: Export) -> dict[str, list[dict[str, object]]]:
    whole = json.loads("".join(telling.read(export, "json")))
    return {one["name"]: one["items"] for one in whole["holdings"]}


def test_all_of_it_is_in_the_file(anna: int) -> None:
    correct_trait(anna, "nickname", "Banan", "maja@nordsko.example")
    told = _told(_made(anna))
    facts = told["What happened"]
    assert [fact["name"] for fact in facts] == [
        "Page Viewed",
        "Product Viewed",
        "Customer Identified",
        "Order Completed",
        "Live Chat Message Received",
        "Store Visited",
        "Trait Corrected",
    ]
    assert facts[3]["properties"]["coupon"] == "ANNA-FRIEND"  # type: ignore[index]  # JSON
    assert facts[2]["context"] == {"ip": "203.0.113.7"}
    names = {(one["kind"], one["value"]) for one in told["Identifiers"]}
    assert ("user_id", "c-1001") in names
    assert ("phone", "+46701234567") in names
    traits = {(one["name"], one["value"]) for one in told["Details"]}
    assert {("street", "Vasagatan 12"), ("nickname", "Banan")} <= traits


def test_messages_of_hers_that_were_turned_away_are_in_it(anna: int) -> None:
    bad = {"type": "track", "messageId": "bad", "userId": "c-1001", "properties": {"n": 1}}
    other = {**bad, "userId": "bo", "messageId": "bad-2"}
    tell([bad, other])
    (reject,) = _told(_made(anna))["Messages that were turned away"]
    assert reject["name"] == "no_name"
    assert "c-1001" in str(reject["message"])


def test_nobody_elses_is_in_it(anna: int) -> None:
    tell([{"type": "identify", "userId": "bo", "traits": {"email": "bo@example.se"}}])
    export = _made(anna)
    assert "bo@example.se" not in "".join(telling.read(export, "json"))


def test_the_page_is_in_her_language_and_safe_to_open(anna: int) -> None:
    evil = "<script>alert(1)</script>"
    tell([{"type": "identify", "userId": "c-1001", "traits": {"nickname": evil}}])
    page = "".join(telling.read(_made(anna, "sv"), "html"))
    assert '<html lang="sv">' in page
    assert "Vasagatan 12" in page
    assert "Tittade på <em>Vinga</em>" in page
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_a_long_life_is_told_in_pieces(web: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "_PIECE", 5_000)
    monkeypatch.setattr("spindel.timeline.personal._PAGE", 70)
    moment = "2026-05-01T12:00:00Z"  # all at the same time: the order of arrival decides
    tell(
        [
            {"type": "page", "messageId": str(n), "userId": "long", "timestamp": moment}
            for n in range(500)
        ]
    )
    from spindel.identity import customers

    customer = customers.by_identifier("user_id", "long")
    assert customer is not None
    export = _made(customer)
    facts = _told(export)["What happened"]
    assert len({fact["id"] for fact in facts}) == 500
    assert ExportPart.objects.filter(export=export, format="json").count() > 10


def test_what_is_kept_of_it_is_sealed_and_goes_when_she_is_forgotten(anna: int) -> None:
    from django.db import connection

    _made(anna)
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM privacy_exportpart")
        assert all(text.startswith("sealed:1:") for (text,) in cursor.fetchall())
    forget(anna)
    assert Export.objects.count() == ExportPart.objects.count() == 0


def test_followers_go_on_while_a_file_is_made(anna: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from spindel.privacy import telling as module

    kept = module._keep
    seen: list[int] = []

    def keep(export: Export, format: str, texts: Iterable[str]) -> int:
        count = kept(export, format, texts)
        tell([{"type": "page", "messageId": f"while {format}", "userId": "bo"}])  # follows
        seen.append(Fact.objects.filter(name="Page Viewed").count())
        return count

    monkeypatch.setattr(module, "_keep", keep)
    _made(anna)
    assert seen == [2, 3]


def test_forgotten_while_the_file_is_made_nothing_of_it_stays(
    anna: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spindel.privacy import telling as module
    from spindel.privacy.actions import forget_customer

    made = module._html

    def html(*args: object) -> Iterator[str]:
        yield from made(*args)  # type: ignore[arg-type]  # as given
        forget_customer(anna, "the test")
        while jobs._forget_some():
            pass

    monkeypatch.setattr(module, "_html", html)
    export_customer(anna, "the test", "en")
    jobs.work()
    assert Export.objects.count() == ExportPart.objects.count() == 0
    assert traces() == set()


def test_two_who_ask_at_once_get_one_file(anna: int) -> None:
    first = export_customer(anna, "the test", "en")
    assert export_customer(anna, "another", "en") == first


# --- pages ----------------------------------------------------------------------------------------


def test_an_agent_makes_and_fetches_the_files_and_that_is_on_record(
    anna: int, agent: User, client: Client
) -> None:
    client.force_login(agent)
    page = client.get(f"/privacy/customers/{anna}/")
    assert "What happened" in page.content.decode()
    answer = client.post(f"/privacy/customers/{anna}/export/", follow=True)
    address = answer.redirect_chain[-1][0]
    assert "being made" in answer.content.decode()
    assert client.get(f"{address}json/").status_code == 404
    jobs.work()
    assert "To read" in client.get(address).content.decode()
    file = client.get(f"{address}json/")
    assert file["Content-Disposition"] == f'attachment; filename="customer-{anna}.json"'
    assert file["Cache-Control"] == "no-store"
    assert json.loads(b"".join(file.streaming_content))["customer"] == anna  # type: ignore[attr-defined]  # streams
    assert client.get(f"{address}exe/").status_code == 404
    assert [
        (entry.by, entry.did)
        for entry in AuditEntry.objects.filter(customers__contains=[anna]).order_by("pk")
        if "export" in entry.did
    ] == [(agent.email, "customer.export"), (agent.email, "export.fetched")]


def test_an_agent_may_not_forget(anna: int, agent: User, client: Client) -> None:
    client.force_login(agent)
    assert client.post(f"/privacy/customers/{anna}/forget/").status_code == 403


def test_an_administrator_forgets_and_gets_the_certificate(anna: int, client: Client) -> None:
    admin = User.objects.create_user("eva@nordsko.example", "x" * 20, role="admin")
    client.force_login(admin)
    answer = client.post(f"/privacy/customers/{anna}/forget/", follow=True)
    address = answer.redirect_chain[-1][0]
    assert "being forgotten" in answer.content.decode()
    jobs.work()
    certificate = client.get(address).content.decode()
    assert "A customer was forgotten" in certificate
    assert "eva@nordsko.example" in certificate
    assert client.get(f"/privacy/customers/{anna}/")["Location"] == address
    found = client.get("/privacy/", {"q": "Anna.Akesson@example.se"}).content.decode()
    assert address in found
    nobody = client.get("/privacy/", {"q": "bo@example.se"}).content.decode()
    assert "Nobody with this was forgotten here." in nobody
    assert client.post(f"/privacy/customers/{anna}/forget/").status_code == 404
