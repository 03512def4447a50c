"""A lock that somebody holds: nobody waits for it longer than a person would."""

from __future__ import annotations

import time

import httpx
import psycopg
import pytest

from spindel.kit import embedded
from tests.run.running import LONGEST, Running
from tests.run.running import served as served

pytestmark = pytest.mark.slow

LONGEST_LOCK = 5.0  # seconds, as docs/settings.md says
MACHINE = {"Authorization": "Bearer sp_x"}


def test_pages_and_machines_are_answered_503_while_a_lock_is_held_and_well_afterwards(
    served: Running,
) -> None:
    person = {"Accept": "text/html", "Cookie": "sessionid=" + "x" * 32}
    with httpx.Client(base_url=served.url, timeout=LONGEST) as client:
        assert client.get("/", headers=person).status_code == 302
        with psycopg.connect(embedded.url(served.home) or "") as holder:
            holder.execute("LOCK TABLE django_session, staff_apitoken IN ACCESS EXCLUSIVE MODE")
            began = time.monotonic()
            page = client.get("/", headers=person)
            waited = time.monotonic() - began
            assert (page.status_code, page.headers["retry-after"]) == (503, "5")
            assert "Not just now" in page.text
            assert LONGEST_LOCK * 0.9 < waited < LONGEST_LOCK * 4
            assert client.get("/api/orders", headers=MACHINE).json()["code"] == "unavailable"
            assert client.get("/login/").status_code == 200, "what asks for none of it goes on"
        assert client.get("/", headers=person).status_code == 302
