"""The official server-side clients, unmodified, against a running collector."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.clients.conftest import HERE, node
from tests.collect.support import Fact, Store, track

pytestmark = pytest.mark.slow


def _run(command: list[str], **options: object) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, **options)  # type: ignore[call-overload]  # passed on as they are
    assert done.returncode == 0, done.stderr
    return str(done.stdout).strip().splitlines()[-1]


def _python(module: str, server: str, python: str = sys.executable) -> str:
    return _run([python, "-W", "ignore", str(HERE / "story.py"), module, "web-key", server])


def _node(package: str, server: str, folder: Path) -> str:
    story = str(HERE / "node" / "story.js")
    return _run([str(node()), story, package, "web-key", server], cwd=folder)


def test_segments_python_client(server: str, store: Store) -> None:
    assert _python("segment.analytics", server) == "2.4.0"
    _check(store, started=datetime.now(UTC))


def test_segments_older_python_client_that_shows_its_key_in_the_body(
    server: str, store: Store, segment_2_3_5: Path
) -> None:
    assert _python("segment.analytics", server, str(segment_2_3_5)) == "2.3.5"
    _check(store, started=datetime.now(UTC))


def test_rudderstacks_python_client(server: str, store: Store) -> None:
    assert _python("rudderstack.analytics", server)
    _check(store, started=datetime.now(UTC))


@pytest.mark.parametrize("package", ["@segment/analytics-node", "@rudderstack/rudder-sdk-node"])
def test_a_node_client(server: str, store: Store, node_clients: Path, package: str) -> None:
    declared = json.loads((HERE / "node" / "package.json").read_text())["dependencies"]
    assert _node(package, server, node_clients) == declared[package]
    _check(store, started=datetime.now(UTC))


def _check(store: Store, started: datetime) -> None:
    """The story is on the timeline, each call once, and nothing was sent twice or refused."""
    facts = {fact.name: fact for fact in store.facts()}
    assert store.tally() == {"kept": 6}
    identified = facts["Customer Identified"]
    assert identified.properties == {"email": "anna@example.com", "name": "Anna Berg"}
    assert identified.identifiers[0] == "user_id:u-1"
    assert "email:anna@example.com" in identified.identifiers

    viewed = facts["Product Viewed"]
    assert viewed.properties == {"sku": "vinga-38", "price": 1299.5, "name": "Åre"}
    assert viewed.identifiers == ("user_id:u-1", "anonymous_id:a-1")
    assert viewed.channel == "web"
    assert viewed.context
    assert viewed.context["locale"] == "sv-SE"
    assert viewed.context["library"]["name"]
    _near(viewed, datetime(2026, 1, 15, 10, 0, 0, 123_000, tzinfo=UTC))

    page, screen = facts["Page Viewed"], facts["Screen Viewed"]
    assert page.properties == {"category": "Product", "name": "Vinga", "path": "/p/vinga"}
    assert screen.properties == {"category": "Account", "name": "Orders", "tab": 2}
    assert facts["Group Joined"].properties == {"group_id": "berg-ab", "plan": "staff"}
    assert facts["Customer Aliased"].properties == {"previous_id": "a-0"}
    assert "anonymous_id:a-0" in facts["Customer Aliased"].identifiers
    for fact in facts.values():
        assert "user_id:u-1" in fact.identifiers
        if fact is not viewed:
            _near(fact, started)


def _near(fact: Fact, moment: datetime) -> None:
    assert abs(fact.occurred_at - moment) < timedelta(seconds=15), fact


def test_eleven_redeliveries_to_two_processes_some_at_once_are_counted_once(
    server: str, store: Store
) -> None:
    body = {"batch": [track(n, userId=f"u-{n}") for n in range(500)]}

    def deliver(_: int) -> None:
        answer = httpx.post(f"{server}/v1/batch", json=body, auth=("web-key", ""))
        assert answer.status_code == 200
        assert answer.json() == {"success": True}

    deliver(0)
    with ThreadPoolExecutor(6) as at_once:
        list(at_once.map(deliver, range(10)))
    assert store.count() == 500
    assert store.tally() == {"kept": 500, "duplicate": 5_000}


def test_a_body_of_unknown_length_comes_through_the_server(server: str, store: Store) -> None:
    pieces = (piece.encode() for piece in ('{"batch":[', json.dumps(track()), "]}"))
    answer = httpx.post(f"{server}/v1/batch", content=pieces, auth=("web-key", ""))
    assert answer.status_code == 200
    assert store.count() == 1


@pytest.mark.parametrize("clients", ["node", "browser"])
def test_the_lock_of_the_clients_names_no_host(clients: str) -> None:
    lock = json.loads((HERE / clients / "package-lock.json").read_text())
    packages = [package for name, package in lock["packages"].items() if name]
    assert packages
    assert not any("resolved" in package for package in packages)
    assert all(package["integrity"] for package in packages)
