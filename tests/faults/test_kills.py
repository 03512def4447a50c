"""Kill -9 of whatever runs, again and again, under load: nothing is lost, nothing doubled."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import httpx
import psutil
import psycopg
import pytest

from spindel.kit import embedded
from spindel.timeline.models import Source
from tests.run.running import Running, spindel, wait_until
from tests.run.running import served as served
from tests.telling import tell

pytestmark = pytest.mark.slow

LANES = 4
BATCH = 10
ROUNDS = 3

Message = dict[str, object]


def test_what_was_acknowledged_through_kills_is_there_once_and_identity_is_as_if_nothing_happened(
    served: Running, pos: Source, database_url: str
) -> None:
    clients = Clients(served.url, _write_key(served))
    clients.start()
    try:
        for _ in range(ROUNDS):
            for victims in (_front, _server_process, _worker, _database):
                clients.wait_for_more()
                for victim in victims(served):
                    os.kill(victim, signal.SIGKILL)
        clients.wait_for_more()
        for victim in (*_front(served), *_worker(served), *_database(served)):
            os.kill(victim, signal.SIGKILL)
        clients.wait_for_more()
    finally:
        clients.stop()
    served.wait_until_well()
    wait_until(lambda: _caught_up(served))
    own = embedded.url(served.home)
    assert own

    assert clients.refused == set(), "a client that comes again is told 503, or nothing"
    facts = Counter(name for (name,) in _rows(own, _MESSAGES))
    assert set(facts) == clients.acknowledged, "everything acknowledged is there, and no other"
    assert set(facts.values()) == {1}, "once"
    assert _rows(own, _KEPT) == [(len(facts),)], "and counted once"

    tell(*clients.batches(), key="pos-key")
    for what in (_PEOPLE, _LINKS, _TRAITS):
        disturbed, undisturbed = _rows(own, what), _rows(database_url, what)
        assert len(disturbed) > 100
        assert disturbed == undisturbed


class Clients:
    """As real ones do: each sends the same batch until it is taken, then the next."""

    def __init__(self, url: str, key: str) -> None:
        self._url = url
        self._key = key
        self._stopped = threading.Event()
        self._sent: list[list[list[Message]]] = [[] for _ in range(LANES)]
        self._threads = [
            threading.Thread(target=self._send, args=(lane,), daemon=True) for lane in range(LANES)
        ]
        self.refused: set[int] = set()

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Have each finish the batch that it is at."""
        self._stopped.set()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive()

    def batches(self) -> list[list[Message]]:
        """What was acknowledged."""
        return [batch for lane in self._sent for batch in lane]

    @property
    def acknowledged(self) -> set[object]:
        return {message["messageId"] for batch in self.batches() for message in batch}

    def wait_for_more(self) -> None:
        """Until every client has had a few more batches taken."""
        before = [len(lane) for lane in self._sent]
        wait_until(
            lambda: all(len(lane) >= was + 10 for lane, was in zip(self._sent, before, strict=True))
        )

    def _send(self, lane: int) -> None:
        with httpx.Client(base_url=self._url, auth=(self._key, ""), timeout=10) as client:
            while not self._stopped.is_set():
                batch = story(lane, len(self._sent[lane]))
                while not self._taken(client, batch):
                    self._stopped.wait(0.05)
                self._sent[lane].append(batch)

    def _taken(self, client: httpx.Client, batch: list[Message]) -> bool:
        try:
            status = client.post("/v1/batch", json={"batch": batch}).status_code
        except httpx.TransportError:
            return False
        if status not in (200, 503):
            self.refused.add(status)
        return status == 200


def story(lane: int, number: int) -> list[Message]:
    """Some minutes in a household: browsers that are shared, people who log in, an address each.

    The lanes tell of the same households, so the same people are met by several clients at once.
    """
    chance = Random(f"{lane}/{number}")
    house = number // 4
    messages = []
    for position in range(BATCH):
        name = f"{lane}-{number}-{position}"
        person = f"{house}-{chance.randrange(3)}"
        # No two messages at the same time: what comes first must not be a matter of taste.
        at = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(
            seconds=number % 4 * 1_000 + position * 100 + lane
        )
        message: Message = {
            "type": "track",
            "event": "Product Viewed",
            "messageId": name,
            "anonymousId": f"browser-{house}-{chance.randrange(3)}",
            "timestamp": at.isoformat(),
            "properties": {"n": name},
        }
        match chance.randrange(4):
            case 0:
                message |= {"userId": f"user-{person}"}
            case 1:
                message |= {
                    "type": "identify",
                    "userId": f"user-{person}",
                    "traits": {"email": f"{person}@example.com", "n": name},
                }
            case 2:
                message["context"] = {"traits": {"email": f"{person}@example.com"}}
        messages.append(message)
    return messages


def _write_key(served: Running) -> str:
    made = spindel(
        *("source", "add", "web", "--kind=web", "--channel=web", "--trusted"),
        SPINDEL_HOME=str(served.home),
    )
    assert made.returncode == 0, made.stderr
    return made.stdout.split()[-1]


def _front(served: Running) -> list[int]:
    """The server's first process, which is the others' parent."""
    found = set(served.children("spindel.run.serving"))
    return [pid for pid in found if psutil.Process(pid).ppid() not in found]


def _server_process(served: Running) -> list[int]:
    """One of those that collect."""
    first = _front(served)[0]
    return [child.pid for child in psutil.Process(first).children()][-1:]


def _worker(served: Running) -> list[int]:
    return served.children("spindel.run.worker")


def _database(served: Running) -> list[int]:
    return [served.postmaster()]


def _caught_up(served: Running) -> bool:
    text = httpx.get(f"{served.url}/metrics", timeout=10).text
    return 'spindel_follower_lag_facts{follower="identity"} 0.0' in text


_MESSAGES = "SELECT properties->>'n' FROM timeline_fact"

_KEPT = "SELECT sum(count)::int FROM collect_tally WHERE outcome = 'kept'"

# By the smallest message of a customer, as ids differ from database to database.
_PEOPLE = """
SELECT n, min(n) OVER (PARTITION BY customer_id) FROM (
    SELECT f.properties->>'n' AS n, t.customer_id
    FROM timeline_fact f
    JOIN LATERAL (
        SELECT customer_id FROM identity_tenure
        WHERE identifier_id = f.identifier_id AND since <= f.occurred_at
        ORDER BY since DESC LIMIT 1
    ) t ON true
    WHERE f.properties ? 'n'
) told ORDER BY n
"""

_LINKS = """
SELECT a.kind, a.value, b.kind, b.value, l.since, l.occurred_at, l.rule
FROM identity_link l
JOIN identity_identifier a ON a.id = l.a_id JOIN identity_identifier b ON b.id = l.b_id
ORDER BY 1, 2, 3, 4, 5
"""

_TRAITS = """
SELECT i.kind, i.value, t.name, t.value, t.first_at, t.last_at
FROM identity_trait t JOIN identity_identifier i ON i.id = t.identifier_id
ORDER BY i.kind, i.value, t.name, t.value::text
"""


def _rows(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(statement).fetchall()
