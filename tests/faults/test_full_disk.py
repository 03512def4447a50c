"""A disk that is full: nothing dies over it, nothing that was answered is lost, all comes back."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psycopg
import pytest

from spindel.kit import embedded
from tests.run.running import LONGEST, Running, prepared_home, spindel, wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform != "linux" or os.geteuid() != 0,
        reason="only root on Linux can mount a small disk",
    ),
]


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of its own, of 300 MB."""
    with tempfile.TemporaryDirectory(prefix="spindel-disk-") as folder:
        options = ("-t", "tmpfs", "-o", "size=300m", "tmpfs", folder)
        if subprocess.run(["mount", *options], capture_output=True, check=False).returncode:
            pytest.skip("a disk can't be mounted here, as in most containers")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def served(small_disk: Path) -> Iterator[Running]:
    """All of Spindel, with its home on the small disk."""
    home = small_disk / "home"
    subprocess.run(["cp", "-a", str(prepared_home()), str(home)], check=True)
    running = Running("serve", home=home)
    try:
        running.wait_until_well()
        yield running
    finally:
        running.clean_up()


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """Nothing more can be written meanwhile."""
    filler = disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 16))
    try:
        yield
    finally:
        filler.unlink()


def processes(served: Running) -> list[int]:
    return sorted(served.children("spindel.run.serving") + served.children("spindel.run.worker"))


class Clients:
    """A till that sends batches, a shop that begins sessions, and somebody who opens pages."""

    def __init__(self, served: Running) -> None:
        def run(*command: str) -> str:
            settings = {"SPINDEL_HOME": str(served.home), "SPINDEL_PORT": str(served.port)}
            done = spindel(*command, **settings)
            assert done.returncode == 0, done.stderr
            return done.stdout.split()[-1]

        self._key = run("source", "add", "till", "--kind=pos", "--channel=store")
        token = run("token", "add", "shop", "--scope=shop")
        self._http = httpx.Client(base_url=served.url, timeout=LONGEST)
        self._shop = {"Authorization": f"Bearer {token}"}
        self._sent = 0
        self.taken: set[str] = set()  # of what was sent, what was acknowledged

    def statuses(self) -> dict[str, int]:
        """What each of them is answered now."""
        self._sent += 1
        names = [f"{self._sent}-{n}" for n in range(40)]
        batch = [self._message(name) for name in names]
        session = {"browser": f"browser-{self._sent}", "market": "SE"}
        anybody = {"Cookie": "sessionid=" + "x" * 32}
        answers = {
            "batch": self._http.post("/v1/batch", json={"batch": batch}, auth=(self._key, "")),
            "session": self._http.post("/api/shop/sessions", json=session, headers=self._shop),
            "page": self._http.get("/customers/", headers=anybody),
            "login": self._http.get("/login/"),
            "metrics": self._http.get("/metrics"),
        }
        if answers["batch"].status_code == 200:
            self.taken.update(names)
        for name, answer in answers.items():
            assert answer.status_code in (200, 201, 302, 503), (name, answer.text[:500])
            assert answer.status_code != 503 or int(answer.headers["retry-after"]) > 0, name
        return {name: answer.status_code for name, answer in answers.items()}

    def _message(self, name: str) -> dict[str, object]:
        """One that needs some room."""
        return {
            "type": "track",
            "event": "Noted",
            "userId": f"u-{name}",
            "messageId": name,
            "properties": {"text": name * 400},
        }


def use_up_log(url: str) -> None:
    """Write until the database has no room for its own log, and stops."""
    with suppress(psycopg.Error), psycopg.connect(url, autocommit=True) as connection:
        while True:
            connection.execute(
                "SELECT pg_logical_emit_message(true, '', string_agg(md5(random()::text), ''))"
                " FROM generate_series(1, 30000)"
            )


def all_well(clients: Clients) -> Callable[[], bool]:
    return lambda: 503 not in clients.statuses().values()


def test_spindel_answers_503_while_the_disk_is_full_and_comes_back_by_itself(
    served: Running, small_disk: Path
) -> None:
    clients = Clients(served)
    assert clients.statuses()["batch"] == 200
    before = processes(served)
    url = embedded.url(served.home)
    assert url
    with full(small_disk):
        wait_until(lambda: clients.statuses()["batch"] == 503)
        assert clients.statuses()["login"] == 200, "what needs no room goes on"
        use_up_log(url)
        wait_until(
            lambda: set(clients.statuses().values()) <= {200, 503} and served.status() == 503
        )
    served.wait_until_well()
    wait_until(all_well(clients))
    assert processes(served) == before, "nobody has died"
    with psycopg.connect(embedded.url(served.home) or "") as connection:
        found = connection.execute(
            "SELECT properties->>'text' FROM timeline_fact WHERE name = 'Noted'"
        ).fetchall()
    kept = {text[: len(text) // 400] for (text,) in found}
    assert len(kept) == len(found), "each once"
    assert clients.taken <= kept, "nothing that was acknowledged is lost"
