"""A customer who asks to be forgotten is gone everywhere, and is not built up again."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection

from spindel.collect.models import Tally
from spindel.identity import actions, customers, ownership
from spindel.identity.followers import FOLLOWER
from spindel.identity.models import Customer, Forgetting, Forgotten, Identifier
from spindel.privacy import jobs
from spindel.privacy.actions import forget_customer, let_in_again
from spindel.privacy.models import Erasure
from spindel.staff.models import AuditEntry
from spindel.timeline import following
from spindel.timeline.models import NOBODY, Fact, Source
from spindel.timeline.recording import Gone, record
from tests.privacy.conftest import at, everything, forget, story, traces
from tests.telling import customer_by_message, follow, tell


def test_nothing_of_her_can_be_read_in_the_whole_database(anna: int) -> None:
    actions.correct_trait(anna, "nickname", "Anna-Banana", "maja@nordsko.example")
    assert {table for table, _ in traces()} >= {"timeline_fact", "identity_identifier"}

    erasure = forget(anna)

    assert traces() == set()
    assert customers.find(anna) is None
    assert erasure.counts["timeline_fact"] == 7
    assert Customer.objects.count() == 0


def test_a_purchase_stays_in_the_books_without_her(anna: int) -> None:
    forget(anna)
    (kept,) = Fact.objects.all()
    assert kept.name == "Order Completed"
    assert kept.identifier_id == NOBODY
    assert kept.also is None
    assert kept.context is None
    assert kept.properties == {
        "order_id": "WEB-5001",
        "total": 1299.0,
        "currency": "SEK",
        "products": [{"product_id": "P1", "name": "Vinga", "price": 1299}],
    }


def test_a_late_message_is_turned_away_and_counted(anna: int, web: Source) -> None:
    forget(anna)
    tell(story())
    tell(
        [
            {
                "type": "identify",
                "messageId": "late",
                "timestamp": at(20),
                "traits": {"email": "ANNA.AKESSON@EXAMPLE.SE", "name": "Anna Åkesson"},
            },
            {"type": "page", "messageId": "m-2", "timestamp": at(8), "anonymousId": "anna-phone"},
            {"type": "page", "messageId": "m-3", "timestamp": at(8), "anonymousId": "other"},
        ]
    )
    assert traces() == set()
    assert Fact.objects.count() == 2  # her purchase, without her; and somebody else's page
    counted = Tally.objects.filter(outcome="forgotten").values_list("count", flat=True)
    assert sum(counted) == len(story()) + 2


def test_whoever_sends_does_not_learn_that_somebody_was_forgotten(anna: int) -> None:
    import asyncio

    import httpx

    from spindel.collect.app import Collector

    forget(anna)

    async def send() -> httpx.Response:
        collector = Collector()
        await collector.start()
        try:
            transport = httpx.ASGITransport(collector)
            async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
                message = {"userId": "c-1001", "event": "Product Viewed", "timestamp": at(3)}
                return await client.post("/v1/track", json=message, auth=("web-key", ""))
        finally:
            await collector.stop()

    answer = asyncio.run(send())
    assert (answer.status_code, answer.json()) == (200, {"success": True})


def test_somebody_who_comes_back_is_a_new_customer(anna: int) -> None:
    forget(anna)
    now = datetime.now(UTC).isoformat()
    tell([{"type": "identify", "messageId": "back", "userId": "c-1001", "timestamp": now}])
    back = customers.by_identifier("user_id", "c-1001")
    assert back is not None
    assert back != anna
    assert [fact.name for fact in customers.timeline(back).items] == ["Customer Identified"]
    tell([{"type": "page", "messageId": "late", "userId": "c-1001", "timestamp": at(9)}])
    assert len(customers.timeline(back).items) == 1


def test_kept_out_for_good_until_she_is_let_in_again(anna: int) -> None:
    erasure = forget(anna, for_good=True)
    now = datetime.now(UTC).isoformat()
    nightly = {
        "type": "identify",
        "userId": "c-1001",
        "traits": {"email": "anna.akesson@example.se"},
    }
    tell([{**nightly, "messageId": "n-1", "timestamp": now}])
    assert traces() == set()
    # A device is not kept out: tomorrow it may be somebody else's.
    tell([{"type": "page", "messageId": "p-1", "anonymousId": "anna-phone"}])
    assert Fact.objects.filter(name="Page Viewed").count() == 1

    let_in_again(erasure, "the test")
    tell([{**nightly, "messageId": "n-2"}])
    assert customers.by_identifier("user_id", "c-1001") is not None
    tell([{**nightly, "messageId": "n-3", "timestamp": at(3)}])
    assert Fact.objects.filter(name="Customer Identified").count() == 1


def test_asking_twice_is_one_erasure_and_doing_it_twice_does_nothing(anna: int) -> None:
    first = forget_customer(anna, "the test")
    assert forget_customer(anna, "another") == first
    jobs.work()
    after = everything()
    jobs.work()
    assert everything() == after
    with pytest.raises(customers.NotFound):
        forget_customer(anna, "the test")
    assert Erasure.objects.count() == 1


def test_the_certificate_says_what_was_done_and_not_to_whom(anna: int) -> None:
    erasure = forget(anna)
    assert erasure.done_at is not None
    assert erasure.asked_by == "the test"
    assert erasure.left == {}
    assert erasure.counts["identity_identifier"] == 5
    assert Erasure.objects.get().customer == anna
    did = AuditEntry.objects.order_by("pk").values_list("did", flat=True)
    assert [one for one in did if "forg" in one] == ["customer.forget", "customer.forgotten"]


def test_tombstones_say_nothing_without_the_key(anna: int) -> None:
    forget(anna)
    stones = [bytes(one) for one in Forgotten.objects.values_list("digest", flat=True)]
    assert len(set(stones)) == 5  # her address in two spellings is one
    assert all(len(stone) == 32 for stone in stones)
    assert Forgetting.objects.get().key.startswith("sealed:1:")


# --- other people ---------------------------------------------------------------------------------


def _tablet(user: str, hours: float, n: str) -> dict[str, object]:
    return {
        "type": "track",
        "event": "Product Viewed",
        "messageId": f"tablet-{n}",
        "userId": user,
        "anonymousId": "tablet-1",
        "timestamp": at(hours),
        "properties": {"n": n},
    }


def test_of_a_shared_device_only_her_time_is_forgotten(anna: int) -> None:
    tell([_tablet("c-1001", 10, "hers"), _tablet("bo", 20, "his"), _anonymous(12, "hers too")])
    tell([_anonymous(22, "his too")])
    bo = customers.by_identifier("user_id", "bo")
    assert bo is not None
    forget(anna)
    bo = customers.living(bo)
    assert customer_by_message() == {"his": bo, "his too": bo}
    tell([_anonymous(11, "hers, late"), _anonymous(23, "his, late")])
    assert customer_by_message() == {"his": bo, "his too": bo, "his, late": bo}


def _anonymous(hours: float, n: str) -> dict[str, object]:
    return {
        "type": "page",
        "messageId": f"anonymous-{n}",
        "anonymousId": "tablet-1",
        "timestamp": at(hours),
        "properties": {"n": n},
    }


def test_what_others_messages_said_of_her_goes_and_theirs_stays(anna: int) -> None:
    tell(
        [
            {
                "type": "identify",
                "messageId": "bo-1",
                "userId": "bo",
                "timestamp": at(30),
                "traits": {"email": "anna.akesson@example.se", "name": "Bo Ek"},
            },
            {"type": "page", "messageId": "bo-2", "userId": "bo", "timestamp": at(31)},
        ]
    )
    bo = customers.by_identifier("user_id", "bo")
    assert bo is not None
    if bo == anna:  # whoever is who, an agent has parted them
        named = Identifier.objects.get(kind="user_id", value="bo")
        left, bo = actions.split_customer(anna, [named.pk], "maja@nordsko.example")
        anna = left
    forget(anna)
    assert traces() == set()
    names = {fact.name for fact in customers.timeline(bo).items}
    assert names >= {"Customer Identified", "Page Viewed"}


# --- at the same time -----------------------------------------------------------------------------


def test_what_identity_has_not_come_to_yet_is_hers_all_the_same(anna: int) -> None:
    new = {
        "type": "identify",
        "messageId": "new",
        "userId": "c-1001",
        "timestamp": at(40),
        "traits": {"phone": "070-765 43 21", "email": "anna.two@example.se"},
    }
    tell_only([new])
    assert customers.by_identifier("email", "anna.two@example.se") != anna
    forget(anna)
    follow()
    assert traces((*("anna.two", "707654321"),)) == set()
    assert traces() == set()


def tell_only(batch: list[dict[str, object]]) -> None:
    """Through the collector, without identity following."""
    import asyncio

    from tests.telling import _send

    asyncio.run(_send([batch], "web-key"))


def test_under_traffic_nothing_of_her_comes_back(anna: int) -> None:
    """Collectors that remember her identifiers go on sending while she is forgotten."""
    stop = threading.Event()
    failed: list[BaseException] = []

    def send(thread: int) -> None:
        try:
            n = 0
            while not stop.is_set():
                n += 1
                tell_only_batches(f"{thread}-{n}")
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    def follow_on() -> None:
        try:
            while not stop.is_set():
                following.step(FOLLOWER)
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=[number]) for number in range(2)]
    threads.append(threading.Thread(target=follow_on))
    for thread in threads:
        thread.start()
    try:
        for _ in range(3):
            wait_for_facts(Fact.objects.count() + 20)
        erasure = forget_customer(anna, "the test")
        for _ in range(200):
            jobs.work()
            erasure.refresh_from_db()
            if erasure.state == Erasure.State.DONE:
                break
        others = Fact.objects.filter(properties__has_key="n").count()
        wait_for_facts(others + 20, properties__has_key="n")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failed == []
    follow()
    assert traces() == set()
    assert (
        Fact.objects.exclude(name="Order Completed").exclude(properties__has_key="n").count() == 0
    )


def tell_only_batches(mark: str) -> None:
    batch: list[dict[str, object]] = [
        {**message, "messageId": f"{message['messageId']} {mark}"} for message in story()
    ]
    other = {
        "type": "page",
        "messageId": f"other {mark}",
        "anonymousId": f"visitor {mark}",
        "properties": {"n": mark},
    }
    tell_only([*batch, other])


def wait_for_facts(count: int, **which: object) -> None:
    from tests.telling import wait_until

    wait_until(lambda: Fact.objects.filter(**which).count() >= count, 30)


def test_what_is_recorded_about_her_just_then_is_refused_or_forgotten(anna: int) -> None:
    from django.db import transaction

    from spindel.identity.facts import TraitCorrected

    identifier = ownership.under(anna)
    forget(anna)
    with pytest.raises(Gone), transaction.atomic():
        record(TraitCorrected(name="phone", by="maja@nordsko.example"), identifier)
    assert traces() == set()


def test_a_crash_half_way_is_gone_on_from(anna: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_PART", 2)
    forget_customer(anna, "the test")
    assert jobs.step()
    assert jobs.step()
    assert 0 < Fact.objects.count() < len(story())
    assert customers.find(anna) is not None

    def crash(*_: object, **__: object) -> int:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("spindel.identity.forgetting.graph.settle", crash)
        with pytest.raises(RuntimeError):
            jobs.work()
    assert customers.find(anna) is not None
    assert Forgotten.objects.count() == 0
    jobs.work()
    assert traces() == set()
