"""Followers: each fact takes effect once, in order, and none is passed over."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest
from django.db import connection, transaction

from spindel.kit import sql
from spindel.timeline import following
from spindel.timeline.following import Follower, Window
from spindel.timeline.models import Cursor, Fact, Source
from tests.telling import wait_until

MARCH = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def seen(database: str) -> Iterator[None]:
    """A table of what followers did, in the database where their effects belong."""
    sql.run("CREATE TABLE seen (follower text, name text)")
    yield
    sql.run("DROP TABLE seen")


def noting(name: str, after: str = "") -> Follower:
    """A follower that notes the name of each fact."""

    def handle(window: Window) -> None:
        sql.run(
            "INSERT INTO seen SELECT %s, name FROM timeline_fact"
            " WHERE (transaction, sequence) > (%s::xid8, %s)"
            " AND (transaction, sequence) <= (%s::xid8, %s)",
            [name, str(window.start[0]), window.start[1], str(window.end[0]), window.end[1]],
        )

    follower = Follower(name, handle, after)
    following.enrol(follower)
    return follower


def noted(follower: Follower) -> list[str]:
    rows = sql.rows("SELECT name FROM seen WHERE follower = %s ORDER BY name", [follower.name])
    return [name for (name,) in rows]


def happen(source: Source, *names: str) -> None:
    """Facts, each in a transaction of its own."""
    for name in names:
        Fact.objects.create(
            identifier_id=1, name=name, channel="web", source=source, occurred_at=MARCH
        )


def drain(follower: Follower, limit: int = following.LARGEST_WINDOW) -> int:
    """Follow to the end of what may be read now; how many facts that was."""
    total = 0
    while handled := following.step(follower, limit):
        total += handled
    return total


def follow(follower: Follower) -> None:
    """Follow until nothing is left, which an open transaction of another test may put off."""
    wait_until(lambda: drain(follower) == 0 and behind(follower) == 0)


def behind(follower: Follower) -> int:
    return {lag.follower: lag.facts for lag in following.lags()}[follower.name]


@contextmanager
def late(url: str, source: Source, name: str) -> Iterator[psycopg.Connection]:
    """A transaction that has appended a fact and has not committed yet."""
    with psycopg.connect(url) as other:
        other.execute(
            "INSERT INTO timeline_fact"
            " (id, identifier_id, name, channel, source_id, occurred_at, properties)"
            " VALUES (%s, 1, %s, 'web', %s, %s, '{}')",
            [uuid4(), name, source.pk, MARCH],
        )
        yield other


def test_a_fact_that_is_committed_late_is_not_passed_over(
    web: Source, seen: None, database_url: str
) -> None:
    follower = noting("probe")
    happen(web, "before")
    follow(follower)
    with late(database_url, web, "late") as other:
        happen(web, "meanwhile 1", "meanwhile 2")
        drain(follower)
        assert noted(follower) == ["before"], "no further than the oldest open transaction"
        other.commit()
    happen(web, "after")
    follow(follower)
    assert noted(follower) == ["after", "before", "late", "meanwhile 1", "meanwhile 2"]


def test_a_fact_whose_transaction_began_before_others_but_wrote_last_is_not_passed_over(
    web: Source, seen: None, database_url: str
) -> None:
    """The transaction's id is low, the fact's sequence high."""
    follower = noting("probe")
    with psycopg.connect(database_url) as other:
        other.execute("SELECT pg_current_xact_id()")
        happen(web, "meanwhile")
        drain(follower)
        other.execute(
            "INSERT INTO timeline_fact"
            " (id, identifier_id, name, channel, source_id, occurred_at, properties)"
            " VALUES (%s, 1, 'late', 'web', %s, %s, '{}')",
            [uuid4(), web.pk, MARCH],
        )
        other.commit()
    follow(follower)
    assert noted(follower) == ["late", "meanwhile"]


def test_what_is_rolled_back_is_never_seen_and_holds_nobody_up(
    web: Source, seen: None, database_url: str
) -> None:
    follower = noting("probe")
    with late(database_url, web, "never") as other:
        happen(web, "meanwhile")
        drain(follower)
        other.rollback()
    follow(follower)
    assert noted(follower) == ["meanwhile"]


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_windows_of_any_size_see_each_fact_once(web: Source, seen: None, limit: int) -> None:
    follower = noting("probe")
    with transaction.atomic():  # one transaction may be cut in several windows
        happen(web, "1", "2", "3", "4", "5")
    happen(web, "6", "7")
    wait_until(lambda: drain(follower, limit) == 0 and behind(follower) == 0)
    assert noted(follower) == ["1", "2", "3", "4", "5", "6", "7"]


def test_two_workers_at_once_handle_each_fact_once(web: Source, seen: None) -> None:
    follower = noting("probe")
    names = [f"{number:03}" for number in range(120)]
    done = threading.Event()
    failed: list[Exception] = []

    def work() -> None:
        try:
            while not done.is_set():
                following.step(follower, 7)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    try:
        happen(web, *names)
        wait_until(lambda: behind(follower) == 0, 30)
    finally:
        done.set()
        for worker in workers:
            worker.join()
    assert not failed
    assert noted(follower) == names


def test_a_worker_does_not_wait_for_one_that_is_just_at_it(web: Source, seen: None) -> None:
    entered, go_on = threading.Event(), threading.Event()

    def handle(window: Window) -> None:
        entered.set()
        assert go_on.wait(10)

    slow = Follower("slow", handle)
    following.enrol(slow)
    happen(web, "one")

    def work() -> None:
        wait_until(lambda: following.step(slow))
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        assert entered.wait(10)
        assert following.step(slow) == 0
    finally:
        go_on.set()
        worker.join()
    assert behind(slow) == 0


def test_a_failing_handler_moves_nothing_and_goes_on_after_mending(web: Source, seen: None) -> None:
    whole = noting("probe")

    def broken(window: Window) -> None:
        whole.handle(window)
        raise ZeroDivisionError("anna@example.com")

    happen(web, "one", "two")
    wait_until(lambda: _fails(Follower("probe", broken)))
    first = Cursor.objects.get(pk="probe")
    assert first.error == "ZeroDivisionError", "what it was about could be personal"
    assert (first.transaction, first.sequence) == (0, 0)
    assert noted(whole) == [], "what it did before it failed is undone"
    assert {lag.follower: (lag.facts, lag.error) for lag in following.lags()} == {
        "probe": (2, "ZeroDivisionError")
    }

    assert _fails(Follower("probe", broken))
    assert Cursor.objects.get(pk="probe").failed_at == first.failed_at, "it says since when"

    happen(web, "three")
    follow(whole)
    assert noted(whole) == ["one", "three", "two"]
    mended = Cursor.objects.get(pk="probe")
    assert (mended.error, mended.failed_at) == ("", None)


def _fails(follower: Follower) -> bool:
    try:
        following.step(follower)
    except ZeroDivisionError:
        return True
    return False


def test_a_failing_follower_stops_no_other(web: Source, seen: None) -> None:
    def broken(window: Window) -> None:
        raise ZeroDivisionError

    following.enrol(Follower("broken", broken))
    other = noting("probe")
    happen(web, "one")
    wait_until(lambda: _fails(Follower("broken", broken)))
    follow(other)
    assert noted(other) == ["one"]


def test_a_follower_after_another_never_overtakes_it(web: Source, seen: None) -> None:
    first, second = noting("first"), noting("second", after="first")
    happen(web, "1", "2", "3", "4")
    assert drain(second) == 0
    wait_until(lambda: following.step(first, 1))
    wait_until(lambda: following.step(first, 1))
    drain(second)
    assert noted(first) == noted(second) == ["1", "2"]
    follow(first)
    assert noted(second) == ["1", "2"]
    follow(second)
    assert noted(second) == ["1", "2", "3", "4"]


def test_enrolling_again_starts_nothing_over(web: Source, seen: None) -> None:
    follower = noting("probe")
    happen(web, "one")
    follow(follower)
    following.enrol(follower)
    follow(follower)
    assert noted(follower) == ["one"]


def test_a_follower_that_comes_later_sees_everything_from_the_beginning(
    web: Source, seen: None
) -> None:
    happen(web, "one", "two")
    follower = noting("newcomer")
    follow(follower)
    assert noted(follower) == ["one", "two"]


def test_lag_is_told_in_facts_and_in_seconds_of_the_oldest(web: Source, seen: None) -> None:
    follower = noting("probe")
    (lag,) = following.lags()
    assert (lag.facts, lag.seconds) == (0, 0)
    happen(web, "one", "two")
    Fact.objects.filter(name="one").update(received_at=MARCH)
    (lag,) = following.lags()
    assert lag.facts == 2
    assert lag.seconds > 3600
    follow(follower)
    assert following.lags()[0].facts == 0
