"""The pages about sources, over HTTP, as each role and as nobody."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from spindel.collect import actions, figures
from spindel.collect.app import Collector
from spindel.collect.limits import PUBLIC_RATE
from spindel.collect.models import Reject, Tally, TrackingPlan
from spindel.collect.plan import Property, from_document
from spindel.staff.models import Role
from spindel.timeline.models import Source, WriteKey
from tests.collect.support import aside, client_of, kept
from tests.console.conftest import log_in
from tests.telling import tell, wait_until


@pytest.fixture
def admin(database: str) -> Client:
    """An administrator, logged in."""
    cache.clear()
    return log_in(Role.ADMIN)


def text(response) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def tally(source: Source, outcome: str, count: int, ago: timedelta) -> None:
    minute = (timezone.now() - ago).replace(second=0, microsecond=0)
    Tally.objects.create(source=source, outcome=outcome, minute=minute, process=1, count=count)


def message(number: int, **fields: object) -> dict[str, object]:
    return {
        "type": "track",
        "event": "Product Viewed",
        "messageId": f"m-{number}",
        "anonymousId": "a-1",
        "properties": {"n": number, "name": "Vinga"},
    } | fields


# --- the list -------------------------------------------------------------------------------------


def test_an_empty_house_says_what_a_source_is_and_how_to_connect_one(admin: Client) -> None:
    page = text(admin.get("/sources/"))
    assert "No source is connected yet" in page
    assert 'href="/sources/new/"' in page


def test_the_list_tells_what_became_of_messages_and_why(admin: Client, web: Source) -> None:
    tally(web, "kept", 120, timedelta(minutes=2))
    tally(web, "duplicate", 7, timedelta(minutes=3))
    tally(web, "bad_timestamp", 5, timedelta(minutes=4))
    tally(web, "kept", 9_000, timedelta(hours=3))
    page = text(admin.get("/sources/"))
    assert "120 kept" in page
    assert "7 sent again" in page
    assert "5 turned away: with a time that can&#x27;t be read" in page
    assert "26 a minute" in page
    assert "All as usual" in page
    assert "9,120 kept" in text(admin.get("/sources/now/?span=day"))


def silent(source: Source) -> None:
    """A source that has been busy for weeks, and stopped two hours ago."""
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    Tally.objects.bulk_create(
        Tally(source=source, outcome="kept", minute=now - timedelta(hours=n), process=0, count=2400)
        for n in range(3, 24 * 30)
    )


def test_a_silent_source_stands_first_and_says_what_is_usual(
    admin: Client, web: Source, pos: Source
) -> None:
    silent(web)
    tally(pos, "kept", 3, timedelta(minutes=1))
    page = text(admin.get("/sources/"))
    assert "1 source needs a look" in page
    assert "Silent: usually 40 a minute, none for " in page
    assert page.index(">Web<") < page.index(">Pos<")
    assert "Silent: usually 40 a minute" in text(admin.get(f"/sources/{web.pk}/"))
    metrics = text(admin.get("/metrics"))
    assert 'spindel_source_silent{source="web"} 1.0' in metrics
    assert 'spindel_source_silent{source="pos"} 0.0' in metrics


def test_the_live_page_says_it_too(admin: Client, web: Source) -> None:
    silent(web)
    tell([message(1)])
    Tally.objects.filter(minute__gt=timezone.now() - timedelta(minutes=30)).delete()
    assert "Silent: usually 40 a minute" in text(admin.get("/live/"))


def test_a_source_of_which_all_is_turned_away_needs_a_look(admin: Client, web: Source) -> None:
    tally(web, "no_name", 3, timedelta(minutes=1))
    assert "Everything it sends is turned away" in text(admin.get("/sources/"))


# --- who may --------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.AGENT, Role.CLERK])
def test_pages_about_sources_are_not_for_everybody(web: Source, role: Role) -> None:
    client = log_in(role)
    for path in ("/sources/", f"/sources/{web.pk}/", f"/sources/{web.pk}/plan/"):
        assert client.get(path).status_code == 403
    assert "/sources/" not in text(client.get("/live/"))


@pytest.mark.parametrize("role", [Role.MARKETER, Role.ANALYST])
def test_who_looks_alone_sees_no_key_and_changes_nothing(web: Source, role: Role) -> None:
    client, id = log_in(role), web.pk
    actions.keep_plan(web, {"A": {"b": Property("number")}}, "test")
    for path in (f"/sources/{id}/", f"/sources/{id}/plan/", f"/sources/{id}/now/"):
        page = text(client.get(path))
        assert "web-key" not in page
        assert f'action="/sources/{id}' not in page
    key = WriteKey.objects.get().pk
    for path in ("/sources/new/", f"/sources/{id}/connect/", f"/sources/{id}/edit/"):
        assert client.get(path).status_code == 403
    for path in (
        "archive/",
        "keys/",
        f"keys/{key}/revoke/",
        f"keys/{key}/rotate/",
        "rejects/again/",
        "plan/change/",
        "plan/file/",
        "plan/undo/",
        "plan/learn/",
    ):
        assert client.post(f"/sources/{id}/{path}").status_code == 403


@pytest.mark.parametrize(("role", "plain"), [(Role.ADMIN, True), (Role.ANALYST, False)])
def test_the_last_messages_hide_personal_data_from_who_may_not_see_it(
    web: Source, role: Role, plain: bool
) -> None:
    tell([message(1, properties={"email": "anna.berg@example.com", "name": "Anna Berg"})])
    page = text(log_in(role).get(f"/sources/{web.pk}/"))
    assert "Product Viewed" in page
    assert ("anna.berg@example.com" in page) == plain
    assert ("personal data hidden" in page) != plain


def test_nothing_that_comes_from_outside_can_run(admin: Client, web: Source) -> None:
    nasty = "<script>alert(1)</script>\"'>"
    actions.keep_plan(web, {"A": {}}, "test")
    tell([message(1, event=nasty, properties={nasty: nasty}, anonymousId=nasty)])
    Reject.objects.create(source=web, reason="bad_json", detail=nasty, message=nasty)
    for path in ("", "plan/", "plan/learn/", "rejects/"):
        assert "<script>alert" not in text(admin.get(f"/sources/{web.pk}/{path}"))


# --- making, changing, keys -----------------------------------------------------------------------


FORM = {"name": "Åre & Co. Webb", "kind": "web", "channel": "web", "country": "se"}


def test_a_source_is_made_in_a_form_and_one_sees_how_to_connect_it(admin: Client) -> None:
    page = text(admin.post("/sources/new/", FORM, follow=True))
    source = Source.objects.get(slug="are-co-webb")
    assert (source.name, source.country) == ("Åre & Co. Webb", "SE")
    key = source.write_keys.get().key
    assert key in page
    assert "http://testserver" in page
    admin.post("/sources/new/", FORM)
    assert Source.objects.filter(slug="are-co-webb-2").exists()


def test_a_source_with_a_public_key_has_a_rate_unless_it_is_said(admin: Client) -> None:
    assert f'value="{PUBLIC_RATE}"' in text(admin.get("/sources/new/"))


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"kind": "fax"}, {"country": "XX"}, {"rate_limit": "-1"}]
)
def test_what_is_typed_wrong_is_said_beside_it(admin: Client, wrong: dict) -> None:
    page = text(admin.post("/sources/new/", FORM | wrong))
    assert "field-error" in page
    assert not Source.objects.exists()


def test_a_source_is_changed_archived_and_brought_back(admin: Client, web: Source) -> None:
    path = f"/sources/{web.pk}/"
    admin.post(path + "edit/", FORM | {"strict": "on", "rate_limit": "50"})
    web.refresh_from_db()
    assert (web.name, web.strict, web.trusted, web.rate_limit) == (FORM["name"], True, False, 50)
    page = text(admin.post(path + "archive/", follow=True))
    assert "1 archived" in page
    assert f'action="{path}restore/"' in page  # the undo
    admin.post(path + "restore/")
    web.refresh_from_db()
    assert web.archived_at is None


@pytest.mark.parametrize("kind", ["web", "app", "pos", "erp"])
def test_every_snippet_carries_the_key_and_the_address(
    admin: Client, web: Source, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Source.objects.update(kind=kind)
    monkeypatch.setenv("SPINDEL_PUBLIC_URL", "https://crm.example.com")
    page = admin.get(f"/sources/{web.pk}/connect/")
    assert len(page.context["snippets"]) >= 6
    for snippet in page.context["snippets"]:
        shown = text(admin.get(f"/sources/{web.pk}/connect/?with={snippet.name}"))
        if snippet.name == "import":
            assert "--source web" in shown
        else:
            assert "web-key" in snippet.code
            assert "https://crm.example.com" in snippet.code


def test_keys_are_made_rotated_revoked_and_brought_back(admin: Client, web: Source) -> None:
    path = f"/sources/{web.pk}/keys/"
    old = WriteKey.objects.get()
    page = text(admin.post(f"{path}{old.pk}/rotate/", follow=True))
    new = WriteKey.objects.exclude(pk=old.pk).get()
    assert f"curl -u {new.key}:" in text(admin.get(f"/sources/{web.pk}/connect/?with=curl"))
    assert "and still good" in page
    page = text(admin.post(f"{path}{old.pk}/revoke/", follow=True))
    assert f'action="{path}{old.pk}/restore/"' in page
    old.refresh_from_db()
    assert old.revoked_at is not None
    assert admin.post(f"{path}{old.pk}/rotate/").status_code == 404
    admin.post(f"{path}{old.pk}/restore/")
    old.refresh_from_db()
    assert old.revoked_at is None
    admin.post(path)
    assert WriteKey.objects.count() == 3


def test_a_key_of_another_source_is_not_found(admin: Client, web: Source, pos: Source) -> None:
    key = pos.write_keys.get().pk
    assert admin.post(f"/sources/{web.pk}/keys/{key}/revoke/").status_code == 404
    assert admin.get(f"/sources/{2**70}/").status_code == 404


# --- the plan -------------------------------------------------------------------------------------


def test_a_plan_is_learnt_after_a_look_and_only_what_is_ticked(admin: Client, web: Source) -> None:
    tell([message(n) for n in range(25)], [message(99, event="Popup Closed")])
    path = f"/sources/{web.pk}/plan/"
    assert "No tracking plan yet" in text(admin.get(path))
    page = text(admin.get(path + "learn/"))
    assert "Popup Closed" in page
    assert "25 messages" in page
    assert not TrackingPlan.objects.exclude(document=None).exists()
    text(admin.post(path + "learn/", {"event": ["Product Viewed"]}, follow=True))
    plan = from_document(TrackingPlan.objects.get().document)
    assert plan == {
        "Product Viewed": {"n": Property("number", True), "name": Property("string", True)}
    }
    text(admin.post(path + "learn/", {"event": ["Popup Closed", "Unheard Of"]}, follow=True))
    assert set(from_document(TrackingPlan.objects.get().document)) == {
        "Product Viewed",
        "Popup Closed",
    }


def test_a_plan_is_changed_on_its_page_and_each_change_can_be_undone(
    admin: Client, web: Source
) -> None:
    plan = {"A": {"x": Property("number"), "y": Property("string")}, "B": {}}
    actions.keep_plan(web, plan, "test")
    path = f"/sources/{web.pk}/plan/"

    def now() -> dict:
        return from_document(TrackingPlan.objects.get().document)

    def change(**said: str) -> None:
        assert "Undo" in text(admin.post(path + "change/", said, follow=True))

    change(do="require", event="A", property="x")
    assert now()["A"]["x"] == Property("number", True)
    change(do="relax", event="A", property="x")
    assert now() == plan
    change(do="remove", event="A", property="y")
    assert list(now()["A"]) == ["x"]
    admin.post(path + "undo/")
    assert now() == plan
    change(do="remove", event="B")
    assert list(now()) == ["A"]
    change(do="drop")
    assert TrackingPlan.objects.get().document is None
    admin.post(path + "undo/")
    assert list(now()) == ["A"]
    admin.post(path + "change/", {"do": "strict"})
    assert Source.objects.get(pk=web.pk).strict


def test_a_plan_goes_out_as_a_file_and_comes_back(admin: Client, web: Source) -> None:
    plan = {"Åre": {"x": Property("number", True)}}
    actions.keep_plan(web, plan, "test")
    path = f"/sources/{web.pk}/plan/file/"
    answer = admin.get(path)
    assert answer["Content-Disposition"] == 'attachment; filename="web-plan.yml"'
    actions.keep_plan(web, None, "test")
    file = SimpleUploadedFile("plan.yml", answer.content)
    text(admin.post(path, {"file": file}, follow=True))
    assert from_document(TrackingPlan.objects.get().document) == plan


@pytest.mark.parametrize("body", [b"nonsense", b"x" * (1024 * 1024 + 1)])
def test_a_bad_file_is_refused_in_words_and_changes_nothing(
    admin: Client, web: Source, body: bytes
) -> None:
    file = SimpleUploadedFile("plan.yml", body)
    page = text(admin.post(f"/sources/{web.pk}/plan/file/", {"file": file}, follow=True))
    assert "A plan" in page
    assert not TrackingPlan.objects.exclude(document=None).exists()


def test_what_is_off_the_plan_is_shown_by_event_with_an_example(admin: Client, web: Source) -> None:
    actions.keep_plan(web, {"Product Viewed": {"price": Property("number", True)}}, "test")
    tell([message(1), message(2, properties={"price": "12 kr"}), message(3, event="Popup Closed")])
    wait_until(lambda: len(figures.violations(web)) == 5)
    page = text(admin.get(f"/sources/{web.pk}/plan/"))
    assert "Popup Closed" in page
    assert "1× it is missing" in page
    assert "1× it is of another type" in page
    assert "Also seen, and only noted" in page
    # Mended in the plan, it is no longer shown.
    actions.add_to_plan(web, {"Popup Closed": {}, "Product Viewed": {"price": Property()}}, "test")
    page = text(admin.get(f"/sources/{web.pk}/plan/"))
    assert "1× it is" not in page


# --- rejects --------------------------------------------------------------------------------------


async def _turned_away(messages: list[dict[str, object]]) -> None:
    """Have the messages turned away, and wait until they can be looked at."""
    collector = Collector()
    await collector.start()
    try:
        async with client_of(collector) as client:
            kept(await client.post("/v1/batch", json={"batch": messages}))
        while await aside(Reject.objects.count) < len(messages):
            await asyncio.sleep(0.02)
    finally:
        await collector.stop()


def test_rejects_are_sent_again_from_the_page_and_it_says_what_became_of_them(
    admin: Client, web: Source
) -> None:
    actions.keep_plan(web, {"A": {}}, "test")
    actions.set_strict(web, True, "test")
    asyncio.run(_turned_away([message(1), message(2), message(3, timestamp="soon")]))
    path = f"/sources/{web.pk}/"
    page = text(admin.get(path))
    assert "Send 2 again" in page
    assert "Send all 3 again" in page
    actions.set_strict(web, False, "test")
    page = text(admin.post(path + "rejects/again/", follow=True))
    assert "2 are kept now." in page
    assert "1 turned away again: with a time that can&#x27;t be read." in page
    page = text(admin.post(path + "rejects/again/", {"reason": "not_in_plan"}, follow=True))
    assert "There was nothing left to send again." in page


def test_older_rejects_are_a_page_away(admin: Client, web: Source) -> None:
    for n in range(25):
        Reject.objects.create(source=web, reason="no_name", message=f"number-{n:02}")
    page = text(admin.get(f"/sources/{web.pk}/"))
    assert "number-24" in page
    assert "number-04" not in page
    oldest = Reject.objects.get(message="number-05").pk
    address = f"/sources/{web.pk}/rejects/?before={oldest}"
    assert f'href="{address}&amp;reason="' in page
    for headers, whole in (({}, True), ({"HX-Request": "true"}, False)):
        more = text(admin.get(address, headers=headers))
        assert "number-04" in more
        assert "number-05" not in more
        assert ("<nav" in more) is whole  # without script it is a page of its own
