"""`spindel serve` and its parts: they start, they come back, they stop and leave nothing."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator

import httpx
import pytest

from tests.run.running import Running, new_home, serving, spindel, wait_until
from tests.run.running import served as served

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lasting() -> Iterator[Running]:
    """One for all tests that leave it well."""
    with serving() as running:
        yield running


def test_metrics_count_what_became_of_messages_and_time_requests(lasting: Running) -> None:
    """First, as they count what the tests after it do, too."""
    for _ in range(20):  # each comes to one of the processes
        httpx.get(f"{lasting.url}/login/")
    httpx.post(f"{lasting.url}/v1/track", json={"writeKey": "nobody's"})

    logins = '{method="GET",route="/login/",status="200"}'

    def counted() -> bool:
        text = httpx.get(f"{lasting.url}/metrics").text
        return (
            'spindel_messages_total{outcome="bad_key",source=""} 1.0' in text
            and f"spindel_request_seconds_count{logins} 20.0" in text
            and 'spindel_follower_lag_seconds{follower="identity"}' in text
            and 'spindel_pool_connections{state="open"}' in text
        )

    wait_until(counted)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_leaves_no_process_behind(served: Running, number: int) -> None:
    assert served.stop(number) == 0
    assert served.leftovers() == []


def test_a_second_ctrl_c_hurries_and_leaves_no_process_behind(served: Running) -> None:
    served.process.send_signal(signal.SIGINT)
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(20) == 0
    assert served.leftovers() == []


def test_a_second_start_on_the_same_home_says_so_in_one_line(lasting: Running) -> None:
    second = spindel("serve", SPINDEL_HOME=str(lasting.home), SPINDEL_PORT="0")
    assert second.returncode != 0
    assert second.stderr.count("\n") == 1
    assert "already runs" in second.stderr
    assert lasting.status() == 200


def test_a_taken_port_is_said_in_one_line(lasting: Running) -> None:
    other = spindel("serve", SPINDEL_HOME=str(new_home()), SPINDEL_PORT=str(lasting.port))
    assert other.returncode != 0
    assert other.stderr.count("\n") == 1
    assert f"Port {lasting.port} is taken" in other.stderr


@pytest.mark.parametrize("module", ["spindel.run.serving", "spindel.run.worker"])
def test_killed_processes_come_back(lasting: Running, module: str) -> None:
    victims = set(lasting.children(module))
    for victim in victims:
        os.kill(victim, signal.SIGKILL)
    wait_until(lambda: len(set(lasting.children(module)) - victims) >= len(victims))
    lasting.wait_until_well()


def test_a_killed_web_process_is_replaced_by_its_server(lasting: Running) -> None:
    server, *workers = sorted(lasting.children("spindel.run.serving"))
    os.kill(workers[0], signal.SIGKILL)
    wait_until(lambda: len(lasting.children("spindel.run.serving")) == 1 + len(workers))
    assert server in lasting.children("spindel.run.serving")
    lasting.wait_until_well()


def test_a_killed_database_is_started_again_and_health_says_so_meanwhile(lasting: Running) -> None:
    os.kill(lasting.postmaster(), signal.SIGSTOP)
    try:
        wait_until(lambda: lasting.status() == 503)
        answer = httpx.get(f"{lasting.url}/healthz", timeout=5)
        assert answer.json()["database"] == "out of reach"
        assert answer.elapsed.total_seconds() < 3
    finally:
        os.kill(lasting.postmaster(), signal.SIGKILL)
    lasting.wait_until_well()
    assert httpx.get(f"{lasting.url}/login/").status_code == 200


def test_a_new_start_takes_over_from_a_killed_one(served: Running) -> None:
    served.process.kill()
    served.process.wait()
    successor = Running("serve", home=served.home)
    try:
        successor.wait_until_well()
        assert successor.stop() == 0
        assert successor.leftovers() == []
    finally:
        successor.clean_up()


def test_the_parts_run_apart_on_one_database(lasting: Running) -> None:
    url = f"postgresql://postgres@/postgres?host={lasting.home}/postgres"
    parts = [
        Running(name, SPINDEL_DATABASE_URL=url, SPINDEL_WEB_WORKERS="1")
        for name in ("web", "collect", "work")
    ]
    try:
        for part in parts[:2]:
            part.wait_until_well()
        web, collect, work = parts
        assert httpx.get(f"{web.url}/login/").status_code == 200
        assert httpx.get(f"{collect.url}/login/").status_code == 404
        assert httpx.post(f"{collect.url}/v1/track", json={}).status_code == 401
        assert "collector" not in httpx.get(f"{web.url}/healthz").json()
        wait_until(lambda: work.says("worker_ready"))
        assert [part.stop() for part in parts] == [0, 0, 0]
    finally:
        for part in parts:
            part.clean_up()


def test_an_import_and_an_admin_need_no_running_spindel() -> None:
    home = str(new_home())
    made = spindel("source", "add", "till", "--kind=pos", "--channel=store", SPINDEL_HOME=home)
    assert made.returncode == 0, made.stderr
    listed = spindel("source", "list", SPINDEL_HOME=home)
    assert made.stdout.strip() in listed.stdout


def test_metrics_are_not_for_those_behind_a_proxy(lasting: Running) -> None:
    through = {"X-Forwarded-For": "192.0.2.7"}
    assert httpx.get(f"{lasting.url}/metrics", headers=through).status_code == 403


def test_a_connection_that_says_nothing_more_is_closed(lasting: Running) -> None:
    """A thousand of them would be all that there are."""
    for said in (b"", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"):
        with socket.create_connection(("127.0.0.1", lasting.port), timeout=30) as connection:
            connection.sendall(said)
            assert connection.recv(1) == b""
