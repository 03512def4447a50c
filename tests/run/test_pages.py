"""Whoever sends slowly, sends too much or goes away, holds no thread and little memory."""

from __future__ import annotations

import asyncio
import errno
import threading
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from spindel.run import pages
from spindel.run.pages import Pages
from tests.run.cast import Client, Event


def echo(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answers with what it was sent."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    said = f"{environ['PATH_INFO']}?{environ['QUERY_STRING']} {environ.get('HTTP_X_REAL_IP', '')} "
    return [said.encode("latin-1"), environ["wsgi.input"].read()]


async def ask(application: Pages, client: Client) -> Client:
    await application(client.scope, client.receive, client.send)
    return client


async def test_a_request_in_parts_arrives_whole() -> None:
    client = await ask(Pages(echo, 1), Client(b"one ", b"two", query_string="q=å".encode()))
    assert (client.status, client.body) == (200, "/å?q=%C3%A5  one two".encode())


async def test_a_long_answer_comes_whole_and_in_pieces() -> None:
    def long(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [])
        return (bytes([n % 256]) * 100_000 for n in range(100))

    client = Client()
    largest = 0
    send = client.send

    async def watch(event: Event) -> None:
        nonlocal largest
        largest = max(largest, len(event.get("body", b"")))
        await send(event)

    await Pages(long, 1)(client.scope, client.receive, watch)
    assert client.body == b"".join(bytes([n % 256]) * 100_000 for n in range(100))
    assert largest <= pages._PIECE


async def test_a_header_with_an_underscore_does_not_pass_for_one_with_a_hyphen() -> None:
    client = await ask(Pages(echo, 1), Client(headers=[(b"x_real_ip", b"192.0.2.1")]))
    assert b"192.0.2.1" not in client.body


async def test_too_large_a_body_is_refused_before_and_while_it_is_read() -> None:
    declared = Client(headers=[(b"content-length", b"%d" % (pages.LARGEST_BODY + 1))])
    grown = Client(*[b"x" * 1024 * 1024] * 5)
    for client in (declared, grown):
        assert (await ask(Pages(echo, 1), client)).status == 413


async def test_what_an_erp_sends_at_once_may_be_larger_and_waits_on_the_disk() -> None:
    application = Pages(echo, 1)
    parts = [bytes([n]) * 1024 * 1024 for n in range(6)]
    client = await ask(application, Client(*parts, path="/api/stock/movements"))
    assert (client.status, client.body[-6 * 1024 * 1024 :]) == (200, b"".join(parts))
    most = [b"x" * 1024 * 1024] * (pages.LARGEST_BULK // 1024 // 1024 + 1)
    assert (await ask(application, Client(*most, path="/api/stock/counts"))).status == 413
    assert (application._held, application._bulk) == (0, 0)


async def test_few_send_that_much_at_the_same_time_and_others_are_answered() -> None:
    application = Pages(echo, 1)
    go_on = asyncio.Event()

    class Slow(Client):
        async def receive(self) -> Event:
            if not self._events[0]["body"]:
                await go_on.wait()
            return self._events.pop(0)

    def large() -> Client:
        return Slow(b"x" * (pages.LARGEST_BODY + 1), path="/api/stock/movements")

    slow = [asyncio.create_task(ask(application, large())) for _ in range(pages._MOST_BULK)]
    await asyncio.sleep(0)
    assert application._held == 0
    assert (await ask(application, large())).status == 503
    assert (await ask(application, Client(b"small", path="/api/stock/movements"))).status == 200
    go_on.set()
    assert {(await one).status for one in slow} == {200}


async def test_a_client_that_leaves_is_not_answered_and_holds_nothing() -> None:
    application = Pages(echo, 1)
    client = await ask(application, Client(b"x" * 1000, leaves=True))
    assert client.status == 0
    assert application._held == 0


async def test_slow_senders_hold_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_SECONDS_TO_SEND", 0.5)
    application = Pages(echo, 1)
    never = asyncio.Event()

    class Slow(Client):
        async def receive(self) -> Event:
            await never.wait()
            raise AssertionError

    slow = [asyncio.create_task(ask(application, Slow())) for _ in range(20)]
    await asyncio.sleep(0)
    assert (await ask(application, Client())).status == 200
    assert {(await one).status for one in slow} == {408}


def full_disk(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    raise OSError(errno.ENOSPC, "No space left on device")


async def test_where_the_disk_is_full_a_client_is_told_to_come_back() -> None:
    application = Pages(full_disk, threads=1)
    assert (await ask(application, Client(b"x"))).status == 503
    application.stop()


async def test_who_is_not_answered_in_time_is_told_so_and_what_waited_is_not_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pages, "_SECONDS_TO_ANSWER", 0.05)
    go_on, done = threading.Event(), []

    def hang(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        done.append(environ["PATH_INFO"])
        go_on.wait()
        return echo(environ, start_response)

    application = Pages(hang, threads=1)
    both = [ask(application, Client(path=path)) for path in ("/one", "/two")]
    assert [one.status for one in await asyncio.gather(*both)] == [503, 503]
    go_on.set()
    assert (await ask(application, Client(path="/three"))).status == 200
    assert done == ["/one", "/three"]


async def test_people_are_told_to_come_back_by_a_page_and_machines_in_their_own_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pages, "_MOST_WAITING", 0)
    application = Pages(echo, 1, later="<h1>Not just now</h1>")
    person = Client(headers=[(b"accept", b"text/html,*/*;q=0.8")])
    assert (await ask(application, person)).body == b"<h1>Not just now</h1>"
    assert b'"code":"busy"' in (await ask(application, Client())).body


async def test_when_too_many_wait_the_next_is_told_to_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pages, "_MOST_WAITING", 0)
    assert (await ask(Pages(echo, 1), Client())).status == 503


async def test_an_endless_body_is_refused_as_soon_as_it_is_too_long() -> None:
    read = 0

    async def receive() -> Event:
        nonlocal read
        read += 256 * 1024
        return {"type": "http.request", "body": bytes(256 * 1024), "more_body": True}

    client = Client()
    application = Pages(echo, 1)
    await application(client.scope, receive, client.send)
    assert client.status == 413
    assert read <= pages.LARGEST_BODY + 256 * 1024
    assert application._held == 0
