"""After somebody was forgotten, nothing of her is left: database, home folder and log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from spindel.kit import embedded
from tests.privacy.conftest import ANNA, story
from tests.run.running import Running, spindel, wait_until
from tests.run.running import served as served

pytestmark = pytest.mark.slow


def _run(served: Running, *command: str) -> str:
    done = spindel(*command, SPINDEL_HOME=str(served.home), SPINDEL_PORT=str(served.port))
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _rows(url: str) -> Iterator[tuple[str, str]]:
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT schemaname || '.' || relname FROM pg_stat_user_tables"
        ).fetchall()
        for (table,) in tables:
            with connection.cursor().copy(f"COPY {table} TO STDOUT") as copy:  # type: ignore[arg-type]  # from the catalogue
                yield table, b"".join(copy).decode()


def _files(home: Path) -> Iterator[tuple[str, str]]:
    """All but PostgreSQL's own: it writes over what was deleted in its own time."""
    for path in home.rglob("*"):
        inside = path.relative_to(home)
        if path.is_file() and (inside.parts[0] != "postgres" or path.suffix == ".log"):
            yield str(inside), path.read_bytes().decode("utf-8", "replace")


def _traces(served: Running, url: str) -> list[tuple[str, str]]:
    texts = [*_rows(url), *_files(served.home), ("the log", served.output())]
    return [(place, word) for place, text in texts for word in ANNA if word in text.casefold()]


def test_nothing_of_her_is_left_in_a_running_spindel(served: Running) -> None:
    url = embedded.start(served.home)
    key = _run(served, "source", "add", "web", "--kind", "web", "--channel", "web")
    options = ("--scope", "customers:read", "--scope", "privacy")
    headers = {"Authorization": f"Bearer {_run(served, 'token', 'add', 'test', *options)}"}
    turned_away = {"type": "track", "userId": "c-1001", "messageId": "bad", "event": ""}
    evil = {"type": "nonsense", "email": "anna.akesson@example.se", "messageId": "bad-2"}
    with httpx.Client(base_url=served.url, timeout=30) as client:

        def customer() -> int:
            found = client.get(
                "/api/customers", params={"identifier": "user_id:c-1001"}, headers=headers
            ).json()["items"]
            return found[0]["id"] if found and len(found[0]["identifiers"]) >= 5 else 0

        batch = {"batch": [*story(), turned_away, evil]}
        client.post("/v1/batch", json=batch, auth=(key, "")).raise_for_status()
        wait_until(lambda: customer() > 0)
        anna = customer()
        client.get("/api/customers", params={"q": "anna"}, headers=headers).raise_for_status()
        export = client.post("/api/privacy/exports", json={"customer": anna}, headers=headers)
        address = f"/api/privacy/exports/{export.json()['reference']}"
        wait_until(lambda: client.get(address, headers=headers).json()["state"] == "done")
        told = client.get(f"{address}/file", headers=headers).text
        assert all(word in told.casefold() for word in ("vasagatan", "c-1001"))
        assert {place for place, _ in _traces(served, url)} >= {"public.timeline_fact"}

        erasure = client.post("/api/privacy/erasures", json={"customer": anna}, headers=headers)
        assert erasure.status_code == 202
        address = f"/api/privacy/erasures/{erasure.json()['reference']}"
        wait_until(lambda: client.get(address, headers=headers).json()["state"] == "done")
        client.post("/v1/batch", json=batch, auth=(key, "")).raise_for_status()
        assert client.get(f"/api/customers/{anna}", headers=headers).status_code == 404
    assert served.stop() == 0
    url = embedded.start(served.home)
    assert [one for one in _traces(served, url) if "reject" not in one[0]] == []
    assert _traces(served, url) == []
